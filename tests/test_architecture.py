"""What import-linter cannot say about the code's shape."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "inspector"
MODULES = sorted(PACKAGE.rglob("*.py"))
IN_THE_APPS_PROCESS = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] in ("engine", "trace")]
QT = {"PySide6", "shiboken6", "qasync"}


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def imported(tree: ast.AST) -> set[str]:
    """Top-level names of everything that is imported anywhere in `tree`."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_file_is_short(path: Path) -> None:
    limit = 300 if name(path) == "ui/window.py" else 350
    assert len(path.read_text("utf-8").splitlines()) <= limit


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_annotations_are_strings(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    only_a_docstring = all(isinstance(node, ast.Expr) for node in tree.body)
    assert only_a_docstring or "from __future__ import annotations" in path.read_text("utf-8")


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_qt_is_in_ui_and_app_only(path: Path) -> None:
    if path.relative_to(PACKAGE).parts[0] not in ("ui", "app.py"):
        assert not imported(ast.parse(path.read_text("utf-8"))) & QT


@pytest.mark.parametrize("path", IN_THE_APPS_PROCESS, ids=name)
def test_the_engine_imports_at_the_top_only(path: Path) -> None:
    """Our modules are gone from sys.modules by the time a function runs: it would find the app's, or nothing."""
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = [node for function in functions for node in ast.walk(function)]
    assert not [node.lineno for node in inside if isinstance(node, ast.Import | ast.ImportFrom)]


@pytest.mark.parametrize("path", IN_THE_APPS_PROCESS, ids=name)
def test_the_engine_is_written_for_python_3_10(path: Path) -> None:
    ast.parse(path.read_text("utf-8"), feature_version=(3, 10))


def models(path: Path) -> list[str]:
    """Classes of a module that are item models of Qt's."""
    return [
        node.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id.startswith("QAbstract") and base.id.endswith("Model")
                for base in node.bases)
    ]  # fmt: skip


def test_every_item_model_passes_qts_own_tester() -> None:
    """A test names it, beside a `QAbstractItemModelTester` (or the fixture for one)."""
    tests = [path.read_text("utf-8") for path in Path(__file__).parent.rglob("test_*.py")]
    tested = "\n".join(text for text in tests if re.search(r"QAbstractItemModelTester\(|qtmodeltester", text))
    found = [model for path in MODULES for model in models(path)]
    assert len(found) >= 4
    assert [model for model in found if model not in tested] == []


def test_void_calls_of_qt_keep_none_alive() -> None:
    """PySide6 6.12.0 on CPython 3.11 dropped a reference of None with each, until the process died."""
    code = """
import sys
from PySide6.QtCore import QObject
thing = QObject()
before = sys.getrefcount(None)
for number in range(1000):
    thing.setObjectName("name")
print(sys.getrefcount(None) - before)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60)
    assert int(ran.stdout) > -100
