from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inspector.engine.host import loader
from inspector.finder import search, walk

FLASK = "from flask import Flask\n\napp = Flask(__name__)\n"
FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
FACTORY = "from flask import Flask\n\ndef create_app(test_config=None):\n    app = Flask(__name__)\n    return app\n"
ASGI = "async def app(scope, receive, send): ...\n"
WSGI = "def application(environ, start_response):\n    return []\n"

LAYOUTS = [
    pytest.param({"app.py": FLASK}, ["app:app"], True, id="flask, one file"),
    pytest.param({"hello.py": FLASK}, ["hello:app"], True, id="flask, another name"),
    pytest.param({"flaskr/__init__.py": FACTORY, "flaskr/db.py": "x = 1"}, ["flaskr:create_app()"], True,
                 id="flask tutorial"),
    pytest.param({"flaskr/__init__.py": FACTORY, "wsgi.py": "from flaskr import create_app\napp = create_app()\n"},
                 ["wsgi:app"], True, id="factory and wsgi.py"),
    pytest.param({"main.py": FASTAPI}, ["main:app"], True, id="fastapi, first steps"),
    pytest.param({"app/__init__.py": "", "app/main.py": FASTAPI, "app/routers/items.py": "import fastapi"},
                 ["app.main:app"], True, id="fastapi, bigger applications"),
    pytest.param({"app/main.py": "from app.api import x\n" + FASTAPI, "app/api.py": "x = 1"}, ["app.main:app"], True,
                 id="no package, imported from the top"),
    pytest.param({"app/main.py": "from api import x\n" + FASTAPI, "app/api.py": "x = 1"}, ["app/main.py:app"], True,
                 id="no package, imported from its folder"),
    pytest.param({"src/shop/__init__.py": "", "src/shop/main.py": FASTAPI}, ["src/shop/main.py:app"], True, id="src"),
    pytest.param({"app.py": ASGI}, ["app:app"], False, id="a plain function is not plainly an app"),
    pytest.param({"site.wsgi.py": WSGI}, ["./site.wsgi.py:application"], False, id="no module's name"),
    pytest.param({"app.py": FLASK, "lib.py": ASGI, "test_app.py": FLASK, "tests/app.py": FLASK, "conftest.py": FLASK,
                  "node_modules/x/app.py": FLASK, ".hidden/app.py": FLASK}, ["app:app"], True, id="not theirs"),
    pytest.param({"a/main.py": FASTAPI, "b/main.py": FASTAPI}, ["a/main.py:app", "b/main.py:app"], False, id="two"),
    pytest.param({"__init__.py": FLASK}, ["./__init__.py:app"], True, id="the folder is a package"),
    pytest.param({"readme.md": "Flask"}, [], False, id="none"),
    pytest.param({"broken.py": "from flask import Flask\napp = Flask(", "junk.py": "\0\1\2 Flask", "app.py": FLASK},
                 ["app:app"], True, id="beside files that cannot be read"),
]  # fmt: skip


