"""`inspector show`: a recording as a table, or as JSON lines with every message."""

from __future__ import annotations

import sys
from datetime import datetime

from inspector.errors import InspectorError
from inspector.recording.export import export_lines
from inspector.recording.reader import Reader
from inspector.recording.rows import ExchangeRow
from inspector.terminal import visible
from inspector.trace.filter import FilterError, parse

_PAGE = 500
_COLUMNS = "{id:>6}  {started:<12}  {status:>6}  {method:<7}  {duration:>10}  {app:>10}  {size:>10}  {target}"


def main(path: str, expression: str, *, as_json: bool, redact: bool) -> int:
    """Print the exchanges of the recording at `path` that pass `expression`. Raises `InspectorError`."""
    try:
        node = parse(expression)
    except FilterError as error:
        pointer = " " * error.column + "^"
        raise InspectorError(f"{expression}\n{pointer}\n{error}", exit_code=2) from None
    with Reader(path) as reader:
        if as_json:
            for line in export_lines(reader, node, redact=redact):
                print(line)
            return 0
        ids = reader.ids(node)
        heads = {key: key for key in ("id", "started", "status", "method", "duration", "app", "size")}
        print(_COLUMNS.format(**heads, target="path"))
        for at in range(0, len(ids), _PAGE):
            for row in reader.rows(ids[at : at + _PAGE]):
                if row is not None:
                    print(line_of(row))
        totals = reader.totals()
    dropped = f", {totals.dropped:,} older dropped" if totals.dropped else ""
    print(f"{len(ids):,} of {totals.exchanges:,} exchanges{dropped}", file=sys.stderr)
    return 0


def line_of(row: ExchangeRow) -> str:
    """One exchange as a line of the table."""
    started = datetime.fromtimestamp(row.started_ns / 1e9).astimezone()
    target = row.path + (f"?{row.query}" if row.query else "")
    if row.kind == "http" and not row.method and not target:  # what came was no request at all
        target = row.outcome_text
    if row.exception:
        target += f"  {row.exception}"
    elif row.outcome not in ("", "done"):
        target += f"  ({row.outcome})"
    return _COLUMNS.format(
        id=row.id,
        started=f"{started:%H:%M:%S}.{started.microsecond // 1000:03}",
        status=row.status or "-",
        method={"websocket": "WS", "lifespan": "LIFE"}.get(row.kind, visible(row.method)),
        duration="live" if row.duration_ns is None else f"{row.duration_ns / 1e6:.1f} ms",
        app=f"{row.app_ns / 1e6:.1f} ms",
        size=f"{row.response_bytes:,} B",
        target=visible(target),
    )
