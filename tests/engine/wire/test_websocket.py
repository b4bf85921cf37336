"""WebSocket frames from bytes to messages, whatever the split; pings, closes, broken peers, memory."""

from __future__ import annotations

import random
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import FrameProtocol

from inspector.engine.stream import AppMistake, Disconnected, FrameReceived, FrameSent, WebSocketClose
from inspector.engine.wire.deflate import Agreed
from inspector.engine.wire.websocket import Terms, WebSocket
from tests.support.mutants import frames
from tests.support.websocket_corpus import (
    BINARY,
    CASES,
    CONTINUATION,
    PING,
    TEXT,
    Case,
    close,
    deflated,
    frame,
    frames_in,
)

AGREED = Agreed()
MEGABYTE = 1 << 20


def opened(*, agreed: Agreed | None = None, max_size: int = 16 * MEGABYTE) -> tuple[WebSocket, Connection]:
    """Our side after the handshake, and a client."""
    extensions = []
    if agreed:
        extension = PerMessageDeflate()
        extension.finalize(agreed.answer)
        extensions.append(extension)
    return WebSocket(Terms(max_size=max_size), agreed), Connection(ConnectionType.CLIENT, list(extensions))


def events(ws: WebSocket) -> list[object]:
    found = []
    while (event := ws.next_event()) is not None:
        found.append(event)
    return found


def answers(client: Connection, data: bytes) -> list[object]:
    client.receive_data(data)
    return list(client.events())


def fed(parts: list[bytes], *, deflate: bool) -> tuple[list[object], bytes]:
    """What the parts give: the events, and the bytes that go to the client."""
    ws, _ = opened(agreed=AGREED if deflate else None)
    for part in parts:
        ws.receive_data(part, 7)
    return events(ws), ws.replies() + ws.farewell()


message = st.one_of(st.text(max_size=300), st.binary(max_size=300))


@given(st.lists(message, max_size=5), st.integers(1, 40), st.integers(1, 50))
def test_any_split_and_any_fragments_give_the_same_messages(sent: list[str | bytes], step: int, fragment: int) -> None:
    ws, _ = opened()
    client = FrameProtocol(client=True, extensions=[])
    stream = b""
    for whole in sent:
        parts = [whole[at : at + fragment] for at in range(0, len(whole), fragment)] or [whole]
        stream += b"".join(client.send_data(part, fin=number == len(parts) - 1) for number, part in enumerate(parts))
    for at in range(0, len(stream), step):
        ws.receive_data(stream[at : at + step], 7)
    assert events(ws) == [FrameReceived(whole, 7) for whole in sent]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_any_split_of_a_case_gives_the_same(case: Case) -> None:
    data = case.data
    whole = fed([data], deflate=case.deflate)
    assert whole[0][-1:] == [Disconnected(case.told, whole[0][-1].reason, 7)]  # type: ignore[attr-defined]
    dice = random.Random(case.name)
    splits = [[data[at : at + 1] for at in range(len(data))]] if len(data) < 2000 else []
    for _ in range(4):
        cuts = sorted(dice.randrange(len(data) + 1) for _ in range(dice.randrange(1, 9)))
        splits.append([data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True) if a < b])
    for parts in splits:
        assert fed(parts, deflate=case.deflate) == whole


@given(st.integers(0, 1 << 32), st.booleans(), st.data())
def test_any_split_of_nearly_right_frames_gives_the_same(seed: int, deflate: bool, draw: st.DataObject) -> None:
    for data in frames(seed, 1):
        cuts = sorted(draw.draw(st.lists(st.integers(0, len(data)), max_size=6)))
        parts = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True) if a < b]
        assert fed(parts, deflate=deflate) == fed([data], deflate=deflate)


@given(st.lists(message, max_size=6), st.booleans(), st.booleans(), st.sampled_from([9, 12]))
def test_messages_go_both_ways_compressed(
    sent: list[str | bytes], server_forgets: bool, client_forgets: bool, bits: int
) -> None:
    answer = "permessage-deflate" + "; server_no_context_takeover" * server_forgets
    answer += "; client_no_context_takeover" * client_forgets + f"; server_max_window_bits={bits}"
    agreed = Agreed(bits, server_forgets, client_forgets, answer)
    ws, client = opened(agreed=agreed)
    for whole in sent:
        there = TextMessage(data=whole) if isinstance(whole, str) else BytesMessage(data=whole)
        ws.receive_data(client.send(there), 7)
        (got,) = events(ws)
        assert isinstance(got, FrameReceived)
        assert got.data == whole
        assert got.wire_size is not None
        data = ws.send(FrameSent(whole))
        assert (data[0] & 0x40 != 0) == bool(whole)
        assert answers(client, data) == [there]


def test_what_is_sent_compressed_is_short_and_each_message_starts_anew_where_that_was_asked() -> None:
    ws, _ = opened(agreed=AGREED)
    first, second = ws.send(FrameSent("shop " * 500)), ws.send(FrameSent("shop " * 500))
    assert 100 > len(first) > len(second)
    ws, _ = opened(agreed=Agreed(server_forgets=True))
    assert ws.send(FrameSent("shop " * 500)) == ws.send(FrameSent("shop " * 500)) == first