def lay_out(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.mark.parametrize(("files", "apps", "one"), LAYOUTS)
def test_what_is_found_in_a_layout(tmp_path: Path, files: dict[str, str], apps: list[str], one: bool) -> None:
    lay_out(tmp_path, files)
    found = search(tmp_path)
    assert [each.app for each in found.candidates] == apps
    assert bool(found.one) is one
    assert found.whole


@pytest.mark.parametrize(
    ("files", "apps"), [(param.values[0], param.values[1]) for param in LAYOUTS if param.values[2]]
)
def test_the_loader_takes_what_is_found(tmp_path: Path, files: dict[str, str], apps: list[str]) -> None:
    """In an interpreter of its own: it is imported there."""
    lay_out(tmp_path, files)
    code = "import sys; from inspector.engine.host import loader; print(loader.load(sys.argv[1], '', 'auto').interface)"
    where = {**os.environ, "PYTHONPATH": str(Path(loader.__file__).parents[3])}
    ran = subprocess.run(
        [sys.executable, "-c", code, apps[0]], cwd=tmp_path, env=where, capture_output=True, text=True, check=False
    )
    (candidate,) = search(tmp_path).candidates
    assert ran.stdout.strip() == (candidate.interface or "wsgi"), ran.stderr


@pytest.mark.parametrize("inside", [True, False])
def test_a_django_project(tmp_path: Path, inside: bool) -> None:
    subprocess.run([sys.executable, "-m", "django", "startproject", "mysite"], cwd=tmp_path, check=True)
    found = search(tmp_path / "mysite" if inside else tmp_path)
    assert [each.app for each in found.candidates] == (
        ["mysite.wsgi:application", "mysite.asgi:application"]
        if inside
        else ["mysite/mysite/wsgi.py:application", "mysite/mysite/asgi.py:application"]
    )
    assert [each.interface for each in found.candidates] == ["wsgi", "asgi3"]
    assert found.one is found.candidates[0]
    assert found.candidates[0].why == "get_wsgi_application()"


def test_channels_make_the_asgi_side_the_one(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "django", "startproject", "mysite", "."], cwd=tmp_path, check=True)
    (tmp_path / "mysite" / "asgi.py").write_text(
        "from channels.routing import ProtocolTypeRouter\nfrom django.core.asgi import get_asgi_application\n"
        "application = ProtocolTypeRouter({'http': get_asgi_application()})\n"
    )
    one = search(tmp_path).one
    assert one is not None
    assert (one.app, one.interface) == ("mysite.asgi:application", "asgi3")


def test_where_and_why_and_how_to_serve_it(tmp_path: Path) -> None:
    lay_out(tmp_path, {"my shop/app.py": FLASK})
    (one,) = search(tmp_path).candidates
    assert (one.file, one.line, one.why) == (str(Path("my shop/app.py")), 3, "Flask()")
    assert one.command() == "inspector 'my shop/app.py:app'"


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_the_environment_beside_an_app_is_named_and_never_looked_into(tmp_path: Path) -> None:
    lay_out(tmp_path, {"shop/app.py": FLASK, ".venv/pyvenv.cfg": "", "venv2/pyvenv.cfg": "", "venv2/lib/app.py": FLASK})
    (tmp_path / ".venv" / "bin").mkdir()
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (one,) = search(tmp_path).candidates
    assert one.python == str(Path(".venv/bin/python"))
    assert one.command(python=True) == "inspector --python .venv/bin/python shop/app.py:app"


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_links_that_go_in_circles(tmp_path: Path) -> None:
    lay_out(tmp_path, {"app.py": FLASK})
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self.py").symlink_to(tmp_path / "self.py")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.py")
    assert [each.app for each in search(tmp_path).candidates] == ["app:app"]


def test_a_folder_that_is_not_there_has_no_apps(tmp_path: Path) -> None:
    assert search(tmp_path / "nowhere").candidates == ()


def test_fifty_thousand_files(tmp_path: Path) -> None:
    lay_out(tmp_path, {"main.py": FASTAPI})
    for number in range(100):
        folder = tmp_path / f"data{number}"
        folder.mkdir()
        for each in range(500):
            (folder / f"row{each}.{'py' if each % 4 == 0 else 'csv'}").touch()
    started = time.thread_time()  # what others take is none of ours
    found = search(tmp_path)
    assert time.thread_time() - started < walk.SECONDS + 2
    assert [each.app for each in found.candidates] == ["main:app"]
    assert not found.whole  # 12,500 Python files: not all were read, so nobody says that it is the only one
    assert found.one is None


def test_a_long_file_and_a_deep_folder_are_not_looked_at(tmp_path: Path) -> None:
    deep = "/".join(["d"] * (walk.DEPTH + 1))
    lay_out(tmp_path, {"long.py": FLASK + "#" * walk.SIZE, f"{deep}/app.py": FLASK})
    assert search(tmp_path).candidates == ()


def test_no_time_left(tmp_path: Path) -> None:
    lay_out(tmp_path, {"app.py": FLASK})
    found = search(tmp_path, seconds=-1)
    assert (found.candidates, found.whole) == ((), False)
