"""What a breakpoint asks about: the fields of the filter, of one exchange and of the message that is at its gate."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from inspector.trace import records
from inspector.trace.clock import now
from inspector.trace.filter.predicate import SEARCHED
from inspector.trace.filter.tree import And, Node, Not, Or, Word
from inspector.trace.scope import Request, split_target

if TYPE_CHECKING:
    from inspector.engine.probe.board import Board
    from inspector.engine.probe.gate import Point
    from inspector.engine.probe.tap import Exchange

_BODY_KEYS = ("body", "bytes", "text")


class Facts:
    """Fields of one exchange. Cheap to make: what no breakpoint asks for is never worked out."""

    def __init__(self, exchange: Exchange, request: Request | None) -> None:
        self._exchange = exchange
        self._request = request
        self._fixed: dict[str, object] = {}
        self._asked = 0
        self._concerned = True

    def concerned(self, board: Board) -> bool:
        """A breakpoint of `board` could stop this exchange, at one message or another. Also for WSGI's workers."""
        version = board.version
        if self._asked != version:
            self._concerned = board.concerns(self.request())
            self._asked = version
        return self._concerned

    def request(self) -> dict[str, object]:
        """The fields that the request's head tells, and no message changes (`concern.REQUEST`)."""
        exchange, request = self._exchange, self._request
        if not self._fixed:
            found: dict[str, object] = {"id": exchange.id, "kind": exchange.kind, "interface": exchange.interface}
            if request is not None:
                raw_path, query = split_target(request.target)
                found.update(
                    method=request.method,
                    path=unquote_to_bytes(raw_path).decode("utf-8", "replace"),
                    query=query.decode("latin-1"),
                    host=next((value.decode("latin-1") for name, value in request.headers if name == b"host"), ""),
                    http=request.http_version,
                    client=f"{request.client[0]}:{request.client[1]}" if request.client else "",
                    scheme=request.scheme,
                )
            self._fixed = found
        return self._fixed

    def at(self, point: Point) -> dict[str, object]:
        """The fields as of `point`, as `filter.matches` reads them. What only the end tells is not known yet."""
        body = next((point.message[key] for key in _BODY_KEYS if key in point.message), b"")
        found: dict[str, object] = {
            **self.request(),
            "status": point.status,
            "size": point.sent,
            "is:live": True,
            "point": point.name,
            "message.type": point.message["type"],
            "message.size": _size(body),
            "body": _text(body),
            "exception": None,
        }
        if point.direction == records.RAISE:
            found["exception"] = point.message["exception"]["type"]
            found["has:exception"] = True
        if self._request is not None:
            found["duration"] = now() - self._exchange.first_byte_ns
        return found


def _size(body: object) -> int:
    if isinstance(body, str):
        return len(body.encode("utf-8", "surrogatepass"))
    return len(body) if type(body) in (bytes, bytearray, memoryview) else 0  # type: ignore[arg-type]


def _text(body: object) -> str:
    if isinstance(body, str):
        return body
    if type(body) not in (bytes, bytearray, memoryview):
        return ""
    data = bytes(body[:SEARCHED])  # type: ignore[index]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def names_point(node: Node) -> bool:
    """The expression itself says at which messages it stops."""
    return _names(node, ("point", "message.type"))


def names_kind(node: Node) -> bool:
    """The expression itself says of which kind of exchange; else the lifespan is not meant."""
    return _names(node, ("kind", "message.type"))


def _names(node: Node, fields: tuple[str, ...]) -> bool:
    if isinstance(node, (And, Or)):
        return any(_names(term, fields) for term in node.terms)
    if isinstance(node, Not):
        return _names(node.term, fields)
    return not isinstance(node, Word) and node.field in fields
