"""Finding what is typed in whatever a panel shows.

    sought   what is looked for, where it stands (a hit), and the protocol of what can be searched
    text     of a text: a hit is position and length
    items    of a list, a table, a tree: a hit is the rows down to a line
    marks    how a line shows what is found in it

A hit is a tuple that sorts in reading order. `scan` gives hits in that order, a little at a time, so that whoever
drives it (`inspector.ui.find_bar`) decides how long it may hold the thread.

A view that knows better than its adapter (because it shows a part of what it has, or is no text) offers a method
`searchable()` that returns a `Searchable`; a model whose lines are cut on screen offers `search_text(index)`.
"""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QPlainTextEdit, QTextEdit, QWidget

from inspector.ui.find.items import DEPTH as DEPTH
from inspector.ui.find.items import ItemSearch as ItemSearch
from inspector.ui.find.sought import Hit as Hit
from inspector.ui.find.sought import Searchable as Searchable
from inspector.ui.find.sought import Sought as Sought
from inspector.ui.find.text import WINDOW as WINDOW
from inspector.ui.find.text import TextSearch as TextSearch


def searchable(widget: QWidget) -> Searchable | None:
    """An adapter for `widget`; None where it cannot be searched."""
    own = getattr(widget, "searchable", None)
    if callable(own):
        return own()  # type: ignore[no-any-return]
    if isinstance(widget, (QTextEdit, QPlainTextEdit)):
        return TextSearch(widget)
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        return ItemSearch(widget)
    return None


def can_search(widget: QWidget) -> bool:
    """`searchable` gives something."""
    if callable(getattr(widget, "searchable", None)) or isinstance(widget, (QTextEdit, QPlainTextEdit)):
        return True
    return isinstance(widget, QAbstractItemView) and widget.model() is not None
