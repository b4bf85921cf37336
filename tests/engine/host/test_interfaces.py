"""The interface of a callable, seen without calling it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from wsgiref.simple_server import demo_app
from wsgiref.validate import validator

import pytest

from inspector.engine.host.interfaces import detect


async def asgi3(scope: Any, receive: Any, send: Any) -> None: ...


def asgi3_plain(scope: Any, receive: Any, send: Any) -> Any:
    return asgi3(scope, receive, send)


def asgi2(scope: Any) -> Any: ...


def wsgi(environ: Any, start_response: Any) -> Any: ...


def wsgi_default(environ: Any, start_response: Any = None) -> Any: ...


def anything(*args: Any, **kwargs: Any) -> Any: ...


class Asgi3Object:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

    async def method(self, scope: Any, receive: Any, send: Any) -> None: ...


class WsgiObject:
    def __call__(self, environ: Any, start_response: Any) -> Any: ...

    def method(self, environ: Any, start_response: Any) -> Any: ...


class Asgi2Object:
    def __call__(self, scope: Any) -> Any: ...


class Asgi2Class:
    def __init__(self, scope: Any) -> None: ...

    async def __call__(self, receive: Any, send: Any) -> None: ...


class LooseAsgi2Class:
    def __init__(self, *args: Any) -> None: ...

    async def __call__(self, receive: Any, send: Any) -> None: ...


class WsgiClass:
    def __init__(self, environ: Any, start_response: Any) -> None: ...

    def __iter__(self) -> Any: ...


class LooseWsgiClass:
    def __init__(self, *args: Any) -> None: ...

    def __iter__(self) -> Any: ...


class Asgi3Class:
    def __init__(self, scope: Any, receive: Any, send: Any) -> None: ...

    def __await__(self) -> Any: ...


class Unreadable:
    @property
    def __signature__(self) -> Any:
        raise RuntimeError("no signature")

    def __call__(self, environ: Any, start_response: Any) -> Any: ...


def partial_of(call: Callable[..., Any], *names: str) -> Any:
    def more(config: Any, *args: Any) -> Any:
        return call(*args)

    return functools.partial(more, *names)


def one_bound(config: Any, environ: Any, start_response: Any) -> Any: ...


async def one_bound_async(config: Any, scope: Any, receive: Any, send: Any) -> None: ...


@functools.wraps(asgi3)
def decorated(*args: Any) -> Any:
    return asgi3(*args)


@pytest.mark.parametrize(
    ("app", "interface"),
    [
        (asgi3, "asgi3"),
        (asgi3_plain, "asgi3"),
        (decorated, "asgi3"),
        (Asgi3Object(), "asgi3"),
        (Asgi3Object().method, "asgi3"),
        (Asgi3Class, "asgi3"),
        (functools.partial(one_bound_async, {}), "asgi3"),
        (functools.partial(functools.partial(Asgi3Object())), "asgi3"),
        (asgi2, "asgi2"),
        (Asgi2Object(), "asgi2"),
        (Asgi2Class, "asgi2"),
        (LooseAsgi2Class, "asgi2"),
        (functools.partial(Asgi2Class), "asgi2"),
        (wsgi, "wsgi"),
        (wsgi_default, "wsgi"),
        (WsgiObject(), "wsgi"),
        (WsgiObject().method, "wsgi"),
        (WsgiClass, "wsgi"),
        (LooseWsgiClass, "wsgi"),
        (functools.partial(one_bound, {}), "wsgi"),
        (partial_of(wsgi), "wsgi"),
        (anything, "wsgi"),
        (Unreadable(), "wsgi"),
        (demo_app, "wsgi"),
        (validator(demo_app), "wsgi"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", type(value).__name__),
)
def test_detect(app: Any, interface: str) -> None:
    assert detect(app) == interface
