from __future__ import annotations

import pytest

from inspector.finder.source import seen

ASGI = "async def app(scope, receive, send):\n    pass\n"
WSGI = "def application(environ, start_response):\n    return []\n"

SOURCES = [
    ("from flask import Flask\napp = Flask(__name__)\n", [("app", "wsgi", 2, "Flask()")]),
    ("import flask\napp = flask.Flask(__name__)\n", [("app", "wsgi", 2, "Flask()")]),
    ("import flask as f\nsite = f.Flask(__name__)\n", [("site", "wsgi", 2, "Flask()")]),
    ("from flask import Flask as F\napp: F = F(__name__)\n", [("app", "wsgi", 2, "Flask()")]),
    ("from fastapi import FastAPI\n\napp = FastAPI(\n    title='x',\n)\n", [("app", "asgi3", 3, "FastAPI()")]),
    ("from starlette.applications import Starlette\napp = Starlette()\n", [("app", "asgi3", 2, "Starlette()")]),
    ("from quart import Quart\napp = Quart(__name__)\n", [("app", "asgi3", 2, "Quart()")]),
    ("from litestar import Litestar\napp = Litestar([])\n", [("app", "asgi3", 2, "Litestar()")]),
    ("from sanic import Sanic\napp = Sanic('x')\n", [("app", "asgi3", 2, "Sanic()")]),
    ("import falcon.asgi\napp = falcon.asgi.App()\n", [("app", "asgi3", 2, "App()")]),
    ("import falcon\napp = falcon.App()\n", [("app", "wsgi", 2, "App()")]),
    ("from pyramid.config import Configurator\nc = Configurator()\napp = c.make_wsgi_app()\n",
     [("app", "wsgi", 3, "make_wsgi_app()")]),
    # A class of their own, a wrapper around it.
    ("from flask import Flask\nclass Shop(Flask): pass\napp = Shop('x')\n", [("app", "wsgi", 3, "Shop()")]),
    ("from fastapi import FastAPI\napp = FastAPI()\napp = Cors(app)\n", [("app", "asgi3", 2, "FastAPI()")]),
    ("from fastapi import FastAPI\napp = FastAPI()\nsub = FastAPI()\napp.mount('/s', sub)\n",
     [("app", "asgi3", 2, "FastAPI()")]),
    # Plain callables.
    (ASGI, [("app", "asgi3", 1, "async def app(scope, receive, send)")]),
    (WSGI, [("application", "wsgi", 1, "def application(environ, start_response)")]),
    ("def app(scope):\n    return inner\n", [("app", "asgi2", 1, "def app(scope)")]),
    ("class A:\n    async def __call__(self, scope, receive, send): ...\napp = A()\n", [("app", "asgi3", 3, "A()")]),
    ("def wrap(app):\n    async def inner(scope, receive, send): ...\n    return inner\n", []),
    # Factories.
    ("from flask import Flask\ndef create_app(config=None):\n    app = Flask('x')\n    return app\n",
     [("create_app()", "wsgi", 2, "def create_app() makes Flask()")]),
    ("def make_app():\n    return x\n", [("make_app()", "", 1, "def make_app()")]),
    ("def create_app(config):\n    return x\n", []),
    ("async def create_app():\n    return x\n", []),
    ("from flask import Flask\ndef create_app():\n    return Flask('x')\napp = create_app()\n",
     [("app", "wsgi", 4, "create_app()")]),
    ("from shop import create_app\napp = create_app()\n", [("app", "", 2, "create_app()")]),
    # Where it is not made at import, or is something else.
    ("from flask import Flask\nif __name__ == '__main__':\n    app = Flask('x')\n", []),
    ("from flask import Flask\ntry:\n    import x\nexcept ImportError:\n    app = Flask('x')\n",
     [("app", "wsgi", 5, "Flask()")]),
    ("from aiohttp import web\napp = web.Application()\n", []),
    ("class Flask: pass\napp = Flask()\n", []),
    ("from flask import Blueprint\nbp = Blueprint('x', __name__)  # not a Flask\n", []),
    # No Python.
    ("from flask import Flask\napp = Flask(\n", []),
    ("app = Flask('x')\0", []),
    ("# Flask\n" + "(" * 5000, []),
    ("# Flask\nx = " + "-" * 100_000 + "1", []),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), SOURCES)
def test_what_is_seen(source: str, expected: list[tuple[str, str, int, str]]) -> None:
    apps, _ = seen(source.encode())
    assert [(one.attr, one.interface, one.line, one.why) for one in apps] == expected


@pytest.mark.parametrize(
    "junk", [b"", b"\xff\xfe\x00F\x00l", b"Flask" + bytes(range(256)) * 50, b"# -*- coding: no -*-\nFlask"]
)
def test_junk_is_no_app(junk: bytes) -> None:
    assert seen(junk) == ([], set())


def test_warnings_about_their_strings_are_theirs() -> None:
    apps, imported = seen(b"from flask import Flask\nx = '\\d'\napp = Flask('x')\n")
    assert len(apps) == 1
    assert imported == {"flask"}
