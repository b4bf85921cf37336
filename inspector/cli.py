"""The command line (DESIGN, section 5): what was asked for, and who does it.

Nothing heavy is imported before the words are understood: `--help` answers at once.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

from inspector import __version__
from inspector.errors import InspectorError
from inspector.options import INTERFACES, LIFESPAN, Options
from inspector.terminal import visible

COMMANDS = {
    "serve": "serve an app without a window",
    "open": "open the window on a recording",
    "show": "print a recording",
    "demo": "open the window on the demo shop, with visitors",
    "selftest": "check that this installation works",
    "doctor": "tell what this machine has and lacks",
}
USAGE = 2
"""Exit code for wrong usage."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code: 0, 1 where the app could not be loaded or started, 2 for wrong usage."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = words[0] if words and words[0] in COMMANDS else ""
    parser = _PARSERS[command]()
    parsed, unknown = parser.parse_known_args(words[1:] if command else words)
    if unknown:
        parser.error(_misplaced(command, parsed, unknown) or f"unrecognized arguments: {' '.join(unknown)}")
    try:
        return _RUNNERS[command](parsed)
    except InspectorError as error:
        print(visible(str(error), keep="\n\t"), file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # the reader of our output has had enough
        sys.stdout = None
        return 0
    except KeyboardInterrupt:
        return 130


# What each command understands.


def _parser(command: str, description: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"inspector {command}".strip(),
        description=description,
        epilog=None if command else _commands_told(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _commands_told() -> str:
    lines = [f"  inspector {name:<10} {what}" for name, what in COMMANDS.items()]
    return "\n".join(["commands, each with a --help of its own:", *lines])


def _window_parser() -> argparse.ArgumentParser:
    parser = _parser("", "Watch what happens between a web server and a Python app: serve APP, and show every message.")
    parser.add_argument("app", metavar="APP", nargs="?", default="", help=_APP)
    parser.add_argument("--version", action="version", version=f"Inspector {__version__}")
    _add_serving(parser)
    return parser


def _serve_parser() -> argparse.ArgumentParser:
    parser = _parser("serve", "Serve APP without a window.")
    parser.add_argument("app", metavar="APP", help=_APP)
    _add_serving(parser)
    parser.add_argument("--no-record", action="store_true", help="record nothing")
    parser.add_argument("--quiet", action="store_true", help="no line per exchange on stderr")
    parser.add_argument("--control", action="store_true", help="step by lines of JSON on stdin and stdout")
    parser.add_argument("--wait", action="store_true", help='with --control: start APP at the verb "start" only')
    return parser


_APP = "module:attribute, module:factory() or path/to/file.py[:attribute]; a plain attribute may be left out"


_WS = {
    "max_size": "longest WebSocket message of a client (default %(default)s)",
    "interval": "ping a WebSocket client that is silent for S seconds, 0: never (default %(default)g)",
    "timeout": "close its connection if it stays silent for S seconds, 0: never (default %(default)g)",
    "deflate": "compress WebSocket messages where the client offers it (default true)",
}


_FORWARDED = "proxies whose X-Forwarded-For and -Proto are believed: addresses, networks, or * (default: none)"


def _add_serving(parser: argparse.ArgumentParser) -> None:
    default = Options()
    add = parser.add_argument
    add("--host", default=default.host, help="address to listen on (default %(default)s)")
    add("--port", type=_port, default=default.port, help="0 picks one (default %(default)s)")
    add("--uds", metavar="PATH", default="", help="Unix socket to listen on, in place of host and port")
    add("--forwarded-allow-ips", metavar="LIST", default="", help=_FORWARDED)
    add("--tls", action="store_true", help="https, with a certificate for localhost made on the spot")
    add("--certfile", "--ssl-certfile", metavar="FILE", default="", help="https, with the certificate in FILE (PEM)")
    add("--keyfile", "--ssl-keyfile", metavar="FILE", default="", help="its key, where it is not in the same file")
    add("--keyfile-password", "--ssl-keyfile-password", metavar="TEXT", default="", help="of an encrypted key")
    add("--interface", choices=INTERFACES, default=default.interface, help="what APP speaks (default: found out)")
    add("--app-dir", metavar="DIR", default="", help="folder to import APP from (default: this one)")
    add("--python", metavar="FILE", default="", help="interpreter that runs APP (default: this one)")
    add("--reload", action="store_true", help="restart when a file of the app changes")
    add("--root-path", metavar="PATH", default="", help="where APP is mounted (root_path, SCRIPT_NAME)")
    add("--threads", type=_positive, default=default.threads, help="threads for a WSGI app (default %(default)s)")
    add("--lifespan", choices=LIFESPAN, default=default.lifespan, help="ASGI lifespan (default %(default)s)")
    add("--ws-max-size", type=_positive, default=default.ws_max_size, metavar="BYTES", help=_WS["max_size"])
    add("--ws-ping-interval", type=_seconds, default=default.ws_ping_interval, metavar="S", help=_WS["interval"])
    add("--ws-ping-timeout", type=_seconds, default=default.ws_ping_timeout, metavar="S", help=_WS["timeout"])
    add("--ws-per-message-deflate", type=_yes, default=True, metavar="true|false", help=_WS["deflate"])
    add("--in-process", action="store_true", help="run APP in this process (no reload, no survival of a crash)")
    add("--keep", type=_positive, default=default.keep, metavar="N", help="exchanges kept (default %(default)s)")
    add("--record", default="", metavar="FILE", help="write the recording to FILE")
    told = "hold the messages that match EXPR; may be given more than once"
    add("--break", dest="breaks", action="append", default=[], metavar="EXPR", help=told)
    add("--no-output", dest="output", action="store_false", help="leave the app's logging, stdout and stderr alone")
    add("--link", choices=("inherit", "tcp"), default=default.link, help=argparse.SUPPRESS)


def _open_parser() -> argparse.ArgumentParser:
    parser = _parser("open", "Open the window on a recording.")
    parser.add_argument("file", metavar="FILE")
    return parser


def _show_parser() -> argparse.ArgumentParser:
    parser = _parser("show", "Print the exchanges of a recording: a table, or JSON lines with every message.")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--filter", default="", metavar="EXPR", help="as in the window: 'status:5xx path:/api'")
    parser.add_argument("--json", action="store_true", help="one JSON object per exchange")
    parser.add_argument("--redact", action="store_true", help="leave out credentials and cookies")
    return parser


def _demo_parser() -> argparse.ArgumentParser:
    parser = _parser("demo", "Open the window on the demo shop, with visitors. Without a display: the same, in words.")
    parser.add_argument("--wsgi", action="store_true", help="the shop as a WSGI app")
    parser.add_argument("--screenshot", metavar="PNG", default="", help="render the window to PNG, and end")
    parser.add_argument("--theme", choices=("light", "dark"), default=None, help="of the picture")
    return parser


def _selftest_parser() -> argparse.ArgumentParser:
    return _parser("selftest", "Serve the demo, make a request, render the window; the exit code tells.")


def _doctor_parser() -> argparse.ArgumentParser:
    parser = _parser("doctor", "Tell what this machine has and lacks, with the command that mends it.")
    parser.add_argument("--mend", action="store_true", help="install what is missing (as root, with apt)")
    return parser


def _misplaced(command: str, parsed: argparse.Namespace, unknown: list[str]) -> str:
    """What is wrong where APP, followed by a word too many, was meant to be a command; else ""."""
    if command or not parsed.app or all(word.startswith("-") for word in unknown):
        return ""
    if parsed.app in COMMANDS:
        return f"the command comes first: inspector {parsed.app} ..."
    near = difflib.get_close_matches(parsed.app, COMMANDS, 1)
    return f"no such command {parsed.app!r}; did you mean {near[0]}?" if near else ""


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1e9:
        raise argparse.ArgumentTypeError("seconds, 0 or more")
    return number


def _yes(text: str) -> bool:
    answers = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if text.lower() not in answers:
        raise argparse.ArgumentTypeError("true or false")
    return answers[text.lower()]


# Who does it.

_APART = {
    "in_process": ("reload", "python"),
    "record": ("no_record",),
    "control": ("no_record",),
    "tls": ("certfile", "keyfile"),
}
"""Options of which one makes the other pointless."""


def _options(parsed: argparse.Namespace) -> Options:
    for one, others in _APART.items():
        for other in others:
            if getattr(parsed, one, False) and getattr(parsed, other, False):
                words = [name.replace("_", "-") for name in (one, other)]
                raise InspectorError("--{} and --{} do not go together.".format(*words), exit_code=USAGE)
    certfile, keyfile = _certificate(parsed)
    given = {field.name: getattr(parsed, field.name) for field in fields(Options) if hasattr(parsed, field.name)}
    given.update(certfile=certfile, keyfile=keyfile, development=parsed.tls, breaks=tuple(_breaks(parsed)))
    given["uds"] = str(Path(parsed.uds).absolute()) if parsed.uds else ""
    given["root_path"] = parsed.root_path.rstrip("/")
    return Options(**given)


def _certificate(parsed: argparse.Namespace) -> tuple[str, str]:
    """The files of the certificate and of its key, absolute; "" where there is none."""
    if parsed.tls:
        from inspector.session import development_certificate

        return str(development_certificate.ensure()), ""
    if parsed.keyfile and not parsed.certfile:
        raise InspectorError("--keyfile goes with --certfile, which names the certificate.", exit_code=USAGE)
    return tuple(str(Path(name).absolute()) if name else "" for name in (parsed.certfile, parsed.keyfile))  # type: ignore[return-value]


def _breaks(parsed: argparse.Namespace) -> list[str]:
    from inspector.session.stepping import Refused, check

    found = list(getattr(parsed, "breaks", ()))
    for expression in found:
        try:
            check(expression)
        except Refused as error:
            raise InspectorError(f"--break {error.title}", error.hint, exit_code=USAGE) from None
    return found


def _run_window(parsed: argparse.Namespace) -> int:
    from inspector import doctor

    options = _options(parsed)
    if options.app and not doctor.has_display():
        from inspector import serve

        if options.breaks:
            raise InspectorError(
                "There is no display, and --break needs the window: without it nobody could let the app go on.",
                "From a script: inspector serve APP --control --break EXPR",
                exit_code=USAGE,
            )
        print("There is no display: the app is served without a window.", file=sys.stderr)
        return serve.main(options, quiet=False)
    from inspector import app

    return app.watch(options)


def _run_serve(parsed: argparse.Namespace) -> int:
    from inspector import control, serve

    options = _options(parsed)
    if parsed.control:
        return control.main(options, quiet=parsed.quiet, wait=parsed.wait)
    if parsed.wait or options.breaks:
        word = "--wait" if parsed.wait else "--break"
        raise InspectorError(f"{word} goes with --control: without it nobody could let the app go on.", exit_code=USAGE)
    return serve.main(options, quiet=parsed.quiet)


def _run_open(parsed: argparse.Namespace) -> int:
    from inspector import app

    return app.look(parsed.file)


def _run_show(parsed: argparse.Namespace) -> int:
    from inspector import show

    return show.main(parsed.file, parsed.filter, as_json=parsed.json, redact=parsed.redact)


def _run_demo(parsed: argparse.Namespace) -> int:
    from inspector import doctor

    if parsed.screenshot or not doctor.has_display():
        from inspector import unseen

        return unseen.demo(wsgi=parsed.wsgi, screenshot=parsed.screenshot, choice=parsed.theme)
    from inspector import app

    return app.demo(wsgi=parsed.wsgi)


def _run_selftest(_parsed: argparse.Namespace) -> int:
    from inspector import selftest

    return selftest.main()


def _run_doctor(parsed: argparse.Namespace) -> int:
    from inspector import doctor

    return doctor.main(mend=parsed.mend)


_PARSERS: dict[str, Callable[[], argparse.ArgumentParser]] = {
    "": _window_parser,
    "serve": _serve_parser,
    "open": _open_parser,
    "show": _show_parser,
    "demo": _demo_parser,
    "selftest": _selftest_parser,
    "doctor": _doctor_parser,
}
_RUNNERS: dict[str, Callable[[argparse.Namespace], int]] = {
    "": _run_window,
    "serve": _run_serve,
    "open": _run_open,
    "show": _run_show,
    "demo": _run_demo,
    "selftest": _run_selftest,
    "doctor": _run_doctor,
}
