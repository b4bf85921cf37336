"""A certificate for localhost, made on the spot for `--tls`, by a certificate authority of this user's own.

    FOLDER/ca.pem         the authority's certificate: what a user who wants no warnings has his clients trust
    FOLDER/authority.pem  its certificate and key
    FOLDER/localhost.pem  the server's certificate and key; made anew where it ends within `RENEWED_DAYS`

The authority outlasts the certificates it signs, so that who trusts it does so once. Its own certificate says that it
may sign for localhost and loopback addresses only (RFC 5280, 4.2.1.10): a key that leaks is of no use elsewhere.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import platform
import secrets
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from platformdirs import user_data_path

from inspector.errors import InspectorError

AUTHORITY_DAYS = 3650
DAYS = 365
RENEWED_DAYS = 30
NAMES = ("localhost",)
ADDRESSES = ("127.0.0.1", "::1")
_EARLIER = timedelta(days=1)
"""The clocks of clients in virtual machines and containers may be behind."""

Signer = tuple[x509.Certificate, EllipticCurvePrivateKey]


def home() -> Path:
    """Where the certificates of this user are kept."""
    return user_data_path("inspector", appauthor=False) / "tls"


def ensure(folder: Path | None = None, now: datetime | None = None) -> Path:
    """The file with a certificate for localhost and its key, good for at least `RENEWED_DAYS`; the authority's
    certificate lies beside it (`authority_of`). Raises `InspectorError` where nothing can be kept."""
    folder, now = folder or home(), now or datetime.now(UTC)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = _authority(folder, now)
        ours = folder / "localhost.pem"
        found = _read(ours)
        if found is None or _ends_soon(found[0], now, RENEWED_DAYS) or not _signed(found[0], authority[0]):
            _write(ours, *_certificate(authority, now))
        return ours
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        raise InspectorError(
            f"The development certificate cannot be kept in {folder}: {what}.",
            "Make the folder writable for you, or name a certificate of your own with --certfile.",
        ) from error


def authority_of(certfile: Path) -> Path:
    """The certificate to be trusted, of a file that `ensure` gave."""
    return certfile.with_name("ca.pem")


def _authority(folder: Path, now: datetime) -> Signer:
    path = folder / "authority.pem"
    found = _read(path)
    if found is None or _ends_soon(found[0], now, DAYS + RENEWED_DAYS):
        _write(path, *_new_authority(now))
        found = _read(path)  # another program may have been quicker: what lies there holds
        assert found is not None
    public, told = folder / "ca.pem", found[0].public_bytes(Encoding.PEM)
    if not public.exists() or public.read_bytes() != told:
        _replace(public, told)
    return found


def _new_authority(now: datetime) -> Signer:
    key = generate_private_key(SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Inspector development CA"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Inspector development CA ({_who()})"),
        ]
    )
    allowed: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(ip_network("127.0.0.0/8")),
        x509.IPAddress(ip_network("::1/128")),
    ]
    builder = (
        _builder(name, name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(allowed, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256()), key


def _certificate(authority: Signer, now: datetime) -> Signer:
    signer, signing_key = authority
    key = generate_private_key(SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Inspector development certificate"),
            x509.NameAttribute(NameOID.COMMON_NAME, "localhost"),
        ]
    )
    names: list[x509.GeneralName] = [
        *map(x509.DNSName, NAMES), *(x509.IPAddress(ip_address(address)) for address in ADDRESSES)
    ]  # fmt: skip
    builder = (
        _builder(name, signer.subject, key, now, DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False
        )
    )  # fmt: skip
    return builder.sign(signing_key, hashes.SHA256()), key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), now - _EARLIER, now + timedelta(days=days)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _who() -> str:
    """Whose authority it is, for a list in which there may be several."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user in the system's list
        user = "unknown"
    return f"{user}@{platform.node()}"[:30].encode("ascii", "replace").decode()


def _ends_soon(certificate: x509.Certificate, now: datetime, days: int) -> bool:
    return certificate.not_valid_after_utc - now < timedelta(days=days) or now < certificate.not_valid_before_utc


def _signed(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except Exception:  # noqa: BLE001 - ValueError, TypeError or InvalidSignature: it is not
        return False
    return True


def _read(path: Path) -> Signer | None:
    """Certificate and key of a file; None where there are none that fit each other."""
    try:
        data = path.read_bytes()
        found, key = x509.load_pem_x509_certificate(data), load_pem_private_key(data, None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if not isinstance(key, EllipticCurvePrivateKey) or found.public_key() != key.public_key():
        return None
    if os.name == "posix" and path.stat().st_mode & 0o077:  # others could have read it: it is worth nothing
        return None
    return found, key


def _write(path: Path, certificate: x509.Certificate, key: EllipticCurvePrivateKey) -> None:
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _replace(path, certificate.public_bytes(Encoding.PEM) + secret)


def _replace(path: Path, *parts: bytes) -> None:
    """Put a file in the place of another in one step; it is its owner's only from its first byte on."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.writelines(parts)
        fresh.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
