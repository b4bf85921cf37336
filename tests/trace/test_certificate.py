"""Certificate files that are not what they should be: whose fault it is, and what to do; and who would believe one."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from inspector.errors import InspectorError
from inspector.trace import certificate
from inspector.trace.certificate import first_certificate, server_context, verdict
from tests.support.certificates import AUTHORITY, CERTIFICATE, ENCRYPTED_KEY, ENDED, KEY, PASSWORD

GARBAGE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def refusal(certfile: Path | str, keyfile: Path | str = "", password: str = "") -> str:
    with pytest.raises(InspectorError) as caught:
        server_context(str(certfile), str(keyfile), password)
    assert caught.value.hint
    return str(caught.value)


def test_one_file_or_two_and_an_encrypted_key(tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(KEY.read_bytes() + CERTIFICATE.read_bytes())
    for names in ((CERTIFICATE, KEY, ""), (both, "", ""), (CERTIFICATE, ENCRYPTED_KEY, PASSWORD)):
        context = server_context(str(names[0]), str(names[1]), names[2])
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert first_certificate(str(both)) == CERTIFICATE.read_text()


def test_wrong_files_are_told_with_what_to_do(tmp_path: Path) -> None:
    damaged, der = tmp_path / "damaged.pem", tmp_path / "cert.der"
    damaged.write_text(GARBAGE)
    der.write_bytes(ssl.PEM_cert_to_DER_cert(CERTIFICATE.read_text()))
    assert refusal(tmp_path / "none.pem", KEY).startswith(f"{tmp_path}/none.pem cannot be read: no such file")
    assert "--keyfile" in refusal(CERTIFICATE, tmp_path / "none.pem")
    assert "is a directory" in refusal(tmp_path, KEY)
    assert "is no name of a file" in refusal("a\0b")
    assert "There is no certificate in PEM" in refusal(der, KEY)
    assert "openssl x509 -inform der" in refusal(der, KEY)
    assert refusal(CERTIFICATE) == (
        f"There is no private key in PEM in {CERTIFICATE}.\nName the file that has it with --keyfile."
    )
    assert "There is no private key in PEM" in refusal(CERTIFICATE, AUTHORITY)
    assert f"The key in {KEY} is not that of the certificate in {AUTHORITY}." in refusal(AUTHORITY, KEY)
    assert "Give its password with --keyfile-password." in refusal(CERTIFICATE, ENCRYPTED_KEY)
    assert "cannot be read with that password" in refusal(CERTIFICATE, ENCRYPTED_KEY, "coffee")
    assert "is damaged" in refusal(damaged, KEY)


def test_a_python_without_ssl_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "ssl", None)
    assert "has no ssl module" in refusal(CERTIFICATE, KEY)


def test_who_would_believe_it(monkeypatch: pytest.MonkeyPatch) -> None:
    context = server_context(str(CERTIFICATE), str(KEY))
    doubted = verdict(context)
    assert not doubted.trusted
    assert "unable to get local issuer certificate" in doubted.why
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))  # what this system believes
    believed = verdict(context)
    assert believed.trusted
    assert believed.names == ("localhost", "*.shop.test", "127.0.0.1")
    assert verdict(server_context(str(ENDED))).why == "certificate has expired"
