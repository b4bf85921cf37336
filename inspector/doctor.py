"""What this machine has and lacks for the window, with the command that mends it.

Never imports Qt: it has to work where Qt is broken. Whether Qt's libraries load is found out by loading them.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from inspector.terminal import visible

QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
"""What Qt's own libraries need, with the Debian package it is in."""

X11_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
WAYLAND_LIBRARIES = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
FONT_PACKAGES = ("fontconfig", "fonts-dejavu-core")
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
PYSIDE = "PySide6-Essentials>=6.8,!=6.11.0,!=6.11.1"

Load = Callable[[str], object]
"""Loads a shared library by name or path; raises OSError where that cannot be done."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `mend` is the command that puts it right, where there is one."""

    what: str
    ok: bool
    detail: str
    mend: str = ""
    packages: tuple[str, ...] = ()
    """Debian packages that put it right."""


def check(load: Load = ctypes.CDLL) -> list[Finding]:
    """Everything about this machine that matters to the window, in the order of the report."""
    findings = [_python(), _pyside(sys.version_info[:2], _pyside_version())]
    if sys.platform == "linux":
        findings += [*qt_libraries(load), _fonts()]
    return [*findings, _display(), _interpreters()]


def main(mend: bool = False) -> int:
    """Prints the report; 0 if all is well, else 1. With `mend`, installs what apt can, where we may."""
    findings = check()
    packages = sorted({package for finding in findings for package in finding.packages})
    if mend and packages and _may_install():
        print(f"Installing {' '.join(packages)}", flush=True)
        _install(packages)
        findings = check()
    print(visible(report(findings), keep="\n"))
    return 0 if all(finding.ok for finding in findings) else 1


def report(findings: list[Finding]) -> str:
    """The findings as aligned text, each with its mending command underneath."""
    width = max(len(finding.what) for finding in findings)
    lines: list[str] = []
    for finding in findings:
        first, *more = finding.detail.splitlines() or [""]
        lines.append(f"{'ok' if finding.ok else 'WRONG':<6} {finding.what:<{width}}  {first}")
        if finding.mend:
            more.append(f"mend: {finding.mend}")
        lines += [" " * (width + 9) + line for line in more]
    return "\n".join(line.rstrip() for line in lines)


def _python() -> Finding:
    version = platform.python_version()
    ok = sys.version_info >= (3, 11)
    mend = "" if ok else "install Python 3.11 or later; the engine alone runs on 3.10"
    return Finding("Python", ok, f"{version}, {sys.executable}", mend)


