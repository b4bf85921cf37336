"""Bytes to stream events and back, without I/O: ``receive_data``, pull events, ``send(event) -> bytes``.

``http1``      HTTP/1.1 and 1.0 (RFC 9112) by h11, behind stricter parsers; each rule with its section:
``http1_extensions``  103, trailers, bytes that the kernel sends
``strict``       heads: syntax, byte by byte
``head``         heads: their meaning
``chunked``      bodies in chunks, and their trailers
``authority``    hosts and ports
``refusal``      what breaks a rule as an event, and the answer to it
``patience``   how long a client may take over what
``http2``      HTTP/2 (RFC 9113) by h2, behind a reader that is stricter and bounded:
``http2_frames``     frames: their form
``http2_head``       header blocks: their meaning
``http2_streams``    what both directions share
``http2_receiving``  frames to events
``http2_sending``    heads and bodies to frames, in turns
``calm``             what a client may ask for, for nothing in return
``tls``        below all of these: the handshake, and bytes without TLS (RFC 8446) by ssl
``handshake``  the request that asks for a WebSocket (RFC 6455, 4), and its answer
``websocket``  WebSocket after its handshake (RFC 6455) by wsproto
``deflate``      its messages compressed (RFC 7692), and how long they may be
``frame_scan``     where its client's frames begin and end
``keepalive``    whether its client is still there
"""
