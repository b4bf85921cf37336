"""The program without a screen: the demo told in words, and the window as a picture."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path

from inspector import demo as visitors
from inspector.app import Program
from inspector.commands.desk import Theme
from inspector.options import Options
from inspector.recording.reader import Reader
from inspector.show import line_of
from inspector.trace.filter import parse
from inspector.ui import run, theme
from inspector.ui.picture import render

DEMO_ROUNDS = 2
"""How often every visitor comes."""
PICTURE_SIZE = (1440, 900)
PANELS_SECONDS = 0.3
"""What the panels' own threads have to do for a picture."""


def unseen(
    work: Callable[[Program], Coroutine[object, object, int]], options: Options, choice: Theme | None = None
) -> int:
    """Do `work` with a program whose window is drawn, but on no screen. Returns what `work` returns, 1 if stopped."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

    async def main(ending: run.Ending) -> int:
        if choice:
            theme.choose(choice)
        with tempfile.TemporaryDirectory() as folder:
            program = Program(ending, options, settings=f"{folder}/settings")
            program.window.show()
            working = asyncio.ensure_future(work(program))
            stopped = asyncio.ensure_future(ending.asked.wait())
            await asyncio.wait([working, stopped], return_when=asyncio.FIRST_COMPLETED)
            for task in (working, stopped):
                task.cancel()
            await asyncio.gather(working, stopped, return_exceptions=True)
            await program.close()
        return 1 if working.cancelled() else working.result()

    return run.run(main)


def demo(*, wsgi: bool, screenshot: str, choice: Theme | None) -> int:
    """The demo where no window can be seen: serve the shops, have them visited, say what was seen, draw the window.

    Both shops, or with `wsgi` that one. With `screenshot` only a picture is made, at that path.
    """
    if screenshot:
        return _visited(wsgi, Path(screenshot), "", choice)
    print("There is no display: the demo is told in words, and the window is drawn into a picture.")
    for gateway in ["wsgi"] if wsgi else ["asgi", "wsgi"]:
        picture, recording = (Path(f"inspector-demo-{gateway}.{suffix}").resolve() for suffix in ("png", "inspector"))
        recording.unlink(missing_ok=True)
        if code := _visited(gateway == "wsgi", picture, str(recording), choice):
            return code
        print(f"\nThe shop by {gateway.upper()}:")
        with Reader(recording) as reader:
            rows = [row for row in reader.rows(reader.ids()) if row is not None]
        for row in rows:
            print(line_of(row))
        print(f"{len(rows)} exchanges, recorded in {recording}\nThe window, as it would look: {picture}")
    return 0


def _visited(wsgi: bool, picture: Path, recording: str, choice: Theme | None) -> int:
    """Serve one shop on any port, have it visited, and draw the window."""
    options = Options(app=visitors.shop(wsgi), record=recording)

    async def visit(program: Program) -> int:
        url = await program.serve_anywhere(options)
        await visitors.drive(url, rounds=DEMO_ROUNDS, interval=0.05)
        reader = await program.settled()
        rows = [row for row in reader.rows(reader.ids(parse("kind:http"))) if row is not None]
        program.window.table.pick(max(rows, key=lambda row: (row.status == 201, row.request_bytes)).id)
        await asyncio.sleep(PANELS_SECONDS)
        render(program.window, picture, PICTURE_SIZE)
        return 0

    return unseen(visit, options, choice)
