"""Inspector with its gate cut out, as the peer of the line that tells what the gate costs while no breakpoint is set:
python -m tests.benchmarks.ungated WORDS..., with those of the command line and --in-process.

As the gateways are imported, every look at `armed` (and at WSGI's `needed`, which is the same) becomes False, so that
the compiler leaves out what it guards.
"""

from __future__ import annotations

import ast
import sys
from importlib.abc import SourceLoader
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

GATEWAYS = "inspector.engine.gateway."
_LOOKS = ("armed", "needed")


class Cut(ast.NodeTransformer):
    """`looks` counts what was cut."""

    def __init__(self) -> None:
        self.looks = 0

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if node.attr in _LOOKS and isinstance(node.ctx, ast.Load):
            self.looks += 1
            return ast.copy_location(ast.Constant(False), node)
        return node


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        source = SourceLoader.get_source(self, fullname)
        return compile(Cut().visit(ast.parse(source or "")), self.path, "exec")


class _Finder:
    @staticmethod
    def find_spec(name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not name.startswith(GATEWAYS):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(name, spec.origin)
        return spec


def main() -> int:
    assert not any(name.startswith(GATEWAYS) for name in sys.modules)
    sys.meta_path.insert(0, _Finder)  # type: ignore[arg-type]
    from inspector import cli

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
