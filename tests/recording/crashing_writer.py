"""Writes exchanges until it is killed, and says of each batch when it is committed. Run by test_crash."""

from __future__ import annotations

import sys
from pathlib import Path

from inspector.recording.writer import Writer
from tests.recording.scripts import CALL, SEND, hello, message, record, started, with_parts


def main(path: str) -> None:
    writer = Writer.create(path)
    folded = record(writer, [started(1), message(0, CALL, "call", 120)])  # in flight for ever
    exchange = 1
    while True:
        exchange += 1
        record(writer, hello(exchange, body=bytes([exchange % 256]) * 40_000), folded)
        record(
            writer, with_parts(message(exchange, SEND, "websocket.send", 130 + exchange, body=b"x" * 20_000)), folded
        )
        sys.stdout.write(f"{exchange}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(sys.argv[1])
