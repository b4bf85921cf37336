"""The filter as a tree of frozen nodes, and a node as text again.

Numbers are in base units (ns, bytes). A tree that was parsed is normal: an `And` or `Or` has two terms or more, and
none of its own kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Union

from inspector.trace.filter.fields import FieldType, field_named, show_number


@dataclass(frozen=True)
class Word:
    """A plain word: anywhere in path and query, host, method or status."""

    text: str


@dataclass(frozen=True)
class Contains:
    field: str
    text: str


@dataclass(frozen=True)
class Equals:
    field: str
    value: str | int


@dataclass(frozen=True)
class Matches:
    field: str
    pattern: str


@dataclass(frozen=True)
class Compares:
    field: str
    sign: str
    """One of < <= > >=."""
    number: int


@dataclass(frozen=True)
class Within:
    """A class of statuses, both ends included: 5xx is 500 to 599."""

    field: str
    low: int
    high: int


@dataclass(frozen=True)
class Flag:
    """`field` is the whole name, as in has:exception."""

    field: str


@dataclass(frozen=True)
class Not:
    term: Node


@dataclass(frozen=True)
class And:
    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    terms: tuple[Node, ...]


Node = Union[Word, Contains, Equals, Matches, Compares, Within, Flag, Not, And, Or]  # noqa: UP007 - at run time, on 3.10

KEYWORDS = ("and", "or", "not")
_PLAIN_WORD = re.compile(r"[\w/.?%-]+")
_PLAIN_VALUE = re.compile(r"[^\s()\"'=~][^\s()]*")


def quote(text: str) -> str:
    """`text` as a quoted value of the grammar."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def value_text(text: str) -> str:
    """`text` as the value of a term, quoted where it must be."""
    return text if _PLAIN_VALUE.fullmatch(text) else quote(text)


def class_text(low: int, high: int) -> str:
    """500, 599 as 5xx; 500, 509 as 50x."""
    return f"{low // 100}xx" if high - low == 99 else f"{low // 10}x"


def number_text(field: str, number: int, gap: str = "") -> str:
    """`number` as a value of `field`, with its unit after `gap`."""
    known = field_named(field)
    return show_number(known.type if known else FieldType.NUMBER, number, gap)


def unparse(node: Node) -> str:
    """The filter's text, which parses to an equal tree."""
    match node:
        case Word(text):
            return text if _PLAIN_WORD.fullmatch(text) and text.lower() not in KEYWORDS else quote(text)
        case Contains(field, text):
            return f"{field}:{value_text(text)}"
        case Equals(field, value):
            return f"{field}={value_text(value)}" if isinstance(value, str) else f"{field}:{number_text(field, value)}"
        case Matches(field, pattern):
            return f"{field}~{value_text(pattern)}"
        case Compares(field, sign, number):
            return f"{field}:{sign}{number_text(field, number)}"
        case Within(field, low, high):
            return f"{field}:{class_text(low, high)}"
        case Flag(field):
            return field
        case Not(And() | Or() as group):
            return f"not ({unparse(group)})"
        case Not(term):
            return f"not {unparse(term)}"
        case And(terms):
            return " and ".join(f"({unparse(term)})" if isinstance(term, Or) else unparse(term) for term in terms)
        case Or(terms):
            return " or ".join(unparse(term) for term in terms)
