from __future__ import annotations

import pytest

from inspector.trace.filter import matches, parse
from inspector.trace.filter.predicate import SEARCHED

DONE: dict[str, object] = {
    "method": "GET", "status": 404, "path": "/Straße/Lamp", "query": "q=Desk", "host": "shop.test:8000", "kind": "http",
    "interface": "asgi3", "http": "1.1", "duration": 250_000_000, "app": 4_200_000, "size": 6_100, "request.size": 0,
    "client": "127.0.0.1:51764", "scheme": "http", "outcome": "client left", "exception": "", "id": 7, "run": 1,
    "has:exception": False, "has:log": True, "is:pinned": False, "is:live": False,
    "note": "slow on Mondays", "colour": "red",
}  # fmt: skip
PENDING = DONE | {"status": None, "duration": None, "outcome": None, "is:live": True}


def holds(text: str, fields: dict[str, object]) -> bool:
    node = parse(text)
    assert node is not None
    return matches(node, fields)


@pytest.mark.parametrize(
    "text",
    [
        "lamp", "LAMP", "lamp?q=desk", "shop.test", "get", "404", "40", "path:lamp", "path:STRASSE or path:STRAßE",
        "path:/straße", "path=/Straße/Lamp", "path~^/Str", 'path~"(?i)lamp$"', "query:desk", "host:SHOP", "status:404",
        "status=404", "status:4xx", "status:40x", "status:>=404", "status:<=404", "status:>403", "status:<405",
        "status~^4", "duration:>200ms", "duration:250ms", "app:<5ms", "size:6.1KB", "request.size:0", "client:127",
        "kind:http", "interface=asgi3", "http:1.1", "scheme=http", 'outcome:"client left"', "id:7", "run=1",
        "has:log", "not has:exception", "not is:live", "not is:pinned", "lamp and not status:200",
        "status:200 or lamp", "not (status:200 or is:live)", "note:monday", "colour=red", "query~^q", "not exception:e",
    ],
)  # fmt: skip
def test_holds(text: str) -> None:
    assert holds(text, DONE)


@pytest.mark.parametrize(
    "text",
    [
        "desk?q", "127.0.0.1", "405", "path:desk", "path=/straße/lamp", "path~^/str", "status:200", "status:5xx",
        "status:41x", "status:>404", "status:<404", "duration:<200ms", "duration:251ms", "method=get",
        "has:exception", "is:live", "lamp and status:200", "not lamp", "path:STRASSE", "note:tuesday", "colour:blue",
    ],
)  # fmt: skip
def test_does_not_hold(text: str) -> None:
    assert not holds(text, DONE)


@pytest.mark.parametrize(
    "text", ["status:404", "status:>0", "status:<999", "status:4xx", "status~.", "duration:>=0", "outcome~.", "404"]
)
def test_what_is_not_known_yet_is_false_and_not_of_it_true(text: str) -> None:
    without = {name: value for name, value in PENDING.items() if value is not None}
    for fields in (PENDING, without, {}):
        assert not holds(text, fields)
        assert holds(f"not {text}", fields)


def test_case_of_a_to_z_for_an_ascii_needle_and_unicode_for_others() -> None:
    assert holds("path:ΣΑΣ", {"path": "/σας"})
    assert not holds("path:k", {"path": "\N{KELVIN SIGN}"})
    assert holds("path:é", {"path": "É"})


def test_a_regex_sees_the_beginning_of_a_text_only() -> None:
    assert holds("path~x$", {"path": "a" * (SEARCHED - 1) + "x"})
    assert not holds("path~x", {"path": "a" * SEARCHED + "x"})
