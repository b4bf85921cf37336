"""Answering for an app that did not answer, and telling a client that left from an app that failed."""

from __future__ import annotations

from inspector.engine.stream import AppMistake, ClientGone, ResponseBody, ResponseHead, Stream

_PAGE = b"Internal Server Error"
_HEADERS = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(_PAGE))]


def answer_for(stream: Stream, text: str) -> tuple[int, str]:
    """End a response that the app did not end: with a plain 500 where nothing is out, else by cutting the transfer.

    Gives the status where an answer of our own went out, else 0; and `text` with what was done.
    """
    if stream.began:
        stream.abort(text)
        return 0, f"{text}; the transfer was cut"
    try:
        stream.put(ResponseHead(500, _HEADERS))
        stream.put(ResponseBody(_PAGE, False))
    except ClientGone:
        return 0, f"{text}; the client had left"
    except AppMistake:  # the wire is of no use any more
        stream.abort(text)
        return 0, f"{text}; the connection was closed"
    return 500, f"{text}; answered with 500"


def is_clients(error: BaseException) -> bool:
    """The app let out our `ClientGone`, or raised `error` in its place, as Starlette does: the client's doing."""
    around = (error, error.__cause__, error.__context__)
    return any(isinstance(one, ClientGone) for one in around)


def left(error: BaseException) -> str:
    """What to say of an exchange that ended with such an error."""
    if isinstance(error, ClientGone):
        return "the client left before the response was complete"
    return f"the client left before the response was complete, and the app raised {type(error).__name__}"
