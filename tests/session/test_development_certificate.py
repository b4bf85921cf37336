"""The certificate of --tls: who may read it, that clients who trust its authority believe it, when it is renewed."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from inspector.errors import InspectorError
from inspector.session import development_certificate as development
from inspector.trace.certificate import server_context

NOW = datetime.now(UTC)


def believed(certfile: Path, name: str) -> bool:
    """A client that trusts the authority and nobody else shakes hands with who has the certificate."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context(str(certfile)).wrap_bio(to_server, to_client, server_side=True)
    strict = ssl.create_default_context(cafile=development.authority_of(certfile))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    client = strict.wrap_bio(to_client, to_server, server_hostname=name)
    try:
        for _ in range(4):
            for side in (client, server):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    pass
    except ssl.SSLCertVerificationError:
        return False
    return True


def names(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_it_is_for_this_machine_and_for_its_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "tls"
    certfile = development.ensure(folder)
    assert [believed(certfile, name) for name in ("localhost", "127.0.0.1", "::1")] == [True] * 3
    assert not believed(certfile, "example.com")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "ca.pem": 0o600, "authority.pem": 0o600, "localhost.pem": 0o600,
    }  # fmt: skip
    authority = x509.load_pem_x509_certificate(development.authority_of(certfile).read_bytes())
    assert "Inspector development CA (" in authority.subject.rfc4514_string()
    assert b"PRIVATE KEY" not in development.authority_of(certfile).read_bytes()


def test_its_authority_is_worth_nothing_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    development.ensure(tmp_path)
    monkeypatch.setattr(development, "NAMES", ("localhost", "bank.example"))
    (tmp_path / "localhost.pem").unlink()
    certfile = development.ensure(tmp_path)
    assert not believed(certfile, "bank.example")


def test_it_stays_until_it_is_about_to_end_and_the_authority_longer(tmp_path: Path) -> None:
    development.ensure(tmp_path, NOW)
    first = names(tmp_path)
    development.ensure(tmp_path, NOW + timedelta(days=300))
    assert names(tmp_path) == first
    development.ensure(tmp_path, NOW + timedelta(days=340))
    renewed = names(tmp_path)
    assert renewed["localhost.pem"] != first["localhost.pem"]
    assert {**renewed, "localhost.pem": b""} == {**first, "localhost.pem": b""}
    development.ensure(tmp_path, NOW + timedelta(days=3400))
    assert names(tmp_path)["ca.pem"] != first["ca.pem"]
    assert len(names(tmp_path)) == 3


@pytest.mark.parametrize("harm", ["other key", "empty", "readable by others", "no authority", "clock"])
def test_what_is_worth_nothing_is_made_anew(tmp_path: Path, harm: str) -> None:
    certfile = development.ensure(tmp_path)
    authority = tmp_path / "authority.pem"
    before = certfile.read_bytes()
    if harm == "other key":
        certificate, _, _ = before.partition(b"-----BEGIN PRIVATE")
        certfile.write_bytes(
            certificate + b"-----BEGIN PRIVATE" + authority.read_bytes().partition(b"BEGIN PRIVATE")[2]
        )
    elif harm == "empty":
        certfile.write_bytes(b"")
    elif harm == "readable by others":
        certfile.chmod(0o644)
    elif harm == "no authority":
        authority.unlink()
    else:
        development.ensure(tmp_path, NOW - timedelta(days=20))
    assert development.ensure(tmp_path).read_bytes() != before
    assert believed(certfile, "localhost")


def test_where_nothing_can_be_kept_another_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InspectorError, match="cannot be kept") as caught:
        development.ensure(tmp_path / "file" / "tls")
    assert "--certfile" in caught.value.hint


def test_clients_of_apple_accept_it(tmp_path: Path) -> None:
    """At most 825 days, an extended key usage for servers, no CN alone (support.apple.com/103769)."""
    found = x509.load_pem_x509_certificate(development.ensure(tmp_path).read_bytes())
    assert found.not_valid_after_utc - found.not_valid_before_utc < timedelta(days=398)
    assert isinstance(found.signature_hash_algorithm, hashes.SHA256)
    usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert x509.oid.ExtendedKeyUsageOID.SERVER_AUTH in usage
