"""APP to a callable: each form that works, and each way to fail with its own words."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.engine.host.loader import load
from inspector.errors import InspectorError

SHOP = {
    "shop/__init__.py": "",
    "shop/main.py": """
        from .models import Order
        async def app(scope, receive, send): ...
        def create_app(): return app
        def make_wsgi(name="x"): return lambda environ, start_response: [name.encode()]
        def needs(config, *, debug): ...
        async def async_factory(): return app
        def wrapped_async(): return async_factory()
        def forgets(): app
        def fails(): raise LookupError("no settings")
        def leaves(): sys.exit("no settings")
        import sys
        class Holder:
            app = staticmethod(app)
            @property
            def broken(self): raise RuntimeError("not yet")
        holder = Holder()
        text = "no app"
    """,
    "shop/models.py": "class Order: ...",
    "plain.py": "def handler(environ, start_response): ...",
    "renamed.py": "async def application(scope, receive, send): ...\napp = 'text'",
    "several.py": """
        async def one(scope, receive, send): ...
        def two(environ, start_response): ...
        same = two
    """,
    "none.py": "def create_app(): ...\nnumber = 3",
    "nothing.py": "number = 3",
    "my-app.py": "def app(environ, start_response): ...",
    "below/inner.py": "app = 1",
    "folder/README": "",
    "dotted.name.py": "app = 1",
    "needs_sqlalchemy.py": "import os\nimport sqlalchemy_of_the_test.orm",
    "needs_near.py": "import plane",
    "needs_inner.py": "import shop.modles",
    "needs_name.py": "from shop.models import Ordre",
    "circle_a.py": "from circle_b import b\na = 1",
    "circle_b.py": "from circle_a import a\nb = 1",
    "relative.py": "from . import models",
    "beyond/__init__.py": "",
    "beyond/main.py": "from ... import models",
    "raises.py": "def f():\n    raise ValueError('DATABASE_URL is not set\\nsecond line')\nf()",
    "imports_raises.py": "import raises",
    "syntax.py": "def app(environ:\n    pass",
    "imports_syntax.py": "import syntax",
    "exits.py": "import sys\nsys.exit(3)",
    "interrupts.py": "raise KeyboardInterrupt",
    "json.py": "def app(environ, start_response): ...",
    "time.py": "def app(environ, start_response): ...",
    "lazy.py": "def __getattr__(name):\n    if name == 'app': raise OSError('disk')\n    raise AttributeError(name)",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in SHOP.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(textwrap.dedent(text))
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("spec", "interface", "file"),
    [
        ("shop.main:app", "asgi3", "shop/main.py"),
        ("shop.main", "asgi3", "shop/main.py"),
        ("  shop.main:app\n", "asgi3", "shop/main.py"),
        ("shop.main:holder.app", "asgi3", "shop/main.py"),
        ("shop.main:create_app()", "asgi3", "shop/main.py"),
        ("shop.main:make_wsgi()", "wsgi", "shop/main.py"),
        ("shop/main.py", "asgi3", "shop/main.py"),
        ("shop/main.py:app", "asgi3", "shop/main.py"),
        ("./shop/main.py:create_app()", "asgi3", "shop/main.py"),
        ("plain", "wsgi", "plain.py"),
        ("plain.py", "wsgi", "plain.py"),
        ("renamed", "asgi3", "renamed.py"),
        ("several:two", "wsgi", "several.py"),
        ("my-app.py", "wsgi", "my-app.py"),
    ],
)
def test_forms(folder: Path, spec: str, interface: str, file: str) -> None:
    loaded = load(spec, "", "auto")
    assert callable(loaded.app)
    assert loaded.interface == interface
    assert loaded.name == "function"
    assert Path(loaded.file) == folder / file


@pytest.mark.parametrize(
    ("spec", "title", "hint"),
    [
        ("", "APP is empty.", "module:attr"),
        ("   ", "APP is empty.", "module:attr"),
        ("shop.main:", "Nothing follows the colon in 'shop.main:'.", "or no colon"),
        ("shop/main.py:", "Nothing follows the colon in 'shop/main.py:'.", "or no colon"),
        ("shop.main:app!", "'app!' is no name of an app.", "module:attr"),
        ("shop.main:create_app(1)", "'create_app(1)' is no factory that can be called.", "without arguments"),
        ("shop/main:app", "'shop/main' is neither a module nor a .py file.", "Did you mean shop/main.py:app?"),
        ("shop/mine:app", "'shop/mine' is neither a module nor a .py file.", "module:attr"),
        ("my-app:app", "'my-app' is no module's name.", "Did you mean ./my-app.py:app?"),
        (".main:app", "'.main' is no module's name.", "module:attr"),
        ("shop/mian.py", "There is no file shop/mian.py.", "Did you mean main.py?"),
        ("folder/x.py", "There is no file folder/x.py.", "no .py file in"),
        ("dotted.name.py", "dotted.name.py cannot be imported: a module's name has no dot in it.", "Rename"),
        # Modules that are not there.
        ("plian:app", "There is no module 'plian' in {folder}.", "Did you mean plain?"),
        ("Plain_app:app", "There is no module 'Plain_app' in {folder}.", "Did you mean plain?"),
        ("shop.mian:app", "There is no module 'shop.mian' in {folder}/shop.", "Did you mean main? (in shop)"),
        ("inner:app", "There is no module 'inner' in {folder}.", "add --app-dir below"),
        ("qqqqqqqq:app", "There is no module 'qqqqqqqq' in {folder}.", "Modules there: beyond, circle_a"),
        ("shop.main.app", "There is no module 'shop.main.app': 'shop.main' is a module", "Write shop.main:app."),
        # Modules that cannot be imported.
        (
            "needs_sqlalchemy:app",
            "needs_sqlalchemy.py, line 2: there is no module 'sqlalchemy_of_the_test' to",
            "installed for",
        ),
        ("needs_near:app", "needs_near.py, line 1: there is no module 'plane' to import.", "Did you mean plain?"),
        (
            "needs_inner:app",
            "needs_inner.py, line 1: there is no module 'shop.modles' to import.",
            "Did you mean models?",
        ),
        ("needs_name:app", "needs_name.py, line 1: shop.models has no 'Ordre' to import.", "Did you mean Order?"),
        ("circle_a:app", "circle_b.py, line 1: circle_a has no 'a' to import.", "two modules import each other"),
        ("relative:app", "relative.py, line 1: a relative import outside of a package.", "--app-dir"),
        ("relative.py", "relative.py, line 1: a relative import outside of a package.", "__init__.py"),
        ("beyond.main", "beyond/main.py, line 1: a relative import that leads out of its package.", "--app-dir"),
        ("raises:app", "raises raised ValueError while it was imported: DATABASE_URL is not set", "says where"),
        ("syntax:app", "syntax.py, line 1: '(' was never closed.", ""),
        ("imports_syntax:app", "syntax.py, line 1: '(' was never closed.", ""),
        ("exits:app", "exits called sys.exit(3) while it was imported.", "__main__"),
        ("interrupts:app", "interrupts raised KeyboardInterrupt while it was imported.", "says where"),
        ("json.py", "json.py is hidden by another module named 'json', {json}.", "Rename"),
        ("json:app", "json.py is hidden by another module named 'json', {json}.", "Rename"),
        ("time:app", "time.py is hidden by another module named 'time', which is built into Python.", "Rename"),
        # Attributes.
        ("shop.main:ap", "shop.main has no attribute 'ap'.", "Did you mean app?"),
        ("shop.main:holder.ap", "shop.main:holder has no attribute 'ap'.", "Did you mean app?"),
        ("shop:main", "shop has no attribute 'main'.", "It is a module: write shop.main, then"),
        ("several:qqqq", "several has no attribute 'qqqq'.", "Its apps: one, two."),
        ("none:qqqq", "none has no attribute 'qqqq'.", "write none:create_app()"),
        ("shop.main:holder.broken", "Reading 'broken' of shop.main:holder raised RuntimeError: not yet", "where"),
        ("lazy:app", "Reading 'app' of lazy raised OSError: disk", "where"),
        # Without an attribute.
        ("several", "several has 2 apps: one, two.", "several:one or several:two"),
        ("none", "none has no app: no app, no application, and nothing else", "write none:create_app()"),
        ("nothing", "nothing has no app: no app, no application, and nothing else", "write nothing:NAME"),
        # What cannot be an app, or make one.
        ("shop.main:text", "shop.main:text is no app: it is a str.", "a callable"),
        ("nothing:number", "nothing:number is no app: it is an int.", "a callable"),
        ("nothing:number()", "nothing:number cannot be called: it is an int.", "if it is the app"),
        ("shop.main:sys", "shop.main:sys is no app: it is the module sys.", "Write sys:NAME"),
        (
            "shop.main:create_app",
            "shop.main:create_app is no app: it takes no arguments.",
            "write shop.main:create_app().",
        ),
        ("shop.main:text()", "shop.main:text cannot be called: it is a str.", ""),
        ("shop.main:needs()", "shop.main:needs() needs arguments: config, debug.", "without any"),
        ("shop.main:async_factory()", "shop.main:async_factory() is async", "plain def"),
        ("shop.main:wrapped_async()", "shop.main:wrapped_async() is async", "plain def"),
        ("shop.main:forgets()", "shop.main:forgets() returned None.", "return"),
        ("shop.main:fails()", "shop.main:fails() raised LookupError: no settings", "where"),
        ("shop.main:leaves()", "shop.main:leaves() called sys.exit(no settings).", "__main__"),
    ],
)
def test_failures(folder: Path, spec: str, title: str, hint: str) -> None:
    json_file = sys.modules["json"].__file__
    with pytest.raises(InspectorError) as caught:
        load(spec, "", "auto")
    error = caught.value
    assert error.title.startswith(title.replace("{folder}", str(folder)).replace("{json}", str(json_file)))
    assert hint in error.hint
    assert bool(error.hint) or not hint
    assert error.exit_code == 1


def test_the_traceback_is_the_apps_alone(folder: Path) -> None:
    with pytest.raises(InspectorError) as caught:
        load("imports_raises", "", "auto")
    lines = caught.value.detail.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1] == f'  File "{folder}/imports_raises.py", line 1, in <module>'
    assert "loader.py" not in caught.value.detail
    assert "importlib" not in caught.value.detail
    assert lines[-2:] == ["ValueError: DATABASE_URL is not set", "second line"]


def test_a_syntax_error_shows_its_place(folder: Path) -> None:
    with pytest.raises(InspectorError) as caught:
        load("syntax", "", "auto")
    assert "def app(environ:" in caught.value.detail
    assert "^" in caught.value.detail
    assert "loader.py" not in caught.value.detail


def test_a_syntax_error_elsewhere_names_the_python(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("site")
    (other / "new_package.py").write_text("match = = 1")
    (folder / "uses_new.py").write_text("import new_package")
    sys.path.append(str(other))
    with pytest.raises(InspectorError, match=r"new_package\.py, line 1") as caught:
        load("uses_new", "", "auto")
    assert "This is Python 3." in caught.value.hint


def test_the_app_dir_comes_first(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "plain.py").write_text("async def app(scope, receive, send): ...")
    assert load("plain", str(other), "auto").file == str(other / "plain.py")
    assert sys.path[0] == str(other)
    (other / "sub").mkdir()
    (other / "sub" / "file.py").write_text("def app(environ, start_response): ...")
    assert load("sub/file.py", str(other), "auto").interface == "wsgi"
    assert sys.path[0] == str(other / "sub")


def test_a_file_in_a_package_is_imported_by_its_dotted_name(folder: Path) -> None:
    load("shop/main.py", "", "auto")
    assert "shop.main" in sys.modules
    assert sys.path[0] == str(folder)


def test_there_is_no_app_dir(folder: Path) -> None:
    with pytest.raises(InspectorError, match="--app-dir: there is no folder"):
        load("plain", "missing", "auto")


def test_an_interface_that_is_given_is_taken(folder: Path) -> None:
    assert load("plain", "", "asgi3").interface == "asgi3"
    assert load("shop.main:create_app", "", "wsgi").interface == "wsgi"
