"""The doctor on machines made up for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector import doctor
from inspector.doctor import Finding

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="Qt needs libraries of the system on Linux only")


def lacking(*libraries: str) -> Callable[[str], object]:
    """A loader on a machine without `libraries`, and so without the parts of Qt that need them."""

    def load(name: str) -> object:
        needed = doctor.X11_LIBRARIES if "xcb" in Path(name).name else doctor.QT_LIBRARIES
        missing = [name] if name in libraries else [each for each in libraries if "/" in name and each in needed]
        if missing:
            raise OSError(f"{missing[0]}: cannot open shared object file: No such file or directory")
        return object()

    return load


def found(findings: list[Finding], what: str) -> Finding:
    return next(finding for finding in findings if finding.what == what)


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """A PATH of its own; `commands(name, script)` puts a command there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))

    def put(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (folder / name).chmod(0o755)

    return put


@linux_only
def test_a_bare_debian_lacks_what_x11_needs(commands: Callable[[str, str], None]) -> None:
    commands("apt-get", "exit 0")
    lost = ("libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxcb-keysyms.so.1")
    findings = doctor.check(lacking(*lost))
    assert found(findings, "Qt libraries").ok
    x11 = found(findings, "Qt on X11")
    assert not x11.ok
    assert x11.detail == f"missing: {', '.join(lost)}"
    assert x11.packages == ("libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1")
    assert x11.mend.endswith("apt-get install -y libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1")


@linux_only
def test_a_library_that_nobody_foresaw_is_named(commands: Callable[[str, str], None]) -> None:
    def load(name: str) -> object:
        if name.endswith("libqxcb.so"):
            raise OSError("libnew.so.9: cannot open shared object file: No such file or directory")
        return object()

    x11 = found(doctor.check(load), "Qt on X11")
    assert (x11.ok, x11.detail, x11.packages) == (False, "missing: libnew.so.9", ())
    assert x11.mend


@linux_only
def test_without_apt_the_packages_are_named_all_the_same(commands: Callable[[str, str], None]) -> None:
    assert "libegl1" in found(doctor.check(lacking("libEGL.so.1")), "Qt libraries").mend


@linux_only
def test_wayland_is_looked_at_where_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert "Qt on Wayland" not in [finding.what for finding in doctor.check(lacking())]
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    findings = doctor.check(lacking())
    assert found(findings, "Qt on Wayland").ok
    assert "wayland-0" in found(findings, "Display").detail


@pytest.mark.parametrize(
    ("python", "version", "wrong"),
    [
        ((3, 11), "6.11.3", ""),
        ((3, 11), "6.12.0", "kills Python 3.11"),
        ((3, 12), "6.12.0", ""),
        ((3, 12), "6.11.1", "docks"),
        ((3, 13), "6.11.0", "docks"),
        ((3, 13), "6.7.3", "too old"),
        ((3, 13), "", "not installed"),
    ],
)
def test_versions_of_pyside_that_fail_are_known(python: tuple[int, int], version: str, wrong: str) -> None:
    finding = doctor._pyside(python, version)
    assert finding.ok is not bool(wrong)
    assert wrong in finding.detail
    assert bool(finding.mend) is bool(wrong)
    assert ("<6.12" in finding.mend) is (bool(wrong) and python < (3, 12))


def test_fonts_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FONT_FOLDERS", (str(tmp_path / "none"), str(tmp_path)))
    lost = doctor._fonts()
    assert not lost.ok
    assert "a font" in lost.detail
    assert lost.packages == ("fontconfig", "fonts-dejavu-core")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "Some.ttf").touch()
    assert "a font" not in doctor._fonts().detail


def test_interpreters_that_run_are_listed(
    commands: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands("python3.10", "echo 3.10.99")
    commands("python3.12", "echo 'pyenv: python3.12: command not found' >&2; exit 127")
    own = tmp_path / "pyenv" / "versions" / "3.13.1" / "bin"
    own.mkdir(parents=True)
    (own / "python").symlink_to(sys.executable)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    lines = doctor._interpreters().detail.splitlines()
    assert len(lines) == 2
    assert lines[0] == f"3.10.99  {tmp_path}/bin/python3.10"
    assert lines[1].endswith("3.13.1/bin/python")


def test_the_report_is_aligned() -> None:
    findings = [Finding("A", True, "fine"), Finding("Longer", False, "missing: x\nand y", "apt-get install x")]
    assert doctor.report(findings).splitlines() == [
        "ok     A       fine",
        "WRONG  Longer  missing: x",
        "               and y",
        "               mend: apt-get install x",
    ]


@pytest.mark.parametrize("root", [True, False])
@pytest.mark.parametrize("mend", [True, False])
def test_mending_installs_by_apt_as_root_only(
    root: bool,
    mend: bool,
    commands: Callable[[str, str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = tmp_path / "said"
    commands("apt-get", f'echo "$@" >> {said}')
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    lost = Finding("Qt on X11", False, "missing: libxcb-cursor.so.0", "apt-get ...", ("libxcb-cursor0",))
    monkeypatch.setattr(doctor, "check", lambda: [Finding("Qt on X11", True, "")] if said.exists() else [lost])
    assert doctor.main(mend=mend) == (0 if mend and root else 1)
    if mend and root:
        install = said.read_text("utf-8").splitlines()[-1]
        assert install.startswith("install -y")
        assert install.endswith("libxcb-cursor0")
    else:
        assert not said.exists()
        assert "mend: apt-get ..." in capsys.readouterr().out


def test_qt_is_not_imported() -> None:
    code = "import sys; from inspector import doctor; doctor.check(); print('PySide6' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60)
    assert ran.stdout == "False\n"
