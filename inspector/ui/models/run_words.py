"""A run in words: how it began, how it stands or ended, what is wrong and what to do about it, step by step.

Pure: rows and states in, text out. What the app's process told is taken as it comes, whatever its types.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from inspector.recording.rows import ExchangeRow, MessageRow, RunRow
from inspector.session.state import SessionState
from inspector.ui import words

_LINES = 200
"""Steps that are told at most."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a run stands: `icon` and `color` as for `toolbar.Mark`, and words."""

    icon: str
    color: str
    word: str
    """One or two words."""
    title: str
    """A sentence without its full stop."""
    hint: str = ""
    """Whose fault it is, and what to do."""
    text: str = ""
    """Long: a traceback."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened in a run."""

    t_ns: int
    what: str
    words: str = ""
    color: str = "text"
    """Of the palette."""
    fixed: bool = False
    """`what` came through the gateway interface: the fixed font."""


_SIGNALS = {
    "SIGSEGV": "Native code touched memory that is not its own: an extension module of the app, or Python itself. With"
    " PYTHONFAULTHANDLER=1 in the environment the terminal shows the line that ran.",
    "SIGABRT": "Native code gave up by itself; it has written its reason to the terminal.",
    "SIGKILL": "It was killed from outside: on Linux mostly because memory ran out (dmesg tells), else by somebody.",
    "SIGTERM": "Somebody asked the process to end, or the app did so itself.",
}
_SIGNALS["SIGBUS"] = _SIGNALS["SIGILL"] = _SIGNALS["SIGFPE"] = _SIGNALS["SIGSEGV"]
_EXIT = "The app, or a library it uses, ended the process (os._exit, or an exit in a thread): no server can prevent it."
_BLOCKS = "Nothing else is answered meanwhile: something in it blocks, where it should await."
_VERDICTS = {
    "supported": ("The app handled its lifespan events", ""),
    "unsupported": ("The app has no lifespan", "It left the call without an answer, as the spec allows."),
    "failed": ("The app said that its startup failed", "It answered lifespan.startup with lifespan.startup.failed."),
    "raised": (
        "The app raised while it started up",
        "It is served without lifespan; --lifespan on makes this an error.",
    ),
    "hung": ("The app has not answered lifespan.startup", "Clients wait until it does."),
}
_WORRYING = ("failed", "raised", "hung")
_GRAVE, _MILD = "status_5xx", "status_4xx"
_ALIVE = {
    "starting": Standing("wait", "second", "starting", "The app is being loaded", "Clients wait until it is there."),
    "stopping": Standing("wait", "second", "stopping", "The app is being stopped", "What runs has its grace."),
}


def details(run: RunRow) -> dict[str, dict[str, Any]]:
    """The last detail of each of the run's states."""
    return {state: detail for _, state, detail in run.states}


def stands_in(run: RunRow) -> bool:
    """It serves no app, but a 503 in place of one."""
    return details(run).get("started", {}).get("cause") == "stand-in"


def began(run: RunRow) -> str:
    """Why it began: `start`, `restart by hand`, `reload: shop/pay.py and 2 more`."""
    told = details(run).get("started", {})
    cause = _text(told, "cause")
    if cause == "reload":
        files = [str(file) for file in _list(told.get("files"))]
        more = _number(told.get("file_count")) - 1
        first = files[0] if files else "a file"
        return f"reload: {first}" + (f" and {more:,} more" if more > 0 else "")
    return {"start": "start", "restart": "restart by hand", "stand-in": "in place of the app"}.get(cause, "")


def standing(run: RunRow, state: SessionState | None = None) -> Standing:
    """How it stands. `state` is the session's, where the run is the one it serves with."""
    told = details(run)
    if run.ended_ns is None:
        return _alive(run, told, state)
    if stands_in(run):
        next_ = _text(told.get("ended", {}), "how") in ("restarted", "reloaded")
        hint = "Then another run took over." if next_ else ""
        return Standing("ring", "second", "stood in", "It answered with a 503 in place of the app", hint)
    failed = _failed(told)
    ended = told.get("ended", {})
    how = _text(ended, "how")
    if how == "crashed" or (not ended and run.end_text not in ("stopped", "")):
        return _crashed(run, ended)
    if how == "refused":
        title = _text(ended, "title") or "The engine could not begin"
        return Standing("warning", "status_5xx", "not begun", title, _text(ended, "hint"), _text(ended, "detail"))
    if how == "forced":
        return Standing(
            "warning", "status_4xx", "ended by force", "The app did not end in time, and was ended by force",
            "Something in it does not let go: a request, a background task or a thread; the lifespan shutdown has 5 s.",
        )  # fmt: skip
    if failed:
        return failed
    title = {
        "restarted": "Ended for a restart", "reloaded": "Ended for a reload: files had changed",
    }.get(how, "Stopped in order")  # fmt: skip
    return Standing("ring", "second", how or "stopped", title)


