from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.session.watch import Watch
from tests.support.sessions import scripted
from tests.support.waiting import eventually, eventually_async


class Seen:
    def __init__(self, folder: Path) -> None:
        self.changes: list[list[Path]] = []
        self.problems: list[str] = []
        self.watch = Watch(folder, self.changes.append, lambda title, text: self.problems.append(title))


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Seen]:
    seen = Seen(tmp_path)
    yield seen
    seen.watch.close()
    seen.watch._thread.join()


def provoke(seen: Seen, file: Path) -> None:
    """Write `file` until it is seen: the watch begins some time after it was made."""
    count = len(seen.changes)
    turn = iter(range(10_000))

    def written() -> bool:
        if next(turn) % 20 == 0:
            file.write_text(f"# {next(turn)}")
        return any(file in change for change in seen.changes[count:])

    eventually(written)


def test_python_files_and_templates_are_seen(seen: Seen, tmp_path: Path) -> None:
    files = {tmp_path / "shop.py", tmp_path / "templates" / "page.html"}
    (tmp_path / "templates").mkdir()
    for file in sorted(files):
        provoke(seen, file)
    assert {path for change in seen.changes for path in change} == files


def test_what_is_not_the_apps_is_not_seen(seen: Seen, tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "pyvenv.cfg").touch()
    for name in ("env/lib/x.py", ".git/x.py", "__pycache__/x.py", "node_modules/a/x.py", "a/.venv/x.py", "db.sqlite3"):
        assert not seen.watch.concerns(tmp_path / name), name
    assert seen.watch.concerns(tmp_path / "a" / "b.py")
    provoke(seen, tmp_path / "shop.py")
    (tmp_path / "env" / "late.py").touch()
    (tmp_path / "db.sqlite3").touch()
    provoke(seen, tmp_path / "shop.py")
    assert {path for change in seen.changes for path in change} == {tmp_path / "shop.py"}


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "none")
    eventually(lambda: seen.problems)
    assert str(tmp_path / "none") in seen.problems[0]


@pytest.mark.parametrize("app", ["shop:app", "fail", "exit:3"])
async def test_a_save_starts_the_app_again_whatever_became_of_it(app: str, tmp_path: Path) -> None:
    async with scripted(None, app, reload=True, app_dir=str(tmp_path)) as told:
        first = (await told.until("serving", "failed", "crashed")).run
        turn = iter(range(10_000))

        def written() -> bool:
            if next(turn) % 30 == 0:
                (tmp_path / "shop.py").write_text(f"# {next(turn)}")
            return told.session.state.run > first

        await eventually_async(written)
        again = await told.until("serving", "failed", "crashed")
        assert again.phase == {"shop:app": "serving", "fail": "failed", "exit:3": "crashed"}[app]
        assert "save" in again.hint or app != "exit:3"


async def test_what_is_saved_from_the_start_on_is_seen(tmp_path: Path) -> None:
    async with scripted(None, "shop:app", reload=True, app_dir=str(tmp_path)) as told:
        (tmp_path / "shop.py").write_text("# once")  # the engine is under way, and may not have imported anything yet
        await eventually_async(lambda: told.session.state.run == 2)
        await told.until("serving")
