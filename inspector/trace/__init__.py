"""What both processes say to each other: the vocabulary of the link, and of the recording.

``records``   what happened, as frozen records: an exchange started, a message was seen, the loop stalled
``frames``    a record as bytes: version, kind, length, sequence, checksum; the only form in which records travel
``values``    plain Python values as bytes and as JSON; anything but an exact builtin type becomes an ``Opaque``
``scope``     how a request head becomes an ASGI scope or a WSGI environ; the engine builds the app's with it, and the
              reader unfolds the recorded head with it, so the two cannot differ
``wire``      pieces of wire: what no message tells, and which of a message's bytes stand between
``ring``      the mapped file through which records leave the engine and outlive it
``verbs``     what the window asks of the engine
``stepping``  breakpoints, holds, and what the window asks about them
``filter``    the one filter language: grammar, tree, predicate
``certificate``  a server's TLS context of its files, and what is wrong with them
``clock``     monotonic nanoseconds, and the one wall-clock anchor of a run

Standard library only, CPython 3.10 and later.
"""
