"""The engine: a server that shows what it does. It runs in the app's interpreter.

    listener -> connection -> wire -> gateway -> tap -> app
                 (host)                          (probe)

``wire``     bytes to stream events and back, sans-IO: one module per protocol; h11, wsproto and h2 live only here
``gateway``  stream events to calls of the app: the rules of ASGI and of PEP 3333, written once for all wires
``probe``    watches the app: the tap that records messages, output, failures, stalls
``host``     what owns sockets, threads and the process: loader, listener, connection, link, the ends of life
``stream``   the vocabulary in which wire and gateway meet, and nothing else

Standard library, h11, wsproto and h2 only; CPython 3.10 and later; no lazy imports, because our own modules are taken
out of ``sys.modules`` before the app is imported.
"""
