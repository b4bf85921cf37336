"""Exchanges as text for the clipboard, made on a thread of its own by a reader of its own, within bounds."""

from __future__ import annotations

import json
import logging
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from inspector.commands import copying
from inspector.commands.desk import Form
from inspector.errors import InspectorError
from inspector.recording.export import exchange_object
from inspector.recording.reader import Reader
from inspector.recording.rows import ExchangeRow
from inspector.trace import clock
from inspector.ui import shown, words
from inspector.ui.models import run_words
from inspector.ui.models.cells import COLUMNS
from inspector.ui.panels import exchange_parts

ROWS = 10_000
"""Exchanges that are copied (and marked) at once, at the most."""
CHARACTERS = 4_000_000
"""Of a copy, at the most, but that its last exchange is whole."""
BODY = 1_000_000
"""Bytes of a body in a curl command."""
_PAGE = 200
_MESSAGE = 250
"""Characters of a message in JSON, beside its body; roughly."""
_NAMES = {
    "text": "as text", "tsv": "as TSV", "json": "as JSON", "messages": "as JSON with messages", "curl": "as cURL",
    "path": "by path", "url": "by URL",
}  # fmt: skip
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be copied: the first `ids` of `total` selected exchanges, `columns` (sections) of them as shown."""

    form: Form
    ids: array[int]
    total: int
    columns: tuple[int, ...]


class _Cancelled(Exception):
    pass


class Copies(QObject):
    """Makes one copy at a time; the newest order is the only one that counts."""

    made = Signal(str, str)
    """The text, and what was done in words."""
    failed = Signal(object)
    """An `InspectorError`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._order: Order | None = None
        self._working: Future[None] | None = None

    def ask(self, open_reader: Callable[[], Reader], order: Order) -> None:
        """`made` or `failed` will tell."""
        self.stop()
        self._order = order
        worker = ThreadPoolExecutor(1, "copy")
        self._working = worker.submit(self._work, open_reader, order)
        worker.shutdown(wait=False)

    def stop(self) -> None:
        """Whatever is being made is not wanted any more; returns when its reader is closed."""
        self._order = None
        if self._working is not None:
            self._working.exception()
            self._working = None

    def _work(self, open_reader: Callable[[], Reader], order: Order) -> None:
        def cancelled() -> bool:
            return self._order is not order

        try:
            with closing(open_reader()) as reader:
                text, count, remark = make(reader, order, cancelled)
        except _Cancelled:
            return
        except Exception as error:  # noqa: BLE001 - a worker has nobody above it
            if not isinstance(error, InspectorError):
                _log.warning("exchanges could not be copied", exc_info=True)
                error = InspectorError("The exchanges could not be copied.", detail=str(error))
            if not cancelled():
                self.failed.emit(error)
            return
        if not cancelled():
            self.made.emit(text, told(order, count, remark))


def told(order: Order, count: int, remark: str) -> str:
    """`Copied 3 exchanges as TSV`, or how many of how many, and why not all."""
    if count < min(order.total, len(order.ids)) or order.total > len(order.ids):
        what = f"the first {words.count(count)} of {words.count(order.total)} exchanges"
    else:
        what = words.counted(count, "exchange")
    return f"Copied {what} {_NAMES[order.form]}{f': {remark}' if remark else ''}"


def make(reader: Reader, order: Order, cancelled: Callable[[], bool] = lambda: False) -> tuple[str, int, str]:
    """The text, how many exchanges are in it, and what was left out in words."""
    remarks = [f"no more than {words.count(ROWS)} at once"] if order.total > len(order.ids) else []
    pieces: list[tuple[str, ...]] = []
    size, cut = 0, False
    requests = order.form in ("path", "url", "curl")
    for row in _rows(reader, order):
        if cancelled():
            raise _Cancelled
        if row.kind == "lifespan" and requests:
            remarks.append("a lifespan has no request")
            continue
        if size > CHARACTERS:
            remarks.append(f"no more than {CHARACTERS // 1_000_000} million characters at once")
            break
        piece, whole = _piece(reader, row, order)
        if piece is not None:
            pieces.append(piece)
            size += sum(map(len, piece))
            cut = cut or not whole
    if cut and order.form == "curl":
        remarks.append(f"bodies are cut after {BODY // 1_000_000} MB")
    elif cut:
        remarks.append(f"messages are left out where they are more than {CHARACTERS // 1_000_000} MB")
    return _encodable(_joined(order, pieces)), len(pieces), "; ".join(dict.fromkeys(remarks))


def _rows(reader: Reader, order: Order) -> Iterator[ExchangeRow]:
    for first in range(0, len(order.ids), _PAGE):
        for row in reader.rows(order.ids[first : first + _PAGE]):
            if row is not None:
                yield row


def _piece(reader: Reader, row: ExchangeRow, order: Order) -> tuple[tuple[str, ...] | None, bool]:
    """An exchange as one line, or as its cells; and whether it is whole. None where it is not there any more."""
    match order.form:
        case "path":
            return (copying.target(row),), True
        case "url":
            return (copying.url(row),), True
        case "curl":
            headers = exchange_parts.request_headers(reader, row)
            trusted = row.scheme != "https" or run_words.trusted(next(iter(reader.runs(row.run)), None), row)
            server = reader.head(row.id)[1]
            socket = server[0] if server and server[1] is None else ""
            body = reader.body_all(row.id, "receive", 0, BODY + 1) if row.kind == "http" else b""
            return (copying.curl(row, headers, body[:BODY], trusted, socket),), len(body) <= BODY
        case "json" | "messages":
            large = row.request_bytes + row.response_bytes + _MESSAGE * row.message_count > CHARACTERS
            messages = order.form == "messages" and not large
            try:
                found = exchange_object(reader, row.id, messages=messages, redact=True)
            except InspectorError:
                if reader.row(row.id) is None:  # dropped meanwhile
                    return None, True
                raise
            return (json.dumps(found),), messages or order.form == "json"
    now = clock.now()
    columns = [COLUMNS[section] for section in order.columns]
    if order.form == "tsv":
        return tuple(_cell(column.plain(row) if column.plain else column.text(row, now)) for column in columns), True
    return tuple(_cell(column.text(row, now)) for column in columns), True


def _cell(text: str) -> str:
    return text if text.isprintable() else shown.one_line(text, len(text))


def _joined(order: Order, pieces: list[tuple[str, ...]]) -> str:
    columns = [COLUMNS[section] for section in order.columns]
    if order.form == "tsv":
        return copying.tsv([f"{one.title} ({one.unit})" if one.unit else one.title for one in columns], pieces)
    if order.form == "text":
        return copying.aligned([one.title for one in columns], pieces, [one.right for one in columns])
    return "\n".join(piece[0] for piece in pieces)


def _encodable(text: str) -> str:
    """Lone surrogates, which no clipboard takes, as question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
