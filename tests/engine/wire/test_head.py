"""Heads that are hard to read: hostile ones take no longer than others, for all work is linear in their bytes."""

from __future__ import annotations

import time

import pytest

from inspector.engine.wire.authority import is_authority, is_host_and_port
from inspector.engine.wire.head import Head, parse
from inspector.trace.scope import parse_head
from tests.support.wires import read

MANY = 64_000
ENOUGH = 2.0
"""Seconds of CPU; each takes some milliseconds, and would take minutes if anything were quadratic."""
GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "data",
    [
        GET + b"X:" + b" " * MANY + b"\r\n\r\n",
        GET + b"X:" + b" " * MANY + b"\0\r\n\r\n",
        GET + b"a:\r\n" * 900 + b"bad\r\n\r\n",
        GET + b"a:\r\n" * (MANY // 4) + b"\r\n",
        GET + b"Connection:" + b"," * MANY + b"\r\n\r\n",
        GET + b"Transfer-Encoding:" + b"," * MANY + b"\r\n\r\n",
        GET + b"Content-Length: " + b"9" * MANY + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: " + b"%41" * (MANY // 3) + b"@\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: [" + b":" * MANY + b"]\r\n\r\n",
        b"GET http://" + b"a" * MANY + b"@ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"a" * MANY + b"\r\n\r\n",
        b"\r\n" * MANY,
        CHUNKED + b"1\r\na\r\n" * (MANY // 6) + b"0\r\n\r\n",
        CHUNKED + b"1;a" + b" " * 4000 + b",\r\n",
        CHUNKED + b"1" + b";a" * 2000 + b",\r\n",
        CHUNKED + b'1;a="' + b'\\"' * 2000 + b"\r\n",
    ],
    ids=range(16),
)
def test_no_head_takes_long(data: bytes) -> None:
    began = time.process_time()
    whole = read([data])
    assert read(data[at : at + 1] for at in range(len(data)))[:2] == whole[:2]
    assert time.process_time() - began < ENOUGH


@pytest.mark.parametrize(
    ("value", "good"),
    [
        (b"", True),
        (b"a", True),
        (b"a:", True),
        (b"a:80", True),
        (b":80", True),
        (b"127.0.0.1:8000", True),
        (b"[::1]", True),
        (b"[::ffff:1.2.3.4]:80", True),
        (b"[v7.x]", True),
        (b"a_b-c.d~e!$&'()*+,;=", True),
        (b"%41", True),
        (b"%4", False),
        (b"a b", False),
        (b"a/b", False),
        (b"a?b", False),
        (b"a#b", False),
        (b"u@a", False),
        (b"a:b", False),
        (b"a:80:80", False),
        (b"::1", False),
        (b"[::1", False),
        (b"[]", False),
        (b"[1]", False),
        (b"[::1%25eth0]", False),
        (b"[::1]a", False),
        (b"\xe4", False),
        (b"a\n", False),
    ],
)
def test_what_is_a_host(value: bytes, good: bool) -> None:
    assert is_authority(value) is good


@pytest.mark.parametrize(
    ("value", "good"),
    [(b"a:443", True), (b"[::1]:1", True), (b"a:65535", True), (b"a:65536", False), (b":443", False), (b"a:0", False)],
)
def test_what_is_a_host_and_a_port(value: bytes, good: bool) -> None:
    assert is_host_and_port(value) is good


def test_over_tls_an_https_target_is_the_servers_own() -> None:
    head = b"GET https://b/ HTTP/1.1\r\nHost: a\r\n\r\n"
    parsed = parse(head, "https")
    assert isinstance(parsed, Head)
    assert parsed.headers == [(b"host", b"b")] == parse_head(head)[3]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (b"Upgrade: websocket\r\nConnection: upgrade\r\n", True),
        (b"Upgrade: h2c, WebSocket\r\nConnection: keep-alive\r\nConnection: Upgrade\r\n", True),
        (b"Upgrade: websocket\r\n", False),
        (b"Upgrade: websocket2\r\nConnection: upgrade\r\n", False),
        (b"Connection: upgrade\r\n", False),
    ],
)
def test_who_wants_a_websocket(lines: bytes, wanted: bool) -> None:
    parsed = parse(GET + lines + b"\r\n")
    assert isinstance(parsed, Head)
    assert parsed.websocket is wanted
