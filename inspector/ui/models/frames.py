"""The frames of a traceback by whose they are, and the source around a line as it stands on disk. No Qt.

Frames of packages, frameworks and Python itself that follow one another are folded into a `Run`: who reads a traceback
looks for his own. Where on disk a file is another one than when the exception was raised, that is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inspector.ui import editor, shown, words

AROUND = 2
"""Lines above and below the failing one."""
FILE_CAP = 2 << 20
"""Bytes of a source file that is looked into."""
_FRAMEWORKS = frozenset(
    ("aiohttp", "asgiref", "bottle", "channels", "django", "falcon", "fastapi", "flask", "graphene", "litestar",
     "pyramid", "quart", "rest_framework", "sanic", "starlette", "strawberry", "tornado", "werkzeug")
)  # fmt: skip
_PACKAGE = re.compile(r"[/\\](?:site-packages|dist-packages)[/\\](.*)$", re.DOTALL)
_STDLIB = re.compile(r"(?:[/\\]lib(?:64)?[/\\]python[\d.]+t?|^[A-Za-z]:.*\\Lib)[/\\](.*)$", re.DOTALL)
_PYTHON = re.compile(r"^<frozen |[/\\]lib(64)?[/\\]python[\d.]+t?[/\\]|^[A-Za-z]:.*\\Lib\\")
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Frame:
    file: str
    """Empty where frames were left out: `source` says how many."""
    line: int
    function: str
    source: str

    @property
    def package(self) -> str:
        """The package it belongs to, `Python` for Python itself; empty for the app's own."""
        if found := _PACKAGE.search(self.file):
            return re.split(r"[/\\]", found[1])[0].removesuffix(".py")
        return "Python" if _PYTHON.search(self.file) else ""

    @property
    def owner(self) -> str:
        """app, framework or library."""
        package = self.package
        return "app" if not package else "framework" if package in _FRAMEWORKS else "library"

    @property
    def place(self) -> str:
        """file:line; a package's file from the package on: where it is installed matters to nobody."""
        found = _PACKAGE.search(self.file) or _STDLIB.search(self.file)
        return f"{found[1] if found else self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Run:
    """Frames in a row that are not the app's."""

    frames: tuple[Frame, ...]
    last: bool
    """The exception was raised in them."""

    @property
    def text(self) -> str:
        """`12 frames in starlette, anyio`."""
        packages = dict.fromkeys(frame.package for frame in sorted(self.frames, key=_framework_first))
        named = [shown.one_line(name, 40) for name in [*packages][:_NAMED]]
        more = f" and {len(packages) - _NAMED} more" if len(packages) > _NAMED else ""
        told = f"{words.counted(len(self.frames), 'frame')} in {', '.join(named)}{more}"
        end = self.frames[-1]
        where = shown.one_line(f"{end.function}, {end.place}", 120)
        return f"{told}, raised in {where}" if self.last else told

    @property
    def whole(self) -> str:
        """What its frames show when they are open."""
        return "\n".join(f"{frame.place}  {frame.function}\n{frame.source}" for frame in self.frames)

    @property
    def tooltip(self) -> str:
        """Who owns the frames."""
        lines = []
        for owner, title in (("framework", "framework"), ("library", "libraries and Python")):
            names = dict.fromkeys(frame.package for frame in self.frames if frame.owner == owner)
            if names:
                lines.append(f"{title}: {shown.one_line(', '.join([*names][:20]), 400)}")
        return "\n".join(lines)


def _framework_first(frame: Frame) -> bool:
    return frame.owner != "framework"


def read(frames: object) -> list[Frame]:
    """The frames of a step of `FailureRow.chain`, whatever it holds."""
    found = []
    for frame in frames if isinstance(frames, list) else []:
        if isinstance(frame, dict):
            file, line, function, source = (frame.get(key) for key in ("file", "line", "function", "source"))
            found.append(Frame(_text(file), line if isinstance(line, int) else 0, _text(function), _text(source)))
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def folded(frames: Sequence[Frame]) -> list[Frame | Run]:
    """`frames` in their order, those in a row that are not the app's as one `Run`."""
    made: list[Frame | Run] = []
    row: list[Frame] = []
    for frame in frames:
        if frame.package:
            row.append(frame)
            continue
        if row:
            made.append(Run(tuple(row), last=False))
            row = []
        made.append(frame)
    if row:
        made.append(Run(tuple(row), last=True))
    return made


@dataclass(frozen=True, slots=True)
class Around:
    """The source around a line, from disk."""

    first: int
    """Number of the first line."""
    lines: tuple[str, ...]
    """Empty where the line is not what it was."""
    changed: bool
    """The file was written after the exception was raised, or its line is another one now."""


def around(frame: Frame, raised_ns: int) -> Around | None:
    """What stands around the line of `frame` on disk; None where there is no such file. `raised_ns`: wall clock, 0
    where it is not known. Reads a file: not for the Qt thread."""
    path = editor.there(frame.file)
    if path is None or frame.line < 1:
        return None
    try:
        stat = path.stat()
        if not 0 < stat.st_size <= FILE_CAP:
            return None
        lines = path.read_bytes()[:FILE_CAP].decode("utf-8", "replace").splitlines()
    except OSError:
        return None
    changed = bool(raised_ns) and stat.st_mtime_ns > raised_ns
    there = lines[frame.line - 1].strip() if frame.line <= len(lines) else None
    if there is None or (there != frame.source.strip() if frame.source else changed):
        return Around(frame.line, (), changed=True)
    first = max(frame.line - AROUND, 1)
    return Around(first, tuple(line[:500] for line in lines[first - 1 : frame.line + AROUND]), changed)
