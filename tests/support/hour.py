"""A person's hour with the program, by mouse and keyboard on a real X server: python -m tests.support.hour [SECONDS]

    xvfb-run -s "-screen 0 1600x1000x24" .venv/bin/python -m tests.support.hour 600

From the first run to the reopened recording, under traffic of 300 requests a second; SECONDS is how long the traffic is
watched (20). Every step asserts that no key is lost, no selection jumps and no focus is stolen, and the longest gap of
the Qt thread is told for each. The program is a process of its own (`tests.support.probed`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inspector.commands.table import COMMANDS
from tests.support.gaps import CLOCKS

PATIENCE = 20.0
RATE = 300
"""Requests a second."""
GAP_MS = 100.0
START = "the program starts"
_LANES = 12
SHORTCUTS = {command.id: command.shortcuts for command in COMMANDS}
APP = """
import asyncio, json, os

BASKET = json.dumps({"basket": [{"sku": f"lamp-{n:02}", "count": n} for n in range(40)], "note": "needle"}).encode()


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["path"] == "/crash":
        os._exit(3)
    await asyncio.sleep(0.002)
    status = 404 if scope["path"].endswith("7") else 200
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(BASKET)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": BASKET})
"""


def xdotool(*words: object) -> str:
    ended = subprocess.run(["xdotool", *map(str, words)], capture_output=True, text=True, timeout=PATIENCE, check=True)
    return ended.stdout.strip()


class Person:
    """Somebody before the screen, who knows what is on it (`ask`) and has a mouse and a keyboard."""

    def __init__(self, process: subprocess.Popen[bytes], probe: socket.socket) -> None:
        self.process = process
        self._probe = probe
        self._answers = probe.makefile("rb")

    def ask(self, words: str = "?") -> dict[str, Any]:
        """The facts of this moment."""
        self._probe.sendall(words.encode() + b"\n")
        answer = json.loads(self._answers.readline())
        assert isinstance(answer, dict)
        return answer

    def step(self, name: str) -> None:
        self.ask(f"gaps {name}")
        print(f"  {name}", flush=True)

    def until(self, holds: Callable[[dict[str, Any]], object], what: str, seconds: float = PATIENCE) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while not holds(facts := self.ask()):
            assert self.process.poll() is None, f"the program ended while it was waited for {what}"
            shown = {key: value for key, value in facts.items() if key not in ("places", "gaps")}
            assert time.monotonic() < deadline, f"waited in vain for {what}: {shown}"
            time.sleep(0.03)
        return facts

    def always(self, holds: Callable[[dict[str, Any]], object], what: str, seconds: float) -> dict[str, Any]:
        """`holds` at every look, for so long."""
        deadline = time.monotonic() + seconds
        while True:
            facts = self.ask()
            assert holds(facts), f"{what}: { ({key: facts[key] for key in ('focus', 'picked', 'filter', 'active')}) }"
            if time.monotonic() > deadline:
                return facts
            time.sleep(0.05)

    def key(self, *keys: str) -> None:
        xdotool("key", "--delay", 25, *keys)

    def command(self, id_: str) -> None:
        """By its first shortcut."""
        *modifiers, last = SHORTCUTS[id_][0].split("+")
        self.key("+".join([*map(str.lower, modifiers), last.lower() if len(last) == 1 else last]))

    def type(self, text: str) -> None:
        xdotool("type", "--delay", 14, text)

    def click(self, x: float, y: float) -> None:
        xdotool("mousemove", round(x), round(y), "click", 1)

    def click_on(self, name: str, kind: str = "places", x: float = 0.5) -> None:
        """A widget by its name, one of the `buttons` or an entry of the `menu` by its word; at `x` of its width."""
        left, top, width, height = self.until(lambda facts: name in facts[kind], f"{name} to be seen")[kind][name]
        self.click(left + width * x, top + height / 2)

    def click_row(self, number: int) -> None:
        """The row of the exchange table that is the `number`th from the top of what is in sight."""
        facts = self.ask()
        x, y, _, _ = facts["table"]
        self.click(x + 220, y + facts["row_height"] * (number + 0.5))

    def focus(self, name: str) -> None:
        """Gives the keyboard to a top-level window, as a window manager does with a new one."""
        found = xdotool("search", "--sync", "--onlyvisible", "--name", name).splitlines()[-1]
        xdotool("windowfocus", "--sync", found)

    def answer(self, dialog: str, title: str, text: str) -> None:
        """Types `text` into a dialog that asks for a name, and accepts."""
        self.until(lambda facts: dialog in facts["dialogs"], f"the dialog {dialog}")
        self.focus(title)
        self.until(lambda facts: facts["active"] == dialog, f"the keyboard in {dialog}")
        self.key("ctrl+a")
        self.type(text)
        self.until(lambda facts: facts["typed"] == text, f"{text} in the dialog")
        self.key("Return")
        self.until(lambda facts: dialog not in facts["dialogs"], "the dialog's end")
        self.focus("Inspector")


@contextmanager
def program(folder: Path, *words: str) -> Iterator[Person]:
    """The program, started for the first time ever, in `folder`; with `words`."""
    ours, theirs = socket.socketpair()
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "CACHE", "DATA", "STATE")}
    environment = {**os.environ, **homes, "QT_QPA_PLATFORM": "xcb", "INSPECTOR_PROBE": str(theirs.fileno()),
                   "PYTHONPATH": str(Path(__file__).parents[2])}  # fmt: skip
    command = [sys.executable, "-m", "tests.support.probed", *words, "--port", "0"]
    process = subprocess.Popen(command, env=environment, cwd=folder, pass_fds=[theirs.fileno()])
    theirs.close()
    try:
        yield Person(process, ours)
    finally:
        ours.close()
        process.kill()
        process.wait()


@contextmanager
def storm(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """300 requests a second, from a process of its own."""
    process = subprocess.Popen([sys.executable, "-m", "tests.support.hour", "--storm", url],
                               cwd=Path(__file__).parents[2])  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


async def _storm(url: str) -> None:
    """Requests on a dozen connections, evenly paced; connections that break are made anew."""
    host, _, port = url.removeprefix("http://").partition(":")
    began, sent = time.monotonic(), 0

    async def lane(number: int) -> None:
        nonlocal sent
        writer: asyncio.StreamWriter | None = None
        turn = number
        while True:
            await asyncio.sleep(max(0.0, began + turn / RATE - time.monotonic()))
            turn = max(turn + _LANES, int((time.monotonic() - began - 1) * RATE))  # what is missed is not made up for
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection(host, int(port))
                writer.write(f"GET /storm/{sent} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                sent += 1
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
            except (OSError, EOFError, ValueError):
                if writer is not None:
                    writer.close()
                writer = None
                await asyncio.sleep(0.1)

    await asyncio.gather(*(lane(number) for number in range(_LANES)))


def get(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def live(folder: Path, seconds: float = 20.0) -> dict[str, dict[str, float]]:
    """The whole of it; for each step the longest gap of the Qt thread in ms, by each clock of `gaps.CLOCKS`."""
    app, saved = folder / "shop.py", folder / "today.inspector"
    app.write_text(APP)
    with program(folder) as person:
        url = first_run(person, app)
        with storm(url):
            browse(person, seconds)
            search(person)
            look_otherwise(person)
            restart(person)
        save(person, saved)
        crash(person, url)
        reopen(person, saved)
        figures = person.ask()["gaps"]
        leave(person)
    return dict(figures)


def longest(figures: dict[str, dict[str, float]], clock: str = "thread") -> float:
    """The longest gap while somebody used the program: its start, before there is a window, does not count."""
    return max((gap[clock] for step, gap in figures.items() if step != START), default=0.0)


def first_run(person: Person, app: Path) -> str:
    """From the welcome page to the first exchange; the URL."""
    person.until(lambda facts: facts.get("window"), "the window", 40)
    person.step("first run")
    person.until(lambda facts: facts["welcome"], "the welcome page")
    person.focus("Inspector")
    person.until(lambda facts: facts["active"] == "window", "the keyboard")
    person.step("open an app")
    person.command("app.open")
    person.answer("openAppDialog", "Open an app", str(app))
    facts = person.until(lambda facts: facts["phase"] == "serving", "the app to be served")
    person.step("the first exchange")
    assert get(f"{facts['url']}/first") == 200
    person.until(lambda facts: facts["rows"] >= 2, "the first exchange in the table")
    return str(facts["url"])


def browse(person: Person, seconds: float) -> None:
    """Rows and filter, while it storms."""
    person.step("traffic")
    person.until(lambda facts: facts["recorded"] > RATE, "the storm")
    person.step("select a row")
    person.click_row(3)
    picked = person.until(lambda facts: facts["picked"], "a selected row")["picked"]
    person.step("selected while it storms")
    steady = lambda facts: facts["picked"] == picked and facts["focus"] == "exchangeTable"  # noqa: E731
    before = person.ask()
    after = person.always(steady, "the selection or the focus moved", seconds / 2)
    assert after["scroll"] == before["scroll"]
    assert after["recorded"] > before["recorded"] + RATE * seconds / 4, "the storm was none"
    person.step("walk by keys")
    person.key(*["Down"] * 10)
    person.until(lambda facts: facts["picked"] == picked + 10, "ten rows further down")
    person.step("type a filter")
    person.command("filter.focus")
    person.until(lambda facts: facts["focus"] == "filterEdit", "the keyboard in the filter")
    wanted = "status:404 and path:/storm and not path~7$ or path:/storm/1"
    person.type(wanted)
    person.until(lambda facts: facts["filter"] == wanted, "every key that was typed")
    person.always(lambda facts: facts["focus"] == "filterEdit" and facts["filter"] == wanted, "focus or text lost",
                  seconds / 4)  # fmt: skip
    person.key("Escape")  # the suggestions
    person.key("ctrl+a", "BackSpace")
    person.type("status:404")
    person.key("Return")
    person.until(lambda facts: facts["filter"] == "status:404" and 0 < facts["rows"] < facts["recorded"] / 2, "less")
    person.step("select and copy")
    if person.ask()["focus"] != "exchangeTable":
        person.key("Escape")
    person.click_row(2)
    picked = person.until(lambda facts: facts["picked"] and facts["focus"] == "exchangeTable", "a row")["picked"]
    person.command("exchange.copy_url")
    person.until(lambda facts: "/storm/" in facts["clipboard"], "the URL in the clipboard")
    person.command("exchange.copy_curl")
    person.until(lambda facts: facts["clipboard"].startswith("curl "), "the command in the clipboard")
    person.always(lambda facts: facts["picked"] == picked, "the selection moved", seconds / 4)
    person.step("filter away")
    person.command("filter.clear")
    person.until(lambda facts: facts["rows"] > facts["recorded"] / 2, "every row")
    person.always(lambda facts: facts["picked"] == picked, "the selection moved", 0.5)


def search(person: Person) -> None:
    """In the body of the response."""
    person.step("the response")
    x, y, width, height = person.ask()["places"]["detailTabs"]
    for offset in range(30, width, 24):
        person.click(x + offset, y + height / 2)
        if person.ask()["tab"] == "Response":
            break
    person.until(lambda facts: facts["tab"] == "Response", "the tab")
    if "find.open" not in SHORTCUTS:
        return
    person.step("search in the body")
    person.click_on("bodyView")
    person.command("find.open")
    person.until(lambda facts: facts["focus"] == "findEdit", "the keyboard in the search")
    person.type("needle")
    person.until(lambda facts: facts["typed"] == "needle", "every key that was typed")
    person.always(lambda facts: facts["focus"] == "findEdit" and facts["typed"] == "needle", "lost", 1.0)
    person.key("Return")
    person.key("Escape")


def look_otherwise(person: Person) -> None:
    """Size, colours, palette."""
    person.step("resize")
    picked = person.ask()["picked"]
    for size in ([1100, 720], [1500, 940]):
        xdotool("windowsize", person.ask()["id"], *size)
        person.until(lambda facts, size=size: facts["size"] == size, f"the size {size}")
    if "palette.open" in SHORTCUTS:
        person.step("palette, and another look")
        other = "light" if person.ask()["look"] == "dark" else "dark"
        person.command("palette.open")
        person.until(lambda facts: facts["focus"] == "paletteEdit", "the palette")
        person.type(other)
        person.until(lambda facts: facts["typed"] == other, "every key that was typed")
        person.key("Return")
        person.until(lambda facts: facts["look"] == other, f"the {other} look")
    assert person.ask()["picked"] == picked, "the selection moved"


def restart(person: Person) -> None:
    """The app afresh, while clients wait."""
    person.step("restart")
    before = person.ask()["recorded"]
    person.command("session.restart")
    person.until(lambda facts: facts["phase"] != "serving", "the old engine's end")
    person.until(lambda facts: facts["phase"] == "serving", "the new engine")
    person.until(lambda facts: facts["recorded"] > before + 50, "traffic again")


def save(person: Person, path: Path) -> None:
    person.step("save the recording")
    person.command("recording.save")
    person.answer("saveRecordingDialog", "Save the recording", str(path))
    person.until(lambda _: path.exists() and path.stat().st_size > 10_000, "the file")


def crash(person: Person, url: str) -> None:
    person.step("crash")
    rows, picked = person.ask()["recorded"], person.ask()["picked"]
    assert get(f"{url}/crash") in (0, 502, 503)
    facts = person.until(lambda facts: facts["phase"] == "crashed", "the crash to be told")
    assert facts["recorded"] >= rows
    assert facts["picked"] == picked


def reopen(person: Person, path: Path) -> None:
    person.step("reopen the recording")
    person.command("recording.open")
    person.answer("openRecordingDialog", "Open a recording", str(path))
    person.until(lambda facts: path.name in facts["title"] and facts["rows"] > RATE, "the recording")
    person.click_row(2)
    person.until(lambda facts: facts["picked"], "a row of it")


def leave(person: Person) -> None:
    person.command("inspector.quit")
    assert person.process.wait(PATIENCE) == 0


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--storm"]:
        with contextlib.suppress(KeyboardInterrupt):
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            asyncio.run(_storm(arguments[1]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        figures = live(Path(folder), float(arguments[0]) if arguments else 20.0)
    print(f"{'longest gap of the Qt thread, ms':34}" + "".join(f"{clock:>9}" for clock in CLOCKS))
    for step, gap in figures.items():
        print(f"{step:34}" + "".join(f"{gap[clock]:9.1f}" for clock in CLOCKS))
    return int(longest(figures) > GAP_MS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
