"""An app's exception as plain data: faithful where it is ordinary, bounded where it is hostile."""

from __future__ import annotations

import importlib.util
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspector.engine.probe import failures
from inspector.engine.probe.failures import MAX_EXCEPTIONS, MAX_FRAMES, MAX_MESSAGE, MAX_TEXT, failure
from inspector.engine.stream import AppMistake
from inspector.trace.frames import decode, encode


def caught(call: Callable[[], object]) -> BaseException:
    try:
        call()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.fixture
def engine_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module that stands for one of the engine's: `run(call)` calls, `mistake()` and `bug()` raise."""
    source = tmp_path / "gateway.py"
    source.write_text(
        "from inspector.engine.stream import AppMistake\n"
        "def run(call): return call()\n"
        "def mistake(): raise AppMistake('two responses')\n"
        "def bug(): return {}['ours']\n"
    )
    spec = importlib.util.spec_from_file_location("gateway_of_the_test", source)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(failures, "ENGINE", str(tmp_path))
    return module


def test_the_text_is_what_python_prints() -> None:
    def view() -> None:
        try:
            int("no number")
        except ValueError as error:
            raise KeyError("order") from error

    error = caught(view)
    printed = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    told = failure(7, error)
    assert told.text == printed
    assert (told.exchange, told.type, told.message) == (7, "KeyError", "'order'")
    assert "direct cause" in told.text


def test_the_chain_is_plain_and_outermost_first() -> None:
    def view() -> None:
        try:
            int("x")
        except ValueError:
            [].pop()

    told = failure(1, caught(view))
    assert [(step["type"], step["relation"]) for step in told.chain] == [("IndexError", ""), ("ValueError", "context")]
    last = told.chain[0]["frames"][-1]
    assert last["file"] == __file__
    assert last["function"] == "view"
    assert last["source"] == "[].pop()"
    assert last["locals"] is None
    assert isinstance(last["line"], int)


def test_from_none_hides_the_context() -> None:
    def view() -> None:
        try:
            int("x")
        except ValueError:
            raise KeyError("k") from None

    told = failure(1, caught(view))
    assert [step["type"] for step in told.chain] == ["KeyError"]
    assert "ValueError" not in told.text


def test_our_frames_are_left_out(engine_code: Any) -> None:
    def app() -> None:
        engine_code.run(lambda: int("x"))

    told = failure(1, caught(lambda: engine_code.run(app)))
    functions = [frame["function"] for frame in told.chain[0]["frames"]]
    assert functions == ["caught", "<lambda>", "app", "<lambda>"]
    assert "gateway.py" not in told.text
    assert told.text.startswith("Traceback (most recent call last):\n")


def test_a_mistake_of_the_app_ends_in_the_app(engine_code: Any) -> None:
    told = failure(1, caught(engine_code.mistake))
    assert told.chain[0]["frames"][-1]["file"] == __file__
    assert "gateway.py" not in told.text
    assert told.text.endswith("\nAppMistake: two responses\n")
    assert told.type == "AppMistake"


def test_a_bug_of_ours_shows_our_frame(engine_code: Any) -> None:
    told = failure(1, caught(engine_code.bug))
    assert told.chain[0]["frames"][-1]["function"] == "bug"
    assert "gateway.py" in told.text


def test_our_frames_are_left_out_of_causes_too(engine_code: Any) -> None:
    def app() -> None:
        try:
            engine_code.mistake()
        except AppMistake as error:
            raise RuntimeError("view failed") from error

    told = failure(1, caught(app))
    assert [step["relation"] for step in told.chain] == ["", "cause"]
    assert "gateway.py" not in told.text
    assert "two responses" in told.text


def test_syntax_errors_show_their_place() -> None:
    told = failure(1, caught(lambda: compile("def f(:\n", "shop.py", "exec")))
    assert 'File "shop.py", line 1' in told.text
    assert told.text.rstrip().startswith("Traceback")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="notes came with 3.11")
def test_notes() -> None:
    def view() -> None:
        error = ValueError("bad order")
        error.add_note("order 17")
        raise error

    told = failure(1, caught(view))
    assert told.chain[0]["notes"] == ["order 17"]
    assert told.text.endswith("ValueError: bad order\norder 17\n")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="builtin groups came with 3.11")
