from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from inspector.errors import InspectorError
from inspector.session import listening


def test_port_0_picks_one_and_the_url_says_which() -> None:
    with listening.listen("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        assert listening.url(sock) == f"http://127.0.0.1:{port}"
        socket.create_connection(("127.0.0.1", port)).close()


def test_an_ipv6_address_has_brackets() -> None:
    try:
        sock = listening.listen("::1", 0)
    except InspectorError:
        pytest.skip("no IPv6 here")
    with sock:
        assert listening.url(sock) == f"http://[::1]:{sock.getsockname()[1]}"


def test_a_port_in_use_names_its_holder_and_the_next_free_one() -> None:
    with listening.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(listening.PortInUse) as caught:
            listening.listen("127.0.0.1", port)
    error = caught.value
    assert error.exit_code == 1
    assert port < error.next_port <= port + 100
    assert str(error.next_port) in error.hint
    if sys.platform == "linux":
        assert f"in use by process {os.getpid()} (" in error.title
    listening.listen("127.0.0.1", error.next_port).close()


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [("no-such-name.invalid", 0, "no address of the name"), ("203.0.113.7", 0, "no address of this machine"),
     ("127.0.0.1", 65536, "highest is 65535")],
)  # fmt: skip
def test_other_ways_to_fail_have_their_own_words(host: str, port: int, words: str) -> None:
    with pytest.raises(InspectorError, match=words):
        listening.listen(host, port)


def test_a_unix_socket_is_its_owners_and_goes_with_us(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    sock = listening.listen_unix(str(path))
    assert listening.url(sock) == f"unix:{path}"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InspectorError, match="is in use: a program listens there"):
        listening.listen_unix(str(path))
    listening.release(sock)
    assert not path.exists()


def test_a_socket_that_nobody_listens_on_is_replaced_and_another_ones_stays(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    first = listening.listen_unix(str(path))
    path.unlink()
    second = listening.listen_unix(str(path))
    listening.release(first)
    assert path.exists()
    listening.release(second)


@pytest.mark.parametrize(
    ("name", "words"),
    [("notes.txt", "is there already, and is no socket"), ("no/such/folder", "no such file or directory"),
     ("x" * 200, "too long"), ("notes.txt/below", "not a directory")],
)  # fmt: skip
def test_where_no_unix_socket_can_be(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InspectorError, match=words) as caught:
        listening.listen_unix(str(tmp_path / name))
    assert "--uds" in caught.value.hint
    assert (tmp_path / "notes.txt").read_text() == "mine"
