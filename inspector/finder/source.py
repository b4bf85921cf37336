"""One file's apps, by its syntax tree: framework objects, factories, and plain callables with the right arguments."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

# How sure it is; the higher one of two in a file stands.
CALLABLE, FACTORY, OBJECT = range(3)

_KNOWN = {
    "flask.Flask": "wsgi", "flask.app.Flask": "wsgi", "apiflask.APIFlask": "wsgi", "flask_openapi3.OpenAPI": "wsgi",
    "quart.Quart": "asgi3", "quart.app.Quart": "asgi3",
    "fastapi.FastAPI": "asgi3", "fastapi.applications.FastAPI": "asgi3",
    "starlette.applications.Starlette": "asgi3",
    "litestar.Litestar": "asgi3", "litestar.app.Litestar": "asgi3",
    "sanic.Sanic": "asgi3", "sanic.app.Sanic": "asgi3",
    "blacksheep.Application": "asgi3",
    "falcon.App": "wsgi", "falcon.API": "wsgi", "falcon.asgi.App": "asgi3",
    "bottle.Bottle": "wsgi", "bottle.default_app": "wsgi",
    "connexion.AsyncApp": "asgi3",
    "django.core.wsgi.get_wsgi_application": "wsgi", "django.core.asgi.get_asgi_application": "asgi3",
    "channels.routing.ProtocolTypeRouter": "asgi3",
    "socketio.ASGIApp": "asgi3", "socketio.WSGIApp": "wsgi",
    "asgiref.wsgi.WsgiToAsgi": "asgi3", "a2wsgi.WSGIMiddleware": "asgi3", "a2wsgi.ASGIMiddleware": "wsgi",
}  # fmt: skip
"""What makes an app, by its full name, and what it speaks."""
_MAKES_WSGI = "make_wsgi_app"
"""Pyramid's method of a configurator."""
_FACTORY = re.compile(
    r"(create|make|build|get|init)_(\w+_)?(app|application|asgi|wsgi)|app_factory|application_factory"
)
_NAMED = ("app", "application")
_WORTH = re.compile(
    rb"Flask|OpenAPI|Quart|FastAPI|Starlette|Litestar|Sanic|blacksheep|falcon|bottle|connexion|_application|Protocol"
    rb"TypeRouter|socketio|WsgiToAsgi|a2wsgi|make_wsgi_app|start_response|receive|_app\b|app_factory|def app|scope"
)
"""What a file with an app in it has somewhere: most have nothing of it, and need not be parsed."""


@dataclass(frozen=True)
class Seen:
    """Something in a file that looks like an app."""

    attr: str
    """`app`, or `create_app()`."""
    interface: str
    """asgi3, asgi2, wsgi; "" where only calling it would tell."""
    line: int
    why: str
    """`FastAPI()`, `def application(environ, start_response)`."""
    sure: int
    """CALLABLE, FACTORY or OBJECT."""
    maker: str = ""
    """The full name of what made it."""

    @property
    def named(self) -> bool:
        """It has one of the two names that everybody uses."""
        return self.attr in _NAMED