def test_a_client_that_said_it_would_start_anew_may_not_look_back() -> None:
    deflate = zlib.compressobj(wbits=-15)
    first, second = ((deflate.compress(b"a shop") + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4] for _ in range(2))
    for forgets, got in ((False, FrameReceived("a shop", 1, len(second))), (True, None)):
        ws, _ = opened(agreed=Agreed(client_forgets=forgets))
        ws.receive_data(frame(TEXT, first, rsv=4), 1)
        assert events(ws) == [FrameReceived("a shop", 1, len(first))]
        ws.receive_data(frame(TEXT, second, rsv=4), 1)
        (last,) = events(ws)
        assert last == (got or Disconnected(1007, "compressed data that cannot be inflated", 1))


@pytest.mark.parametrize("bits", [9, 10, 12])
def test_what_is_sent_fits_the_window_that_was_agreed(bits: int) -> None:
    ws, _ = opened(agreed=Agreed(bits))
    data = random.Random(1).randbytes(2000) * 3
    ((opcode, payload),) = frames_in(ws.send(FrameSent(data)))
    assert opcode == 0x42
    inflate, out, rest = zlib.decompressobj(wbits=-bits), b"", payload + b"\0\0\xff\xff"
    while rest:  # in one piece zlib would look back further than its window
        out += inflate.decompress(rest, 100)
        rest = inflate.unconsumed_tail
    assert out == data


def test_what_is_sent_arrives() -> None:
    ws, client = opened()
    data = ws.send(FrameSent("h\u00e9")) + ws.send(FrameSent(b"\0\xff"))
    assert answers(client, data) == [TextMessage(data="h\u00e9"), BytesMessage(data=bytearray(b"\0\xff"))]


def test_a_ping_is_answered_by_itself() -> None:
    ws, client = opened()
    ws.receive_data(client.send(Ping(payload=b"x")), 1)
    assert answers(client, ws.replies()) == [Pong(payload=bytearray(b"x"))]
    assert events(ws) == []


def test_a_silent_client_is_pinged_and_closed_with_1011() -> None:
    ws, client = opened()
    ws.tick(20_000_000_000)
    (asked,) = answers(client, ws.replies())
    assert isinstance(asked, Ping)
    ws.receive_data(client.send(asked.response()), 21_000_000_000)
    ws.tick(41_000_000_000)
    assert len(answers(client, ws.replies())) == 1
    ws.tick(60_900_000_000)
    assert events(ws) == []
    ws.tick(61_000_000_000)
    assert events(ws) == [Disconnected(1011, "keepalive ping timeout", 61_000_000_000)]
    assert answers(client, ws.farewell()) == [CloseConnection(code=1011, reason="keepalive ping timeout")]


def test_a_close_of_the_client_is_answered_and_told() -> None:
    ws, client = opened()
    ws.receive_data(client.send(CloseConnection(code=4001, reason="done")), 1)
    assert events(ws) == [Disconnected(4001, "done", 1)]
    assert answers(client, ws.replies()) == [CloseConnection(code=4001, reason="done")]
    assert ws.closed
    assert not ws.open


def test_our_close_ends_when_the_client_has_answered() -> None:
    ws, client = opened()
    (closing,) = answers(client, ws.send(WebSocketClose(3000, "bye")))
    assert closing == CloseConnection(code=3000, reason="bye")
    assert not ws.closed
    ws.receive_data(frame(TEXT, b"on its way") + frame(PING, b"too"), 1)
    assert ws.replies() == b""
    ws.receive_data(client.send(CloseConnection(code=3000)), 1)
    assert ws.closed
    assert events(ws) == [Disconnected(3000, "", 1)]
    assert ws.replies() + ws.farewell() == b""


def test_who_is_closing_is_not_pinged() -> None:
    ws, _ = opened()
    ws.send(WebSocketClose())
    ws.tick(1_000_000_000_000)
    assert ws.replies() == b""


def test_a_mistake_after_our_close_ends_it_without_another_close() -> None:
    ws, _ = opened()
    ws.send(WebSocketClose())
    ws.receive_data(b"\xff\xff", 1)
    assert ws.closed
    assert ws.replies() + ws.farewell() == b""


def test_closes_that_cross_are_one_each() -> None:
    ws, client = opened()
    ours, theirs = ws.send(WebSocketClose(4000)), client.send(CloseConnection(code=4001))
    ws.receive_data(theirs, 1)
    assert ws.closed
    assert ws.replies() + ws.farewell() == b""
    assert answers(client, ours) == [CloseConnection(code=4000, reason="")]


def test_the_end_of_the_stream_is_1006() -> None:
    ws, _ = opened()
    ws.receive_data(b"", 3)
    assert events(ws) == [Disconnected(1006, "", 3)]


