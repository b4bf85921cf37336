"""From text to tree.

    filter  = all { "or" all }
    all     = part { [ "and" ] part }
    part    = "not" part | "(" filter ")" | word | field ( ":" | "=" | "~" ) value

A word or value ends at a blank or a parenthesis, or is quoted: "..." or '...', where a backslash takes a quote or a
backslash as it stands, and is itself before anything else (so a regex needs no doubling). Keywords and names of fields
ignore case. What looks like another language (`status>=200`, `!path:x`, `a && b`) is an error that says how to write it
here, as it would else be taken for a word and silently find nothing.
"""

from __future__ import annotations

import re

from inspector.trace.filter.fields import MESSAGE_FIELDS
from inspector.trace.filter.lexer import Token, scan
from inspector.trace.filter.terms import FilterError, field_term, word_term
from inspector.trace.filter.tree import KEYWORDS, And, Node, Not, Or

MAX_DEPTH = 12
"""Parentheses and nots inside one another: SQLite's parser stacks a hundred symbols, five for one of these."""
MAX_TERMS = 400
"""Terms of one filter: SQLite's expressions are at most a thousand deep, and a chain of them is one deeper for each."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_NEVER_OPENED = "this parenthesis closes nothing: remove it, or open one before it"
_NEVER_CLOSED = "this parenthesis is never closed: add ) where it ends"


def parse(text: str, *, of_message: bool = False) -> Node | None:
    """The tree of `text`; None for a blank one. Raises FilterError, and nothing else.

    `of_message`: it is a breakpoint, and may name the fields of a message, too.
    """
    if found := _SURROGATE.search(text):
        raise FilterError("half a character (a lone surrogate): remove it", found.start())
    tokens = scan(text)
    return _Parser(text, tokens, of_message).whole() if tokens else None


def tokens(text: str, *, of_message: bool = False) -> list[Token]:
    """Everything but the blanks of `text`, in order, for colouring. The token where `parse` finds its error is one."""
    found = scan(text)
    try:
        parse(text, of_message=of_message)
    except FilterError as error:
        at = error.column
        return [Token(it.start, it.end, "error") if it.start <= at < it.end else it for it in found]
    return found


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str, tokens: list[Token], of_message: bool) -> None:
        self.text = text
        self.of_message = of_message
        self.tokens = tokens
        self.next = 0
        self.depth = 0
        self.terms = 0

    @property
    def ahead(self) -> str:
        """The next token as a keyword or parenthesis; "term" where a term begins or goes on; empty at the end."""
        if self.next == len(self.tokens):
            return ""
        token = self.tokens[self.next]
        return self.raw(token).lower() if token.kind in ("keyword", "paren") else "term"

    @property
    def column(self) -> int:
        """Where the next token is, or would be."""
        return self.tokens[self.next].start if self.next < len(self.tokens) else len(self.text)

    def take(self) -> Token:
        self.next += 1
        return self.tokens[self.next - 1]

    def raw(self, token: Token) -> str:
        return self.text[token.start : token.end]

    def whole(self) -> Node:
        node = self.any_of()
        if self.ahead:  # nothing but a closing parenthesis ends any_of early
            raise FilterError(_NEVER_OPENED, self.column)
        return node

    def any_of(self) -> Node:
        parts = [self.all_of()]
        while self.ahead == "or":
            self.take()
            parts.append(self.all_of())
        if len(parts) == 1:
            return parts[0]
        return Or(tuple(term for part in parts for term in (part.terms if isinstance(part, Or) else (part,))))

    def all_of(self) -> Node:
        parts = [self.part()]
        while self.ahead not in ("", "or", ")"):
            if self.ahead == "and":
                self.take()
            parts.append(self.part())
        if len(parts) == 1:
            return parts[0]
        return And(tuple(term for part in parts for term in (part.terms if isinstance(part, And) else (part,))))

    def part(self) -> Node:
        ahead, start = self.ahead, self.column
        if ahead in ("", ")", "and", "or"):
            raise self.no_part()
        if ahead == "term":
            return self.term()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FilterError(f"more than {MAX_DEPTH} parentheses and nots inside one another: say it flatter", start)
        self.take()
        if ahead == "not":
            node: Node = Not(self.part())
        else:
            node = self.any_of()
            if not self.ahead:
                raise FilterError(_NEVER_CLOSED, start)
            self.take()
        self.depth -= 1
        return node

    def no_part(self) -> FilterError:
        """Why what is ahead (the end, a closing parenthesis, `and`, `or`) cannot stand where a part is due."""
        ahead = self.ahead
        before = self.tokens[self.next - 1] if self.next else None
        word = self.raw(before).lower() if before else ""
        if before and word in KEYWORDS:
            return FilterError(f"'{word}' needs a term after it, such as {word} status:200", self.column)
        if ahead in ("and", "or"):
            return FilterError(f"'{ahead}' needs a term before it; to look for it, write \"{ahead}\"", self.column)
        if before and ahead:
            return FilterError("nothing between the parentheses: write a term, such as (status:200)", before.start)
        return FilterError(_NEVER_CLOSED, before.start) if before else FilterError(_NEVER_OPENED, self.column)

    def term(self) -> Node:
        first = self.take()
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise FilterError(f"more than {MAX_TERMS} terms: a regex says it shorter, as in path~a|b", first.start)
        if first.kind != "field":
            self.check_end(first)
            return word_term(self.raw(first), first.start)
        if not self.of_message and self.raw(first).lower() in MESSAGE_FIELDS:
            raise FilterError(f"'{self.raw(first)}' is of one message: only a breakpoint can ask for it", first.start)
        operator = self.take()
        value = self.take() if self.ahead == "term" and self.column == operator.end else None
        if value:
            self.check_end(value)
        node = field_term(self.raw(first), self.raw(operator), self.raw(value) if value else "", first.start)
        if self.raw(operator) == "~" and self.ahead == "(" and self.column == self.tokens[self.next - 1].end:
            # It would be a part of its own, and nobody means that.
            message = f'a regex with a parenthesis needs quotes, as in {self.raw(first)}~"^/(a|b)"'
            raise FilterError(message, self.column)
        return node

    def check_end(self, token: Token) -> None:
        """A quoted word or value is closed, and ends there."""
        if token.kind == "error":
            raise FilterError(f"this quote is never closed: add {self.text[token.start]} where it ends", token.start)
        if self.text[token.start] in "\"'" and self.ahead not in ("", "(", ")") and self.column == token.end:
            raise FilterError("a blank is missing after the closing quote", token.end)


__all__ = ["MAX_DEPTH", "MAX_TERMS", "FilterError", "Token", "parse", "tokens"]
