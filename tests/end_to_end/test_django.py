"""A project as `startproject` makes it: its admin, logged in by the form, through both of its entry points."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.answers import Answer, answer
from tests.support.programs import inspector, uvicorn, waitress
from tests.support.recorded import exchanges, steps

USER = {"username": "eva", "password": "teapot-and-cup"}
METHODS = ("GET", "GET", "POST", "GET", "POST", "GET", "POST")
WSGI_GET = "call start_response return next close"
WSGI_POST = "call read start_response return next close"
ASGI_GET = "call http.request http.response.start http.response.body return"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project `shop`, with a database and a superuser."""
    folder = tmp_path_factory.mktemp("django")
    env = {**os.environ, "DJANGO_SUPERUSER_PASSWORD": USER["password"]}

    def run(*words: str) -> None:
        subprocess.run([sys.executable, *words], cwd=folder, env=env, check=True, capture_output=True, timeout=60)

    run("-m", "django", "startproject", "shop", ".")
    run("manage.py", "migrate")
    run("manage.py", "createsuperuser", "--noinput", "--username", USER["username"], "--email", "eva@example.org")
    return folder


def work(url: str) -> list[Answer]:
    """An admin's round: to the login form, through it, a group added and seen, and out again."""
    seen: list[Answer] = []
    with httpx.Client(base_url=url, trust_env=False, timeout=30.0) as client:

        def ask(method: str, path: str, **data: str) -> None:
            if data:
                data["csrfmiddlewaretoken"] = client.cookies["csrftoken"]
            options: dict[str, Any] = {"data": data} if data else {}
            seen.append(answer(client.request(method, path, **options)))

        ask("GET", "/admin/")
        ask("GET", "/admin/login/?next=/admin/")
        ask("POST", "/admin/login/?next=/admin/", **USER, next="/admin/")
        ask("GET", "/admin/")
        ask("POST", "/admin/auth/group/add/", name="Potters", _save="Save")
        ask("GET", "/admin/auth/group/")
        client.cookies.delete("csrftoken")
        seen.append(answer(client.post("/admin/logout/", data={})))  # without the token: refused
    return seen


ENTRIES = [
    pytest.param("shop.wsgi", "shop.wsgi:application", waitress, "wsgi", WSGI_GET, WSGI_POST, id="wsgi"),
    pytest.param("shop.asgi", "shop.asgi:application", uvicorn, "asgi3", ASGI_GET, ASGI_GET, id="asgi"),
]


@pytest.mark.parametrize(("ours", "theirs", "reference", "interface", "get", "post"), ENTRIES)
def test_the_admin(
    project: Path,
    tmp_path: Path,
    ours: str,
    theirs: str,
    reference: Callable[..., Any],
    interface: str,
    get: str,
    post: str,
) -> None:
    folders = [tmp_path / name for name in ("ours", "theirs")]
    for folder in folders:
        shutil.copytree(project, folder)  # each its own database
    with inspector(ours, tmp_path, cwd=folders[0]) as served:
        seen = work(served.url)
        assert served.stop() == 0, served.err
    with reference(theirs, folders[1], cwd=folders[1]) as served_by_theirs:
        expected = work(served_by_theirs.url)
    for mine, other in zip(seen, expected, strict=True):
        assert mine == other
    assert [each.status for each in seen] == [302, 200, 302, 200, 302, 200, 403]
    assert b"Site administration" in seen[3].body
    assert b"Potters" in seen[5].body

    recorded = exchanges(served.recording, "kind:http")
    assert [(each["method"], each["status"], each["interface"]) for each in recorded] == [
        (method, answered.status, interface) for method, answered in zip(METHODS, seen, strict=True)
    ]
    for exchange in recorded:
        # A task of Django's listens for the end of the client, and may still see that of the response.
        kinds = [kind for kind in steps(exchange) if kind != "http.disconnect"]
        form = exchange["method"] == "POST" and exchange["status"] != 403
        assert kinds == (post if form else get).split(), exchange["path"]
    if interface == "asgi3":
        (lifespan,) = exchanges(served.recording, "kind:lifespan")
        assert steps(lifespan) == ["call", "raise"]
        assert lifespan["exception"]["type"] == "ValueError"
