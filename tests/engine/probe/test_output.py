"""The two seams: what the app prints and logs is told, and the app cannot see that it is."""

from __future__ import annotations

import contextvars
import io
import logging
import logging.handlers
import os
import queue
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from inspector.engine.probe import output
from inspector.engine.probe.output import MAX_LINE, MAX_LINES, MAX_WRITE, Teller
from inspector.trace.records import Logged

EXCHANGE: contextvars.ContextVar[int] = contextvars.ContextVar("exchange", default=0)


class Terminal(io.TextIOWrapper):
    """A stream over a buffer, with an attribute that no base class has."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)
        self.colour = "green"

    @property
    def text(self) -> str:
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue().decode()


class Told(list[Logged]):
    """The records emitted."""

    @property
    def texts(self) -> list[tuple[int, str, str]]:
        return [(record.exchange, record.source, record.text) for record in self]


class Seams:
    def __init__(self) -> None:
        self.stdout, self.stderr = Terminal(), Terminal()
        self.told = Told()
        self.uninstall: Callable[[], None] = lambda: None

    def install(self) -> None:
        """To be called by the test itself: pytest puts streams of its own in place before it and after it."""
        sys.stdout, sys.stderr = self.stdout, self.stderr
        uninstall = output.install(self.told.append, EXCHANGE.get)

        def once() -> None:
            self.uninstall = lambda: None
            uninstall()

        self.uninstall = once


@pytest.fixture
def seams() -> Iterator[Seams]:
    made = Seams()
    yield made
    made.uninstall()


@pytest.fixture
def logger() -> logging.Logger:
    """A logger without parents: pytest puts handlers of its own on all that logging knows."""
    return logging.Logger("shop.orders", logging.DEBUG)  # noqa: LOG001


class Repr:
    """An object that counts how often it is asked for its text."""

    asked = 0

    def __repr__(self) -> str:
        type(self).asked += 1
        return "<order 17>"


# stdout and stderr.


def test_lines_are_told_of_the_exchange_that_wrote_them(seams: Seams) -> None:
    seams.install()
    print("starting")
    EXCHANGE.set(7)
    print("one", "two")
    print("trouble", file=sys.stderr)
    EXCHANGE.set(0)
    assert seams.told.texts == [(0, "stdout", "starting"), (7, "stdout", "one two"), (7, "stderr", "trouble")]
    assert seams.stdout.text == "starting\none two\n"
    assert seams.stderr.text == "trouble\n"
    assert all(record.t_ns > 0 for record in seams.told)


def test_a_line_is_told_when_it_is_complete(seams: Seams) -> None:
    seams.install()
    sys.stdout.write("half ")
    assert seams.told == []
    assert seams.stdout.text == "half "
    sys.stdout.write("a line\nand")
    assert seams.told.texts == [(0, "stdout", "half a line")]


def test_exchanges_do_not_mix_their_lines(seams: Seams) -> None:
    seams.install()

    def write(exchange: int, text: str) -> None:
        EXCHANGE.set(exchange)
        sys.stdout.write(text)

    for exchange, text in ((1, "from "), (2, "from "), (1, "one\n"), (2, "two\n")):
        contextvars.copy_context().run(write, exchange, text)
    assert seams.told.texts == [(1, "stdout", "from one"), (2, "stdout", "from two")]


def test_an_unfinished_line_is_told_when_its_exchange_ends(seams: Seams) -> None:
    seams.install()
    EXCHANGE.set(3)
    sys.stdout.write("no newline")
    EXCHANGE.set(0)
    output.end_of(4)
    assert seams.told == []
    output.end_of(3)
    output.end_of(3)
    assert seams.told.texts == [(3, "stdout", "no newline")]


def test_an_unfinished_line_is_told_at_the_end_of_all(seams: Seams) -> None:
    seams.install()
    sys.stderr.write("no newline")
    seams.uninstall()
    assert seams.told.texts == [(0, "stderr", "no newline")]


def test_a_long_line_is_told_in_pieces(seams: Seams) -> None:
    seams.install()
    for _ in range(MAX_LINE + 1):
        sys.stdout.write(".")
    assert [len(record.text) for record in seams.told] == [MAX_LINE + 1]


def test_unfinished_lines_are_bounded(seams: Seams) -> None:
    seams.install()
    for exchange in range(1, MAX_LINES + 3):
        EXCHANGE.set(exchange)
        sys.stdout.write("wait")
    EXCHANGE.set(0)
    assert [record.exchange for record in seams.told] == [1, 2]


def test_a_flood_is_cut_and_says_so_but_is_written_whole(seams: Seams) -> None:
    seams.install()
    flood = "x" * (10 * MAX_WRITE) + "\n"
    print(flood, end="")
    assert seams.stdout.text == flood
    assert len(seams.told) == 1
    assert seams.told[0].text.startswith("xxx")
    assert "…cut, 589,825 characters more" in seams.told[0].text
    assert len(seams.told[0].text) < MAX_WRITE + 100


def test_the_tee_is_the_stream(seams: Seams) -> None:
    seams.install()
    tee: Any = sys.stdout
    assert type(tee).__name__ == "Tee"
    assert isinstance(tee, Terminal)
    assert isinstance(tee, io.TextIOBase)
    assert tee.encoding == "utf-8"
    assert tee.buffer is seams.stdout.buffer
    assert tee.isatty() is False
    assert tee.colour == "green"
    tee.colour = "red"
    assert seams.stdout.colour == "red"
    assert repr(tee) == repr(seams.stdout)
    assert dir(tee) == dir(seams.stdout)
    assert weakref.ref(tee)() is tee
    with pytest.raises(io.UnsupportedOperation):
        tee.fileno()
    with pytest.raises(AttributeError, match="nothing"):
        getattr(tee, "nothing")  # noqa: B009 - the access is the test
    assert tee.write("four\n") == 5


def test_a_write_that_fails_fails_as_without_us(seams: Seams) -> None:
    seams.install()
    seams.stdout.close()
    with pytest.raises(ValueError, match="closed"):
        sys.stdout.write("lost\n")
    with pytest.raises(TypeError):
        sys.stderr.write(b"bytes")  # type: ignore[arg-type]
    assert seams.told == []


def test_writelines(seams: Seams) -> None:
    seams.install()
    sys.stdout.writelines(["a\n", "b\n"])
    assert seams.stdout.text == "a\nb\n"
    assert [record.text for record in seams.told] == ["a", "b"]


def test_a_stream_that_was_kept_works_on_after_the_end(seams: Seams) -> None:
    seams.install()
    kept = sys.stderr
    seams.uninstall()
    assert sys.stderr is seams.stderr
    print("later", file=kept)
    assert seams.stderr.text == "later\n"
    assert seams.told == []


def test_what_the_app_put_in_our_place_stays(seams: Seams) -> None:
    seams.install()
    mine = io.StringIO()
    sys.stdout = mine
    seams.uninstall()
    assert sys.stdout is mine


def test_a_thread_without_context_writes_for_the_run(seams: Seams) -> None:
    seams.install()
    EXCHANGE.set(9)
    thread = threading.Thread(target=print, args=("background",))
    thread.start()
    thread.join()
    EXCHANGE.set(0)
    assert seams.told.texts == [(0, "stdout", "background")]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_tells_nothing(seams: Seams) -> None:
    seams.install()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        print("from the child")
        logging.getLogger("child").warning("too")
        os.write(write, b"%d" % len(seams.told))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 10) == b"0"
    os.close(read)
    os.close(write)


def test_without_streams_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    told = Told()
    uninstall = output.install(told.append, EXCHANGE.get)
    print("nowhere")
    output.errors(3, Teller(told.append, EXCHANGE.get)).write("an error\n")
    uninstall()
    assert sys.stdout is None
    assert told.texts == [(3, "wsgi.errors", "an error")]


# wsgi.errors.


def test_wsgi_errors_goes_to_stderr_and_is_told_once_of_its_exchange(seams: Seams) -> None:
    seams.install()
    teller = Teller(seams.told.append, EXCHANGE.get)
    errors = output.errors(5, teller)
    thread = threading.Thread(target=errors.writelines, args=(["first\n", "rest"],))
    thread.start()
    thread.join()
    errors.flush()
    errors.inspector_tell_rest()
    assert seams.stderr.text == "first\nrest"
    assert seams.told.texts == [(5, "wsgi.errors", "first"), (5, "wsgi.errors", "rest")]


def test_wsgi_errors_over_a_stderr_that_the_app_wrapped(seams: Seams) -> None:
    seams.install()

    class Wrapper(io.StringIO):
        def write(self, text: str) -> int:
            return below.write(text)

    below = sys.stderr
    sys.stderr = Wrapper()
    output.errors(5, Teller(seams.told.append, EXCHANGE.get)).write("once\n")
    sys.stderr = below
    assert seams.stderr.text == "once\n"
    assert seams.told.texts == [(5, "wsgi.errors", "once")]


# logging.


def test_a_record_is_told_with_its_place(seams: Seams, logger: logging.Logger) -> None:
    seams.install()
    EXCHANGE.set(2)
    logger.warning("order %d of %s", 17, "Ada")
    EXCHANGE.set(0)
    (told,) = seams.told
    assert (told.exchange, told.source, told.level, told.logger) == (2, "logging", "WARNING", "shop.orders")
    assert told.text == "order 17 of Ada"
    assert told.file == __file__
    assert told.line > 0


def test_no_handler_is_added_and_basic_config_works(seams: Seams) -> None:
    seams.install()
    root = logging.getLogger()
    before, root.handlers = root.handlers, []
    try:
        logging.basicConfig(stream=io.StringIO())
        assert len(root.handlers) == 1
    finally:
        root.handlers = before


@pytest.mark.parametrize("stream", ["stderr", "stdout"])
def test_what_a_handler_prints_is_not_told_twice(seams: Seams, logger: logging.Logger, stream: str) -> None:
    seams.install()
    logger.addHandler(logging.StreamHandler(getattr(sys, stream)))
    logger.info("hello")
    assert getattr(seams, stream).text == "hello\n"
    assert seams.told.texts == [(0, "logging", "hello")]
    print("after")
    assert seams.told.texts[1:] == [(0, "stdout", "after")]


def test_the_last_resort_is_not_told_twice(seams: Seams, logger: logging.Logger) -> None:
    seams.install()
    logger.warning("nobody listens")
    assert "nobody listens" in seams.stderr.text
    assert seams.told.texts == [(0, "logging", "nobody listens")]


def test_exceptions_are_told(seams: Seams, logger: logging.Logger) -> None:
    seams.install()
    for handler in (None, logging.StreamHandler(sys.stderr)):
        if handler:
            logger.addHandler(handler)
        try:
            int("x")
        except ValueError:
            logger.exception("failed", stack_info=True)
        text = seams.told.pop().text
        assert text.startswith("failed\nTraceback (most recent call last):")
        assert "ValueError: invalid literal" in text
        assert "Stack (most recent call last)" in text


def test_arguments_are_asked_for_their_text_as_often_as_without_us(seams: Seams, logger: logging.Logger) -> None:
    seams.install()
    Repr.asked = 0
    logger.debug("nobody listens to %r", Repr())
    assert Repr.asked == 0
    assert seams.told.pop().text == f"nobody listens to '<{__name__}.Repr>'"
    logger.addHandler(logging.StreamHandler(sys.stderr))
    logger.debug("one listens to %r", Repr())
    assert Repr.asked == 1
    assert seams.told.pop().text == "one listens to <order 17>"


@pytest.mark.parametrize(
    ("msg", "args", "text"),
    [
        ("%d items", (3,), "3 items"),
        ("100%", (), "100%"),
        ("%(who)s pays", ({"who": "Ada"},), "Ada pays"),
        ("%d items", (Repr(),), "%d items"),
        ("%s %s", ("one",), "%s %s"),
        (Repr(), (), f"<{__name__}.Repr>"),
        ("x" * (2 * MAX_WRITE), (), None),
    ],
)
def test_what_no_handler_formatted(
    seams: Seams, logger: logging.Logger, msg: object, args: tuple[object, ...], text: str | None
) -> None:
    seams.install()
    logger.addHandler(logging.NullHandler())
    logger.error(msg, *args)
    (told,) = seams.told
    assert told.text == text if text else "…cut, 65,536 characters more" in told.text


def test_a_queue_handler_is_no_trouble(seams: Seams, logger: logging.Logger) -> None:
    seams.install()
    records: queue.SimpleQueue[Any] = queue.SimpleQueue()
    logger.addHandler(logging.handlers.QueueHandler(records))
    logger.info("order %d", 17)
    assert records.get().getMessage() == "order 17"
    assert seams.told.texts == [(0, "logging", "order 17")]


def test_the_error_of_a_handler_is_told(seams: Seams, logger: logging.Logger) -> None:
    seams.install()
    logger.addHandler(logging.StreamHandler(sys.stderr))
    logger.error("%d items", "many")
    texts = seams.told.texts
    assert texts[0] == (0, "stderr", "--- Logging error ---")
    assert any("TypeError" in text for _, source, text in texts if source == "stderr")
    assert texts[-1] == (0, "logging", "%d items")
    print("quiet is over", file=sys.stderr)
    logger.error("fine")
    assert seams.told.texts[len(texts) :] == [(0, "stderr", "quiet is over"), (0, "logging", "fine")]


def test_a_handler_that_raises_raises_as_without_us(seams: Seams, logger: logging.Logger) -> None:
    seams.install()

    class Strict(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise RuntimeError("strict")

    logger.addHandler(Strict())
    with pytest.raises(RuntimeError, match="strict"):
        logger.info("hello")
    assert seams.told.texts == [(0, "logging", "hello")]


def test_an_app_that_logs_in_its_own_repr(seams: Seams, logger: logging.Logger) -> None:
    seams.install()

    class Chatty:
        def __str__(self) -> str:
            logger.info("inner")
            return "chatty"

    logger.addHandler(logging.StreamHandler(sys.stderr))
    logger.info("outer %s", Chatty())
    assert [record.text for record in seams.told] == ["inner", "outer chatty"]


def test_a_handler_that_looks_for_the_caller_finds_it(seams: Seams, logger: logging.Logger) -> None:
    seams.install()
    found: list[str] = []

    class Intercept(logging.Handler):
        """The recipe by which loguru takes over logging."""

        def emit(self, record: logging.LogRecord) -> None:
            frame: FrameType | None = sys._getframe(1)
            while frame and frame.f_code.co_filename == logging.__file__:
                frame = frame.f_back
            assert frame
            found.append(frame.f_code.co_name)

    logger.addHandler(Intercept())
    logger.info("hello")
    assert found == ["test_a_handler_that_looks_for_the_caller_finds_it"]


def test_the_seam_goes_away(seams: Seams, logger: logging.Logger) -> None:
    seams.install()
    wrapped = logging.Logger.callHandlers
    seams.uninstall()
    assert logging.Logger.callHandlers is not wrapped
    wrapped(logger, logging.makeLogRecord({"msg": "kept", "levelno": 10}))
    logger.warning("quiet")
    assert seams.told == []


def test_a_record_of_odd_parts_is_told_or_left(seams: Seams, logger: logging.Logger) -> None:
    seams.install()
    logger.addHandler(logging.NullHandler())
    logger.handle(
        logging.makeLogRecord(
            {"msg": "odd", "levelno": 20, "levelname": 7, "name": None, "pathname": b"x", "lineno": "?"}
        )
    )
    (told,) = seams.told
    assert (told.text, told.level, told.logger, told.file, told.line) == ("odd", "", "", "", 0)


# The link in trouble.


def test_trouble_of_the_link_is_none_of_the_apps(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)

    def broken(record: Logged) -> None:
        raise OSError("the link is gone")

    uninstall = output.install(broken, EXCHANGE.get)
    try:
        print("still here")
        logging.getLogger("shop").debug("still")
    finally:
        uninstall()
    assert terminal.text == "still here\n"


def test_what_is_printed_while_we_tell_is_told_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    told: list[str] = []

    def emit(record: Logged) -> None:
        if record.text == "first":
            print("second")
        told.append(record.text)

    uninstall = output.install(emit, EXCHANGE.get)
    try:
        print("first")
    finally:
        uninstall()
    assert told == ["first", "second"]