def test_groups() -> None:
    def view() -> None:
        inner = ExceptionGroup("inner", [OSError("disk"), KeyError("k")])
        raise ExceptionGroup("both failed", [ValueError("a"), inner])

    error = caught(view)
    told = failure(1, error)
    assert [(step["type"], step["relation"]) for step in told.chain] == [
        ("ExceptionGroup", ""),
        ("ValueError", "group"),
        ("ExceptionGroup", "group"),
        ("OSError", "group"),
        ("KeyError", "group"),
    ]
    assert told.text == "".join(traceback.format_exception(type(error), error, error.__traceback__))


def test_a_group_of_the_backport_is_taken_apart() -> None:
    class BaseExceptionGroup(BaseException):  # noqa: A001 - what the backport calls it on 3.10
        exceptions = (ValueError("a"), KeyError("b"))

    told = failure(1, BaseExceptionGroup("two"))
    assert [step["relation"] for step in told.chain] == ["", "group", "group"]


def test_what_python_cannot_print_is_told_plainly() -> None:
    told = failure(1, caught(raising(NoDict("odd"))))
    assert f'File "{__file__}"' in told.text
    assert "NoDict: odd" in told.text


class StrRaises(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class StrExits(Exception):
    def __str__(self) -> str:
        raise SystemExit(3)


class StrIsNone(Exception):
    def __str__(self) -> str:
        return None  # type: ignore[return-value]  # noqa: PLE0307


class NotesLie(Exception):
    __notes__ = property(lambda self: 1 / 0)


class NotesAreOdd(Exception):
    def __init__(self) -> None:
        self.__dict__["__notes__"] = [StrRaises(), 7, "x" * (1 << 20)]


class NoDict(Exception):
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")


def recursion() -> None:
    recursion()


def deep() -> None:
    def down(level: int) -> None:
        if level:
            down(level - 1)
        else:
            raise ValueError("at the bottom")

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(12_000)
    try:
        down(10_000)
    finally:
        sys.setrecursionlimit(limit)


def raising(error: BaseException) -> Callable[[], None]:
    def call() -> None:
        raise error

    return call


def cyclic() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    raise first


def chained() -> None:
    error: BaseException | None = None
    for number in range(5_000):
        new = ValueError(f"number {number}")
        new.__cause__ = error
        error = new
    assert error
    raise error


@pytest.mark.parametrize(
    "call",
    [
        raising(StrRaises()),
        raising(StrExits()),
        raising(StrIsNone()),
        raising(NotesLie()),
        raising(NotesAreOdd()),
        raising(NoDict()),
        raising(ValueError("x" * (8 << 20))),
        raising(ValueError("\ud800 lone surrogate")),
        raising(KeyboardInterrupt()),
        raising(SystemExit(2)),
        raising(UnicodeDecodeError("utf-8", b"\xff" * (1 << 20), 0, 1, "bad")),
        recursion,
        deep,
        cyclic,
        chained,
    ],
    ids=lambda call: call.__name__,
)
def test_hostile_exceptions_are_bounded_and_travel(call: Callable[[], None]) -> None:
    error = caught(call)
    started = time.thread_time()  # what others take is none of ours
    told = failure(1, error)
    assert time.thread_time() - started < 2
    assert told.text
    assert len(told.text) <= MAX_TEXT + 200
    assert len(told.message) <= MAX_MESSAGE + 100
    assert 1 <= len(told.chain) <= MAX_EXCEPTIONS
    assert all(len(step["frames"]) <= MAX_FRAMES + 1 for step in told.chain)
    assert decode(encode(told, 1)) == (1, told)


def test_a_deep_stack_says_what_was_cut() -> None:
    told = failure(1, caught(deep))
    shown = told.chain[0]["frames"]
    assert len(shown) == MAX_FRAMES + 1
    gap = shown[MAX_FRAMES // 2]
    assert gap["file"] == ""
    assert "frames left out" in gap["source"]
    assert shown[-1]["function"] == "down"
    assert "bottom" in shown[-1]["source"]
    assert told.text.endswith("ValueError: at the bottom\n")


def test_a_giant_message_keeps_both_ends() -> None:
    told = failure(1, caught(raising(ValueError("begin" + "x" * (1 << 20) + "end"))))
    assert told.message.startswith("begin")
    assert told.message.endswith("end")
    assert "characters left out" in told.message
    assert "characters left out" in told.text
    assert told.text.rstrip().endswith("end")


def test_frames_names_places() -> None:
    assert failures.frames(caught(raising(ValueError())))[-1][2] == "call"
