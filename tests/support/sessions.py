"""Sessions on the scripted engine, and what tests ask of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from inspector.options import Options
from inspector.recording.fold import Batch
from inspector.session.child import EngineCode
from inspector.session.session import Session
from inspector.session.state import SessionState
from tests.support.waiting import DEADLINE

SCRIPTED = EngineCode("scripted_engine:main", {"scripted_engine": str(Path(__file__).parent)})
SCRIPTED_HERE = EngineCode("tests.support.scripted_engine:main")


@dataclass
class Watched:
    """A session, and everything that it told."""

    session: Session
    states: list[SessionState] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)

    @property
    def phases(self) -> list[str]:
        """Without repetitions."""
        found = [state.phase for state in self.states]
        return [phase for at, phase in enumerate(found) if at == 0 or found[at - 1] != phase]

    @property
    def told(self) -> dict[str, dict[str, Any]]:
        """The details of each state that engines told."""
        return {change.state: change.detail for batch in self.batches for change in batch.states}

    async def until(self, *phases: str) -> SessionState:
        return await asyncio.wait_for(self.session.until(*phases), DEADLINE)

    async def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """The answer to one request: status and JSON. Raises OSError where the connection ends without one."""
        host, port = self.session.state.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(f"GET /{path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
            answer = await asyncio.wait_for(reader.read(), DEADLINE)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        if not answer:
            raise ConnectionResetError("no answer")
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)


@contextlib.asynccontextmanager
async def watched(options: Options, recording: Path | None, code: EngineCode | None = None) -> AsyncIterator[Watched]:
    """A session that is started on the way in, and closed on the way out; without `code` with the real engine."""
    states: list[SessionState] = []
    batches: list[Batch] = []
    options = replace(options, no_record=recording is None)
    session = Session(options, str(recording or ""), states.append, code=code, on_batch=batches.append)
    try:
        await session.start()
        yield Watched(session, states, batches)
        assert session.state.problem == "", session.state.problem_text
    finally:
        await session.close()


@contextlib.asynccontextmanager
async def scripted(recording: Path | None, app: str = "", **options: Any) -> AsyncIterator[Watched]:
    """`watched`, with the scripted engine."""
    chosen = Options(app=app, **{"port": 0, **options})
    code = SCRIPTED_HERE if chosen.in_process else SCRIPTED
    async with watched(chosen, recording, code) as told:
        yield told
