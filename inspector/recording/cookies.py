"""Cookies as they stand on the wire (RFC 6265, and its revision 6265bis): split tolerantly, judged strictly.

`http.cookies` drops a whole header for one character that RFC 2109 did not foresee; browsers and frameworks do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from inspector.recording.forms import Field

COOKIES = 2_000
"""Cookies that are taken apart at most, and characters of a header in thousands."""
_ATTRIBUTES = 50
_BIGGEST = 4096
"""Bytes of name and value together that a browser has to keep (6265bis, 5.5)."""


@dataclass(frozen=True)
class SetCookie:
    """A cookie that a response sets."""

    name: str
    value: str
    attributes: tuple[tuple[str, str], ...] = ()
    """Name and value as written, the value empty where there is none."""
    meanings: tuple[str, ...] = ()
    """What the attributes come to, a sentence each."""
    problems: tuple[str, ...] = ()
    """What is wrong, a sentence each."""


def sent(values: Iterable[str]) -> tuple[Field, ...]:
    """The cookies of a request, out of its Cookie headers."""
    found: list[Field] = []
    for value in values:
        for pair in value[: COOKIES * 1000].split(";", COOKIES)[:COOKIES]:
            name, sign, content = pair.strip().partition("=")
            if name or sign:
                problem = "" if sign else "no = sign"
                found.append(Field(name.strip(), content.strip(), problem))
    names = [each.name for each in found]
    twice = {name for name in names if names.count(name) > 1} if len(names) <= 200 else set()
    return tuple(
        Field(each.name, each.value, each.problem or "sent twice: another path or domain has one of this name")
        if each.name in twice
        else each
        for each in found[:COOKIES]
    )


def set_cookie(value: str, now: datetime | None = None) -> SetCookie:
    """One Set-Cookie header. `now` (UTC) is what Expires is measured by."""
    pieces = value[: COOKIES * 1000].split(";", _ATTRIBUTES)[: _ATTRIBUTES + 1]
    name, sign, content = pieces[0].partition("=")
    name, content = (name.strip(), content.strip()) if sign else ("", name.strip())
    attributes = tuple((key.strip(), text.strip()) for key, _, text in (piece.partition("=") for piece in pieces[1:]))
    attributes = tuple((key, text) for key, text in attributes if key or text)
    last = {key.lower(): text for key, text in attributes}  # of several the last one counts
    meanings, problems = [], []
    if not sign:
        problems.append("There is no = sign: browsers take it as a value without a name.")
    elif not name:
        problems.append("It has no name.")
    if len(name.encode("utf-8", "replace")) + len(content.encode("utf-8", "replace")) > _BIGGEST:
        problems.append(f"Name and value have more than {_BIGGEST:,} bytes: browsers ignore the cookie.")
    if any(char < " " or char == "\x7f" for char in name + content):
        problems.append("It has control characters: browsers ignore the cookie.")
    for key, text in last.items():
        judge = _JUDGES.get(key)
        if judge is None:
            problems.append(f"{key[:40]} is no attribute that browsers know.")
            continue
        meaning, problem = judge(text, now or datetime.now(UTC))
        meanings.append(meaning)
        problems.append(problem)
    if not last.keys() & {"expires", "max-age"}:
        meanings.append("Kept until the browser is closed: it has neither Max-Age nor Expires.")
    problems += _together(name, last)
    return SetCookie(name, content, attributes, tuple(filter(None, meanings)), tuple(filter(None, problems)))


def _together(name: str, last: dict[str, str]) -> list[str]:
    """What is wrong with attributes beside one another."""
    problems = []
    secure = "secure" in last
    if last.get("samesite", "").lower() == "none" and not secure:
        problems.append("SameSite=None without Secure: browsers ignore the cookie.")
    if "partitioned" in last and not secure:
        problems.append("Partitioned without Secure: browsers ignore the cookie.")
    if name.lower().startswith("__secure-") and not secure:
        problems.append("The prefix __Secure- demands Secure: browsers ignore the cookie.")
    if name.lower().startswith("__host-") and (not secure or last.get("path") != "/" or last.get("domain")):
        problems.append("The prefix __Host- demands Secure, Path=/ and no Domain: browsers ignore the cookie.")
    return problems


Judged = tuple[str, str]
"""What an attribute means, and what is wrong with it."""


def _expires(text: str, now: datetime) -> Judged:
    try:
        until = parsedate_to_datetime(text[:100])
    except (ValueError, TypeError, IndexError, OverflowError):
        return "", "Expires is no date that can be read: it is ignored."
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    try:
        past = until <= now
    except OverflowError:
        past = False
    return ("Deletes the cookie: Expires lies in the past." if past else f"Kept until {text[:100]}."), ""


def _max_age(text: str, _now: datetime) -> Judged:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        return "", "Max-Age is no whole number of seconds: it is ignored."
    if text.startswith("-") or not digits.strip("0"):
        return "Deletes the cookie: Max-Age is not above 0.", ""
    return f"Kept for {_long(int(digits[:12]))}. Max-Age counts before Expires.", ""


def _long(seconds: int) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            figure = f"{seconds / length:,.1f}".removesuffix(".0")
            return f"{figure} {unit}{'s' * (figure != '1')}"
    return f"{seconds} second{'s' * (seconds != 1)}"


def _same_site(text: str, _now: datetime) -> Judged:
    meaning = {
        "strict": "SameSite=Strict: not sent with any request that another site starts, links included.",
        "lax": "SameSite=Lax: of the requests that another site starts, sent only where a link is followed.",
        "none": "SameSite=None: sent with requests that other sites start, too.",
    }.get(text.lower(), "")
    return meaning, "" if meaning else "SameSite is none of Strict, Lax and None: browsers take their default, Lax."


def _domain(text: str, _now: datetime) -> Judged:
    if not text:
        return "", "Domain is empty: it is ignored."
    problem = "Domain has a port or a path in it: browsers ignore the cookie." if any(c in text for c in ":/") else ""
    return f"Domain: sent to {text.removeprefix('.')[:100]} and every host below it.", problem


def _path(text: str, _now: datetime) -> Judged:
    if not text.startswith("/"):
        return "", "Path does not begin with /: browsers take the folder of the request's path."
    return f"Path: sent for {text[:100]} and paths below it." if text != "/" else "", ""


_JUDGES: dict[str, Callable[[str, datetime], Judged]] = {
    "expires": _expires,
    "max-age": _max_age,
    "samesite": _same_site,
    "domain": _domain,
    "path": _path,
    "secure": lambda _text, _now: ("Secure: sent over https only (and to localhost).", ""),
    "httponly": lambda _text, _now: ("HttpOnly: scripts in the page cannot read it.", ""),
    "partitioned": lambda _text, _now: ("Partitioned: kept apart for each site that embeds this one.", ""),
    "priority": lambda _text, _now: ("Priority: which cookies Chrome drops first; no standard.", ""),
}
