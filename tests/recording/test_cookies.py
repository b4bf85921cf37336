"""Cookies of the wire: what stands there, what it means, what is wrong with it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.recording.cookies import COOKIES, sent, set_cookie
from inspector.recording.forms import Field

NOW = datetime(2025, 3, 9, tzinfo=UTC)


def test_cookies_that_are_sent() -> None:
    assert sent(['session=abc=1; theme="dark"; {"strange"}=[1]; flag', "other=x; session=2"]) == (
        Field("session", "abc=1", "sent twice: another path or domain has one of this name"),
        Field("theme", '"dark"'),
        Field('{"strange"}', "[1]"),
        Field("flag", "", "no = sign"),
        Field("other", "x"),
        Field("session", "2", "sent twice: another path or domain has one of this name"),
    )
    assert sent([]) == sent([" ; ;"]) == ()


def test_a_good_cookie() -> None:
    found = set_cookie("id=a1; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax", NOW)
    assert (found.name, found.value) == ("id", "a1")
    assert found.attributes[:2] == (("Path", "/"), ("Max-Age", "3600"))
    assert found.problems == ()
    assert "Kept for 1 hour. Max-Age counts before Expires." in found.meanings
    assert any(meaning.startswith("HttpOnly") for meaning in found.meanings)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a=1; SameSite=None", "SameSite=None without Secure"),
        ("a=1; SameSite=Sometimes", "none of Strict"),
        ("a=1; Partitioned", "Partitioned without Secure"),
        ("__Secure-a=1", "__Secure- demands Secure"),
        ("__Host-a=1; Secure; Path=/; Domain=x", "__Host- demands"),
        ("a=1; Expires=tomorrow", "no date"),
        ("a=1; Max-Age=soon", "whole number"),
        ("a=1; Max-Age=\u00b2", "whole number"),
        ("a=1; Domain=x:80", "port"),
        ("a=1; Domain=", "empty"),
        ("a=1; Path=shop", "does not begin with /"),
        ("a=1; Frobnicate", "no attribute that browsers know"),
        ("flag", "no = sign"),
        ("=x", "no name"),
        ("a=\x01", "control characters"),
        ("a=" + "x" * 5_000, "4,096 bytes"),
    ],
)
def test_what_is_wrong_is_said(value: str, said: str) -> None:
    assert any(said in problem for problem in set_cookie(value, NOW).problems)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a=; Max-Age=0", "Deletes the cookie"),
        ("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Deletes the cookie"),
        ("a=; Expires=Thu, 01 Jan 2099 00:00:00 GMT", "Kept until Thu, 01 Jan 2099"),
        ("a=1; Max-Age=2592000", "Kept for 30 days"),
        ("a=1", "until the browser is closed"),
        ("a=1; SameSite=strict", "SameSite=Strict"),
    ],
)
def test_what_it_comes_to(value: str, said: str) -> None:
    found = set_cookie(value, NOW)
    assert any(said in meaning for meaning in found.meanings)
    assert found.problems == ()


@given(st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from(";=, "), max_size=200))
def test_any_header_is_taken(value: str) -> None:
    set_cookie(value)
    set_cookie(f"a=b; expires={value}")
    set_cookie(f"a=b; max-age={value}")
    sent([value])


def test_it_is_bounded() -> None:
    began = time.process_time()
    assert len(sent(["a=1;" * 1_000_000] * 5)) == COOKIES
    assert len(set_cookie("a=1;" * 1_000_000).attributes) <= 51
    assert time.process_time() - began < 3