def _pyside_version() -> str:
    for name in ("PySide6-Essentials", "PySide6"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return ""


def _pyside(python: tuple[int, ...], version: str) -> Finding:
    """Is it there, and none of the versions that are known to fail?"""
    release = tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
    wanted = PYSIDE if python >= (3, 12) else PYSIDE + ",<6.12"
    wrong = ""
    if not release:
        wrong = "not installed"
    elif release < (6, 8):
        wrong = f"{version} is too old"
    elif release in ((6, 11, 0), (6, 11, 1)):
        wrong = f"{version} lays out docks wrongly"
    elif release >= (6, 12) and python < (3, 12):
        wrong = f"{version} kills Python {python[0]}.{python[1]} (it loses references of None)"
    mend = shlex.join([sys.executable, "-m", "pip", "install", wanted]) if wrong else ""
    return Finding("PySide6", not wrong, wrong or version, mend)


def qt_libraries(load: Load = ctypes.CDLL) -> Iterator[Finding]:
    """Whether Qt finds what it needs of the system to show a window."""
    spec = importlib.util.find_spec("PySide6")
    folders = list(spec.submodule_search_locations or []) if spec else []
    if not folders:
        return
    qt = Path(folders[0], "Qt")
    parts = [
        ("Qt libraries", "lib/libQt6Widgets.so.6", QT_LIBRARIES),
        ("Qt on X11", "plugins/platforms/libqxcb.so", QT_LIBRARIES | X11_LIBRARIES),
    ]
    if os.environ.get("WAYLAND_DISPLAY"):
        parts.append(("Qt on Wayland", "plugins/platforms/libqwayland.so", QT_LIBRARIES | WAYLAND_LIBRARIES))
    for what, file, needed in parts:
        yield _loads(what, qt / file, needed, load)


def _loads(what: str, file: Path, needed: dict[str, str], load: Load) -> Finding:
    """Does `file` load? Where not, the linker names one missing library, and trying the others finds the rest."""
    try:
        load(str(file))
    except OSError as error:
        named = str(error).partition(":")[0]
    else:
        return Finding(what, True, "all there")
    missing = [name for name in needed if not _can(load, name)]
    packages = tuple(sorted({needed[name] for name in missing}))
    if named not in missing:
        missing.append(named if named != str(file) else f"{file.name} itself")
    mend = _install_command(packages) if packages else "install what holds it by your system's package manager"
    return Finding(what, False, f"missing: {', '.join(missing)}", mend, packages)


def _can(load: Load, library: str) -> bool:
    try:
        load(library)
    except OSError:
        return False
    return True


def _fonts() -> Finding:
    endings = {".ttf", ".otf", ".ttc", ".pfb"}
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    font = next((file for folder in folders for file in folder.rglob("*") if file.suffix in endings), None)
    configured = Path("/etc/fonts/fonts.conf").exists()
    if font and configured:
        return Finding("Fonts", True, f"fontconfig, {font.name} and others")
    lacks = [lack for lack, there in (("a font", font), ("fontconfig's settings", configured)) if not there]
    return Finding("Fonts", False, f"missing: {' and '.join(lacks)}", _install_command(FONT_PACKAGES), FONT_PACKAGES)


def has_display() -> bool:
    """Whether a window could be seen, or drawn where QT_QPA_PLATFORM says."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _display() -> Finding:
    if sys.platform != "linux":
        return Finding("Display", True, "the system's own")
    shown = [f"{name} {os.environ[name]}" for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)]
    return Finding("Display", True, ", ".join(shown) or "none: `serve`, `show` and `demo` work without")


def _interpreters() -> Finding:
    """The Pythons that `--python` can name; the engine runs on 3.10 and later."""
    found: dict[Path, str] = {}
    for place in _interpreter_places():
        if version := _version_of(place):
            found.setdefault(place.parent.resolve() / place.name, f"{version}  {place}")
    return Finding("Interpreters", True, "\n".join(found.values()) or "none but our own")


def _interpreter_places() -> Iterator[Path]:
    names = [f"python3.{minor}" for minor in range(10, 15)]
    for folder in os.get_exec_path():
        yield from (Path(folder, name) for name in names)
    versions = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    yield from (place / "bin" / "python" for place in sorted(versions.glob("3.1[0-9]*")))
    yield Path(".venv/bin/python").absolute()
    if environment := os.environ.get("VIRTUAL_ENV"):
        yield Path(environment, "bin", "python")


def _version_of(interpreter: Path) -> str:
    """As 3.12.1; empty where it does not run (a pyenv shim without a version behind it)."""
    if not os.access(interpreter, os.X_OK):
        return ""
    try:
        asked = subprocess.run(
            [interpreter, "-c", "import platform; print(platform.python_version())"],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _install_command(packages: tuple[str, ...]) -> str:
    if not shutil.which("apt-get"):
        return f"install by your system's package manager what Debian calls {' '.join(packages)}"
    return f"{'' if _is_root() else 'sudo '}apt-get install -y {' '.join(packages)}"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _may_install() -> bool:
    return _is_root() and shutil.which("apt-get") is not None


def _install(packages: list[str]) -> None:
    """By apt; what goes wrong there stands on the terminal, and in the report that follows."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=quiet)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], check=False, env=quiet)
