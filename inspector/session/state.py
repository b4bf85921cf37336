"""What a session is doing, as one frozen value; and how a batch of what the engine told changes it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from inspector.options import Options
from inspector.recording.fold import Batch
from inspector.session.stepping import SteppingState
from inspector.trace import certificate
from inspector.trace.records import StateChanged

PHASES = {
    "stopped": "nothing is served, and the port is free",
    "starting": "the engine starts, the app is imported; clients wait",
    "serving": "the app answers",
    "failed": "the app could not be loaded, or the engine not be started; clients get a 503 that says why",
    "crashed": "the engine died; clients get a 503 that says how",
    "stopping": "no new connections; what runs has its grace",
}


@dataclass(frozen=True)
class Certificate:
    """What the app is served with over TLS, and whether clients of this machine would believe it."""

    file: str
    development: bool
    """Made by us (`session.development_certificate`)."""
    trusted: bool
    names: tuple[str, ...]
    """Hosts and addresses that it is for; known only where it is trusted."""
    why: str
    """Why it is not trusted."""


@dataclass(frozen=True)
class SessionState:
    """`title`, `hint` and `text` say what went wrong, if anything did; `text` is long (a traceback)."""

    phase: str = "stopped"
    url: str = ""
    certificate: Certificate | None = None
    """None: no TLS."""
    app: str = ""
    """APP as the user wrote it; once it is loaded, as the engine names it."""
    interface: str = ""
    pid: int = 0
    python: str = ""
    """The version of the interpreter that runs the app."""
    run: int = 0
    title: str = ""
    hint: str = ""
    text: str = ""
    lifespan: str = ""
    """The verdict: supported, unsupported, failed, raised, hung; empty while there is none."""
    lifespan_text: str = ""
    loop_lag_ns: int = 0
    in_flight: int = 0
    stalled_ns: int = 0
    """How long the app has kept the loop from turning, at this moment; 0 where it turns."""
    stalled_where: str = ""
    stepping: SteppingState = field(default_factory=SteppingState)
    """Breakpoints, and what is held."""
    problem: str = ""
    """What is wrong on our side while the app is served: the recording, the watch for changes."""
    problem_text: str = ""


def told(state: SessionState, batch: Batch) -> SessionState:
    """`state` after what the running engine told in `batch`."""
    changes: dict[str, Any] = {}
    if batch.run_started is not None:
        changes.update(pid=batch.run_started.pid, python=batch.run_started.python)
    if batch.stalls:
        last = batch.stalls[-1]
        changes["stalled_ns"] = 0 if last.over else last.duration_ns
        changes["stalled_where"] = "" if last.over else last.where
    if batch.pulse is not None:
        changes.update(loop_lag_ns=batch.pulse.loop_lag_ns, in_flight=batch.pulse.in_flight)
    state = replace(state, **changes) if changes else state
    for change in batch.states:
        state = _changed(state, change)
    return state


def _changed(state: SessionState, change: StateChanged) -> SessionState:
    """`state` after one of `trace.records.STATES`. Details are taken as they come: the app's process wrote them."""
    detail = {key: str(value) for key, value in change.detail.items()}
    if change.state == "loaded":
        return replace(state, interface=detail.get("interface", ""), app=detail.get("app") or state.app)
    if change.state == "lifespan":
        return replace(state, lifespan=detail.get("verdict", ""), lifespan_text=detail.get("text", ""))
    if state.phase == "stopping":
        return state
    if change.state == "load failed":
        title, hint, text = (detail.get(key, "") for key in ("title", "hint", "text"))
        return replace(state, phase="failed", title=title, hint=hint, text=text)
    if change.state == "serving" and state.phase == "starting":
        return replace(state, phase="serving", url=detail.get("url") or state.url)
    return state


def certificate_of(options: Options) -> Certificate | None:
    """The certificate that `options` name. Raises `InspectorError` where its files are not what they should be; takes
    its time."""
    if not options.certfile:
        return None
    context = certificate.server_context(options.certfile, options.keyfile, options.keyfile_password)
    verdict = certificate.verdict(context)
    return Certificate(options.certfile, options.development, verdict.trusted, verdict.names, verdict.why)