def _alive(run: RunRow, told: dict[str, dict[str, Any]], state: SessionState | None) -> Standing:
    if stands_in(run):
        return Standing(
            "ring", "second", "stands in", "Every client gets a 503 that says why there is no app",
            "Restart, or the next save with --reload, starts the app again.",
        )  # fmt: skip
    if failed := _failed(told):
        return failed
    if state is not None and state.phase in _ALIVE:
        return _ALIVE[state.phase]
    if "serving" in told:
        since = serving_since(run)
        verdict = _text(told.get("lifespan", {}), "verdict")
        title, hint = _VERDICTS.get(verdict, ("", ""))
        if verdict in _WORRYING:
            return Standing("warning", "status_4xx", "serving", title, hint, _text(told.get("lifespan", {}), "text"))
        if state is not None and state.stalled_ns:
            title = f"The app has kept the event loop from turning for {words.duration(state.stalled_ns)}"
            return Standing("warning", _MILD, "stalled", title, _BLOCKS, state.stalled_where)
        title = f"Serving since {words.clock(since)[:8]}" if since else "Serving"
        return Standing("dot", "status_2xx", "serving", title, f"{state.in_flight:,} in flight" if state else "")
    return _ALIVE["starting"]


def _failed(told: dict[str, dict[str, Any]]) -> Standing | None:
    failure = told.get("load failed")
    if failure is None:
        return None
    title = _text(failure, "title") or "The app could not be loaded"
    return Standing("warning", "status_5xx", "not loaded", title, _text(failure, "hint"), _text(failure, "text"))


def _crashed(run: RunRow, ended: dict[str, Any]) -> Standing:
    text = _text(ended, "text") or run.end_text
    signal = text.removeprefix("killed by ")
    hint = _SIGNALS.get(signal, "") if signal != text else ""
    if not hint and text.startswith("exit code"):
        hint = _EXIT
    if not ended:  # a recording that was not ended in order
        return Standing("ring", "second", "cut off", run.end_text)
    return Standing("warning", "status_5xx", "crashed", f"The app's process ended: {text}", hint)


def serving_since(run: RunRow) -> int:
    """Wall clock; 0 where it never served."""
    for t_ns, state, _ in run.states:
        if state == "serving":
            return run.started_ns + t_ns - run.t0_ns
    return 0


def trusted(run: RunRow | None, row: ExchangeRow) -> bool:
    """Whether clients of the machine that served `row`, in `run`, believe the server's certificate."""
    certificate = _certificate(run) if run is not None and run.id == row.run else {}
    names = certificate.get("names")
    return certificate.get("trusted") is True and isinstance(names, list) and _is_for(names, row.host)


def _is_for(names: list[Any], authority: str) -> bool:
    try:
        host = urlsplit(f"//{authority}").hostname or ""
    except ValueError:  # no authority at all
        return False
    wild = f"*.{host.partition('.')[2]}"
    return any(isinstance(name, str) and name.lower() in (host, wild) for name in names)


def _certificate(run: RunRow) -> dict[str, Any]:
    found = details(run).get("started", {}).get("certificate")
    return found if isinstance(found, dict) else {}


def _certificate_told(run: RunRow) -> str:
    """Whose, where it lies, and why clients of this machine would not believe it."""
    found = _certificate(run)
    if not found:
        return ""
    file = _text(found, "file")
    doubt = "" if found.get("trusted") is True else f"not trusted by this system: {_text(found, 'why')}"
    if found.get("development") is True:
        remedy = f"trust {file.removesuffix('localhost.pem')}ca.pem to have it believed" if doubt else ""
        return " · ".join(filter(None, (f"development certificate {file}", doubt, remedy)))
    return " · ".join(filter(None, (file, doubt)))


