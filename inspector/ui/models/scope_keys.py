"""What the keys of a scope, an environ and a message mean, in a sentence each.

ASGI: asgiref specs/main.rst, www.rst, lifespan.rst. WSGI: PEP 3333, "environ Variables"; CGI: RFC 3875, section 4.1.
"""

from __future__ import annotations

from inspector.ui.models.header_words import header_meaning

SCOPE = {
    "type": "Which protocol this scope speaks: http, websocket or lifespan.",
    "asgi": "The versions of ASGI itself and of this protocol's specification.",
    "asgi.version": "Version of the ASGI interface that the app is called with.",
    "asgi.spec_version": "Version of the HTTP and WebSocket (or lifespan) specification that the server follows.",
    "http_version": "HTTP version of the request: 1.0, 1.1 or 2.",
    "method": "The request method, in capitals.",
    "scheme": "http or https; ws or wss for a WebSocket.",
    "path": "The path of the URL, percent-decoded, without the query. It begins with root_path.",
    "raw_path": "The path as the client sent it, percent-encoded, without the query.",
    "query_string": "What stood behind the ? of the URL, percent-encoded, as bytes.",
    "root_path": "Where the app is mounted; what WSGI calls SCRIPT_NAME.",
    "headers": "Pairs of name and value as bytes, names in lower case, in the client's order; names may repeat.",
    "client": "Host and port of the client, where they are known.",
    "server": "Host and port the server listens on; for a Unix socket its path and None.",
    "subprotocols": "The subprotocols the client offers, best first. The app chooses one in websocket.accept.",
    "state": "What the app put here during lifespan startup; each request gets a shallow copy.",
    "extensions": "What this server can do beyond the specification, by name.",
}

ENVIRON = {
    "REQUEST_METHOD": "The request method, in capitals.",
    "SCRIPT_NAME": "Where the app is mounted: the part of the path that led to it; may be empty.",
    "PATH_INFO": "The rest of the path, percent-decoded, as latin-1 text.",
    "QUERY_STRING": "What stood behind the ? of the URL, percent-encoded; may be empty.",
    "REQUEST_URI": "The request target as the client sent it. Not part of PEP 3333.",
    "RAW_URI": "The request target as the client sent it. Not part of PEP 3333.",
    "CONTENT_TYPE": "The request's Content-Type header; may be absent.",
    "CONTENT_LENGTH": "The request's Content-Length header; may be absent.",
    "SERVER_NAME": "Host the server listens on. Use HTTP_HOST, where it is given, to rebuild a URL.",
    "SERVER_PORT": "Port the server listens on, as text.",
    "SERVER_PROTOCOL": "HTTP version of the request, as HTTP/1.1.",
    "SERVER_SOFTWARE": "Name and version of the server.",
    "GATEWAY_INTERFACE": "Version of CGI that the variables follow.",
    "REMOTE_ADDR": "The client's address.",
    "REMOTE_PORT": "The client's port, as text.",
    "REMOTE_HOST": "The client's host name, where the server looked it up.",
    "REMOTE_USER": "The user, where the server authenticated one.",
    "AUTH_TYPE": "How the server authenticated the user.",
    "HTTPS": "on where the request came over TLS; else absent.",
    "SSL_PROTOCOL": "The version of TLS, as Apache's mod_ssl names it.",
    "SSL_CIPHER": "The cipher suite of the TLS connection.",
    "wsgi.version": "Version of the WSGI interface, as a tuple: (1, 0).",
    "wsgi.url_scheme": "http or https.",
    "wsgi.input": "The request's body, to be read like a file.",
    "wsgi.errors": "Where the app may write about errors, as text.",
    "wsgi.multithread": "True where the app may be called in another thread of this process at the same time.",
    "wsgi.multiprocess": "True where another process may be running the same app at the same time.",
    "wsgi.run_once": "True where the server expects to call the app only once in this process.",
    "wsgi.file_wrapper": "Wraps an open file so that the server can send it the quick way.",
    "wsgi.input_terminated": "True where wsgi.input ends by itself: reading to the end is safe without a length.",
}