def seen(source: bytes) -> tuple[list[Seen], set[str]]:
    """What looks like an app in a file, and the names that it imports; none where it is no Python."""
    if not _WORTH.search(source):
        return [], set()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in their strings
            tree = ast.parse(source)
        reading = _Reading(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [], set()
    return reading.apps(), {name.partition(".")[0] for name in reading.names.values()}


class _Reading:
    """A module: what its names stand for, and what of them are apps."""

    def __init__(self, tree: ast.Module) -> None:
        self.names: dict[str, str] = {}
        """Local name -> the full name that was imported under it."""
        self._classes: dict[str, str] = {}
        """Classes of the file whose instances are apps -> interface."""
        self._subclasses: dict[str, str] = {}
        """Classes of the file -> the known class that they derive from."""
        self._found: dict[str, Seen] = {}
        self._factories: dict[str, Seen] = {}
        self._called: set[str] = set()
        for node in _top(tree.body):
            self._read(node)

    def apps(self) -> list[Seen]:
        """The best kind of them only: who has an object named `app` does not mean the function beside it."""
        factories = [one for name, one in self._factories.items() if name not in self._called]
        found = [*self._found.values(), *factories]
        named = [one for one in found if one.named and one.sure == OBJECT]
        if named:
            return named
        best = max((one.sure for one in found), default=0)
        found = [one for one in found if one.sure == best]
        return [one for one in found if one.named] or found

    def _read(self, node: ast.stmt) -> None:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    local = alias.asname or alias.name.partition(".")[0]
                    self.names[local] = alias.name if alias.asname else local
            case ast.ImportFrom(module=str(module), names=names, level=0):
                for alias in names:
                    self.names[alias.asname or alias.name] = f"{module}.{alias.name}"
            case ast.ImportFrom(names=names):
                for alias in names:
                    self.names.setdefault(alias.asname or alias.name, f".{alias.name}")
            case ast.ClassDef():
                self._class(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name):
                        self._assigned(target.id, value, node.lineno)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._assigned(name, value, node.lineno)

    def _class(self, node: ast.ClassDef) -> None:
        for base in node.bases:
            known = self._full(base)
            known = self._subclasses.get(known, known)
            if known in _KNOWN:
                self._subclasses[node.name] = known
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and inner.name == "__call__":
                interface = _by_arguments(inner, skip=1)
                if interface:
                    self._classes[node.name] = interface

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        interface = _by_arguments(node)
        word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        arguments = ", ".join(one.arg for one in node.args.args)
        if interface and not node.name.startswith("_"):
            self._found[node.name] = Seen(
                node.name, interface, node.lineno, f"{word} {node.name}({arguments})", CALLABLE
            )
        elif _FACTORY.fullmatch(node.name) and isinstance(node, ast.FunctionDef) and not _needs(node):
            makers = [self._maker(call) for call in ast.walk(node) if isinstance(call, ast.Call)]
            maker = next((one for one in makers if one), "")
            why = f"def {node.name}()" + (f" makes {_short(maker)}()" if maker else "")
            self._factories[node.name] = Seen(f"{node.name}()", _KNOWN.get(maker, ""), node.lineno, why, FACTORY, maker)

    def _assigned(self, name: str, value: ast.expr, line: int) -> None:
        if name.startswith("_") or not isinstance(value, ast.Call):
            return
        called = self._full(value.func)
        short = called.rpartition(".")[2]
        maker = self._maker(value)
        if maker:
            self._found[name] = Seen(name, _KNOWN.get(maker, "wsgi"), line, f"{short}()", OBJECT, maker)
        elif called in self._classes:
            self._found[name] = Seen(name, self._classes[called], line, f"{called}()", OBJECT)
        elif _FACTORY.fullmatch(short):
            made = self._factories.get(short)
            self._called.add(short)
            interface = made.interface if made else ""
            self._found[name] = Seen(name, interface, line, f"{short}()", OBJECT, made.maker if made else "")

    def _maker(self, call: ast.Call) -> str:
        """The full name of the framework's class or function that is called; "" for any other."""
        full = self._full(call.func)
        if full.endswith(f".{_MAKES_WSGI}"):
            return _MAKES_WSGI
        full = self._subclasses.get(full, full)
        return full if full in _KNOWN else ""

    def _full(self, node: ast.expr) -> str:
        """The dotted name of `node`, its first part as it was imported; "" for anything but names."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Call) and parts:  # Configurator(...).make_wsgi_app()
            return f"().{parts[0]}"
        if not isinstance(node, ast.Name):
            return ""
        return ".".join((self.names.get(node.id, node.id), *reversed(parts)))


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the module is imported, but for those of functions and classes."""
    for node in body:
        match node:
            case ast.If(test=test, body=then, orelse=otherwise):
                if not _is_main(test):
                    yield from _top(then)
                yield from _top(otherwise)
            case ast.Try(body=then, handlers=handlers, orelse=otherwise, finalbody=last):
                yield from _top(then)
                for handler in handlers:
                    yield from _top(handler.body)
                yield from _top([*otherwise, *last])
            case ast.With(body=then):
                yield from _top(then)
            case _:
                yield node


def _is_main(test: ast.expr) -> bool:
    """`if __name__ == "__main__"`: not so when it is imported."""
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _by_arguments(node: ast.FunctionDef | ast.AsyncFunctionDef, skip: int = 0) -> str:
    """The interface that a signature speaks; "" for none."""
    names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)][skip:]
    if isinstance(node, ast.AsyncFunctionDef):
        return "asgi3" if names == ["scope", "receive", "send"] else ""
    if len(names) == 2 and names[0] in ("environ", "env") and names[1].startswith("start_resp"):
        return "wsgi"
    return "asgi2" if names == ["scope"] and node.name in (*_NAMED, "__call__") else ""


def _needs(node: ast.FunctionDef) -> bool:
    """Whether it cannot be called without arguments."""
    arguments = node.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    return positional > len(arguments.defaults) or None in arguments.kw_defaults


def _short(maker: str) -> str:
    return maker.rpartition(".")[2]
