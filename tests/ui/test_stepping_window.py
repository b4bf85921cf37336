"""A message held, edited and let go in the window, by its keys alone: the client gets the edited bytes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest

from inspector.app import Program
from inspector.options import Options
from inspector.ui import run
from inspector.ui.kept_breakpoints import KeptBreakpoints
from tests.support.waiting import DEADLINE

APP = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise ValueError
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"from the app"})
"""


def test_a_held_body_is_edited_and_the_client_gets_it(qapp: Any, tmp_path: Path) -> None:
    (tmp_path / "stepped_shop.py").write_text(APP)
    options = Options(app="stepped_shop:app", app_dir=str(tmp_path), port=0, breaks=("point:send message.type:body",))

    async def until(holds: Any) -> None:
        for _ in range(int(DEADLINE / 0.02)):
            if holds():
                return
            await asyncio.sleep(0.02)
        pytest.fail("waited in vain")

    async def main(ending: run.Ending) -> int:
        program = Program(ending, options, str(tmp_path / "settings.ini"))
        window = program.window
        window.show()
        try:
            url = await program.serve_anywhere(options)
            asking = asyncio.ensure_future(asyncio.to_thread(httpx.get, url, trust_env=False, timeout=DEADLINE))
            await until(lambda: len(window.holds.queue) == 1)
            assert window.table.current is None
            assert "1 held" in window.windowTitle()
            QTest.keyClick(window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
            editor = window.messages.editor
            await until(editor.isVisible)
            QTest.keyClick(window, Qt.Key.Key_F2)
            assert editor.text.hasFocus()
            editor.text.selectAll()
            QTest.keyClicks(editor.text, '{"type": "http.response.body", "body": "from the user"')
            QTest.keyClick(window, Qt.Key.Key_F5)
            assert len(window.holds.queue) == 1  # what was typed is no message yet
            QTest.keyClicks(editor.text, "}")
            QTest.keyClick(window, Qt.Key.Key_F5)
            answer = await asyncio.wait_for(asking, DEADLINE)
            assert answer.content == b"from the user"
            await until(lambda: not window.holds.queue)
            await until(lambda: not editor.isVisible())
            assert window.windowTitle() == "stepped_shop:app — Inspector"
            assert program.session is not None
            await program.session.stepping.break_("path:/kept", nth=2)
            await program.serve(replace(options, port=0, breaks=()))
            rules = program.session.stepping.state.breakpoints
            assert [(one.expression, one.nth) for one in rules] == [("path:/kept", 2)]
            assert window.table.notice.text().startswith("1 breakpoint set, as you left them")
        finally:
            await program.close()
        return 0

    assert run.run(main) == 0
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    assert store.contains("geometry")
    kept = KeptBreakpoints(store, options.app, options.app_dir).read()
    assert [(one.expression, one.nth) for one in kept] == [("path:/kept", 2)]  # not that of the command line
