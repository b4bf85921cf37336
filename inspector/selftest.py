"""`inspector selftest`: does this installation work? An engine, a request, a recording, a window and its icons.

Nothing on screen. Prints figures; the exit code tells. A packaged program is tested with it.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request

from inspector.app import Program
from inspector.demo import shop
from inspector.options import Options
from inspector.resources import resource
from inspector.terminal import visible
from inspector.ui import icons
from inspector.ui.picture import render
from inspector.unseen import PICTURE_SIZE, unseen

_SHADES = 8
"""Fewer different colours than that: nothing is drawn."""


def main() -> int:
    """Run every check, print one line for each. Returns 0, or 1 where one failed."""
    return unseen(_check, Options(app=shop()))


async def _check(program: Program) -> int:
    began = time.monotonic()

    def passed(what: str) -> None:
        print(f"ok      {what:<28} after {(time.monotonic() - began) * 1000:6.0f} ms")

    try:
        url = await program.serve_anywhere(Options(app=shop()))
        passed("engine started")
        status, size = await asyncio.to_thread(_get, url + "/")
        _demand(status == 200 and size > 0, f"GET / was answered with {status} and {size} bytes")
        passed(f"request answered, {size} bytes")
        reader = await program.settled()
        row = reader.row(reader.ids()[-1])
        _demand(row is not None and row.status == 200 and row.message_count >= 4, f"recorded as {row}")
        passed("exchange recorded and shown")
        names = sorted(file.stem for file in resource("icons").glob("*.svg"))
        empty = [name for name in names if icons.icon(name).pixmap(16, 16).isNull()]
        _demand(bool(names) and not empty, f"icons that cannot be drawn: {empty}")
        passed(f"{len(names)} icons drawn")
        program.window.table.pick(reader.ids()[-1])
        picture = render(program.window, size=PICTURE_SIZE)
        seen = {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 3)}
        _demand(len(seen) >= _SHADES, f"a picture of {len(seen)} colours")
        passed(f"window drawn, {len(seen)} colours")
    except Exception as error:  # noqa: BLE001 - every failure is the result
        print(visible(f"FAILED  {type(error).__name__}: {error}", keep="\n\t"))
        return 1
    return 0


def _get(url: str) -> tuple[int, int]:
    with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - our own http address
        return response.status, len(response.read())


def _demand(held: bool, otherwise: str) -> None:
    if not held:
        raise AssertionError(otherwise)
