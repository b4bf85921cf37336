"""Bytes to stream events and back, without I/O: ``receive_data``, pull events, ``send(event) -> bytes``.

``http1``      HTTP/1.1 and 1.0 (RFC 9112) by h11
``websocket``  WebSocket after its handshake (RFC 6455) by wsproto
"""
