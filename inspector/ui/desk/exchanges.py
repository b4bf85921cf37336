"""What is done with the selected exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from inspector.errors import InspectorError
from inspector.recording.rows import ExchangeRow
from inspector.ui.panels import exchange_parts

if TYPE_CHECKING:
    from inspector.ui.window import Window


class Exchanges:
    """`commands.desk.ExchangesDesk` for one window."""

    _window: Window

    def selected(self) -> ExchangeRow | None:
        window = self._window
        if window.source is None or window.table.current is None:
            return None
        try:
            return window.source.reader.rows([window.table.current])[0]
        except InspectorError:  # the table has said so
            return None

    def request(self, row: ExchangeRow) -> tuple[list[tuple[str, str]], bytes]:
        assert self._window.source is not None
        reader = self._window.source.reader
        headers = exchange_parts.request_headers(reader, row)
        return headers, reader.body_all(row.id, "receive") if row.kind == "http" else b""

    def copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
