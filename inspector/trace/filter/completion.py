"""What could stand at the cursor of a filter: names of fields, flags and keywords, then values."""

from __future__ import annotations

from inspector.trace.filter.fields import FIELDS, MESSAGE_FIELDS, FieldType, field_named
from inspector.trace.filter.lexer import Token, scan, unquoted
from inspector.trace.filter.tree import KEYWORDS, value_text


def complete(text: str, cursor: int, *, of_message: bool = False) -> list[str]:
    """Suggestions for the term that ends at `cursor`; one replaces `text[term_start(text, cursor):cursor]`.

    A suggestion is a whole term (has:exception, status:5xx), a field with its operator (path:), or a keyword.
    """
    before = text[:cursor]
    known = [*MESSAGE_FIELDS, *FIELDS] if of_message else list(FIELDS)
    term = _term(before)
    if len(term) < 2:
        typed = before[term[0].start :].casefold() if term else ""
        heads = [name if ":" in name or name.endswith(".") else f"{name}:" for name in known]
        return [head for head in (heads + list(KEYWORDS) if typed else heads) if head.startswith(typed)]
    name, sign = (before[token.start : token.end] for token in term[:2])
    typed = unquoted(before[term[2].start :])[0].casefold() if len(term) > 2 else ""
    if sign == ":":
        flags = [flag for flag in FIELDS if flag.startswith(f"{name.lower()}:{typed}")]
        if flags:
            return flags
    field = field_named(name.lower())
    examples = field.examples if field and (of_message or field.name not in MESSAGE_FIELDS) else ()
    if field and field.type is not FieldType.TEXT and sign != ":":
        examples = tuple(example for example in examples if example.isdigit())
    return [f"{name}{sign}{value_text(value)}" for value in examples if value.casefold().startswith(typed)]


def term_start(text: str, cursor: int) -> int:
    """Where the term that ends at `cursor` begins; `cursor` itself where none does."""
    term = _term(text[:cursor])
    return term[0].start if term else min(cursor, len(text))


def _term(before: str) -> list[Token]:
    """The tokens of the term that reaches to the end of `before`: word, or field, operator and value; or none."""
    found = scan(before)
    if not found or found[-1].end != len(before) or found[-1].kind == "paren":
        return []
    first = len(found) - 1
    while first and found[first - 1].kind in ("field", "operator") and found[first - 1].end == found[first].start:
        first -= 1
    return found[first:]
