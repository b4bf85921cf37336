"""The window's side of serving an app, without Qt.

``session``     one app, served by one engine after the other; phases, restarts, the ends of life
``state``       what a session is doing, as one frozen value
``listening``   the listening socket, which the window owns and hands down
``child``       an engine in a process of its own
``in_process``  the same engine in a thread of this one
``recorder``    the thread that takes records out of the ring, folds them and writes them
``stepping``    breakpoints, holds and the verbs on them; ``message_text`` a held message as it can be edited
``development_certificate``  a certificate for localhost, made for --tls
``watch``       changes of the app's files, for --reload

A session lives on an event loop, plain asyncio or qasync; what blocks (starting a process, files, SQLite) has threads.
"""
