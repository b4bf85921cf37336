from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import h11
import pytest

from inspector.engine.host import bootstrap
from inspector.options import Options
from inspector.session import child
from inspector.session.child import Death
from inspector.trace import verbs
from inspector.trace.records import StateChanged
from tests.support.sessions import SCRIPTED
from tests.support.waiting import eventually

VERSIONS = ("3.10", "3.12", "3.13")


def other_pythons() -> list[Any]:
    found = []
    for version in VERSIONS:
        homes = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))
        python = str(homes[-1]) if homes else shutil.which(f"python{version}")
        skip = pytest.mark.skipif(python is None, reason=f"no Python {version} here")
        found.append(pytest.param(python, id=version, marks=skip))
    return found


PYTHONS = [pytest.param(sys.executable, id="own"), *other_pythons()]
DECOYS = ("inspector.py", "wire.py", "h11.py", "trace.py", "json.py", "socket.py", "asyncio.py", "scripted_engine.py")


@pytest.fixture
def app_folder(tmp_path: Path) -> Path:
    """A folder with modules that have our names, and the standard library's."""
    folder = tmp_path / "app"
    folder.mkdir()
    for name in DECOYS:
        (folder / name).write_text("mine = True\n")
    return folder


def told_by(app: str, python: str, monkeypatch: pytest.MonkeyPatch, **environment: str) -> list[StateChanged]:
    """The states that an engine tells until it serves."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    deaths: list[Death] = []
    found: list[StateChanged] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        engine = child.start(Options(app=app, python=python), listener, SCRIPTED, deaths.append)

        def serving() -> bool:
            found.extend(record for record in engine.reader.read() if isinstance(record, StateChanged))
            assert not deaths, deaths
            return any(record.state == "serving" for record in found)

        eventually(serving)
        engine.tell(verbs.Stop(0.0))
        eventually(lambda: deaths)
        engine.reader.close()
    assert deaths == [Death(0, "exit code 0")]
    return found


def plain(python: str, cwd: Path) -> dict[str, Any]:
    """What a plain start has."""
    facts = "{'path': sys.path[1:], 'meta': len(sys.meta_path), 'dry': sys.dont_write_bytecode}"
    code = f"import json, sys; print(json.dumps({facts}))"
    output = subprocess.run([python, "-c", code], cwd=cwd, capture_output=True, check=True).stdout
    found: dict[str, Any] = json.loads(output)
    return found


@pytest.mark.parametrize("python", PYTHONS)
def test_the_app_sees_none_of_it(python: str, app_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = plain(python, app_folder.parent)
    monkeypatch.chdir(app_folder)
    states = told_by(f"found:{app_folder}", python, monkeypatch)
    found = next(record.detail for record in states if record.state == "found")
    assert found["argv"] == [f"found:{app_folder}"]
    assert found["path"] == expected["path"]
    assert len(found["finders"]) == expected["meta"]
    assert found["main"] == []
    assert found["leftovers"] == []
    assert found["h11 of the engine"] == h11.__version__
    assert found["dont_write_bytecode"] is expected["dry"]
    assert found["token"] is None
    for name in ("inspector", "wire", "h11", "trace"):
        assert found[name] == str(app_folder / f"{name}.py")


def test_what_a_pth_file_imported_stays_the_apps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sitecustomize imports an h11 of the user's before any code of ours runs."""
    (tmp_path / "h11.py").write_text("__version__ = 'theirs'\n")
    (tmp_path / "sitecustomize.py").write_text("import h11\n")
    empty = tmp_path / "empty"
    empty.mkdir()
    states = told_by(f"found:{empty}", sys.executable, monkeypatch, PYTHONPATH=str(tmp_path))
    found = next(record.detail for record in states if record.state == "found")
    assert found["h11 of the engine"] == h11.__version__
    assert found["leftovers"] == ["h11"]
    assert found["h11"] == str(tmp_path / "h11.py")


@pytest.mark.parametrize("python", other_pythons())
def test_the_app_finds_h11_missing_where_it_is_missing(
    python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if subprocess.run([python, "-c", "import h11"], capture_output=True, check=False).returncode == 0:
        pytest.skip("this one has an h11")
    states = told_by(f"found:{tmp_path}", python, monkeypatch)
    found = next(record.detail for record in states if record.state == "found")
    assert (found["h11"], found["wsproto"], found["inspector"]) == (None, None, None)


@pytest.mark.parametrize("setting", [{"PYTHONSAFEPATH": "1"}, {"PYTHONDONTWRITEBYTECODE": "1"}, {"PYTHONDEVMODE": "1"}])
def test_settings_of_the_interpreter_harm_nothing(
    setting: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    told_by("shop:app", sys.executable, monkeypatch, **setting)
    assert "Warning" not in capfd.readouterr().err


def test_the_engine_may_use_its_own_part_of_inspector_only() -> None:
    folder = str(Path(bootstrap.__file__).parents[3])
    finder = bootstrap.EngineFinder({"inspector": folder})
    package = [str(Path(folder) / "inspector")]
    assert finder.find_spec("inspector.trace", package)
    assert finder.find_spec("inspector.errors", package)
    assert finder.find_spec("django") is None
    for name in ("inspector.recording", "inspector.ui", "inspector.session"):
        with pytest.raises(ModuleNotFoundError, match=name):
            finder.find_spec(name, package)


OLD_PYTHONS = [
    path for pattern in ("2.7*", "3.6*", "3.9*") for path in Path("~/.pyenv/versions").expanduser().glob(pattern)
]


@pytest.mark.parametrize("home", OLD_PYTHONS, ids=lambda home: home.name)
def test_an_old_interpreter_is_told_and_not_used(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    python = str(home / "bin" / "python")
    deaths: list[Death] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        engine = child.start(Options(app="shop:app", python=python), listener, SCRIPTED, deaths.append)
        death = eventually(lambda: deaths and deaths[0])
        engine.reader.close()
    assert death.code == 1
    assert death.refusal is not None
    assert death.refusal.title.startswith(f"Inspector needs CPython 3.10 or later, and {python} is {home.name[:3]}")
    assert "--python" in death.refusal.hint
    assert capfd.readouterr().err == ""  # whoever started it tells


@pytest.mark.skipif(os.name != "posix", reason="no terminal stops a process here")
def test_ctrl_c_is_the_windows_and_what_the_app_starts_has_its_own() -> None:
    """The handler is a function: SIG_IGN would stay through exec."""
    code = (
        "import signal, subprocess, sys\n"
        "from inspector.engine.host import bootstrap\n"
        "signal.signal(signal.SIGINT, bootstrap._ignore_interrupt)\n"
        "signal.raise_signal(signal.SIGINT)\n"
        "ask = 'import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)'\n"
        "sys.exit(subprocess.run([sys.executable, '-c', ask], capture_output=True).stdout != b'True\\n')\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
