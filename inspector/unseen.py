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
from inspector.recording.finish import save_as
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
    """The demo where no window can be seen: serve the shop, have it visited, say what was seen, draw the window.

    With `screenshot` only the picture is made, at that path.
    """
    options = Options(app=visitors.shop(wsgi))
    picture = Path(screenshot or "inspector-demo.png").resolve()
    recording = None if screenshot else Path("inspector-demo.inspector").resolve()
    if recording:
        print("There is no display: the demo is told in words, and the window is drawn into a picture.")
    return unseen(lambda program: _visit(program, options, picture, recording), options, choice)


async def _visit(program: Program, options: Options, picture: Path, recording: Path | None) -> int:
    url = await program.serve_anywhere(options)
    await visitors.drive(url, rounds=DEMO_ROUNDS, interval=0.05)
    reader = await program.settled()
    rows = [row for row in reader.rows(reader.ids(parse("kind:http"))) if row is not None]
    program.window.table.pick(max(rows, key=lambda row: (row.status == 201, row.request_bytes)).id)
    await asyncio.sleep(PANELS_SECONDS)
    render(program.window, picture, PICTURE_SIZE)
    if recording:
        for row in rows:
            print(line_of(row))
        await asyncio.to_thread(save_as, reader.path, recording)
        print(f"{len(rows)} exchanges, recorded in {recording}\nThe window, as it would look: {picture}")
    return 0
