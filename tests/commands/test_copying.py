from __future__ import annotations

import shlex
import subprocess

from hypothesis import given
from hypothesis import strategies as st

from inspector.commands import copying
from tests.support.fake_recording import exchange


def test_the_url_of_a_request() -> None:
    assert copying.url(exchange(1, "/a b/ü?q=1%202")) == "http://127.0.0.1:8000/a%20b/%C3%BC?q=1%202"
    assert copying.url(exchange(1, "/ws", kind="websocket", scheme="https")) == "wss://127.0.0.1:8000/ws"


def test_curl_leaves_out_what_curl_writes_itself() -> None:
    headers = [("host", "127.0.0.1:8000"), ("Accept", "*/*"), ("content-length", "2"), ("x-a", "it's"), ("x-b", "")]
    words = shlex.split(copying.curl(exchange(1, "/", "PUT"), headers, b"{}"))
    assert words == ["curl", "-X", "PUT", "http://127.0.0.1:8000/", "-H", "x-a: it's", "-H", "x-b;", "--data-raw", "{}"]


def test_curl_says_the_method_only_where_it_would_choose_another() -> None:
    assert "-X" not in copying.curl(exchange(1), [], b"")
    assert "-X" not in copying.curl(exchange(1, method="POST"), [], b"x")
    assert "-X POST" in copying.curl(exchange(1, method="POST"), [], b"")
    assert "--head" in copying.curl(exchange(1, method="HEAD"), [], b"")


def test_curl_sends_the_path_as_it_is() -> None:
    assert "--globoff" in copying.curl(exchange(1, "/a?x[]=1"), [], b"")
    assert "--path-as-is" in copying.curl(exchange(1, "/a/../b"), [], b"")
    assert copying.curl(exchange(1, "/ws", kind="websocket"), [], b"").startswith("curl http://")


@given(st.binary(min_size=1, max_size=64))
def test_a_body_comes_out_of_the_shell_as_it_went_in(body: bytes) -> None:
    command = copying.curl(exchange(1, method="POST"), [], body)
    piped, _, last = command.partition(" | curl")
    if last:
        sent = subprocess.run(["sh", "-c", piped], capture_output=True, check=True).stdout
    else:
        sent = shlex.split(command)[-1].encode()
    assert sent == body


def test_curl_asks_by_the_socket_and_says_k_where_it_has_to() -> None:
    row = exchange(1, "/tea", host="localhost")
    assert copying.curl(row, [], b"", socket="/run/my app.sock") == (
        "curl --unix-socket '/run/my app.sock' http://localhost/tea"
    )
    assert copying.curl(exchange(1, "/", scheme="https"), [], b"", trusted=False) == "curl -k https://127.0.0.1:8000/"
