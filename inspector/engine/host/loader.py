"""APP to a callable and its interface; every way to fail has its own words.

    module:attr   module:attr.sub   module:factory()   path/to/file.py[:attr]   module

A module is imported with the folder of `--app-dir` (the working directory) first on `sys.path`. A file is imported with
its own folder first; where that folder is a package (it has an `__init__.py`), the folder above the outermost package
comes first and the file is imported by its dotted name, so that its relative imports work.

Without `attr` it is `app`, else `application`, else the one object of the module that is plainly an app. Nothing is
called to find out, except the factory that APP names.

A `KeyboardInterrupt` is an exception of the app's like any other: no signal raises it in an engine (see `bootstrap`).
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from inspector.engine.host import interfaces, load_errors
from inspector.engine.host.load_errors import did_you_mean, raised
from inspector.errors import InspectorError
from inspector.trace.values import type_name

FORMS = "APP is module:attr, module:factory(), path/to/file.py[:attr], or a module alone."

_FILE = re.compile(r"(?P<path>.+\.py)(?::(?P<attr>.*))?", re.DOTALL)
_ATTR = re.compile(r"(?P<path>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?P<call>\(\s*\))?")
_FACTORY = re.compile(r"(create|make|get|build|init)_?\w*", re.IGNORECASE)


@dataclass(frozen=True)
class LoadedApp:
    """An app that is ready to be served."""

    app: Any
    interface: str
    """asgi3, asgi2 or wsgi."""
    name: str
    """Its type."""
    file: str
    """The file of the module that it was taken from; may be empty."""


@dataclass(frozen=True)
class _Target:
    """APP taken apart."""

    module: str
    attr: str
    """Dotted; "" where it is left out."""
    call: bool
    folder: Path
    """Goes to `sys.path[0]`."""
    file: Path | None
    """The file that was named."""


def load(spec: str, app_dir: str, interface: str) -> LoadedApp:
    """Import what `spec` names. `app_dir` "" is the working directory; `interface` is auto, asgi3, asgi2 or wsgi.

    Changes `sys.path`. Raises `InspectorError` whatever is wrong.
    """
    target = _parse(spec.strip(), _folder(app_dir))
    module = _import(target)
    if target.attr:
        found, name = _attribute(module, target), f"{target.module}:{target.attr}"
    else:
        found, name = _plain_app(module, target)
    if target.call:
        found = _call(found, name)
        name += "()"
    _must_be_callable(found, name, interface)
    detected = interfaces.detect(found) if interface == "auto" else interface
    return LoadedApp(found, detected, type_name(found), getattr(module, "__file__", None) or "")


# APP taken apart.


def _folder(app_dir: str) -> Path:
    folder = Path(os.path.abspath(app_dir or "."))  # noqa: PTH100 - resolve() would follow links
    if not folder.is_dir():
        raise InspectorError(f"--app-dir: there is no folder {folder}.")
    return folder


def _parse(spec: str, folder: Path) -> _Target:
    if not spec:
        raise InspectorError("APP is empty.", FORMS)
    if match := _FILE.fullmatch(spec):
        file = _file(match["path"], folder)
        attr, call = _parse_attr(match["attr"], spec)
        module, folder = _dotted(file)
        return _Target(module, attr, call, folder, file)
    module, colon, rest = spec.partition(":")
    if "/" in module or os.sep in module:
        hint = f"Did you mean {module}.py{colon}{rest}?" if (folder / f"{module}.py").is_file() else FORMS
        raise InspectorError(f"{module!r} is neither a module nor a .py file.", hint)
    if not all(part.isidentifier() for part in module.split(".")):
        hint = f"Did you mean ./{module}.py{colon}{rest}?" if (folder / f"{module}.py").is_file() else FORMS
        raise InspectorError(f"{module!r} is no module's name.", hint)
    attr, call = _parse_attr(rest if colon else None, spec)
    return _Target(module, attr, call, folder, None)


def _parse_attr(attr: str | None, spec: str) -> tuple[str, bool]:
    if attr is None:
        return "", False
    if not attr.strip():
        raise InspectorError(f"Nothing follows the colon in {spec!r}.", "Write the app's name there, or no colon.")
    match = _ATTR.fullmatch(attr.strip())
    if match:
        return match["path"], bool(match["call"])
    if "(" in attr:
        raise InspectorError(
            f"{attr!r} is no factory that can be called.",
            "A factory is called without arguments: module:factory(). Write one that needs none.",
        )
    raise InspectorError(f"{attr!r} is no name of an app.", FORMS)


def _file(path: str, folder: Path) -> Path:
    """The file that is meant: seen from the working directory, or else from the app's folder."""
    files = [Path(os.path.abspath(base / path)) for base in (Path(), folder)]  # noqa: PTH100 - as above
    for file in files:
        if file.is_file():
            return file
    near = files[0].parent
    there = [other.name for other in sorted(near.glob("*.py"))] if near.is_dir() else []
    hint = did_you_mean(files[0].name, there) or (
        f"In {near}: {', '.join(there[:8])}." if there else f"There is no .py file in {near}."
    )
    raise InspectorError(f"There is no file {path}.", hint)


