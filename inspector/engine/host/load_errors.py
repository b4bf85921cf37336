"""Why an app could not be imported, in words for its author: what happened, where, and what to do."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from inspector.engine.probe import failures
from inspector.errors import InspectorError

_SHOWN = 8
_CANNOT = re.compile(
    r"cannot import name '(?P<name>[^']+)' from (?P<partial>partially initialized module )?'(?P<module>[^']+)'"
)


def explain(error: BaseException, module: str, folder: Path) -> InspectorError:
    """The words for `error`, which came out of importing `module` with `folder` first on the path."""
    frames = [frame for frame in failures.frames(error) if not frame[0].startswith("<frozen importlib")]
    if isinstance(error, ModuleNotFoundError) and not frames:
        return _no_module(error, module, folder)
    if isinstance(error, SyntaxError) and error.filename and not error.filename.startswith("<"):
        return _syntax_error(error, folder)
    where = _place(frames[-1][0], frames[-1][1], folder) if frames else module
    if isinstance(error, ImportError) and (explained := _import_error(error, where, folder)):
        return explained
    return raised(error, module, "while it was imported")


def raised(error: BaseException, what: str, when: str = "") -> InspectorError:
    """The words where code of the app let `error` out."""
    text = failures.text(error)
    when = f" {when}" if when else ""
    if isinstance(error, SystemExit):
        return InspectorError(
            f"{what} called sys.exit({'' if error.code is None else failures.message(error)}){when}.",
            'Put what runs or ends the program under `if __name__ == "__main__":`.',
            text,
        )
    message = failures.message(error).partition("\n")[0]
    kind = type(error).__name__
    return InspectorError(
        f"{what} raised {kind}{when}{': ' + message if message else '.'}", "The traceback says where.", text
    )


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A hint with the nearest of `names`, or ""."""
    by_lower = {other.lower(): other for other in names}
    near = [by_lower[other] for other in difflib.get_close_matches(name.lower(), by_lower, 3, 0.6)]
    return f"Did you mean {' or '.join(near)}?" if near else ""


def _place(file: str, line: int, folder: Path) -> str:
    path = Path(file)
    shown = path.relative_to(folder) if path.is_relative_to(folder) else path
    return f"{shown}, line {line}"


def _modules(folders: Iterable[Path]) -> list[str]:
    """Names of the modules and packages that lie in `folders`."""
    names: set[str] = set()
    for folder in folders:
        if folder.is_dir():
            names |= {file.stem for file in folder.glob("*.py") if file.stem.isidentifier() and file.stem != "__init__"}
            names |= {file.parent.name for file in folder.glob("*/__init__.py")}
    return sorted(names)


def _no_module(error: ModuleNotFoundError, module: str, folder: Path) -> InspectorError:
    """What APP names cannot be found."""
    missing = error.name or module
    parent, _, name = missing.rpartition(".")
    if parent and "is not a package" in str(error):
        hint = f"Write {parent}:{module[len(parent) + 1 :]}." if module.startswith(f"{parent}.") else ""
        return InspectorError(f"There is no module {missing!r}: {parent!r} is a module, and holds no others.", hint)
    owner = sys.modules.get(parent) if parent else None
    folders = [Path(path) for path in getattr(owner, "__path__", ())] if parent else [folder]
    there = _modules(folders)
    hint = "" if parent else _below(name, folder)
    if not hint and (hint := did_you_mean(name, there)) and parent:
        hint += f" (in {parent})"
    if not hint:
        shown = ", ".join(there[:_SHOWN]) + (", …" if len(there) > _SHOWN else "")
        hint = f"Modules there: {shown}." if there else "There are no modules there. --app-dir chooses another folder."
    return InspectorError(f"There is no module {missing!r} in {folders[0] if folders else folder}.", hint)


def _below(name: str, folder: Path) -> str:
    """A hint that the module lies one folder deeper, as in a project with a `src` folder, or ""."""
    for file in (*sorted(folder.glob(f"*/{name}.py")), *sorted(folder.glob(f"*/{name}/__init__.py"))):
        below = file.parent if file.stem == name else file.parent.parent
        return f"It is in {below.name}: add --app-dir {below.name}."
    return ""


def _syntax_error(error: SyntaxError, folder: Path) -> InspectorError:
    file = error.filename or ""
    own = Path(file).is_relative_to(folder)
    python = ".".join(map(str, sys.version_info[:2]))
    return InspectorError(
        f"{_place(file, error.lineno or 0, folder)}: {error.msg}.",
        "" if own else f"The file is not in the app's folder. This is Python {python}; does the package support it?",
        failures.text(error),
    )


def _import_error(error: ImportError, where: str, folder: Path) -> InspectorError | None:
    """An import in the app went wrong."""
    message, text = str(error), failures.text(error)
    if isinstance(error, ModuleNotFoundError):
        missing = error.name or "?"
        parent, _, name = missing.rpartition(".")
        owner = sys.modules.get(parent) if parent else None
        near = did_you_mean(
            name, _modules([Path(path) for path in getattr(owner, "__path__", ())] if parent else [folder])
        )
        hint = near or f"Is it installed for {sys.executable}? --python chooses another interpreter."
        return InspectorError(f"{where}: there is no module {missing!r} to import.", hint, text)
    if "attempted relative import" in message:
        beyond = "beyond top-level" in message
        return InspectorError(
            f"{where}: a relative import {'that leads out of its package' if beyond else 'outside of a package'}.",
            "Start from the folder above the package and name the module whole, as in package.module:app; --app-dir "
            "chooses the folder. A file's folder is a package where it has an __init__.py.",
            text,
        )
    if match := _CANNOT.match(message):
        hint = did_you_mean(match["name"], dir(sys.modules.get(match["module"])))
        if match["partial"]:
            hint = f"{match['module']} is still being imported: two modules import each other."
        return InspectorError(
            f"{where}: {match['module']} has no {match['name']!r} to import.",
            hint or "Is it the version of the package that the app expects?",
            text,
        )
    return None
