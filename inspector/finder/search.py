"""All files of a folder together: APP as it stands on the command line, the best first."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from inspector.finder import walk
from inspector.finder.source import CALLABLE, FACTORY, Seen, seen

MOST = 50
"""Apps that are told; who has more does not look for one in a list."""
_FILES = ("main", "app", "asgi", "wsgi", "server", "api", "application", "__init__", "run")
"""Names of files that apps are in, the likelier first."""
_ENVIRONMENTS = (".venv", "venv", "env")
_DJANGO = ("django.", "channels.")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An app that was found."""

    app: str
    """APP, as on the command line."""
    interface: str
    """asgi3, asgi2, wsgi; "" where only loading it would tell."""
    file: str
    """From the folder on."""
    line: int
    why: str
    """`FastAPI()`, `def create_app() makes Flask()`."""
    python: str = ""
    """The interpreter of the virtual environment beside it; "" where there is none."""
    project: str = ""
    """The same for candidates of which each serves the same app."""
    sure: int = 0

    def command(self, python: bool = False) -> str:
        """The command line that serves it; with `python`, in its own environment."""
        words = ["inspector", *(("--python", self.python) if python and self.python else ()), self.app]
        return shlex.join(words)


@dataclass(frozen=True)
class Found:
    """`candidates` has the best first. `whole`: every file was looked at, none of the bounds was reached."""

    candidates: tuple[Candidate, ...] = ()
    whole: bool = True

    @property
    def one(self) -> Candidate | None:
        """The app, where there is plainly one."""
        projects = {each.project for each in self.candidates}
        return self.candidates[0] if self.whole and len(projects) == 1 and self.candidates[0].sure > CALLABLE else None


def search(folder: str | os.PathLike[str] = ".", seconds: float = walk.SECONDS) -> Found:
    """The apps in `folder`. Never raises for what lies there; takes at most about `seconds`."""
    root = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow links
    bounds = walk.Bounds(seconds)
    found: list[tuple[tuple[object, ...], Candidate]] = []
    for file in walk.python_files(root, bounds):
        apps, imported = seen(walk.read(file))
        for app in apps:
            candidate = _candidate(root, file, app, imported)
            found.append((_rank(candidate, file, root, app), candidate))
    found.sort(key=lambda each: each[0])
    candidates = _without_repeats([candidate for _, candidate in found])
    return Found(tuple(candidates[:MOST]), not bounds.reached)


def _candidate(root: Path, file: Path, app: Seen, imported: set[str]) -> Candidate:
    django = app.maker.startswith(_DJANGO)
    return Candidate(
        app=f"{_module(root, file, imported)}:{app.attr}",
        interface=app.interface,
        file=str(file.relative_to(root)),
        line=app.line,
        why=app.why,
        python=_environment(root, file),
        project=str(file.parent) if django else f"{file}:{app.attr}",
        sure=app.sure,
    )


def _rank(candidate: Candidate, file: Path, root: Path, app: Seen) -> tuple[object, ...]:
    name = _FILES.index(file.stem) if file.stem in _FILES else len(_FILES)
    if app.maker.startswith("django."):  # what `manage.py runserver` serves, unless asgi.py was written in
        name = 0 if app.interface == "wsgi" else 1
    elif app.maker.startswith("channels."):
        name = -1
    return -app.sure, len(file.relative_to(root).parts), name, not app.named, candidate.file, app.line


def _without_repeats(candidates: list[Candidate]) -> list[Candidate]:
    """A factory is left out where an app beside it, or in its own package, is made."""
    made = {Path(each.file).parent for each in candidates if each.sure > FACTORY}
    return [
        each
        for each in candidates
        if each.sure > FACTORY
        or (each.sure == FACTORY and not any(_beside(Path(each.file).parent, there) for there in made))
        or (each.sure == CALLABLE and not made)
    ]


def _beside(factory: Path, app: Path) -> bool:
    """`wsgi.py` at the top, `shop/__init__.py` below; or both in one folder."""
    return factory == app or app in factory.parents or factory in app.parents


def _module(root: Path, file: Path, imported: set[str]) -> str:
    """`shop.main` where that can be imported from `root`, else the file's path, which finds its package by itself."""
    parts = [*file.relative_to(root).parts[:-1], *([] if file.stem == "__init__" else [file.stem])]
    top = file.parent
    while top != root and (top / "__init__.py").is_file():
        top = top.parent
    from_root = top == root or _imports_from(root, top, imported)
    if from_root and parts and all(part.isidentifier() for part in parts):
        return ".".join(parts)
    path = file.relative_to(root).as_posix()
    return path if "/" in path else f"./{path}"


def _imports_from(root: Path, top: Path, imported: set[str]) -> bool:
    """Whether a file in a folder that is no package imports by names of `root`, as `from app.models import ...`."""
    first = top.relative_to(root).parts[0]
    beside = any((top / f"{name}.py").is_file() or (top / name).is_dir() for name in imported if name)
    return first in imported and not beside


def _environment(root: Path, file: Path) -> str:
    """The interpreter of a virtual environment in `root`, or in a folder between it and the app; "" where it is our
    own, which runs the app anyway."""
    folder = file.parent
    while True:
        for name in _ENVIRONMENTS:
            if (folder / name / "pyvenv.cfg").is_file() and not _is_ours(folder / name):
                python = folder / name / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
                if python.is_file():
                    return str(python.relative_to(root))
        if folder == root:
            return ""
        folder = folder.parent


def _is_ours(environment: Path) -> bool:
    return environment.resolve() == Path(sys.prefix).resolve()