def _dotted(file: Path) -> tuple[str, Path]:
    """The dotted name of a file, and the folder from which it is imported by that name."""
    names, folder = [] if file.name == "__init__.py" else [file.stem], file.parent
    while (folder / "__init__.py").is_file():
        names.insert(0, folder.name)
        folder = folder.parent
    if any("." in name for name in names):
        raise InspectorError(f"{file.name} cannot be imported: a module's name has no dot in it.", "Rename the file.")
    return ".".join(names), folder


# The module.


def _import(target: _Target) -> ModuleType:
    if sys.path[:1] != [str(target.folder)]:
        sys.path.insert(0, str(target.folder))
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(target.module)
    except BaseException as error:  # noqa: BLE001 - the app's module may raise anything
        raise load_errors.explain(error, target.module, target.folder) from None
    _not_another(module, target)
    return module


def _not_another(module: ModuleType, target: _Target) -> None:
    """Refuse a module of the same name that was there already: of the standard library, or of the interpreter."""
    meant = target.file or target.folder / f"{target.module}.py"
    file = getattr(module, "__file__", None)
    if meant.is_file() and not (file and Path(file).exists() and meant.samefile(file)):
        raise InspectorError(
            f"{meant.name} is hidden by another module named {target.module!r}"
            + (f", {file}." if file else ", which is built into Python."),
            "Rename the file.",
        )


# The app in it.


def _attribute(module: ModuleType, target: _Target) -> Any:
    found: Any = module
    whole = target.module
    for name in target.attr.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise _no_attribute(found, name, whole, target) from None
        except BaseException as error:  # noqa: BLE001 - a property, or the module's __getattr__
            raise raised(error, f"Reading {name!r} of {whole}") from None
        whole += ("." if ":" in whole else ":") + name
    return found


def _no_attribute(owner: Any, name: str, whole: str, target: _Target) -> InspectorError:
    names = [other for other in dir(owner) if not other.startswith("__")]
    hint = did_you_mean(name, names)
    if not hint and type(owner) is ModuleType:
        apps = interfaces.plain_apps(owner)
        hint = f"Its apps: {', '.join(apps)}." if apps else _factories(owner, target.module)
    if not hint and owner is sys.modules.get(target.module):
        folders = [Path(folder) for folder in getattr(owner, "__path__", ())]
        if any((folder / f"{name}.py").is_file() or (folder / name).is_dir() for folder in folders):
            hint = f"It is a module: write {target.module}.{name}, then a colon and the app's name."
    return InspectorError(f"{whole} has no attribute {name!r}.", hint or "Look at the name of the app in the source.")


def _plain_app(module: ModuleType, target: _Target) -> tuple[Any, str]:
    for name in ("app", "application"):
        found = getattr(module, name, None)
        if callable(found):
            return found, f"{target.module}:{name}"
    apps = interfaces.plain_apps(module)
    if len(apps) == 1:
        name, found = next(iter(apps.items()))
        return found, f"{target.module}:{name}"
    if apps:
        forms = " or ".join(f"{target.module}:{name}" for name in apps)
        raise InspectorError(f"{target.module} has {len(apps)} apps: {', '.join(apps)}.", f"Say which: {forms}.")
    raise InspectorError(
        f"{target.module} has no app: no app, no application, and nothing else that is plainly one.",
        _factories(module, target.module) or f"If it has one by another name, write {target.module}:NAME.",
    )


def _factories(module: ModuleType, name: str) -> str:
    """A hint about what may make the app, or ""."""
    found = [
        key
        for key, value in vars(module).items()
        if inspect.isfunction(value) and _FACTORY.fullmatch(key) and not interfaces.required(value)
    ]
    return f"If {found[0]}() makes it, write {name}:{found[0]}()." if found else ""


def _call(factory: Any, name: str) -> Any:
    """What the factory makes."""
    if not callable(factory):
        raise InspectorError(f"{name} cannot be called: it is {_a(factory)}.", f"Write {name}, if it is the app.")
    if interfaces.is_async(factory):
        raise _async_factory(name)
    if needs := interfaces.required(factory):
        raise InspectorError(
            f"{name}() needs arguments: {', '.join(needs)}.",
            "Inspector calls a factory without any. Write one that needs none, or an app of its own.",
        )
    try:
        made = factory()
    except BaseException as error:  # noqa: BLE001 - the app's factory may raise anything
        raise raised(error, f"{name}()") from None
    if inspect.iscoroutine(made):
        made.close()
        raise _async_factory(name)
    if made is None:
        raise InspectorError(f"{name}() returned None.", "Does the factory end with a return?")
    return made


def _async_factory(name: str) -> InspectorError:
    return InspectorError(
        f"{name}() is async: its app would be there only later.", "Write a factory that is a plain def."
    )


def _must_be_callable(found: Any, name: str, interface: str) -> None:
    if not callable(found):
        what = f"the module {found.__name__}" if type(found) is ModuleType else _a(found)
        hint = (
            f"Write {found.__name__}:NAME for an app in it." if type(found) is ModuleType else "An app is a callable."
        )
        raise InspectorError(f"{name} is no app: it is {what}.", hint)
    if interface == "auto" and interfaces.takes_nothing(found):
        hint = "" if name.endswith(")") else f"If it makes the app, write {name}()."
        raise InspectorError(f"{name} is no app: it takes no arguments.", hint)


def _a(found: Any) -> str:
    """The type of `found` with its article."""
    name = type_name(found)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
