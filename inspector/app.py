"""The composition root: what the window shows is put together here, and taken apart in order.

`watch` serves an app and shows it, `look` shows a recording, `demo` serves the shop and sends visitors. One `Program`
is one window's life: it owns the session and the readers, and carries out what the window asks for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inspector import demo as visitors
from inspector import doctor, finder
from inspector.errors import InspectorError
from inspector.options import Options
from inspector.recording.finish import save_as
from inspector.recording.marks import Marks, mark_file
from inspector.recording.reader import Reader
from inspector.recording.unnamed import unnamed
from inspector.session.listening import PortInUse
from inspector.session.session import Session
from inspector.session.stepping import Stepping
from inspector.trace.filter import parse

try:
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QMessageBox

    from inspector.ui import run
    from inspector.ui.kept_breakpoints import KeptBreakpoints
    from inspector.ui.message_box import MessageBox
    from inspector.ui.source import Source, Verbs
    from inspector.ui.window import Window
    from inspector.ui.words import counted
except ImportError as error:  # Qt's own libraries need some of the system's
    raise InspectorError(
        f"Qt cannot be loaded: {error}", "What is missing, and how to install it: inspector doctor"
    ) from None


def watch(options: Options) -> int:
    """The window; it serves `options.app`, or welcomes where there is none. Returns the exit code."""

    async def begin(program: Program) -> None:
        if options.app:
            await program.serve(options)
        else:
            await program.look_around()

    return _run(begin, options)


def look(path: str) -> int:
    """The window on a recording. Raises `InspectorError` where the file is none."""
    Reader(path).close()

    async def begin(program: Program) -> None:
        await program.open_recording(Path(path))

    return _run(begin, Options())


def demo(*, wsgi: bool) -> int:
    """The window on the demo shop, with visitors."""
    options = Options(app=visitors.shop(wsgi))

    async def begin(program: Program) -> None:
        await program.open_demo(options)

    return _run(begin, options)


def _run(begin: Callable[[Program], Coroutine[Any, Any, None]], options: Options) -> int:
    if not doctor.has_display():
        raise InspectorError(
            "There is no display to open a window on: neither DISPLAY nor WAYLAND_DISPLAY is set.",
            "Without a window: inspector serve APP, inspector show FILE, inspector demo",
        )
    _check_libraries()

    async def main(ending: run.Ending) -> int:
        program = Program(ending, options)
        return await program.live(begin)

    return run.run(main)


def _check_libraries() -> None:
    """Qt ends the process where its platform plugin does not load: say before what is missing."""
    if sys.platform == "linux" and os.environ.get("QT_QPA_PLATFORM", "") in ("", "xcb"):
        for finding in doctor.qt_libraries():
            if not finding.ok:
                raise InspectorError(f"{finding.what}: {finding.detail}", finding.mend)


class Program:
    """One window's life."""

    def __init__(self, ending: run.Ending, options: Options, settings: str = "") -> None:
        """`settings` is a file for the window's settings; "": where the platform keeps them."""
        self.session: Session | None = None
        self._ending = ending
        self._options = self._given = options
        self._tasks: set[asyncio.Task[None]] = set()
        self._source = contextlib.ExitStack()
        self._unnamed = contextlib.ExitStack()
        self.window = Window(
            Verbs(
                start=self._verb(self._start),
                stop=self._verb(self._stop),
                restart=self._verb(self._restart),
                clear=self._verb(self._clear),
                open_app=self._verb(self._open),
                serve_found=self._verb(self._serve_found),
                open_recording=self._verb(self.open_recording),
                mark=self._verb(self._mark),
                save_recording=self._verb(self._save),
                stepping=self._verb(self._step),
                demo=self._verb(lambda: self.open_demo(replace(options, app=visitors.shop()))),
                quit=ending.ask,
            ),
            QSettings(settings, QSettings.Format.IniFormat) if settings else None,
        )
        ending.hurry = self._hurry

    async def live(self, begin: Callable[[Program], Coroutine[Any, Any, None]]) -> int:
        """From the first paint to the last. Returns the exit code."""
        self.window.show()
        self._spawn(begin(self))
        await self._ending.asked.wait()
        await self.close()
        return 0

    async def close(self) -> None:
        """End everything, the window last."""
        await self._close()
        for task in list(self._tasks):
            task.cancel()
        self.window.leave()
        self.window.deleteLater()

    def _verb(self, work: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
        return lambda *arguments: self._spawn(work(*arguments))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._told(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work`; what goes wrong is said on the window."""
        try:
            await work
        except InspectorError as error:
            self.window.complain(error)
        except OSError as error:
            self.window.complain(InspectorError(f"It did not work: {error}"))

    # What is shown.

    async def look_around(self) -> None:
        """Find the apps of the folder, by reading; serve the one where there is plainly one, else list them. One that
        has an environment of its own is listed: whether that runs it is for the user to say."""
        options = self._given
        folder = str(Path(options.app_dir).absolute())
        self.window.welcome.show_search(folder)
        found = await asyncio.to_thread(finder.search, folder)
        self.window.welcome.show_found(found, folder)
        if self.window.source is None and found.one and (options.python or not found.one.python):
            await self.serve(replace(options, app=found.one.app))

    async def serve(self, options: Options) -> None:
        """Serve an app and show what happens."""
        await self._close()
        path = Path(options.record) if options.record else self._unnamed.enter_context(unnamed())
        kept = KeptBreakpoints(self.window.settings.store, options.app, options.app_dir, options.breaks)
        session = Session(options, str(path), lambda state: kept.write(state.stepping.breakpoints))
        holding = session.stepping.restore(kept.read())
        try:
            await session.start()
        except PortInUse as error:
            await session.close()
            await self._offer(options, error)
            return
        except InspectorError:
            if session.state.phase != "failed":
                await session.close()
                raise
        self.session = session
        self._options = options
        self._show(Path(options.app).name, path, session)
        self.window.places.remember(options.app)
        if holding > len(options.breaks):
            self.window.table.notice.say(f"{counted(holding, 'breakpoint')} set, as you left them: Step has the list")

    async def _offer(self, options: Options, error: PortInUse) -> None:
        """The port is taken: the next free one may do."""
        if not error.next_port:
            raise error
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        box = MessageBox(self.window, "portDialog", error.title)
        other = box.addButton(f"Use port {error.next_port}", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.finished.connect(lambda _: answer.set_result(0))
        box.open()
        await answer
        accepted = box.clickedButton() is other
        box.deleteLater()
        if accepted:
            await self.serve(replace(options, port=error.next_port))

    def _show(self, name: str, path: Path, session: Session | None) -> None:
        reader = self._source.enter_context(contextlib.closing(Reader(path)))
        if session is None:
            # The file may be one that another program records at this moment.
            source = Source(name=name, reader=reader, open_reader=lambda: Reader(path), generation=reader.generation)
            self.window.show_source(source)
            return
        self.window.show_source(
            Source(
                name=name,
                reader=reader,
                open_reader=lambda: Reader(path),
                generation=lambda: session.recorder.generation,
                state=lambda: session.state,
            )
        )

    async def _open(self, name: str) -> None:
        if name.endswith(".inspector") and Path(name).is_file():
            await self.open_recording(Path(name))
        else:
            await self.serve(replace(self._options, app=name, record=""))

    async def _serve_found(self, app: str, python: str) -> None:
        await self.serve(replace(self._options, app=app, python=python or self._given.python, record=""))

    async def open_recording(self, path: Path) -> None:
        """Show a recording."""
        await asyncio.to_thread(lambda: Reader(path).close())  # mends; an error leaves what is shown as it is
        await self._close()
        self._show(path.name, path, None)
        self.window.places.remember(str(path.resolve()))

    async def open_demo(self, options: Options) -> None:
        """Serve the shop, and send visitors for as long as it is open."""
        await self.serve(options)
        if self.session is not None:
            state = await self.session.until("serving", "failed", "crashed", "stopped")
            if state.phase == "serving":
                visiting = asyncio.get_running_loop().create_task(visitors.drive(state.url))
                self._source.callback(visiting.cancel)

    async def serve_anywhere(self, options: Options) -> str:
        """Serve on any free port; returns the URL once the app answers. Raises `InspectorError` where it does not."""
        await self.serve(replace(options, port=0))
        assert self.session is not None
        state = await self.session.until("serving", "failed", "crashed")
        if state.phase != "serving":
            raise InspectorError(state.title, state.hint, state.text)
        return state.url

    async def settled(self) -> Reader:
        """The reader, once everything has ended and the window has shown it."""
        assert self.session is not None
        assert self.window.source is not None
        reader, shown = self.window.source.reader, self.window.table.model()
        await asyncio.wrap_future(self.session.recorder.catch_up())
        # Two threads and a timer have to have had their turn.
        while reader.ids(parse("is:live kind:http")) or shown.rowCount() < self.session.recorder.totals.exchanges:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return reader

    async def _close(self) -> None:
        """Whatever is shown: the app is stopped, the recording ended."""
        session, self.session = self.session, None
        if session is not None:
            self._ending.hurry = session.hurry
            if session.state.phase == "stopping" and session.state.stepping.holds:
                session.hurry()  # who leaves does not step
            await session.stop()
        self.window.show_welcome()
        self._source.close()  # readers first: the recording is folded into one file only when nobody reads it
        if session is not None:
            await session.close(keep=bool(session.options.record))
        self._unnamed.close()

    # The window's verbs.

    async def _start(self) -> None:
        if self.session is not None:
            await (self.session.restart() if self.session.state.phase == "crashed" else self.session.start())

    async def _stop(self) -> None:
        if self.session is None:
            return
        if self.session.state.phase == "stopping":
            self.session.hurry()
        else:
            await self.session.stop(stepped=True)

    async def _restart(self) -> None:
        if self.session is not None:
            await self.session.restart(stepped=True)

    async def _clear(self) -> None:
        if self.session is not None:
            await asyncio.wrap_future(self.session.recorder.clear())

    async def _mark(self, exchanges: Sequence[int], marks: Marks, then: Callable[[], object]) -> None:
        source = self.window.source
        if self.session is not None:
            await asyncio.wrap_future(self.session.recorder.mark(exchanges, marks))
        elif source is not None:
            await asyncio.to_thread(mark_file, source.reader.path, exchanges, marks)
        then()

    async def _step(
        self,
        work: Callable[[Stepping], Awaitable[Any]],
        then: Callable[[Any], object],
        refused: Callable[[InspectorError], object],
    ) -> None:
        if self.session is None:
            return
        try:
            answer = await work(self.session.stepping)
        except InspectorError as error:
            refused(error)
        else:
            then(answer)

    async def _save(self, path: Path) -> None:
        source = self.window.source
        if source is not None:
            await asyncio.to_thread(save_as, source.reader.path, path)

    def _hurry(self) -> None:
        if self.session is not None:
            self.session.hurry()