EXTENSIONS = {
    "http.response.push": "The app may send http.response.push: a push promise of HTTP/2.",
    "http.response.zerocopysend": "The app may send http.response.zerocopysend: a file that the kernel copies.",
    "http.response.pathsend": "The app may send http.response.pathsend: a file by its path, sent by the server.",
    "http.response.early_hint": "The app may send http.response.early_hint: links, in a 103 before the response.",
    "http.response.trailers": "The app may send http.response.trailers: headers behind the body.",
    "http.response.debug": "The app may send http.response.debug: facts for tests, which never reach the client.",
    "websocket.http.response": "The app may answer the handshake with an HTTP response of its own.",
    "tls": "What is known of the TLS connection. Absent where there is none.",
    "tls.server_cert": "The server's certificate in PEM, or None.",
    "tls.client_cert_chain": "The client's certificates in PEM, its own first; empty where it showed none.",
    "tls.client_cert_name": "The subject of the client's certificate (RFC 4514), or None.",
    "tls.client_cert_error": "Why the client's certificate was not accepted, or None.",
    "tls.tls_version": "Version of TLS as a number (RFC 8446): 0x0304 is TLS 1.3.",
    "tls.cipher_suite": "The cipher suite as a number (IANA's registry).",
}
"""ASGI: asgiref specs/extensions.rst and tls.rst; a key of `tls` behind a dot."""

_PARTS = {
    ("client", "0"): "The client's host.",
    ("client", "1"): "The client's port.",
    ("server", "0"): "The host that the server listens on, or the path of its socket.",
    ("server", "1"): "The port that the server listens on; None for a Unix socket.",
}
_GROUPS = {
    "state": "Put here by the app during lifespan startup; the object is shared by all requests.",
    "subprotocols": "Offered by the client.",
}

MESSAGE = {
    "type": "Which event of the specification this message is.",
    "body": "Bytes of the body in this message; absent means none.",
    "bytes": "The content of a binary frame.",
    "text": "The content of a text frame.",
    "more_body": "True where more messages with parts of the body follow; absent means false.",
    "status": "The status of the response.",
    "headers": "Pairs of name and value.",
    "path": "The absolute path of the file that the server sends as the body; of a push, the path to be asked for.",
    "links": "Values of Link headers for a 103 before the response.",
    "more_trailers": "True where more messages with trailers follow; absent means false.",
    "trailers": "True where the app will send trailers after the body.",
    "code": "The close code of the WebSocket (RFC 6455, section 7.4).",
    "reason": "The close reason, as text.",
    "subprotocol": "The subprotocol that the app chose.",
    "exc_info": "The exception during which the app calls start_response again.",
    "method": "The method of wsgi.input that the app called.",
    "size": "The size it asked for.",
    "exception": "Type and message of the exception that the app let out.",
    "message": "What the app says about the failure.",
}


def meaning(path: tuple[str, ...]) -> str:
    """What the key at `path` of a scope or environ means; empty where there is nothing to say."""
    first, *rest = path
    if not rest:
        return _environ_header(first) if first.startswith("HTTP_") else SCOPE.get(first) or ENVIRON.get(first, "")
    if len(rest) == 1 and (told := _PARTS.get((first, rest[0]))):
        return told
    match first:
        case "headers":
            return header_meaning(rest[0])
        case "extensions":
            return EXTENSIONS.get(".".join(rest), "")
        case "state" | "subprotocols":
            return _GROUPS[first] if len(rest) == 1 else ""
    return SCOPE.get(".".join(path), "")


def _environ_header(key: str) -> str:
    name = key[5:].replace("_", "-").title()
    return f"The request's {name} header. {header_meaning(name)}".rstrip()


def message_meaning(path: tuple[str, ...]) -> str:
    """What the key at `path` of a message means; empty where there is nothing to say."""
    if path[0] == "headers" and len(path) > 1:
        return header_meaning(path[1])
    return MESSAGE.get(path[0], "") if len(path) == 1 else ""
