"""`inspector serve` over TLS: a certificate made on the spot, one that was given, in both homes; and wrong files."""

from __future__ import annotations

import ssl
import urllib.request
from pathlib import Path

import pytest

from inspector.cli import main
from inspector.recording.reader import Reader
from tests.support.certificates import AUTHORITY, CERTIFICATE, ENCRYPTED_KEY, KEY, PASSWORD
from tests.support.programs import inspector, save
from tests.support.recorded import exchanges, over
from tests.support.waiting import eventually

APP = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    body = scope["scheme"].encode() + b" {word}"
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": body}})
"""


def get(url: str, authority: Path) -> bytes:
    context = ssl.create_default_context(cafile=authority)
    with urllib.request.urlopen(f"{url.replace('127.0.0.1', 'localhost')}/", context=context, timeout=30) as answer:
        body: bytes = answer.read()
    return body


def test_a_certificate_made_on_the_spot_outlasts_a_reload(tmp_path: Path) -> None:
    app, data = tmp_path / "app" / "shop.py", tmp_path / "data"
    app.parent.mkdir()  # apart from what the run itself writes
    app.write_text(APP.format(word="first"))
    env = {"XDG_DATA_HOME": str(data), "PYTHONDONTWRITEBYTECODE": "1"}
    authority = data / "inspector" / "tls" / "ca.pem"
    with inspector("shop:app", tmp_path, "--tls", "--reload", cwd=app.parent, env=env) as program:
        assert program.url.startswith("https://127.0.0.1:")
        assert get(program.url, authority) == b"https first"
        save(app, APP.format(word="second"))
        eventually(lambda: get(program.url, authority) == b"https second")
        first, *_ = exchanges(program.recording, "kind:http")
        assert first["transport"]["tls"]["server_name"] == "localhost"
        assert first["scope"]["extensions"]["tls"]["tls_version"] == 0x0304
        eventually(lambda: f"To trust it: {authority}" in program.err)
    assert program.err.count("To trust it") == 1
    with Reader(program.recording) as reader:
        told = [detail["certificate"] for run in reader.runs() for _, state, detail in run.states if state == "started"]
    assert len(told) >= 2  # a save is more than one event
    for certificate in told:
        assert (certificate["development"], certificate["trusted"]) == (True, False)
        assert certificate["file"] == str(authority.with_name("localhost.pem"))


@pytest.mark.parametrize("home", [(), ("--in-process",)], ids=["child", "in process"])
def test_a_certificate_that_was_given(home: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP.format(word="tea"))
    options = ("--certfile", CERTIFICATE, "--keyfile", ENCRYPTED_KEY, "--keyfile-password", PASSWORD)
    env = {"SSL_CERT_FILE": str(AUTHORITY)}  # so this system trusts it
    with inspector("shop:app", tmp_path, *map(str, options), *home, cwd=tmp_path, env=env) as program:
        assert get(program.url, AUTHORITY) == b"https tea"
        (found,) = over(program.recording, "kind:http")
        assert found["transport"]["tls"]["version"] == "TLSv1.3"
    assert "trust" not in program.err


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--certfile", "none.pem"], 1, "none.pem cannot be read: no such file or directory."),
        (["--certfile", str(AUTHORITY), "--keyfile", str(KEY)], 1, "is not that of the certificate in"),
        (["--keyfile", str(KEY)], 2, "--keyfile goes with --certfile"),
        (["--tls", "--certfile", str(CERTIFICATE)], 2, "--tls and --certfile do not go together."),
    ],
)
def test_wrong_files(
    options: list[str], code: int, told: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "shop.py").write_text(APP.format(word="tea"))
    words = ["serve", "shop:app", "--app-dir", str(tmp_path), "--port", "0", "--no-record", *options]
    assert main(words) == code
    assert told in capfd.readouterr().err
