"""What owns sockets, threads and the process.

``bootstrap``    the first code in a fresh interpreter: our modules in, references kept, and out again
``main``         one engine's life, in a process of its own or in a thread
``link``         the engine's end of the link: verbs in, records out
``loader``       APP to a callable; ``interfaces`` tells what it speaks, ``load_errors`` why it is not there
``listener``     accepts connections, hands requests to the gateway, ends them well
``connection``   one socket: bytes to the wire, streams to the gateway, back-pressure
``negotiated``   a connection once it is known which HTTP it speaks
``http2_connection``  the same socket with many requests at once
``http2_stream``      one of them; ``http2_websocket`` where it is a WebSocket
``http2_told``        its frames, each told to the exchange of its stream
``secure``       TLS between the two, where there is any
``forwarded``    what a trusted proxy says of its client
``file_sending``  a file as a body
``open_stream``  one request that is being served, as the gateway sees it
"""
