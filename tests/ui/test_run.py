from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from inspector.ui.run import Ending, run


def test_runs_a_coroutine_inside_qt_and_gives_its_result(qapp: Any) -> None:
    async def main(ending: Ending) -> int:
        await asyncio.sleep(0.01)
        return 3

    assert run(main) == 3


def test_an_exception_comes_out(qapp: Any) -> None:
    async def main(ending: Ending) -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run(main)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_for_the_end_and_a_second_one_hurries(qapp: Any, number: int) -> None:
    hurried: list[int] = []
    before = signal.getsignal(number)

    async def main(ending: Ending) -> int:
        hurry = asyncio.Event()
        ending.hurry = lambda: (hurried.append(1), hurry.set())
        os.kill(os.getpid(), number)
        await asyncio.wait_for(ending.asked.wait(), 5)
        assert hurried == []
        os.kill(os.getpid(), number)
        await asyncio.wait_for(hurry.wait(), 5)
        return 0

    assert run(main) == 0
    assert hurried == [1]
    assert signal.getsignal(number) == before


def test_a_signal_wakes_qt_while_nothing_else_happens() -> None:
    program = (
        "import sys; from inspector.ui.run import run\n"
        "async def main(ending):\n"
        "    print('ready', flush=True)\n"
        "    await ending.asked.wait()\n"
        "    return 7\n"
        "sys.exit(run(main))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 7


def test_importing_it_does_nothing() -> None:
    program = (
        "import inspector.ui.run, inspector.ui.window\n"
        "from PySide6.QtWidgets import QApplication\n"
        "assert QApplication.instance() is None\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=30)
