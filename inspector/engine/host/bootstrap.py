"""The first code in a fresh interpreter: our modules in, references kept, and out again (DESIGN, section 3).

    python -c CODE bootstrap.py '{"app": ..., "entry": ..., "folders": ..., and the ends that link.open_ends knows}'

The engine's modules come from the window's installation, whatever the interpreter: a finder that knows a few top-level
names and nothing else stands before all others while they are imported. Afterwards finder and modules are taken away,
and what the app finds is what `python -c` would have given it: its own h11, or none. Because `CODE` takes the working
directory off sys.path first, no file there can stand in for ours or for the standard library's.

Top-level imports are of the standard library only: in the child this file runs before there is any other way.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

    from inspector.trace.ring import RingWriter

# Runs in whatever interpreter the user named, so it is written for any Python, and leaves no name in __main__. The
# refusal is what trace.verbs.encode_refusal writes.
CODE = """\
import sys
if not getattr(sys.flags, "safe_path", False): del sys.path[0]
def _():
    import json, os
    if sys.version_info >= (3, 10) and sys.implementation.name == "cpython":
        with open(sys.argv[1], "rb") as file: code = compile(file.read(), sys.argv[1], "exec", dont_inherit=True)
        names = {"__name__": "inspector.engine.host.bootstrap", "__file__": sys.argv[1]}
        eval(code, names)
        return names["boot"]
    title = "Inspector needs CPython 3.10 or later, and %s is %s." % (sys.executable, " ".join(sys.version.split()))
    hint = "Choose another interpreter with --python."
    if "INSPECTOR_LINK_TOKEN" in os.environ: sys.stderr.write(title + "\\n" + hint + "\\n")
    else:
        refusal = json.dumps({"title": title, "hint": hint, "detail": ""}) + "\\n"
        os.write(json.loads(sys.argv[2])["socket"], refusal.encode())
    sys.exit(1)
sys.exit(_()())
"""
TOKEN = "INSPECTOR_LINK_TOKEN"  # noqa: S105 - the name of the variable
"""The environment variable of the one-time token, where the link is over loopback; gone before the app is imported."""
EXIT_GRACE = 5.0
"""Seconds that the interpreter has to end (threads of the app, atexit) once the engine has."""
PACKAGES = ("inspector", "h11", "wsproto", "h2", "hpack", "hyperframe")
ENTRY = "inspector.engine.host.main:main"
_OURS = ("engine", "trace", "options", "errors")


class EngineFinder:
    """Finds a few packages in the folders of the window's installation: top-level name to the folder it lies in.

    Source only (extension modules are made for one interpreter), and of inspector only what the engine may use.
    """

    def __init__(self, folders: dict[str, str]) -> None:
        self._folders = folders

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        top, _, rest = name.partition(".")
        folder = self._folders.get(top)
        if folder is None:
            return None
        spec = None
        if top != "inspector" or not rest or rest.partition(".")[0] in _OURS:
            for place in path or [folder]:
                spec = spec or FileFinder(place, (SourceFileLoader, SOURCE_SUFFIXES)).find_spec(name)
        if spec is None:
            raise ModuleNotFoundError(f"the engine has no module {name!r}", name=name)
        return spec


_KEPT: list[ModuleType] = []


@contextlib.contextmanager
def private_imports(folders: dict[str, str]) -> Iterator[None]:
    """Inside, the packages in `folders` come from there; outside, they are what they were. Ours live on unseen."""

    def take_out() -> dict[str, ModuleType]:
        return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in folders}

    theirs = take_out()  # a .pth file of the user may have imported some already
    finder = EngineFinder(folders)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        _KEPT.extend(take_out().values())
        sys.modules.update(theirs)


def resolve(entry: str) -> Callable[..., int]:
    """The function that `entry`, `module:function`, names."""
    module, _, name = entry.partition(":")
    found: Callable[..., int] = getattr(importlib.import_module(module), name)
    return found


def boot() -> int:
    """An engine in a process of its own: does what sys.argv tells, and gives the exit code once it has ended."""
    signal.signal(signal.SIGINT, _ignore_interrupt)
    told: dict[str, Any] = json.loads(sys.argv[2])
    token = os.environ.pop(TOKEN, "")
    sys.argv[:] = [told["app"]]
    main_names = vars(sys.modules["__main__"])
    del main_names["sys"], main_names["_"]
    try:
        with private_imports(told["folders"]):
            host: Any = importlib.import_module("inspector.engine.host.link")
            main = resolve(told["entry"])
        link, listener = host.open_ends(told, token)
    except Exception:
        refusal = {"title": "The engine could not be started.", "hint": "", "detail": traceback.format_exc()[-4000:]}
        if token:  # there is no link yet: the terminal has to tell
            raise
        os.write(told["socket"], json.dumps(refusal).encode() + b"\n")
        return 1
    code: int = host.run(link, listener, main)
    # Nobody hears of the window any more: an app whose threads do not end is not to stay behind.
    faulthandler.dump_traceback_later(EXIT_GRACE, exit=True, file=2)
    return code


def boot_here(writer: RingWriter, sock: socket.socket, listener: socket.socket, entry: str) -> int:
    """An engine in this process, on the calling thread; gives its exit code once it has ended."""
    main = resolve(entry)
    host: Any = importlib.import_module("inspector.engine.host.link")
    code: int = host.run(host.Link(writer, sock), listener, main)
    return code


def _ignore_interrupt(_number: int, _frame: object) -> None:
    """The window gets the same Ctrl-C. Not SIG_IGN: what the app starts would inherit that."""
