from __future__ import annotations

from typing import Any

import pytest

from inspector.ui.models import cells
from inspector.ui.models.cells import APP, COLUMNS, METHOD, NUMBER, PATH, SIZE, STATUS, TOTAL
from tests.support.fake_recording import MS, exchange


def text(column: int, now_ns: int = 0, **fields: Any) -> str:
    return COLUMNS[column].text(exchange(98_301, **fields), now_ns)


@pytest.mark.parametrize(
    ("column", "fields", "shown"),
    [
        (NUMBER, {}, "98,301"),
        (METHOD, {"method": "POST"}, "POST"),
        (METHOD, {"kind": "websocket"}, "WS"),
        (PATH, {"path": "/api/search?q=lamp"}, "/api/search?q=lamp"),
        (PATH, {"path": "", "kind": "lifespan", "method": ""}, "lifespan"),
        (STATUS, {"status": 307}, "307"),
        (STATUS, {"status": None, "total": None}, "…"),
        (STATUS, {"status": None, "outcome": "client left"}, "—"),
        (SIZE, {"response_bytes": 12_400}, "12.4 KB"),
        (SIZE, {"kind": "websocket", "message_count": 1048}, "1,048 msg"),
        (SIZE, {"kind": "websocket", "message_count": 100_003}, "100 k msg"),
        (SIZE, {"total": None, "response_bytes": 1_200_000}, "1.2 MB …"),
        (APP, {"total": None}, "streaming"),
        (APP, {"app_ns": 38_600_000}, "38.6 ms"),
        (APP, {"call_ns": None}, ""),
        (TOTAL, {"total": 41 * MS}, "41.0 ms"),
        (TOTAL, {"outcome": "lost"}, "lost"),
    ],
)
def test_what_stands_in_a_cell(column: int, fields: dict[str, Any], shown: str) -> None:
    assert text(column, **fields) == shown


UNSUPPORTED = {"kind": "lifespan", "path": "", "status": None, "message_count": 2}


@pytest.mark.parametrize(
    ("fields", "path", "status"),
    [
        ({"outcome": "app raised", "exception": "ValueError"}, "lifespan · unsupported", ""),
        ({"outcome": "done"}, "lifespan · unsupported", ""),
        ({"outcome": "done", "message_count": 3}, "lifespan · unsupported", ""),
        ({"outcome": "app raised", "exception": "ValueError", "message_count": 3}, "lifespan", "—"),
        ({"outcome": "done", "message_count": 6}, "lifespan", ""),
        ({"outcome": "stopped"}, "lifespan", ""),
        ({"outcome": "", "total": None}, "lifespan", ""),
    ],
)
def test_a_lifespan_that_is_not_supported_is_no_failure(fields: dict[str, Any], path: str, status: str) -> None:
    assert text(PATH, **(UNSUPPORTED | fields)) == path
    assert text(STATUS, **(UNSUPPORTED | fields)) == status


def test_the_running_time_of_an_exchange_in_flight() -> None:
    assert text(TOTAL, now_ns=12_400 * MS, t0_ns=0, status=None, total=None) == "12.4 s"
    assert text(TOTAL, now_ns=134_000 * MS, t0_ns=0, status=101, kind="websocket", total=None) == "2 m 14 s"


def test_tips_tell_more_than_the_cell() -> None:
    row = exchange(1, "/a b?x=1", outcome_text="the app raised ValueError after 1 message", client_ns=3 * MS)
    assert cells.tip(row, PATH) == "http://127.0.0.1:8000/a%20b?x=1"
    assert cells.tip(row, STATUS) == "the app raised ValueError after 1 message"
    assert "client sending 3.1 ms" in cells.tip(row, cells.WATERFALL)
    assert cells.tip(row, SIZE) == ""


def test_what_was_no_request_says_what_it_was() -> None:
    refused = exchange(1, "", "", None, outcome="refused", outcome_text="the TLS handshake failed: nobody knows")
    assert cells.path(refused) == "the TLS handshake failed: nobody knows"
