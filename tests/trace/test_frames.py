from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.trace import frames
from inspector.trace.frames import HEAD, MalformedFrame
from inspector.trace.records import ExchangeEnded, ExchangeStarted, WireTold

NUMBERS = st.integers(0, (1 << 64) - 1)
PORTS = st.integers(0, 65535)
TEXT = st.text(max_size=50)
STARTED = st.builds(
    ExchangeStarted,
    NUMBERS,
    TEXT,
    TEXT,
    NUMBERS,
    TEXT,
    TEXT,
    st.none() | st.tuples(TEXT, PORTS),
    st.none() | st.tuples(TEXT, st.none() | PORTS),
    TEXT,
    st.binary(max_size=200),
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.none() | st.dictionaries(TEXT, st.dictionaries(TEXT, st.none() | TEXT), min_size=1),
)


@given(STARTED, NUMBERS)
def test_the_start_of_an_exchange_comes_back_equal(record: ExchangeStarted, sequence: int) -> None:
    assert frames.decode(frames.encode(record, sequence)) == (sequence, record)


@given(STARTED, st.data())
def test_the_start_of_an_exchange_that_was_cut_is_malformed_or_a_shorter_head(
    record: ExchangeStarted, data: st.DataObject
) -> None:
    payload = frames.encode(record, 1)[HEAD.size :]
    cut = data.draw(st.integers(0, len(payload)))
    try:
        found = frames.decode(framed(payload[:cut]))[1]
    except MalformedFrame:
        assert cut < len(payload) - len(record.head)
    else:
        assert isinstance(found, ExchangeStarted)
        assert found.head == record.head[: len(record.head) - (len(payload) - cut)]


@given(st.binary(max_size=200))
def test_any_bytes_are_the_start_of_an_exchange_or_malformed(payload: bytes) -> None:
    try:
        _, found = frames.decode(framed(payload))
    except MalformedFrame:
        return
    assert isinstance(found, ExchangeStarted)


def framed(payload: bytes) -> bytes:
    """`payload` in a frame of that kind whose checksum is right."""
    kind = HEAD.unpack_from(frames.encode(ExchangeStarted(1, "", "", 0, "", "", None, None, "", b"", 0, 0, 0), 1))[2]
    return HEAD.pack(len(payload), frames.VERSION, kind, 0, 1, zlib.crc32(payload)) + payload


def test_a_port_that_is_none_is_not_an_address_that_is_none() -> None:
    unix = ExchangeStarted(1, "http", "asgi3", 1, "1.1", "http", None, ("/run/app.sock", None), "", b"", 0, 0, 0)
    assert frames.decode(frames.encode(unix, 0))[1] == unix
    with pytest.raises(MalformedFrame):
        frames.decode(frames.encode(unix, 0)[:-1])


SMALL = st.integers(0, (1 << 32) - 1)


@given(NUMBERS, TEXT, TEXT, SMALL, st.binary(max_size=200))
def test_the_end_of_an_exchange_comes_back_with_its_wire(
    number: int, outcome: str, text: str, first: int, pieces: bytes
) -> None:
    ended = ExchangeEnded(number, number, outcome, text, 1, 2, 3, 4, 200, first, pieces)
    assert frames.decode(frames.encode(ended, 1)) == (1, ended)
    told = WireTold(number, first, pieces)
    assert frames.decode(frames.encode(told, 1)) == (1, told)


def test_the_end_of_an_exchange_that_was_cut_is_malformed() -> None:
    whole = frames.encode(ExchangeEnded(1, 2, "refused", "why", 0, 0, 0, 0), 1)
    payload = whole[HEAD.size : -1]
    kind = HEAD.unpack_from(whole)[2]
    with pytest.raises(MalformedFrame):
        frames.decode(HEAD.pack(len(payload), frames.VERSION, kind, 0, 1, zlib.crc32(payload)) + payload)