@pytest.mark.parametrize("agreed", [None, AGREED])
def test_a_message_of_the_cap_passes_and_one_byte_more_is_1009(agreed: Agreed | None) -> None:
    ws, client = opened(agreed=agreed, max_size=1000)
    for fragments in ([1000], [999, 1], [500, 0, 500], [1001], [1000, 1]):
        *before, last = fragments
        parts = [BytesMessage(data=bytes(size), message_finished=False) for size in before]
        for part in [*parts, BytesMessage(data=bytes(last))]:
            ws.receive_data(client.send(part), 1)
        (told,) = events(ws)
        if sum(fragments) > 1000:
            assert told == Disconnected(1009, "a message of more than 1,000 bytes", 1)
            break
        assert isinstance(told, FrameReceived)
        assert told.data == bytes(1000)
    else:
        pytest.fail("nothing was refused")


def test_the_cap_is_in_bytes_of_utf8() -> None:
    ws, client = opened(max_size=10)
    ws.receive_data(client.send(TextMessage(data="\u20ac" * 3)), 1)
    ws.receive_data(client.send(TextMessage(data="\u20ac" * 4)), 1)
    assert events(ws) == [FrameReceived("\u20ac" * 3, 1), Disconnected(1009, "a message of more than 10 bytes", 1)]


def peak(ws: WebSocket, parts: list[bytes]) -> float:
    """Most MB that were held while `parts` came in."""
    tracemalloc.start()
    try:
        for part in parts:
            ws.receive_data(part, 1)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def test_a_message_of_the_cap_is_in_memory_twice_at_most_however_short_it_came() -> None:
    """8 MB in 8 KB: once while it is put together, once for the app."""
    ws, _ = opened(agreed=AGREED, max_size=8 * MEGABYTE)
    assert peak(ws, [frame(BINARY, deflated(bytes(8 * MEGABYTE)), rsv=4)]) < 19
    (message,) = events(ws)
    assert isinstance(message, FrameReceived)
    assert len(message.data) == 8 * MEGABYTE


def test_a_message_that_inflates_without_end_takes_no_more_than_the_cap() -> None:
    """80 MB of zeros in 80 KB; the cap is 8 MB."""
    deflate = zlib.compressobj(9, wbits=-15)
    bomb = b"".join(deflate.compress(bytes(MEGABYTE)) for _ in range(80)) + deflate.flush(zlib.Z_SYNC_FLUSH)
    ws, _ = opened(agreed=AGREED, max_size=8 * MEGABYTE)
    assert peak(ws, [frame(BINARY, bomb, rsv=4)]) < 14
    assert events(ws) == [Disconnected(1009, "a message of more than 8,388,608 bytes", 1)]


def test_nothing_is_inflated_beyond_the_cap() -> None:
    """4 MB in 4 KB, the cap is 100 KB."""
    ws, _ = opened(agreed=AGREED, max_size=100_000)
    data = frame(BINARY, deflated(bytes(4 * MEGABYTE)), rsv=4)
    assert peak(ws, [data]) < 0.7
    assert events(ws) == [Disconnected(1009, "a message of more than 100,000 bytes", 1)]


def test_a_message_in_fragments_takes_no_more_than_the_cap() -> None:
    ws, _ = opened(max_size=4 * MEGABYTE)
    part = frame(CONTINUATION, bytes(65_536), fin=False)
    assert peak(ws, [frame(BINARY, fin=False), *[part] * 64]) < 8
    assert events(ws) == []
    ws.receive_data(part, 1)
    assert events(ws) == [Disconnected(1009, "a message of more than 4,194,304 bytes", 1)]


def test_fragments_without_end_and_without_content_take_nothing() -> None:
    ws, _ = opened()
    parts = [frame(CONTINUATION, fin=False) * 1000] * 4
    assert peak(ws, [frame(TEXT, fin=False), *parts]) < 0.2
    ws.receive_data(frame(CONTINUATION, b"end"), 1)
    assert events(ws) == [FrameReceived("end", 1)]


def test_nothing_is_sent_after_the_close() -> None:
    ws, _ = opened()
    ws.send(WebSocketClose())
    with pytest.raises(AppMistake):
        ws.send(FrameSent("late"))


def test_a_text_that_is_no_unicode_is_a_mistake_of_the_app() -> None:
    ws, _ = opened()
    with pytest.raises(AppMistake):
        ws.send(FrameSent("\ud800"))
    assert frames_in(ws.send(FrameSent("next"))) == [(0x01, b"next")]


def test_sizes_on_the_wire_are_those_of_the_message() -> None:
    ws, _ = opened(agreed=AGREED)
    packed = deflated(b"a" * 1000)
    ws.receive_data(frame(TEXT, packed[:3], rsv=4, fin=False) + frame(PING) + frame(CONTINUATION, packed[3:]), 1)
    ws.receive_data(frame(TEXT, b"plain") + close(1000), 1)
    assert events(ws) == [
        FrameReceived("a" * 1000, 1, len(packed)),
        FrameReceived("plain", 1, None),
        Disconnected(1000, "", 1),
    ]
