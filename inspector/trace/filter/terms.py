"""One term of a filter: what stands around its operator becomes a node, or an error that says what would be right."""

from __future__ import annotations

import difflib
import re

from inspector.trace.filter.fields import FIELDS, Field, FieldType, field_named, read_number
from inspector.trace.filter.lexer import NAME, unquoted
from inspector.trace.filter.predicate import compiled, matches
from inspector.trace.filter.tree import (
    Compares,
    Contains,
    Equals,
    Flag,
    Matches,
    Node,
    Within,
    Word,
    quote,
    value_text,
)
from inspector.trace.stepping import POINTS


class FilterError(ValueError):
    """The text is no filter: `message` says what is wrong and what would be right, `column` where, from 0."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


_SIGNED = re.compile(r"(<=|>=|<|>)?\s*(.*)", re.DOTALL)
_CLASS = re.compile(r"[1-9](?:[0-9]x|xx)", re.IGNORECASE)
_MEANT_LITERALLY = ("missing )", "unbalanced", "unterminated character", "nothing to repeat", "multiple repeat")
"""How `re` complains of a character that may have been meant as it stands."""
_FOREIGN_TERM = re.compile(rf"([!-]?)({NAME})(!=|!~|<>|<=|>=|<|>|[:=~])(.*)", re.DOTALL)
_FOREIGN_SIGNS = {"!=": "=", "<>": "=", "!~": "~"}
_FOREIGN_WORDS = {"&&": "and", "&": "and", "||": "or", "|": "or", "!": "not"}


def word_term(raw: str, column: int) -> Node:
    """The node of a plain word, which stands at `column`."""
    word, _ = unquoted(raw)
    if not word:
        raise FilterError("nothing between the quotes: write what to look for", column)
    if raw[0] not in "\"'":
        _check_foreign(raw, column)
    return Word(word)


def field_term(name: str, operator: str, raw: str, column: int) -> Node:
    """The node of a field, its operator and its raw value, which may be empty; the field stands at `column`."""
    written, name = name, name.lower()
    field = field_named(name)
    flags = [flag for flag in FIELDS if flag.startswith(f"{name}:")]
    if field is None and not flags:
        raise FilterError(_unknown(written, f"{written}{operator}{raw}"), column)
    sign_at = column + len(name)
    value_at = sign_at + len(operator)
    text, places = unquoted(raw)
    if not text:
        examples = field.examples if field else [flag.partition(":")[2] for flag in flags]
        such_as = f", such as {name}{operator}{value_text(examples[0])}" if examples else ""
        raise FilterError(f"{name}{operator} needs a value right after it{such_as}", value_at)
    if field is None:
        return _flag(name, operator, text, flags, column)
    if operator == "=" and raw[0] in "=~":
        raise FilterError(f"write {name}{raw}; to look for {raw}, write {name}={quote(raw)}", sign_at)
    node = _regex(field, name, text, [value_at + place for place in places]) if operator == "~" else None
    if name == "point":
        node = node or (Equals(name, text) if operator == "=" else Contains(name, text))
        if not any(matches(node, {name: point}) for point in POINTS):
            raise FilterError(f"no hook point is {text!r:.60}; they are {', '.join(POINTS)}", value_at)
    if node is not None:
        return node
    if field.type is FieldType.TEXT:
        return Equals(name, text) if operator == "=" else Contains(name, text)
    return _number(field, name, operator, text, value_at)


def _nearest(name: str, known: list[str]) -> str:
    return next(iter(difflib.get_close_matches(name.lower(), known, 1)), "")


def _unknown(name: str, term: str) -> str:
    if near := _nearest(name, [flag.partition(":")[0] for flag in FIELDS]):
        return f"unknown field '{name}', did you mean {near}?"
    return f"unknown field '{name}'; to look for the text itself, write {quote(term)}"


def _flag(name: str, operator: str, text: str, flags: list[str], column: int) -> Node:
    flag = f"{name}:{text.lower()}"
    right = " or ".join(flags)
    if operator == "~":
        raise FilterError(f"{name} takes no regex: write {right}", column + len(name))
    if flag not in flags:
        near = _nearest(flag, flags)
        raise FilterError(f"unknown {name}:{text}, did you mean {near or right}?", column + len(name) + 1)
    return Flag(flag)


def _regex(field: Field, name: str, pattern: str, columns: list[int]) -> Node:
    if field.type in (FieldType.DURATION, FieldType.SIZE):
        message = f"{name} is a quantity, not a text: compare it, as in {name}:{field.examples[0]}"
        raise FilterError(message, columns[0])
    try:
        compiled(pattern)
    except re.error as error:
        at = min(error.pos or 0, len(pattern))
        char = pattern[at : at + 1]
        literal = char and char in "()[*+?" and error.msg.startswith(_MEANT_LITERALLY)
        hint = f"; for the character itself write \\{char}" if literal else ""
        raise FilterError(f"bad regex: {error.msg}{hint}", columns[at]) from None
    except RecursionError:
        raise FilterError("bad regex: nested too deeply", columns[0]) from None
    except (ValueError, OverflowError, Warning) as error:
        raise FilterError(f"bad regex: {error}", columns[0]) from None
    return Matches(name, pattern)


def _number(field: Field, name: str, operator: str, text: str, column: int) -> Node:
    if field.type is FieldType.STATUS and operator == ":" and _CLASS.fullmatch(text):
        low, high = (int(text.lower().replace("x", digit)) for digit in "09")
        return Within(name, low, high)
    signed = _SIGNED.fullmatch(text) if operator == ":" else None
    sign, digits = (signed[1] or "", signed[2]) if signed else ("", text)
    try:
        number = read_number(field.type, digits)
    except ValueError as error:
        examples = dict.fromkeys((field.examples[0], field.examples[-1]))
        right = " or ".join(f"{name}:{example}" for example in examples)
        raise FilterError(f"{error}; right would be {right}", column) from None
    return Compares(name, sign, number) if sign else Equals(name, number)


def _check_foreign(word: str, column: int) -> None:
    """A word that another language would take for a term or an operator."""
    literally = f"; to look for the text itself, write {quote(word)}"
    if word in _FOREIGN_WORDS:
        raise FilterError(f"write {_FOREIGN_WORDS[word]} in place of {word}{literally}", column)
    if word in (":", "=", "~"):
        raise FilterError(f"no blanks around {word}: write field{word}value{literally}", column)
    found = _FOREIGN_TERM.fullmatch(word)
    field = field_named(found[2].lower()) if found else None
    if found is None or field is None:
        return
    prefix, name, sign, value = found.groups()
    negated = bool(prefix) != (sign in _FOREIGN_SIGNS)
    if sign in ("<", "<=", ">", ">="):
        if field.type is FieldType.TEXT:
            return
        sign = f":{sign}"
    right = f"{'not ' if negated else ''}{name}{_FOREIGN_SIGNS.get(sign, sign)}{value}"
    raise FilterError(f"write {right}{literally}", column)
