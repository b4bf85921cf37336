"""Breakpoints from one session to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings

from inspector.session.stepping import Stepping
from inspector.trace.stepping import Breakpoint
from inspector.ui.kept_breakpoints import MOST_APPS, KeptBreakpoints

RULES = (
    Breakpoint(3, "path:/cart point:send", enabled=False, hits=7),
    Breakpoint(5, "status:5xx", once=True, nth=4),
    Breakpoint(6, "kind:websocket", log=True),
)


def store(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)


def test_breakpoints_come_back_with_all_their_facts(qapp: Any, tmp_path: Path) -> None:
    KeptBreakpoints(store(tmp_path), "shop:app", "/a").write(RULES)
    kept = KeptBreakpoints(store(tmp_path), "shop:app", "/a")
    stepping = Stepping(["status:5xx"], lambda: None)
    assert stepping.restore(kept.read()) == 1  # one is off, one only logs, one was given and is there once
    found = [(one.id, one.expression, one.enabled, one.nth, one.log, one.hits) for one in stepping.state.breakpoints]
    assert found == [
        (1, "status:5xx", True, 1, False, 0),
        (2, "path:/cart point:send", False, 1, False, 0),
        (3, "kind:websocket", True, 1, True, 0),
    ]
    assert [one.once for one in kept.read()] == [False, True, False]


def test_each_app_has_its_own_and_those_of_the_command_line_are_not_kept(qapp: Any, tmp_path: Path) -> None:
    kept = KeptBreakpoints(store(tmp_path), "shop:app", "/a", ["path:/once"])
    kept.write([*RULES, Breakpoint(7, "path:/once")])
    assert [one.expression for one in kept.read()] == [one.expression for one in RULES]
    assert KeptBreakpoints(store(tmp_path), "shop:app", "/b").read() == []
    for number in range(MOST_APPS):
        KeptBreakpoints(store(tmp_path), f"app{number}", "/a").write(RULES[:1])
    assert KeptBreakpoints(store(tmp_path), "shop:app", "/a").read() == []
    assert KeptBreakpoints(store(tmp_path), "app0", "/a").read() != []
    last = KeptBreakpoints(store(tmp_path), "app0", "/a")
    last.read()
    last.write([])
    assert KeptBreakpoints(store(tmp_path), "app0", "/a").read() == []


def test_settings_that_are_broken_keep_nobody_from_starting(qapp: Any, tmp_path: Path) -> None:
    settings = store(tmp_path)
    app = KeptBreakpoints(settings, "shop:app", "/a")
    for text in ("{", "[]", '{"shop:app in /a": 3}', '{"shop:app in /a": [3, {}, {"expression": 4}]}'):
        settings.setValue("breakpoints", text)
        assert app.read() == []
    assert Stepping([], lambda: None).restore([Breakpoint(1, "colr:red")]) == 0
