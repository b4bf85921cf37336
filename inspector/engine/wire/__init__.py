"""Bytes to stream events and back, without I/O: ``receive_data``, pull events, ``send(event) -> bytes``.

``http1``      HTTP/1.1 and 1.0 (RFC 9112) by h11, behind the stricter rules of
``strict``       heads: syntax byte by byte, then meaning; each rule with its section
``chunked``      bodies in chunks, and their trailers
``authority``    hosts and ports
``patience``   how long a client may take over what
``websocket``  WebSocket after its handshake (RFC 6455) by wsproto
"""
