"""How long a client may take, sans-IO: the caller brings the time.

While a request is served, held or not, nothing runs out: the app may wait as long as it likes for a body, as under
uvicorn and hypercorn, and a stop at a breakpoint is no client's fault. What is bounded is what nobody would see: a head
that does not end, a connection that carries nothing, the rest of a body that nobody wants.
"""

from __future__ import annotations

from inspector.engine.stream import Refused
from inspector.engine.wire.http1 import HTTP1

HEAD_NS = 60_000_000_000
"""From the first byte of a request to the end of its head; then it is answered with 408 (RFC 9110, 15.5.9)."""
IDLE_NS = 75_000_000_000
"""Without any request; then the connection is closed (RFC 9112, 9.5)."""
REST_NS = 30_000_000_000
"""From the end of a response to the end of its request's body; then the connection is closed."""


def overdue(http: HTTP1, idle_since_ns: int, now_ns: int) -> Refused | bool:
    """Whether the connection, on which no request is served since `idle_since_ns`, has to end; how, where it is to be
    told."""
    if not http.head_since_ns:
        return now_ns - idle_since_ns > IDLE_NS
    # The first bytes of a pipelined request may have waited long for the response before it.
    since_ns = max(http.head_since_ns, idle_since_ns)
    return http.too_slow(now_ns, HEAD_NS // 1_000_000_000) if now_ns - since_ns > HEAD_NS else False
