"""A file as (part of) a response's body, never whole in memory: by the kernel where it may, else in pieces.

The kernel (`sendfile`) may where nothing has to be done to the bytes: HTTP/1.x without TLS. The socket does not block,
so it takes what it has room for; then a piece of ours waits in the transport until the client has read on.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from inspector.engine.stream import AppMistake, ClientGone, ResponseBody

if TYPE_CHECKING:
    from inspector.engine.host.connection import Connection
    from inspector.engine.stream import Stream

PIECE = 128 * 1024
"""Bytes that are in memory at once."""
_AT_ONCE = 1 << 24
"""Bytes that the kernel is asked to send at once, so that the loop goes on meanwhile."""


def read(fd: int, size: int, at: int) -> bytes:
    """`size` bytes, or fewer, of a file from `at` on. Raises `AppMistake` where there are none."""
    if data := os.pread(fd, size, at):
        return data
    raise AppMistake(f"the file has become shorter while it was sent: byte {at:,} is not there")


async def send_pieces(stream: Stream, fd: int, size: int, seq: int, more: bool) -> None:
    """See `Stream.send_file`. Files on slow disks do not stop the loop."""
    at = 0
    while at < size:
        data = await asyncio.to_thread(read, fd, min(PIECE, size - at), at)
        at += len(data)
        stream.put(ResponseBody(data, more or at < size), seq)
        if stream.full and at < size:
            await stream.drain()
    if not size:
        stream.put(ResponseBody(b"", more), seq)


async def send_by_kernel(connection: Connection, fd: int, size: int) -> None:
    """The bytes alone, without what frames them. Raises `ClientGone`, and `AppMistake` as `read`."""
    transport, sock = connection.transport, connection.transport.get_extra_info("socket")
    transport.set_write_buffer_limits(high=0)  # full, as soon as anything waits: the order of the bytes is kept
    try:
        at = 0
        while at < size:
            if connection.over:
                raise ClientGone("the client has left")
            if connection.writable.is_set():
                sent = _some(sock.fileno(), fd, at, min(_AT_ONCE, size - at))
                if not sent:
                    data = read(fd, min(PIECE, size - at), at)
                    transport.write(data)
                    sent = len(data)
                at += sent
            await connection.writable.wait()
            await asyncio.sleep(0)
    finally:
        transport.set_write_buffer_limits()


def _some(socket: int, fd: int, at: int, size: int) -> int:
    try:
        return os.sendfile(socket, fd, at, size)
    except (BlockingIOError, InterruptedError):
        return 0
    except OSError as error:
        raise ClientGone("the client has left") from error
