"""The options of one session, as the command line gives them; also what the engine is told (as JSON)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

INTERFACES = ("auto", "asgi3", "asgi2", "wsgi")
LIFESPAN = ("auto", "on", "off")
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Options:
    """Everything that can be chosen for serving one app (DESIGN, section 5)."""

    app: str = ""
    """APP as the user wrote it."""
    host: str = "127.0.0.1"
    port: int = 8000
    interface: str = "auto"
    app_dir: str = ""
    """The folder that the app is imported from; "" is the working directory."""
    python: str = ""
    """The interpreter that runs the app; "" is our own."""
    reload: bool = False
    root_path: str = ""
    uds: str = ""
    """The path of a Unix socket to listen on, in place of host and port."""
    forwarded_allow_ips: str = ""
    """Which proxies' X-Forwarded headers are believed: a list with commas; "" is none (`engine.host.forwarded`)."""
    certfile: str = ""
    """The certificate to serve TLS with, in PEM, those above it behind it; "" is no TLS."""
    keyfile: str = ""
    """Its private key; "" where `certfile` has it, too."""
    keyfile_password: str = ""
    development: bool = False
    """The certificate is one of our own, for this machine only (`session.development_certificate`)."""
    threads: int = 8
    """WSGI worker threads."""
    lifespan: str = "auto"
    ws_max_size: int = 16 * MEGABYTE
    """Bytes of one WebSocket message of a client; a longer one is answered with 1009."""
    ws_ping_interval: float = 20.0
    """Seconds of a client's silence until it is pinged; 0: never."""
    ws_ping_timeout: float = 20.0
    """Seconds after that until it counts as gone; 0: never."""
    ws_per_message_deflate: bool = True
    """Compress WebSocket messages where the client offers it."""
    in_process: bool = False
    output: bool = True
    """Tie the app's logging, stdout and stderr to its exchanges."""
    link: str = "inherit"
    """How the engine is joined: `inherit` (socket pair) or `tcp` (loopback with a token)."""
    record: str = ""
    """The recording to write; "" is a temporary one."""
    no_record: bool = False
    keep: int = 100_000
    """Exchanges kept; the oldest are dropped first."""
    keep_bytes: int = 512 * MEGABYTE
    body_cap: int = 10 * MEGABYTE
    """Bytes of one message's body that are recorded."""
    breaks: tuple[str, ...] = ()
    """Breakpoints to begin with, as expressions."""
    breaking: str = ""
    """Told to the engine by the session: its breakpoints, as JSON (`probe.board.Board.begin`)."""
    first_exchange: int = 1
    """Told to the engine by the session: the id of this run's first exchange."""
    unavailable: str = ""
    """Told to the stand-in after a crash: why there is no app, for the page of its 503."""

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Options:
        """Raises `ValueError` where `text` is no JSON object of known options."""
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("options are a JSON object")
        known = {field.name for field in fields(cls)}
        if unknown := set(found) - known:
            raise ValueError(f"unknown options: {', '.join(sorted(unknown))}")
        return cls(**{**found, "breaks": tuple(found.get("breaks", ()))})
