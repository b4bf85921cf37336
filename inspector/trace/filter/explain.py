"""A filter in plain words: "status 200 or more, and the path does not match ^/old"."""

from __future__ import annotations

import json

from inspector.trace.filter.fields import field_named
from inspector.trace.filter.tree import (
    And,
    Compares,
    Contains,
    Equals,
    Flag,
    Matches,
    Node,
    Not,
    Or,
    Within,
    Word,
    class_text,
    number_text,
)

_PHRASES = {">=": "{} or more", "<=": "{} or less", ">": "over {}", "<": "under {}"}


def explain(node: Node) -> str:
    """One line of plain words without a full stop. `not` is told at each term, as nothing else is ever in between."""
    return _told(node, negated=False, depth=0)


def _told(node: Node, *, negated: bool, depth: int) -> str:
    match node:
        case Not(term):
            return _told(term, negated=not negated, depth=depth)
        case And(terms) | Or(terms):
            word = "and" if isinstance(node, And) != negated else "or"  # not (a or b) is not a, and not b
            told = [_told(term, negated=negated, depth=depth + 1) for term in terms]
            if depth == 0:
                return f", {word} ".join(told)
            joined = f" {word} ".join(told)
            if depth > 1:
                return f"({joined})"
            return f"either {joined}" if word == "or" else f"both {joined}" if len(told) == 2 else f"all of {joined}"
        case Word(text):
            return f"{_shown(text)} {'nowhere' if negated else 'anywhere'}"
        case Contains(field, text):
            return f"{_label(field)} {'does not contain' if negated else 'contains'} {_shown(text)}"
        case Matches(field, pattern):
            return f"{_label(field)} {'does not match' if negated else 'matches'} {_shown(pattern)}"
        case Equals(field, str(value)):
            return f"{_label(field)} {'is not' if negated else 'is'} {_shown(value)}"
        case Equals(field, int(value)):
            phrase = number_text(field, value, " ")
        case Compares(field, sign, number):
            phrase = _PHRASES[sign].format(number_text(field, number, " "))
        case Within(field, low, high):
            phrase = class_text(low, high)
        case Flag(field):
            known = field_named(field)
            if known is None:
                return f"not {field}" if negated else field
            return known.negative if negated else known.label
    return f"{_label(field)} {'not ' if negated else ''}{phrase}"


def _label(field: str) -> str:
    known = field_named(field)
    return known.label if known and known.name == field else field


def _shown(text: str) -> str:
    """As it is, or quoted where it could be taken for words of the sentence, or cannot be printed."""
    return text if text.isprintable() and " " not in text else json.dumps(text, ensure_ascii=False)
