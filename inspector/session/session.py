"""A session: one app, served by one engine after the other, and recorded all the while.

    stopped -> starting -> serving -> stopping -> stopped
                  |           |
                  v           v
               failed      crashed        both answer 503 until `restart` (with --reload: until the next save)

A life is one engine, from its start until its ring is read to the end. Lives follow one another under a lock; the
listening socket outlasts them all, so clients of a restart wait, and are not refused. A failed import is served by the
engine that failed; in place of one that died a stand-in is started, the same engine without an app.
All methods belong to the event loop's thread (plain asyncio or qasync); engines and recorder call in from theirs.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inspector.errors import InspectorError
from inspector.options import Options
from inspector.recording.fold import Batch
from inspector.session import child, in_process, listening
from inspector.session.child import Death, EngineCode
from inspector.session.life import Life, why
from inspector.session.recorder import Recorder
from inspector.session.state import SessionState, certificate_of, told
from inspector.session.stepping import Stepping
from inspector.session.watch import Watch
from inspector.trace import clock, verbs
from inspector.trace.records import StateChanged
from inspector.trace.verbs import Hurry, Stop

RELOAD_GRACE = 1.0
"""Seconds that exchanges have at a reload: whoever saved wants to see the change, and a stream may never end."""
WATCH_PATIENCE = 2.0
"""Seconds that the start waits for the watch over the app's files; in a folder of very many it begins later."""
LOST_LINES = 20
LOST_WIDTH = 200
"""How many of the exchanges that a crash ended are named, and how many characters of each."""


