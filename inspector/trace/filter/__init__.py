"""The filter: one language for the table, breakpoints, colours and export (DESIGN, section 5).

    status:>=200 and not path~^/old        has:exception (host:shop or client:"10.0.0.")        lamp

A breakpoint is written in it, too; it may also name `MESSAGE_FIELDS`.

``fields``     the table of fields: name, type, label, help, examples; a new field is one entry there
``grammar``    text to tree by way of ``lexer`` (tokens) and ``terms`` (one term); a mistake is a ``FilterError``
``tree``       the frozen nodes, and a node as text again (``unparse``)
``predicate``  does a node hold for the fields of one exchange; ``recording.query`` says the same in SQL
``explain``    a node in plain words, for the line beside the filter
``completion`` what could stand at the cursor

``:`` on text means contains, ignoring case: of A to Z where what is looked for is ASCII (as SQLite does it, fast), by
Unicode case folding where it is not. ``=`` is exact, ``~`` a Python regex that is searched for, both minding case.
1 KB is 1000 bytes. A field that is unknown, or not known yet, makes its term false, and ``not`` of that true.
"""

from __future__ import annotations

from inspector.trace.filter.completion import complete, term_start
from inspector.trace.filter.explain import explain
from inspector.trace.filter.fields import FIELDS, MESSAGE_FIELDS, Field, FieldType
from inspector.trace.filter.grammar import FilterError, Token, parse, tokens
from inspector.trace.filter.predicate import matches
from inspector.trace.filter.tree import Node, unparse

__all__ = [
    "FIELDS",
    "MESSAGE_FIELDS",
    "Field",
    "FieldType",
    "FilterError",
    "Node",
    "Token",
    "complete",
    "explain",
    "matches",
    "parse",
    "term_start",
    "tokens",
    "unparse",
]
