"""The interface of the frameworks' own objects, seen without calling them."""

from __future__ import annotations

import asyncio
import importlib
import types
from typing import Any

import pytest
from fastapi import FastAPI
from flask import Flask, current_app, request
from starlette.applications import Starlette
from starlette.routing import Router

from inspector.engine.host import interfaces
from inspector.engine.host.interfaces import detect


class WsgiObject:
    def __call__(self, environ: Any, start_response: Any) -> Any: ...


def wsgi(environ: Any, start_response: Any) -> Any: ...


async def asgi3(scope: Any, receive: Any, send: Any) -> None: ...


def django_app(module: str, handler: str) -> Any:
    """What get_wsgi_application() and get_asgi_application() return, without settings."""
    return object.__new__(getattr(importlib.import_module(module), handler))


@pytest.mark.parametrize(
    ("app", "interface"),
    [
        (Flask(__name__), "wsgi"),
        (Flask(__name__).wsgi_app, "wsgi"),
        (Starlette(), "asgi3"),
        (FastAPI(), "asgi3"),
        (Router(), "asgi3"),
        (django_app("django.core.handlers.wsgi", "WSGIHandler"), "wsgi"),
        (django_app("django.core.handlers.asgi", "ASGIHandler"), "asgi3"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", type(value).__name__),
)
def test_detect(app: Any, interface: str) -> None:
    assert detect(app) == interface


def test_plain_apps() -> None:
    module = types.ModuleType("shop")
    flask, fast = Flask("shop"), FastAPI()
    vars(module).update(
        {
            "site": flask,
            "same": flask,
            "api": fast,
            "view": wsgi,
            "socket": asgi3,
            "_hidden": Flask("hidden"),
            "Flask": Flask,
            "WsgiObject": WsgiObject,
            "current_app": current_app,
            "request": request,
            "number": 3,
            "create_app": lambda: flask,
            "asyncio": asyncio,
        }
    )
    assert interfaces.plain_apps(module) == {"site": flask, "api": fast, "view": wsgi, "socket": asgi3}
