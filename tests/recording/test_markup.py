"""XML and HTML laid out: only blanks change, whatever the tags are."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.recording.json_text import LAID_OUT_CAP, Cancelled
from inspector.recording.markup import lay_out


def xml(text: str) -> str:
    return lay_out(text, False, 1_000)[0]


def html(text: str) -> str:
    return lay_out(text, True, 1_000)[0]


def test_xml() -> None:
    source = '<?xml version="1.0"?><a x="1>2"><b>text</b><c/><d><e>1</e>tail</d><![CDATA[ <x>  ]]></a>'
    assert xml(source).split("\n") == [
        '<?xml version="1.0"?>',
        '<a x="1>2">',
        "  <b>text</b>",
        "  <c/>",
        "  <d>",
        "    <e>1</e>",
        "    tail",
        "  </d>",
        "  <![CDATA[ <x>  ]]>",
        "</a>",
    ]  # fmt: skip


def test_html_keeps_phrases_together_and_raw_elements_as_they_are() -> None:
    source = (
        "<!doctype html><html><head><meta charset=utf-8><title>Shop</title><script>var a = 1;\n  if (a<b) {}</script>"
        "</head><body><h1>Hello <b>you</b></h1><ul><li>one</li></ul><br><pre>  a\n   b</pre></body></html>"
    )
    assert html(source).split("\n") == [
        "<!doctype html>",
        "<html>",
        "  <head>",
        "    <meta charset=utf-8>",
        "    <title>Shop</title>",
        "    <script>var a = 1;",
        "  if (a<b) {}</script>",
        "  </head>",
        "  <body>",
        "    <h1>Hello <b>you</b></h1>",
        "    <ul>",
        "      <li>one</li>",
        "    </ul>",
        "    <br>",
        "    <pre>  a",
        "   b</pre>",
        "  </body>",
        "</html>",
    ]


@given(st.text(alphabet="<>/ab !-[]?\"'=\n", max_size=60), st.booleans())
def test_only_blanks_change(text: str, as_html: bool) -> None:
    laid_out, whole = lay_out(text, as_html, 10**6)
    assert whole
    assert "".join(laid_out.split()) == "".join(text.split())


@pytest.mark.parametrize("as_html", [False, True])
@pytest.mark.parametrize(
    "text",
    ["<!--" * 200_000, '<a "' * 200_000, "<a " * 250_000, "<a>" * 250_000, "<" * 800_000, "</a>" * 200_000,
     "<pre>" * 160_000, "<a" + " " * 800_000, ("<a x='" + "y" * 1_900) * 1_000, "<![CDATA[" * 100_000],
)  # fmt: skip
def test_time_is_linear(text: str, as_html: bool) -> None:
    began = time.process_time()
    laid_out, _ = lay_out(text, as_html, 50_000)
    assert time.process_time() - began < 10
    assert len(laid_out) < 6_000_000


def test_it_is_bounded_and_stops_when_nobody_wants_it() -> None:
    text, whole = lay_out("<a></a>" * 1_000, False, 10)
    assert not whole
    assert text.count("\n") == 10
    with pytest.raises(Cancelled):
        lay_out("<a></a>" * 1_000, False, 10_000, lambda: True)


def test_deep_markup_is_laid_out_within_bounds() -> None:
    text, whole = lay_out("<a>" * 100_000, False, 1_000_000)
    assert not whole
    assert len(text) < LAID_OUT_CAP * 1.1
