"""Figures and words as they stand on screen: one decimal, with their unit, thousands apart; the same everywhere."""

from __future__ import annotations

from datetime import datetime

INTERFACES = {"asgi3": "ASGI 3", "asgi2": "ASGI 2", "wsgi": "WSGI"}
"""Names of the interfaces, for a title or a pill; tables show the short form."""

_MICROSECOND, _MILLISECOND, _SECOND = 1_000, 1_000_000, 1_000_000_000


def count(n: int) -> str:
    """98,312"""
    return f"{n:,}"


def short_count(n: int) -> str:
    """`9,999`, `100 k`, `1.2 M`: in at most five figures and signs, rounded down."""
    if n < 10_000:
        return f"{n:,}"
    for unit, ones in (("k", 1_000), ("M", 1_000_000)):
        if n < 1_000 * ones:
            return f"{n * 10 // ones / 10:.1f} {unit}".replace(".0 ", " ")
    return f"{n // 1_000_000:,} M"


def counted(n: int, noun: str, plural: str = "") -> str:
    """`1 message`, `5 messages`."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def size(octets: int) -> str:
    """`0 B`, `318 B`, `12.4 KB`, `1.2 MB`; 1 KB is 1000 bytes, as in the filter."""
    if octets < 1000:
        return f"{octets} B"
    value = float(octets)
    for unit in ("KB", "MB", "GB"):
        value /= 1000
        if value < 999.95 or unit == "GB":
            break
    return f"{value:,.1f} {unit}"


def megabytes(octets: int) -> str:
    """`84.2`, without the unit, whole figures without a decimal; of 2**20 bytes, as the caps of the options are."""
    text = f"{octets / (1 << 20):,.1f}"
    return text.removesuffix(".0")


def duration(ns: int) -> str:
    """`0.4 ms`, `38.6 ms`, `212 ms`, `12.4 s`, `2 m 14 s`, `3 h 05 m`."""
    if ns < 99_950_000:
        return f"{ns / _MILLISECOND:.1f} ms"
    if ns < 999_500_000:
        return f"{ns / _MILLISECOND:.0f} ms"
    if ns < 59_950_000_000:
        return f"{ns / _SECOND:.1f} s"
    seconds = round(ns / _SECOND)
    if seconds < 3600:
        return f"{seconds // 60} m {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} m"


def stopwatch(ns: int) -> str:
    """`0:42`, `12:05`, `1:02:05`: how long something is held."""
    seconds = max(ns, 0) // _SECOND
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02d}:{seconds % 60:02d}" if hours else f"{minutes}:{seconds % 60:02d}"


def milliseconds(ns: int) -> str:
    """`0.31`, `7.84`, `1,204.50`: milliseconds since the exchange began, two decimals, no unit."""
    return f"{ns / _MILLISECOND:,.2f}"


def clock(wall_ns: int) -> str:
    """Time of day of a wall-clock instant (ns since the epoch), local: `14:03:22.481`."""
    moment = datetime.fromtimestamp(wall_ns // _SECOND)  # noqa: DTZ006 - the user's own clock is what is meant
    return f"{moment:%H:%M:%S}.{wall_ns % _SECOND // _MILLISECOND:03d}"
