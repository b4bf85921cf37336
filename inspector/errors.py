"""The one exception whose text is for users: it says what happened, whose fault it is and what to do."""

from __future__ import annotations


class InspectorError(Exception):
    """`title` says what happened, in one line; `hint` what to do; `detail` is longer text, such as a traceback."""

    def __init__(self, title: str, hint: str = "", detail: str = "", exit_code: int = 1) -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint
        self.detail = detail
        self.exit_code = exit_code

    def __str__(self) -> str:
        return "\n".join(part for part in (self.detail.rstrip(), self.title, self.hint) if part)
