"""The app's own modules and its own interpreter: it finds what it would find without us, and we what is ours."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from pathlib import Path

import pytest

from tests.support.answers import ask
from tests.support.interpreters import interpreter
from tests.support.programs import Inspector, inspector
from tests.support.recorded import exchanges, over, steps

SHADOWS = {
    "inspector.py": "OWN = 'inspector'\n",
    "wire.py": "OWN = 'wire'\n",
    "trace.py": "OWN = 'trace'\n",
    "options.py": "OWN = 'options'\n",
    "h11.py": "OWN = 'h11'\n__version__ = '0.7.0'\n",
    "wsproto/__init__.py": "OWN = 'wsproto'\n",
    "shop.py": """
import json
import sys
import inspector, wire, trace, options, h11, wsproto

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    import inspector as again
    names = [module.OWN for module in (inspector, wire, trace, options, h11, wsproto)]
    files = [inspector.__file__, h11.__file__]
    told = {"own": names, "again": again is inspector, "files": files, "argv": sys.argv}
    body = json.dumps({**told, "path": sys.path, "meta": [str(each) for each in sys.meta_path]}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
""",
}
ENVIRONMENT = """
import json
import sys

try:
    import h11
except ImportError:
    h11 = None
try:
    import inspector
except ImportError:
    inspector = None

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    told = {"h11": h11 and [h11.__version__, h11.__file__], "inspector": bool(inspector), "executable": sys.executable}
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize("options", [(), ("--app-dir", "."), ("--reload",)], ids=["plain", "app-dir", "reload"])
def test_modules_of_our_names(tmp_path: Path, options: tuple[str, ...]) -> None:
    folder = write(tmp_path / "app", SHADOWS)
    with inspector("shop:app", tmp_path, *options, cwd=folder) as program:
        found = json.loads(ask(program.url, "GET", "/").body)
        (exchange,) = over(program.recording, "kind:http")
    assert found["own"] == ["inspector", "wire", "trace", "options", "h11", "wsproto"]
    assert found["again"]
    assert found["files"] == [str(folder / "inspector.py"), str(folder / "h11.py")]
    assert found["argv"] == ["shop:app"]
    assert not any("Engine" in finder for finder in found["meta"])
    assert steps(exchange) == ["call", "http.response.start", "http.response.body", "return"]


@pytest.fixture(scope="module")
def bare_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with an older h11 of its own, and nothing of ours. Gives its interpreter."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    write(packages, {"h11/__init__.py": "__version__ = '0.9.0'\n"})
    return python


def test_an_environment_with_an_older_h11(bare_environment: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "app", {"shop.py": ENVIRONMENT})
    with inspector("shop:app", tmp_path, "--python", str(bare_environment), cwd=folder) as program:
        found = json.loads(ask(program.url, "GET", "/").body)
        over(program.recording, "kind:http")
    version, file = found["h11"]
    assert version == "0.9.0"
    assert Path(file).is_relative_to(bare_environment.parents[1])
    assert not found["inspector"]
    assert found["executable"] == str(bare_environment)


# Other Pythons.

OTHERS = ("3.10", "3.12", "3.13")
REPORT = """
import json, sys

def told():
    return json.dumps({"python": "%d.%d" % sys.version_info[:2], "h11": "h11" in sys.modules}).encode()

def wsgi(environ, start_response):
    body = told() + environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "application/json")])
    print("served")
    return [body]

async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    print("served")
    await send({"type": "http.response.body", "body": told() + message["body"]})
"""
STEPS = {
    "wsgi": ["call", "read", "start_response", "return", "next"],
    "asgi": ["call", "http.request", "http.response.start", "http.response.body", "return"],
}


@pytest.mark.parametrize("app", ["wsgi", "asgi"])
@pytest.mark.parametrize("version", OTHERS)
def test_another_python(version: str, app: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "app", {"shop.py": REPORT})
    with inspector(f"shop:{app}", tmp_path, "--python", interpreter(version), cwd=folder) as program:
        answer = ask(program.url, "POST", "/", content=b" and more")
        assert program.stop() == 0
    assert answer.body == json.dumps({"python": version, "h11": False}).encode() + b" and more"
    (exchange,) = exchanges(program.recording, "kind:http")
    assert steps(exchange) == STEPS[app]
    assert [log["text"] for log in exchange["logs"]] == ["served"]


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    program = Inspector("bare_wsgi:app", tmp_path, "--python", interpreter("3.8"))
    assert program.ended() == 1
    title, hint = program.err.splitlines()
    assert title.startswith("Inspector needs CPython 3.10 or later, and ")
    assert hint == "Choose another interpreter with --python."
