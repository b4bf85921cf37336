"""Inspector: watch, and step through, what happens between a web server and a Python app.

Two processes joined by a link. The *engine* runs in the app's own interpreter: it serves HTTP, calls the app at the
gateway interface (WSGI, ASGI) and records every message. The *window* reads what the engine recorded and shows it.

    cli > app > ui > commands > session > recording > engine > trace > options | errors

A package imports only from packages to its right; import-linter enforces it. ``engine`` and ``trace`` run on
CPython 3.10 and later with nothing but the standard library, h11, wsproto and h2, because they run inside the user's
interpreter; everything else needs 3.11.
"""

from __future__ import annotations

__version__ = "0.1.0"