class Session:
    """See the module's text. `state` is replaced, never changed, and `on_change` is called with each new one."""

    def __init__(
        self,
        options: Options,
        recording_path: str,
        on_change: Callable[[SessionState], None],
        *,
        code: EngineCode | None = None,
        on_batch: Callable[[Batch], None] | None = None,
        by_hand: bool = True,
    ) -> None:
        """`recording_path` is ignored with `options.no_record`. `on_batch` is called on the recorder's thread.
        `by_hand`: the user can ask for `restart`."""
        self.options = options
        self.stepping = Stepping(options.breaks, self._stepped)
        self.state = SessionState(app=options.app, stepping=self.stepping.state)
        path = "" if options.no_record else recording_path
        self.recorder = Recorder(path, options, self._batch_came, self._problem_came)
        self._on_change = on_change
        self._on_batch = on_batch
        self._by_hand = by_hand
        self._code = code or EngineCode()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = asyncio.Lock()
        self._moved = asyncio.Event()
        self._listener: socket.socket | None = None
        self._watch: Watch | None = None
        self._life: Life | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed: dict[Path, None] = {}
        self._reloading = False
        self._lost: list[str] = []

    async def start(self) -> None:
        """Listen, and start an engine; does not wait until it serves (`until` does).

        Raises `InspectorError` (`listening.PortInUse`) where there is nothing to listen on or to run.
        """
        async with self._lock:
            if self._listener is None:
                await self._begin()

    async def stop(self, grace: float = verbs.GRACE, *, stepped: bool = False) -> None:
        """End the engine in order (DESIGN, section 3, "Ends of life"), and free the port. `stepped`: breakpoints hold
        the lifespan's shutdown, for as long as the user wants, or until there is a `hurry`."""
        async with self._lock:
            await self._end_life(grace, "stopped", stepped)
            self._release()
            self._set(phase="stopped", pid=0, in_flight=0, loop_lag_ns=0, stalled_ns=0, stalled_where="")

    async def restart(self, grace: float = verbs.GRACE, *, stepped: bool = False) -> None:
        """A new engine for the app; clients wait meanwhile. Starts the session where it is stopped. `stepped`: as in
        `stop`."""
        async with self._lock:
            if self._listener is None:
                await self._begin()
            else:
                await self._relaunch(grace, "restart", stepped=stepped)

    def hurry(self) -> None:
        """Skip the waits of a stop that is under way."""
        if self._life and self._life.ending:
            self._life.end(Hurry(), verbs.HURRY_GRACE, self._life.asked)

    async def close(self, keep: bool = True) -> None:
        """Stop, and end the recording; not `keep`: delete it. The session cannot be started again."""
        await self.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._loop is not None:
            await asyncio.wrap_future(self.recorder.close(keep))
            self._loop = None

    async def until(self, *phases: str) -> SessionState:
        """Wait until the session is in one of `phases`."""
        while self.state.phase not in phases:
            await self._moved.wait()
        return self.state

    # The pieces of a life. The lock is held in all of them.

    async def _begin(self) -> None:
        await self._open()
        try:
            await self._launch(why("start", self.state.certificate))
        except InspectorError as error:
            self._release()
            self._set(phase="failed", title=error.title, hint=error.hint, text=error.detail)
            raise

    async def _relaunch(self, grace: float, cause: str, files: Sequence[Path] = (), *, stepped: bool) -> None:
        await self._end_life(grace, f"{cause}ed", stepped)
        try:
            await self._launch(why(cause, self.state.certificate, files, self._folder))
        except InspectorError as error:
            self._set(phase="failed", title=error.title, hint=error.hint, text=error.detail)
            await self._launch(why("stand-in", self.state.certificate), str(error))

    async def _open(self) -> None:
        certificate = await asyncio.to_thread(certificate_of, self.options)
        if self.options.uds:
            listener = listening.listen_unix(self.options.uds)
        else:
            listener = listening.listen(self.options.host, self.options.port)
        if self._loop is None:
            try:
                await asyncio.wrap_future(self.recorder.open())
            except Exception as error:
                listening.release(listener)
                raise InspectorError(f"Cannot record: {error}", "Choose another file with --record.") from error
            self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._set(url=listening.url(listener, "https" if certificate else "http"), certificate=certificate)
        if self.options.reload and not self.options.in_process:
            self._watch = Watch(self._folder, self._files_came, self._problem_came)
            # Before the app is imported: what is saved from then on is seen.
            await asyncio.to_thread(self._watch.wait_until_it_sees, WATCH_PATIENCE)

    def _release(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        if self._listener is not None:
            listening.release(self._listener)
            self._listener = None

    @property
    def _folder(self) -> Path:
        return Path(self.options.app_dir or ".").resolve()

    async def _launch(self, cause: StateChanged, unavailable: str = "") -> None:
        """Start an engine; `unavailable`: a stand-in whose 503 says so."""
        assert self._loop is not None
        assert self._listener is not None
        options = replace(self.options, first_exchange=self.recorder.highest_exchange + 1)
        if unavailable:
            options = replace(options, app="", python="", unavailable=unavailable)
        else:
            options = replace(options, breaking=self.stepping.plain())
            self._replace(
                SessionState(
                    phase="starting",
                    app=self.options.app,
                    url=self.state.url,
                    certificate=self.state.certificate,
                    run=self.state.run,
                    stepping=self.stepping.state,
                )
            )
        life = Life(self._loop, bool(unavailable))
        start = in_process.start if options.in_process else child.start
        try:
            life.engine = await asyncio.to_thread(start, options, self._listener, self._code, life.died)
        except OSError as error:
            raise InspectorError(f"There is no room to start an engine in: {error}") from error
        self._life = life
        if not unavailable:
            self.stepping.begin(life.engine.tell)
        run = await asyncio.wrap_future(self.recorder.begin(life.engine.reader, cause))
        if not unavailable:
            self._set(run=run, pid=life.engine.pid)
        self._spawn(self._outlive(life))

    async def _end_life(self, grace: float, asked: str, stepped: bool) -> None:
        life = self._life
        if life is None:
            return
        self._set(phase="stopping")
        if not life.death.done():
            patience = grace + verbs.LIFESPAN_GRACE + verbs.FAREWELL_GRACE
            life.end(Stop(grace, stepped), patience, asked, lambda: stepped and bool(self.stepping.state.holds))
        await life.over.wait()
        self._life = None
        if life.forced:
            self._set(title="The app did not end in time, and was ended by force.")

    # What comes of a life.

    async def _outlive(self, life: Life) -> None:
        """Wait for the engine's death, have the rest recorded, and put a stand-in in place of one that crashed."""
        death = await life.death
        self._lost = []
        await asyncio.wrap_future(self.recorder.finish(death.text, clock.now(), life.how()))
        if not life.stand_in:
            self.stepping.ended()
        life.over.set()
        if life.ending:
            return
        async with self._lock:
            if self._life is not life:
                return
            self._life = None
            if life.stand_in:
                return
            self._crashed(death)
            with contextlib.suppress(InspectorError):
                said = "\n\n".join(filter(None, (self.state.title, self.state.hint, self.state.text)))
                await self._launch(why("stand-in", self.state.certificate), said)

    def _crashed(self, death: Death) -> None:
        if death.refusal is not None:
            wrong = death.refusal
            self._set(phase="failed", pid=0, title=wrong.title, hint=wrong.hint, text=wrong.detail)
            return
        by_hand = "Restart starts it again." if self._by_hand else ""
        hint = "The next save starts it again." if self._watch else by_hand
        text = _in_flight(self._lost) if self._lost else ""
        if self.stepping.lost:
            text = f"{self.stepping.lost} held when it died: cleared.\n{text}".rstrip()
        title = f"The app's process ended: {death.text}."
        self._set(phase="crashed", pid=0, in_flight=0, stalled_ns=0, title=title, hint=hint, text=text)

    # What other threads tell.

    def _batch_came(self, batch: Batch) -> None:
        # The state first: who hears of a hold from `on_batch` may use it at once.
        if batch.run_started or batch.states or batch.stalls or batch.pulse or batch.run_ended or batch.stepped:
            self._on_loop(self._told, batch)
        if self._on_batch is not None:
            self._on_batch(batch)

    def _told(self, batch: Batch) -> None:
        lost = [row for row in batch.exchanges if row.outcome == "lost" and row.kind != "lifespan"]
        self._lost += [f"{row.method} {row.path}" for row in lost]
        if self._life is not None and not self._life.stand_in:
            self.stepping.told(batch)
            self._replace(told(self.state, batch))

    def _stepped(self) -> None:
        self._set(stepping=self.stepping.state)

    def _problem_came(self, title: str, text: str) -> None:
        self._on_loop(self._problem, title, text)

    def _problem(self, title: str, text: str) -> None:
        self._set(problem=title, problem_text=text)

    def _files_came(self, paths: list[Path]) -> None:
        self._on_loop(self._reload, paths)

    def _reload(self, paths: list[Path]) -> None:
        self._changed.update(dict.fromkeys(paths))
        if not self._reloading:
            self._reloading = True
            self._spawn(self._reload_until_fresh())

    async def _reload_until_fresh(self) -> None:
        """Restart; once more where files changed while the engine was being started."""
        try:
            while self._changed:
                async with self._lock:
                    files, self._changed = list(self._changed), {}
                    if self._watch is not None:  # else it was stopped meanwhile
                        await self._relaunch(RELOAD_GRACE, "reload", files, stepped=True)
        finally:
            self._reloading = False

    def _on_loop(self, call: Callable[..., None], *arguments: Any) -> None:
        if (loop := self._loop) is not None:
            with contextlib.suppress(RuntimeError):  # closed meanwhile
                loop.call_soon_threadsafe(call, *arguments)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _set(self, **changes: Any) -> None:
        self._replace(replace(self.state, **changes))

    def _replace(self, state: SessionState) -> None:
        if state != self.state:
            self.state = state
            self._moved.set()
            self._moved = asyncio.Event()
            self._on_change(state)


def _in_flight(lost: list[str]) -> str:
    """Which exchanges a crash ended, as a text of bounded length."""
    lines = [line if len(line) <= LOST_WIDTH else f"{line[:LOST_WIDTH]}…" for line in lost[:LOST_LINES]]
    if len(lost) > LOST_LINES:
        lines.append(f"and {len(lost) - LOST_LINES} more")
    return "\n".join(["In flight when it died:", *lines])
