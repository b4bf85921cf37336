"""Whose a frame is, what is folded, and what stands around a line on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.ui.models.frames import FILE_CAP, Frame, Run, around, folded, read

SITE = "/srv/.venv/lib/python3.12/site-packages"


def frame(file: str, line: int = 1, source: str = "") -> Frame:
    return Frame(file, line, "f", source)


@pytest.mark.parametrize(
    ("file", "owner", "package"),
    [
        (f"{SITE}/starlette/routing.py", "framework", "starlette"),
        (f"{SITE}/anyio/to_thread.py", "library", "anyio"),
        (f"{SITE}/six.py", "library", "six"),
        ("/usr/lib/python3.12/asyncio/tasks.py", "library", "Python"),
        ("/usr/lib/python3/dist-packages/flask/app.py", "framework", "flask"),
        ("C:\\Python312\\Lib\\asyncio\\tasks.py", "library", "Python"),
        ("C:\\v\\Lib\\site-packages\\django\\a.py", "framework", "django"),
        ("<frozen importlib._bootstrap>", "library", "Python"),
        ("/srv/shop/shop/main.py", "app", ""),
        ("/home/me/shop/lib/prices.py", "app", ""),
        ("shop/main.py", "app", ""),
        ("<string>", "app", ""),
    ],
)
def test_whose_frame_it_is(file: str, owner: str, package: str) -> None:
    assert (frame(file).owner, frame(file).package) == (owner, package)


def test_a_packages_file_is_named_from_the_package_on() -> None:
    assert frame(f"{SITE}/starlette/routing.py", 7).place == "starlette/routing.py:7"
    assert frame("/usr/lib/python3.12/asyncio/tasks.py").place == "asyncio/tasks.py:1"
    assert frame("C:\\P\\Lib\\asyncio\\tasks.py").place == "asyncio\\tasks.py:1"
    assert frame("/srv/shop/lib/a.py").place == "/srv/shop/lib/a.py:1"


def test_frames_in_a_row_that_are_not_the_apps_are_one_run() -> None:
    own, gap = frame("/srv/main.py"), frame("", source="... 12 frames")
    foreign = [frame(f"{SITE}/{name}/x.py") for name in ("anyio", "starlette", "anyio", "uvloop")]
    made = folded([*foreign, own, *foreign[:1], gap, *foreign[2:]])
    assert [type(item) for item in made] == [Run, Frame, Run, Frame, Run]
    told = [item for item in made if isinstance(item, Run)]
    assert [run.text for run in told] == [
        "4 frames in starlette, anyio, uvloop", "1 frame in anyio",
        "2 frames in anyio, uvloop, raised in f, uvloop/x.py:1",
    ]  # fmt: skip
    assert told[0].tooltip == "framework: starlette\nlibraries and Python: anyio, uvloop"
    many = folded([frame(f"{SITE}/p{number}/x.py") for number in range(9)] + [own])[0]
    assert isinstance(many, Run)
    assert many.text == "9 frames in p0, p1, p2, p3 and 5 more"


@pytest.mark.parametrize("frames", [None, 7, [None, 7, {}], [{"file": 7, "line": "x", "function": None}]])
def test_frames_out_of_a_hostile_recording(frames: object) -> None:
    for each in read(frames):
        assert each == Frame("", 0, "", "")


def test_around_a_line(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("".join(f"line {number}\n" for number in range(1, 10)))
    now = file.stat().st_mtime_ns
    told = around(frame(str(file), 1, "line 1"), now)
    assert told is not None
    assert (told.first, told.lines, told.changed) == (1, ("line 1", "line 2", "line 3"), False)
    told = around(frame(str(file), 9), now)
    assert told is not None
    assert told.lines == ("line 7", "line 8", "line 9")
    for other in (frame(str(file), 10, "x"), frame(str(file), 3, "other")):
        told = around(other, now)
        assert told is not None
        assert (told.lines, told.changed) == ((), True)
    told = around(frame(str(file), 3), now - 1)  # what it was is not known, and it was written since
    assert told is not None
    assert told.lines == ()


def test_what_is_no_source_is_not_looked_into(tmp_path: Path) -> None:
    big = tmp_path / "big.py"
    with big.open("wb") as file:
        file.truncate(FILE_CAP + 1)
    (tmp_path / "empty.py").write_text("")
    for name in (str(big), str(tmp_path / "empty.py"), str(tmp_path / "gone.py"), str(tmp_path), "//server/a.py"):
        assert around(frame(name), 0) is None
    assert around(frame(str(big), 0), 0) is None
