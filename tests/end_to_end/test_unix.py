"""`inspector serve --uds`: what the app sees, and that the socket outlasts a reload and goes with the end."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.programs import Inspector, running, save
from tests.support.recorded import over
from tests.support.waiting import DEADLINE, eventually

ASGI = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": f"WORD {scope['server']} {scope['client']}".encode()})
"""
WSGI = """
def app(environ, start_response):
    start_response("200 OK", [])
    told = (environ[key] for key in ("SERVER_NAME", "SERVER_PORT", "REMOTE_ADDR"))
    return [" ".join(["WORD", *told]).encode()]
"""


def ask(path: Path) -> str:
    """On a connection of its own: one that was kept could be closed at the moment at which it is used again."""
    transport = httpx.HTTPTransport(uds=str(path))
    with httpx.Client(transport=transport, base_url="http://tea.shop:81", timeout=DEADLINE) as client:
        return client.get("/").text


@pytest.mark.parametrize(("source", "options"), [(ASGI, ("--reload",)), (WSGI, ("--in-process",))])
def test_an_app_at_a_unix_socket(source: str, options: tuple[str, ...], tmp_path: Path) -> None:
    app, path = tmp_path / "app" / "shop.py", tmp_path / "app" / "app.sock"
    app.parent.mkdir()
    app.write_text(source)
    env = {"PYTHONDONTWRITEBYTECODE": "1"}
    with running(Inspector("shop:app", tmp_path, "--uds", "app.sock", *options, cwd=app.parent, env=env)) as program:
        eventually(lambda: f"on unix:{path}" in program.out)
        told = f" ('{path}', None) None" if source is ASGI else " tea.shop 81 "
        assert ask(path) == f"WORD{told}"
        if source is ASGI:
            (found,) = over(program.recording, "kind:http")
            assert found["scope"]["server"] == [str(path), None]
            save(app, source.replace("WORD", "SECOND"))
            eventually(lambda: ask(path) == f"SECOND{told}")
        assert program.stop() == 0, program.err
    assert not path.exists()
