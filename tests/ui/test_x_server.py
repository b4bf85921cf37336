"""The window on a real X server, used by mouse and keyboard. Run by `make test` under Xvfb; see .ci/x-server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.support import hour
from tests.support.fake_recording import FakeReader, exchange
from tests.support.programs import own_address
from tests.support.waiting import DEADLINE
from tests.support.windows import Stage

pytestmark = pytest.mark.xvfb
PATIENCE = DEADLINE

APP = """
async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("http only")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"seen"})
"""


def xdotool(*words: object) -> str:
    ended = subprocess.run(["xdotool", *map(str, words)], capture_output=True, text=True, timeout=PATIENCE, check=True)
    return ended.stdout.strip()


def until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat), FakeReader())
    qtbot.addWidget(made.window)
    yield made
    made.window.leave()


def press(qtbot: QtBot, *words: object) -> None:
    """xdotool in the background of Qt's loop, which has to turn meanwhile."""
    process = subprocess.Popen(["xdotool", *map(str, words)])
    qtbot.waitUntil(lambda: process.poll() is not None, timeout=int(PATIENCE * 1000))
    assert process.returncode == 0


def centre(widget: QWidget) -> tuple[int, int]:
    point = widget.mapToGlobal(QPoint(widget.width() // 2, widget.height() // 2))
    return point.x(), point.y()


def test_a_filter_typed_and_a_row_clicked_while_traffic_storms(stage: Stage, qtbot: QtBot, qapp: QApplication) -> None:
    assert qapp.platformName() == "xcb"
    for number in range(1, 41):
        stage.reader.put(exchange(number, path=f"/first/{number}"))
    window = stage.show(qtbot)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    following = iter(range(41, 100_000))

    def storm() -> None:
        for _ in range(10):
            number = next(following)
            stage.reader.put(exchange(number, path=f"/storm/{number}", status=200 if number % 2 else 404))

    traffic = QTimer(window, interval=33)
    traffic.timeout.connect(storm)
    traffic.start()

    press(qtbot, "key", "ctrl+l")
    qtbot.waitUntil(window.filter_bar.edit.hasFocus)
    press(qtbot, "type", "--delay", "15", "status:>=400 and path:/storm")
    qtbot.waitUntil(lambda: window.filter_bar.edit.text() == "status:>=400 and path:/storm")
    qtbot.waitUntil(lambda: 0 < window._model.rowCount() < window._model.totals.exchanges // 2 + 1)
    assert window.filter_bar.edit.hasFocus()

    table = window.table
    spot = table.viewport().mapToGlobal(QPoint(200, table.rowHeight(0) // 2 + 2 * table.rowHeight(0)))
    press(qtbot, "mousemove", spot.x(), spot.y(), "click", 1)
    qtbot.waitUntil(lambda: table.current is not None)
    picked = table.current
    seen = stage.reader.generation
    qtbot.waitUntil(lambda: stage.reader.generation > seen + 5)
    assert table.current == picked
    assert not table.following
    traffic.stop()


def test_suggestions_get_out_of_the_way(stage: Stage, qtbot: QtBot) -> None:
    stage.reader.put(*(exchange(number, path=f"/first/{number}") for number in range(1, 41)))
    window = stage.show(qtbot)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    edit, popup = window.filter_bar.edit, window.filter_bar.edit.popup
    press(qtbot, "key", "ctrl+l")
    qtbot.waitUntil(edit.hasFocus)
    press(qtbot, "type", "me")
    qtbot.waitUntil(popup.isVisible)
    press(qtbot, "key", "ctrl+a", "key", "BackSpace")
    qtbot.waitUntil(lambda: edit.text() == "" and not popup.isVisible())
    press(qtbot, "type", "path")
    qtbot.waitUntil(popup.isVisible)
    press(qtbot, "key", "Escape")
    qtbot.waitUntil(lambda: not popup.isVisible())
    assert edit.text() == "path"
    press(qtbot, "key", "Escape")
    qtbot.waitUntil(lambda: edit.text() == "")

    press(qtbot, "key", "Down")
    qtbot.waitUntil(popup.isVisible)
    viewport = window.table.viewport()
    spot = viewport.mapToGlobal(QPoint(viewport.width() // 2, window.table.rowHeight(0) // 2))
    press(qtbot, "mousemove", spot.x(), spot.y(), "click", 1)
    qtbot.waitUntil(lambda: not popup.isVisible())
    assert (edit.text(), window.table.current) == ("", None)
    press(qtbot, "mousemove", spot.x(), spot.y(), "click", 1)
    qtbot.waitUntil(lambda: window.table.current is not None)


def test_the_program_opens_serves_and_ends_by_a_signal(tmp_path: Path) -> None:
    (tmp_path / "seen.py").write_text(APP)
    host, port = own_address(), 8000
    recording = tmp_path / "seen.inspector"
    words = ["seen:app", "--host", host, "--port", str(port), "--record", str(recording), "--app-dir", str(tmp_path)]
    homes = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    process = subprocess.Popen([sys.executable, "-m", "inspector", *words], env={**os.environ, **homes})
    try:
        number = xdotool("search", "--sync", "--onlyvisible", "--name", "seen:app — Inspector").splitlines()[-1]
        url = f"http://{host}:{port}/"

        def answered() -> bool:
            try:
                with urllib.request.urlopen(url, timeout=PATIENCE) as response:
                    return bool(response.read() == b"seen")
            except OSError:
                return False

        until(answered, "an answer")
        xdotool("windowsize", "--sync", number, 1000, 700)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
    told = subprocess.run(
        [sys.executable, "-m", "inspector", "show", str(recording)], capture_output=True, text=True, check=True
    )
    assert "  200  GET  " in told.stdout


def test_the_shortcuts_reach_the_window(stage: Stage, qtbot: QtBot, qapp: QApplication) -> None:
    stage.reader.put(exchange(1, path="/only"))
    window = stage.show(qtbot)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    press(qtbot, "mousemove", *centre(window.filter_bar.edit), "click", 1)
    qtbot.waitUntil(window.filter_bar.edit.hasFocus)
    press(qtbot, "type", "nothing")
    qtbot.waitUntil(lambda: window.filter_bar.edit.text() == "nothing")
    press(qtbot, "key", "Escape")
    qtbot.waitUntil(lambda: window.filter_bar.edit.text() == "")
    qtbot.waitUntil(lambda: window._model.rowCount() == 1)
    assert window.table.hasFocus() or window.filter_bar.edit.hasFocus()


def test_a_persons_hour_in_short(tmp_path: Path) -> None:
    """From the first run to the reopened recording, under 300 requests a second; `tests.support.hour` has the steps."""
    figures = hour.live(tmp_path, 4.0)
    assert hour.longest(figures) < hour.GAP_MS, figures
