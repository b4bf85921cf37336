"""Which interface a callable speaks, by looking at it: the app is never called to find out.

A coroutine function, or an object with a coroutine `__call__`, is ASGI 3 (asgiref specs/main.rst, "Applications"). A
class, or a callable of one argument, is ASGI 2 ("Legacy Applications"). All else that can be called is WSGI, also where
the signature tells nothing. Two refinements: a class that takes two arguments is WSGI (PEP 3333, "The
Application/Framework Side", allows a class), and what needs three arguments can only be ASGI 3 (a plain function that
returns the coroutine).
"""

from __future__ import annotations

import functools
import inspect
from types import FunctionType, ModuleType
from typing import Any

_NAMES = (("scope", "receive", "send"), ("environ", "start_response"), ("env", "start_response"))


def detect(app: Any) -> str:
    """asgi3, asgi2 or wsgi."""
    target = app
    while isinstance(target, functools.partial):
        target = target.func
    if is_async(target):
        return "asgi3"
    arguments = _arguments(app)
    needs = sum(required for _, required in arguments) if arguments is not None else -1
    if needs == 3:
        return "asgi3"
    if inspect.isclass(target):
        if inspect.iscoroutinefunction(getattr(target, "__call__", None)):  # noqa: B004
            return "asgi2"
        return "wsgi" if needs == 2 or (needs < 0 and hasattr(target, "__iter__")) else "asgi2"
    return "asgi2" if arguments is not None and len(arguments) == 1 else "wsgi"


def is_async(call: Any) -> bool:
    """A coroutine function, or an object (no class) with a coroutine `__call__`."""
    if inspect.iscoroutinefunction(call):
        return True
    return not inspect.isclass(call) and inspect.iscoroutinefunction(getattr(type(call), "__call__", None))  # noqa: B004


def required(call: Any) -> list[str]:
    """Names of the arguments without which `call` cannot be called; none where the signature tells nothing."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except Exception:  # noqa: BLE001 - __signature__ may be code of the app
        return []
    loose = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [one.name for one in parameters if one.default is one.empty and one.kind not in loose]


def takes_nothing(call: Any) -> bool:
    """`call` certainly takes no positional argument, so it is no app of any interface."""
    return _arguments(call) == []


def plain_apps(module: ModuleType) -> dict[str, Any]:
    """The objects of a module that are plainly apps, by name: their arguments have the names of the interfaces."""
    found: dict[str, Any] = {}
    for name, value in vars(module).items():
        if name.startswith("_") or any(value is other for other in found.values()):
            continue
        call = value if type(value) is FunctionType else inspect.getattr_static(type(value), "__call__", None)
        if type(call) is not FunctionType or isinstance(value, type):
            continue
        names = call.__code__.co_varnames[: call.__code__.co_argcount]
        if names in _NAMES or names[1:] in _NAMES:
            found[name] = value
    return found


def _arguments(call: Any) -> list[tuple[str, bool]] | None:
    """The positional arguments of `call` and whether each is required; None where the signature does not tell."""
    try:
        parameters = list(inspect.signature(call).parameters.values())
    except Exception:  # noqa: BLE001 - __signature__ may be code of the app
        return None
    if any(one.kind is one.VAR_POSITIONAL for one in parameters):
        return None
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [(one.name, one.default is one.empty) for one in parameters if one.kind in positional]
