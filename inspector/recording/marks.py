"""What the user sets at exchanges: pin, note and colour; in a live recording, or in a file that nobody writes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from inspector.errors import InspectorError
from inspector.recording import schema
from inspector.recording.bodies import remove_segments
from inspector.recording.lock import NAME, Lock, folder_of
from inspector.recording.rows import COLOURS

NOTE = 500
"""Characters of a note; more is cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is to be set; None leaves it as it is, and an empty text takes it away."""

    pinned: bool | None = None
    note: str | None = None
    colour: str | None = None
    """One of `rows.COLOURS`, or empty."""

    def __post_init__(self) -> None:
        if self.colour and self.colour not in COLOURS:
            raise ValueError(f"{self.colour!r} is no colour of an exchange")


def set_marks(connection: sqlite3.Connection, ids: Iterable[int], marks: Marks) -> None:
    """Sets `marks` at the exchanges `ids`, inside a transaction; those that are not there (any more) are no error."""
    note = None if marks.note is None else schema.text(" ".join(marks.note.split())[:NOTE])
    set_ = {"pinned": marks.pinned, "note": note, "colour": marks.colour}
    names = [name for name, value in set_.items() if value is not None]
    if names:
        sql = f"UPDATE exchange SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?"  # noqa: S608 - our names
        connection.executemany(sql, [(*(set_[name] for name in names), id_) for id_ in ids])


def mark_file(path: str | os.PathLike[str], ids: Iterable[int], marks: Marks) -> None:
    """Sets `marks` in a recording that is over. Raises `InspectorError`: where another process records it, where it may
    not be written. Waits for the disk: not for the Qt thread."""
    path = Path(path)
    folder = folder_of(path)
    with schema.told(path):
        lock = Lock.take(folder)
        if lock is None:
            raise InspectorError(
                f"{path.name} is being recorded by another Inspector, so it is not changed here",
                "Do it in the window that records it, or when that has ended.",
            )
        try:
            connection = schema.connect(path, "rw")
            try:
                schema.verify(connection, path)
                connection.execute("BEGIN IMMEDIATE")
                set_marks(connection, ids, marks)
                connection.execute("COMMIT")
            finally:
                connection.close()  # what was not committed is undone
        finally:
            lock.release()
            if not any(folder.glob("*.bodies")):
                remove_segments(folder, NAME)