def facts(run: RunRow) -> list[tuple[str, str]]:
    """What and who, in pairs."""
    told = details(run)
    loaded = told.get("loaded", {})
    interface = words.INTERFACES.get(_text(loaded, "interface"), "")
    app = _text(loaded, "app") or run.app
    found = [
        ("app", " · ".join(filter(None, (app, interface, _text(loaded, "name"))))),
        ("process", f"{run.pid}" if run.pid else ""),
        ("interpreter", " · ".join(filter(None, (run.python and f"Python {run.python}", run.executable)))),
        ("address", _text(told.get("serving", {}), "url")),
        ("certificate", _certificate_told(run)),
        ("began by", began(run)),
    ]
    return [(name, value) for name, value in found if value]


def steps(run: RunRow, lifespan: Sequence[MessageRow] = ()) -> list[Step]:
    """What happened, in order; with the lifespan's messages between the run's own states."""
    found = [step for t_ns, state, detail in run.states if (step := _step(t_ns, state, detail))]
    for message in lifespan:
        arrow = {"call": "the app is called", "receive": "to the app", "send": "from the app"}
        text = arrow.get(message.direction, "")
        said = message.data.get("message") if isinstance(message.data, dict) else None
        if message.direction in ("return", "raise"):
            text = "the app left the call" if message.direction == "return" else "the app let an exception out"
        what = "lifespan scope" if message.direction == "call" else message.type
        if isinstance(said, str) and said:
            text += f": {said}"
        found.append(Step(message.t_ns, what, text, _GRAVE if message.direction == "raise" else "text", fixed=True))
    return sorted(found, key=lambda step: step.t_ns)[:_LINES]


def _step(t_ns: int, state: str, detail: dict[str, Any]) -> Step | None:
    duration = words.duration(_number(detail.get("duration_ns")))
    match state:
        case "started":
            files = [str(file) for file in _list(detail.get("files"))]
            more = _number(detail.get("file_count")) - len(files)
            listed = ", ".join(files) + (f" and {more:,} more" if more > 0 else "")
            cause = _text(detail, "cause")
            what = {"reload": "files changed", "restart": "restart by hand", "stand-in": "in place of the app"}
            return Step(t_ns, what.get(cause, "started"), listed)
        case "loading":
            return Step(t_ns, "loading", "the app is imported")
        case "loaded":
            return Step(t_ns, "loaded", words.INTERFACES.get(_text(detail, "interface"), _text(detail, "interface")))
        case "load failed":
            return Step(t_ns, "not loaded", _text(detail, "title"), _GRAVE)
        case "lifespan":
            verdict = _text(detail, "verdict")
            title = _VERDICTS.get(verdict, ("", ""))[0]
            return Step(t_ns, f"lifespan {verdict}", title, _MILD if verdict in _WORRYING else "text")
        case "serving":
            return Step(t_ns, "serving", _text(detail, "url"))
        case "stalled":
            over = "" if detail.get("over", True) else ", until the end"
            return Step(t_ns, f"loop stalled {duration}{over}", _text(detail, "where"), _MILD)
        case "stalls":
            count = _number(detail.get("count"))
            return Step(t_ns, f"{count:,} stalls in all", f"the longest {duration}  {_text(detail, 'where')}", _MILD)
        case "stopping":
            return Step(t_ns, "stopping", "no new connections; what runs has its grace")
        case "ended":
            how = _text(detail, "how")
            color = {"crashed": _GRAVE, "refused": _GRAVE, "forced": _MILD}.get(how, "text")
            return Step(
                t_ns, {"forced": "ended by force", "crashed": how}.get(how, "ended"), _text(detail, "text"), color
            )
    return None


def last_words(run: RunRow) -> list[str]:
    """What the app wrote last, before it crashed."""
    ended = details(run).get("ended", {})
    if ended.get("how") != "crashed":
        return []
    lines = []
    for each in _list(ended.get("words")):
        if isinstance(each, list | tuple) and len(each) == 4:
            source, level, text, _exchange = each
            lines += [f"{level or source}\t{line}" for line in str(text).rstrip("\n").split("\n")]
    return lines[-40:]


def lost(run: RunRow) -> list[str]:
    """The requests that were in flight when it ended, and how many more."""
    ended = details(run).get("ended", {})
    names = [str(name) for name in _list(ended.get("lost"))]
    more = _number(ended.get("lost_count")) - len(names)
    return [*names, f"and {more:,} more"] if more > 0 else names


def _text(detail: dict[str, Any], key: str) -> str:
    value = detail.get(key, "")
    return value if isinstance(value, str) else str(value)


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _number(value: object) -> int:
    return value if type(value) is int else 0
