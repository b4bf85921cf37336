"""What owns sockets, threads and the process.

``bootstrap``   the first code in a fresh interpreter: our modules in, references kept, and out again
``main``        one engine's life, in a process of its own or in a thread
``link``        the engine's end of the link: verbs in, records out
``loader``      APP to a callable and its interface; every way to fail has its own words
``listener``    accepts connections
``connection``  one socket: bytes to the wire, streams to the gateway, timeouts, back-pressure
"""
