"""Malformed and odd requests: the bytes, what the RFCs demand of a server, and where.

In the bytes of a refused one, `<<` stands before the byte at which the violation shows, and is taken out. `answers` are
the statuses of all responses on the connection; a refused request is its last. `h11` says whether h11 0.16 alone takes
the bytes for requests: where it does although we refuse, or the other way round, the rule is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

MARK = b"<<"
OVER = 64 * 1024


@dataclass(frozen=True)
class Case:
    name: str
    section: str
    """RFC and section of the rule, as it is told for a refused one."""
    answers: tuple[int, ...]
    data: bytes
    offset: int = -1
    """Of the violation, from the first byte of the request that is refused; -1 where none is."""
    h11: bool = False
    """h11 alone accepts it."""
    requests: tuple[bytes, ...] = ()
    """What the app got: `METHOD target body` of each."""


def refused(name: str, section: str, status: int, data: bytes, *, h11: bool = False, before: bytes = b"") -> Case:
    """`before`: whole requests on the same connection, each answered with 200."""
    assert data.count(MARK) == 1, name
    offset = data.index(MARK)
    return Case(
        name, section, (200,) * before.count(b"HTTP/1.1") + (status,), before + data.replace(MARK, b""), offset, h11
    )


def served(name: str, section: str, data: bytes, *requests: bytes, h11: bool = True) -> Case:
    return Case(name, section, (200,) * len(requests), data, -1, h11, requests)


def get(lines: bytes = b"", line: bytes = b"GET / HTTP/1.1", host: bytes = b"Host: a\r\n") -> bytes:
    return line + b"\r\n" + host + lines + b"\r\n"


def post(lines: bytes, body: bytes = b"") -> bytes:
    return get(lines, b"POST / HTTP/1.1") + body


def chunks(body: bytes, lines: bytes = b"Transfer-Encoding: chunked\r\n") -> bytes:
    return post(lines, body)


NEXT = get(line=b"GET /next HTTP/1.1")

REFUSED = (
    # The request line.
    refused("no http at all", "RFC 9112, 3.1", 400, b"nonsense<<\r\n\r\n"),
    refused("a TLS client hello", "RFC 9112, 3", 400, b"<<\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    refused("HTTP/0.9", "RFC 9112, 3", 400, b"GET /<<\r\n\r\n"),
    refused("no target", "RFC 9112, 3", 400, get(line=b"GET HTTP/1.1<<")),
    refused("no method", "RFC 9112, 3.1", 400, get(line=b"<< / HTTP/1.1")),
    refused("two blanks after the method", "RFC 9112, 3", 400, get(line=b"GET << / HTTP/1.1")),
    refused("two blanks after the target", "RFC 9112, 3", 400, get(line=b"GET / << HTTP/1.1")),
    refused("a blank at the end", "RFC 9112, 3", 400, get(line=b"GET / HTTP/1.1<< ")),
    refused("a tab for a blank", "RFC 9112, 3.1", 400, get(line=b"GET<<\t/ HTTP/1.1")),
    refused("a blank in the target", "RFC 9112, 3", 400, get(line=b"GET /a b<< HTTP/1.1")),
    refused("a blank before the method", "RFC 9112, 3.1", 400, get(line=b"<< GET / HTTP/1.1")),
    refused("a method that is no token", "RFC 9112, 3.1", 400, get(line=b"GE<<(T / HTTP/1.1")),
    refused("a method beyond ASCII", "RFC 9112, 3.1", 400, get(line=b"G<<\xc9T / HTTP/1.1")),
    refused("NUL in the request line", "RFC 9112, 3", 400, get(line=b"GET /<<\0 HTTP/1.1")),
    refused("escape in the target", "RFC 9112, 3", 400, get(line=b"GET /<<\x1b[1m HTTP/1.1")),
    refused("UTF-8 in the target", "RFC 9112, 3.2", 400, get(line=b"GET /<<\xc3\xa9 HTTP/1.1")),
    refused("a method without end", "RFC 9112, 3", 501, get(line=b"M" * 64 + b"<<M / HTTP/1.1"), h11=True),
    refused("a name of a protocol in lower case", "RFC 9112, 2.3", 400, get(line=b"GET / <<http/1.1")),
    refused("another protocol", "RFC 9112, 2.3", 400, get(line=b"GET / <<ICY/1.1")),
    refused("a version of two digits", "RFC 9112, 2.3", 400, get(line=b"GET / <<HTTP/1.10")),
    refused("no minor version", "RFC 9112, 2.3", 400, get(line=b"GET / <<HTTP/1")),
    refused("HTTP/0.9 in words", "RFC 9110, 15.6.6", 505, get(line=b"GET / <<HTTP/0.9"), h11=True),
    refused("HTTP/2.0", "RFC 9110, 15.6.6", 505, get(line=b"GET / <<HTTP/2.0"), h11=True),
    refused("HTTP/3.0", "RFC 9110, 15.6.6", 505, get(line=b"GET / <<HTTP/3.0"), h11=True),
    refused("a request line without end", "RFC 9112, 3", 414, b"GET /" + b"a" * (OVER - 5) + b"<<a HTTP/1.1\r\n"),
    refused("three empty lines first", "RFC 9112, 2.2", 400, b"<<\r\n" + get(), before=b"\r\n\r\n"),
    # Targets.
    refused("neither path nor URL", "RFC 9112, 3.2", 400, get(line=b"GET <<index.html HTTP/1.1"), h11=True),
    refused("a query alone", "RFC 9112, 3.2", 400, get(line=b"GET <<?a=b HTTP/1.1"), h11=True),
    refused("a fragment", "RFC 9112, 3.2", 400, get(line=b"GET /a<<#b HTTP/1.1"), h11=True),
    refused("a fragment in a query", "RFC 9112, 3.2", 400, get(line=b"GET /?a<<#b HTTP/1.1"), h11=True),
    refused("asterisk for GET", "RFC 9112, 3.2.4", 400, get(line=b"GET <<* HTTP/1.1"), h11=True),
    refused("asterisk with more", "RFC 9112, 3.2", 400, get(line=b"OPTIONS <<*/a HTTP/1.1"), h11=True),
    refused("a URL of ftp", "RFC 9110, 7.4", 400, get(line=b"GET <<ftp://a/ HTTP/1.1"), h11=True),
    refused("a URL without a host", "RFC 9110, 4.2", 400, get(line=b"GET http://<</a HTTP/1.1"), h11=True),
    refused("a URL with a user", "RFC 9110, 4.2", 400, get(line=b"GET http://<<u:p@a/ HTTP/1.1"), h11=True),
    refused("a URL with a port that is none", "RFC 9110, 4.2", 400, get(line=b"GET http://<<a:b/ HTTP/1.1"), h11=True),
    refused("https without TLS", "RFC 9110, 7.4", 421, get(line=b"GET <<https://a/ HTTP/1.1"), h11=True),
    refused("a URL without slashes", "RFC 9112, 3.2", 400, get(line=b"GET <<http:a HTTP/1.1"), h11=True),
    refused("host and port for GET", "RFC 9112, 3.2", 400, get(line=b"GET <<a:80 HTTP/1.1"), h11=True),
    refused("CONNECT", "RFC 9110, 9.3.6", 501, get(line=b"<<CONNECT a:443 HTTP/1.1"), h11=True),
    refused("CONNECT to a path", "RFC 9110, 9.3.6", 400, get(line=b"CONNECT <</ HTTP/1.1"), h11=True),
    refused("CONNECT without a port", "RFC 9110, 9.3.6", 400, get(line=b"CONNECT <<a HTTP/1.1"), h11=True),
    refused("CONNECT to port 0", "RFC 9110, 9.3.6", 400, get(line=b"CONNECT <<a:0 HTTP/1.1"), h11=True),
    refused("CONNECT to an empty port", "RFC 9110, 9.3.6", 400, get(line=b"CONNECT <<a: HTTP/1.1"), h11=True),
    # Ends of lines and control bytes.
    refused("bare LF after the request line", "RFC 9112, 2.2", 400, b"GET / HTTP/1.1<<\nHost: a\r\n\r\n", h11=True),
    refused("bare LF everywhere", "RFC 9112, 2.2", 400, b"GET / HTTP/1.1<<\nHost: a\n\n", h11=True),
    refused("bare LF in a value", "RFC 9112, 2.2", 400, get(b"X: a<<\nY: b\r\n"), h11=True),
    refused("bare LF for the empty line", "RFC 9112, 2.2", 400, get()[:-2] + b"<<\n", h11=True),
    refused("bare CR in a value", "RFC 9112, 2.2", 400, get(b"X: a<<\rb\r\n")),
    refused("bare CR between fields", "RFC 9112, 2.2", 400, get(b"X: a<<\rY: b\r\n")),
    refused("CR CR LF", "RFC 9112, 2.2", 400, get(b"X: a<<\r\r\n")),
    refused("bare CR first of all", "RFC 9112, 2.2", 400, b"<<\r" + get()),
    refused("bare LF first of all", "RFC 9112, 2.2", 400, b"<<\n" + get()),
    refused("NUL in a value", "RFC 9110, 5.5", 400, get(b"X: a<<\0b\r\n")),
    refused("NUL in a name", "RFC 9110, 5.5", 400, get(b"X<<\0: a\r\n")),
    refused("a control byte in a value", "RFC 9110, 5.5", 400, get(b"Cookie: a=<<\x01\r\n"), h11=True),
    refused("DEL in a value", "RFC 9110, 5.5", 400, get(b"X: <<\x7f\r\n"), h11=True),
    refused("a vertical tab in a value", "RFC 9110, 5.5", 400, get(b"X: a<<\x0bb\r\n")),
    # Field lines.
    refused("a blank before the colon", "RFC 9112, 5.1", 400, get(b"X<< : a\r\n")),
    refused("a tab before the colon", "RFC 9112, 5.1", 400, get(b"X<<\t: a\r\n")),
    refused("a blank before the colon of Host", "RFC 9112, 5.1", 400, get(host=b"Host<< : a\r\n")),
    refused("no colon", "RFC 9112, 5", 400, get(b"<<X\r\n")),
    refused("no name", "RFC 9112, 5", 400, get(b"<<: a\r\n")),
    refused("a blank in a name", "RFC 9110, 5.1", 400, get(b"X<< Y: a\r\n")),
    refused("a bracket in a name", "RFC 9110, 5.1", 400, get(b"X<<[0]: a\r\n")),
    refused("a name beyond ASCII", "RFC 9110, 5.1", 400, get(b"X<<\xe9: a\r\n")),
    refused("obs-fold", "RFC 9112, 5.2", 400, get(b"X: a\r\n<< b\r\n"), h11=True),
    refused("obs-fold by a tab", "RFC 9112, 5.2", 400, get(b"X: a\r\n<<\tb\r\n"), h11=True),
    refused("obs-fold of a framing", "RFC 9112, 5.2", 400, post(b"Transfer-Encoding:\r\n<< chunked\r\n"), h11=True),
    refused("a blank before the first field", "RFC 9112, 2.2", 400, get(host=b"<< Host: a\r\n")),
    refused("a head without end", "RFC 6585, 5", 431, get(b"X: " + b"a" * (OVER - 28) + b"<<a")),
    refused("a thousand and one fields", "RFC 6585, 5", 431, get(b"a:\r\n" * 999 + b"<<a:\r\n"), h11=True),
    # Host.
    refused("no Host", "RFC 9112, 3.2", 400, get(host=b"")[:-2] + b"<<\r\n"),
    refused(
        "no Host in HTTP/1.2", "RFC 9112, 3.2", 400, get(line=b"GET / HTTP/1.2", host=b"")[:-2] + b"<<\r\n", h11=True
    ),
    refused("two Hosts", "RFC 9112, 3.2", 400, get(b"<<Host: b\r\n")),
    refused("two equal Hosts", "RFC 9112, 3.2", 400, get(b"<<host: a\r\n")),
    refused("two Hosts in HTTP/1.0", "RFC 9112, 3.2", 400, get(b"<<Host: b\r\n", b"GET / HTTP/1.0")),
    refused("a Host with a blank", "RFC 9112, 3.2", 400, get(host=b"Host: <<a b\r\n"), h11=True),
    refused("a Host with a path", "RFC 9112, 3.2", 400, get(host=b"Host: <<a/b\r\n"), h11=True),
    refused("a Host with a user", "RFC 9112, 3.2", 400, get(host=b"Host: <<u@a\r\n"), h11=True),
    refused("a Host that is a URL", "RFC 9112, 3.2", 400, get(host=b"Host: <<http://a\r\n"), h11=True),
    refused("a Host with a port that is none", "RFC 9112, 3.2", 400, get(host=b"Host: <<a:80a\r\n"), h11=True),
    refused("a Host beyond ASCII", "RFC 9112, 3.2", 400, get(host=b"Host: <<\xe4\r\n"), h11=True),
    refused("a Host with half an escape", "RFC 9112, 3.2", 400, get(host=b"Host: <<a%2\r\n"), h11=True),
    refused("a Host with half a bracket", "RFC 9112, 3.2", 400, get(host=b"Host: <<[::1\r\n"), h11=True),
    refused("a Host with no address in brackets", "RFC 9112, 3.2", 400, get(host=b"Host: <<[:::1]\r\n"), h11=True),
    # How long the body is.
    refused(
        "length and chunks",
        "RFC 9112, 6.3",
        400,
        post(b"Content-Length: 5\r\nTransfer-Encoding: <<chunked\r\n", b"0\r\n\r\n"),
        h11=True,
    ),
    refused(
        "chunks and length",
        "RFC 9112, 6.3",
        400,
        post(b"Transfer-Encoding: chunked\r\nContent-Length: <<5\r\n", b"0\r\n\r\n"),
        h11=True,
    ),
    refused("two lengths", "RFC 9112, 6.3", 400, post(b"Content-Length: 2\r\n<<Content-Length: 3\r\n", b"ab")),
    refused(
        "two equal lengths",
        "RFC 9112, 6.3",
        400,
        post(b"Content-Length: 2\r\n<<Content-Length: 2\r\n", b"ab"),
        h11=True,
    ),
    refused("a list of equal lengths", "RFC 9112, 6.3", 400, post(b"Content-Length: <<2, 2\r\n", b"ab"), h11=True),
    refused("a length with a plus", "RFC 9112, 6.3", 400, post(b"Content-Length: <<+2\r\n", b"ab")),
    refused("a length below zero", "RFC 9112, 6.3", 400, post(b"Content-Length: <<-2\r\n", b"ab")),
    refused("a hexadecimal length", "RFC 9112, 6.3", 400, post(b"Content-Length: <<0x2\r\n", b"ab")),
    refused("a length with an underscore", "RFC 9112, 6.3", 400, post(b"Content-Length: <<1_0\r\n", b"ab")),
    refused("a length of two numbers", "RFC 9112, 6.3", 400, post(b"Content-Length: <<2 3\r\n", b"ab")),
    refused("a fraction of a length", "RFC 9112, 6.3", 400, post(b"Content-Length: <<2.0\r\n", b"ab")),
    refused("no length", "RFC 9112, 6.3", 400, post(b"Content-Length:<<\r\n", b"ab")),
    refused("a length of other digits", "RFC 9112, 6.3", 400, post(b"Content-Length: <<\xb2\r\n", b"ab")),
    refused(
        "a length beyond bounds", "RFC 9110, 15.5.14", 413, post(b"Content-Length: <<99999999999999\r\n"), h11=True
    ),
    refused("a length of 41 digits", "RFC 9110, 8.6", 413, post(b"Content-Length: <<" + b"1" * 41 + b"\r\n")),
    refused("an unknown coding, then chunked", "RFC 9112, 6.1", 501, post(b"Transfer-Encoding: <<gzip, chunked\r\n")),
    refused(
        "an unknown coding, then chunked, on two lines",
        "RFC 9112, 6.1",
        501,
        post(b"Transfer-Encoding: <<gzip\r\nTransfer-Encoding: chunked\r\n"),
    ),
    refused("an unknown coding alone", "RFC 9112, 6.3", 400, post(b"Transfer-Encoding: <<gzip\r\n")),
    refused("identity", "RFC 9112, 6.3", 400, post(b"Transfer-Encoding: <<identity\r\n")),
    refused("chunked, then another", "RFC 9112, 6.3", 400, post(b"Transfer-Encoding: <<chunked, gzip\r\n")),
    refused("chunked twice", "RFC 9112, 6.1", 400, post(b"Transfer-Encoding: <<chunked, chunked\r\n")),
    refused(
        "chunked on two lines",
        "RFC 9112, 6.1",
        400,
        post(b"Transfer-Encoding: <<chunked\r\nTransfer-Encoding: chunked\r\n"),
    ),
    refused("chunked and an empty member", "RFC 9112, 6.1", 400, post(b"Transfer-Encoding: <<, chunked\r\n")),
    refused("chunked with a parameter", "RFC 9112, 6.3", 400, post(b"Transfer-Encoding: <<chunked;a=b\r\n")),
    refused("xchunked", "RFC 9112, 6.3", 400, post(b"Transfer-Encoding: <<xchunked\r\n")),
    refused("chunked in quotes", "RFC 9112, 6.3", 400, post(b'Transfer-Encoding: <<"chunked"\r\n')),
    refused("a vertical tab before chunked", "RFC 9110, 5.5", 400, post(b"Transfer-Encoding: <<\x0bchunked\r\n")),
    refused("no coding", "RFC 9112, 6.3", 400, post(b"Transfer-Encoding:<<\r\n")),
    refused(
        "chunks in HTTP/1.0",
        "RFC 9112, 6.1",
        400,
        get(b"Transfer-Encoding: <<chunked\r\n", b"POST / HTTP/1.0") + b"0\r\n\r\n",
        h11=True,
    ),
    # Chunks.
    refused("a size that is none", "RFC 9112, 7.1", 400, chunks(b"<<zz\r\n")),
    refused("an empty size", "RFC 9112, 7.1", 400, chunks(b"<<\r\n")),
    refused("a size with 0x", "RFC 9112, 7.1.1", 400, chunks(b"0<<x5\r\nhello\r\n0\r\n\r\n")),
    refused("a size below zero", "RFC 9112, 7.1", 400, chunks(b"<<-1\r\n")),
    refused("a blank before a size", "RFC 9112, 7.1", 400, chunks(b"<< 5\r\nhello\r\n0\r\n\r\n")),
    refused("a blank after a size", "RFC 9112, 7.1.1", 400, chunks(b"5<< \r\nhello\r\n0\r\n\r\n"), h11=True),
    refused("a size beyond bounds", "RFC 9110, 15.5.14", 413, chunks(b"<<fffffffffffffffff\r\n"), h11=True),
    refused("a size of a terabyte and one", "RFC 9110, 15.5.14", 413, chunks(b"<<10000000001\r\n"), h11=True),
    refused("bare LF after a size", "RFC 9112, 2.2", 400, chunks(b"5<<\nhello\r\n0\r\n\r\n")),
    refused("bare CR after a size", "RFC 9112, 2.2", 400, chunks(b"5<<\rhello\r\n0\r\n\r\n")),
    refused("bare CR in an extension", "RFC 9112, 2.2", 400, chunks(b"5;a<<\rb\r\nhello\r\n0\r\n\r\n"), h11=True),
    refused("bare LF in an extension", "RFC 9112, 2.2", 400, chunks(b"5;a<<\nhello\r\n0\r\n\r\n")),
    refused("NUL in an extension", "RFC 9110, 5.5", 400, chunks(b"5;<<\0\r\nhello\r\n0\r\n\r\n"), h11=True),
    refused("an extension without a name", "RFC 9112, 7.1.1", 400, chunks(b"5<<;\r\nhello\r\n0\r\n\r\n"), h11=True),
    refused("an extension without a value", "RFC 9112, 7.1.1", 400, chunks(b"5<<;a=\r\nhello\r\n0\r\n\r\n"), h11=True),
    refused("an open quote", "RFC 9112, 7.1.1", 400, chunks(b'5<<;a="b\r\nhello\r\n0\r\n\r\n'), h11=True),
    refused(
        "a long extension", "RFC 9112, 7.1.1", 413, chunks(b"5;" + b"a" * 4094 + b"<<a\r\nhello\r\n0\r\n\r\n"), h11=True
    ),
    refused(
        "many extensions",
        "RFC 9112, 7.1.1",
        413,
        chunks((b"1;" + b"a" * 4000 + b"\r\nx\r\n") * 4 + b"1<<;" + b"a" * 4000 + b"\r\nx\r\n"),
        h11=True,
    ),
    refused("data that is longer", "RFC 9112, 7.1", 400, chunks(b"5\r\nhello<<!\r\n0\r\n\r\n")),
    refused("data that is shorter", "RFC 9112, 7.1", 400, chunks(b"6\r\nhello\r<<\n0\r\n\r\n")),
    refused("bare LF after data", "RFC 9112, 7.1", 400, chunks(b"5\r\nhello<<\n0\r\n\r\n")),
    refused("bare CR after data", "RFC 9112, 7.1", 400, chunks(b"5\r\nhello\r<<0\r\n\r\n")),
    # Trailers.
    refused("a length in the trailer", "RFC 9110, 6.5.1", 400, chunks(b"0\r\n<<Content-Length: 5\r\n\r\n"), h11=True),
    refused(
        "a coding in the trailer",
        "RFC 9110, 6.5.1",
        400,
        chunks(b"0\r\n<<Transfer-Encoding: chunked\r\n\r\n"),
        h11=True,
    ),
    refused("a Host in the trailer", "RFC 9110, 6.5.1", 400, chunks(b"0\r\nX: y\r\n<<Host: b\r\n\r\n"), h11=True),
    refused("no colon in the trailer", "RFC 9112, 5", 400, chunks(b"0\r\n<<X\r\n\r\n")),
    refused("obs-fold in the trailer", "RFC 9112, 5.2", 400, chunks(b"0\r\nX: y\r\n<< z\r\n\r\n"), h11=True),
    refused("a blank before the trailer", "RFC 9112, 2.2", 400, chunks(b"0\r\n<< X: y\r\n\r\n")),
    refused("bare LF in the trailer", "RFC 9112, 2.2", 400, chunks(b"0\r\nX: y<<\n\r\n"), h11=True),
    refused("a bare LF for the end", "RFC 9112, 2.2", 400, chunks(b"0\r\n<<\n"), h11=True),
    refused(
        "a trailer without end", "RFC 6585, 5", 431, chunks(b"0\r\nX: " + b"a" * (16 * 1024 - 3) + b"<<a"), h11=True
    ),
    # Pipelining with an error in the middle: what came before it is answered.
    refused("a second request that is none", "RFC 9112, 3.1", 400, b"BAD<<\r\n\r\n" + NEXT, before=get()),
    refused(
        "a third request that smuggles",
        "RFC 9112, 6.3",
        400,
        post(b"Content-Length: 4\r\nTransfer-Encoding: <<chunked\r\n", b"0\r\n\r\n") + NEXT,
        before=NEXT + post(b"Content-Length: 2\r\n", b"ab"),
        h11=True,
    ),
    refused(
        "a body that is longer than told",
        "RFC 9112, 3.1",
        400,
        b"cd<<\r\n\r\n",
        before=post(b"Content-Length: 2\r\n", b"ab"),
    ),
    refused("data after the last chunk", "RFC 9112, 3.1", 400, b"hello<<\r\n\r\n", before=chunks(b"0\r\n\r\n")),
)

SERVED = (
    served("an empty line first", "RFC 9112, 2.2", b"\r\n" + get(), b"GET / ", h11=False),
    served("two empty lines first", "RFC 9112, 2.2", b"\r\n\r\n" + get(), b"GET / ", h11=False),
    served(
        "an empty line after a body",
        "RFC 9112, 2.2",
        post(b"Content-Length: 2\r\n", b"ab") + b"\r\n" + NEXT,
        b"POST / ab",
        b"GET /next ",
        h11=False,
    ),
    served("a method that nobody knows", "RFC 9110, 9.1", get(line=b"BREW /pot HTTP/1.1"), b"BREW /pot "),
    served("a method in lower case", "RFC 9110, 9.1", get(line=b"get / HTTP/1.1"), b"get / "),
    served(
        "every character of a token",
        "RFC 9110, 5.6.2",
        get(b"!#$%&'*+-.^_`|~09azAZ: x\r\n", b"!#$%&'*+-.^_`|~09azAZ / HTTP/1.1"),
        b"!#$%&'*+-.^_`|~09azAZ / ",
    ),
    served("a path of two slashes", "RFC 9112, 3.2.1", get(line=b"GET //a//b HTTP/1.1"), b"GET //a//b "),
    served(
        "what browsers leave as it is",
        "RFC 3986, 3.3",
        get(line=b'GET /a|b?f[a]={b}^"<> HTTP/1.1'),
        b'GET /a|b?f[a]={b}^"<> ',
    ),
    served(
        "a query with a URL in it",
        "RFC 9112, 3.2.1",
        get(line=b"GET /go?to=http://b/ HTTP/1.1"),
        b"GET /go?to=http://b/ ",
    ),
    served(
        "a long path", "RFC 9112, 3", get(line=b"GET /" + b"a" * 8000 + b" HTTP/1.1"), b"GET /" + b"a" * 8000 + b" "
    ),
    served("an absolute URL", "RFC 9112, 3.2.2", get(line=b"GET http://b:80/c?d HTTP/1.1"), b"GET http://b:80/c?d "),
    served(
        "an absolute URL, its scheme in capitals",
        "RFC 9110, 4.2.3",
        get(line=b"GET HTTP://b HTTP/1.1"),
        b"GET HTTP://b ",
    ),
    served("the whole server", "RFC 9112, 3.2.4", get(line=b"OPTIONS * HTTP/1.1"), b"OPTIONS * "),
    served("HTTP/1.2", "RFC 9110, 2.5", get(line=b"GET / HTTP/1.2"), b"GET / "),
    served("HTTP/1.0 without a Host", "RFC 9112, 3.2", get(line=b"GET / HTTP/1.0", host=b""), b"GET / "),
    served("an empty Host", "RFC 9112, 3.2", get(host=b"Host:\r\n"), b"GET / "),
    served("a Host with an empty port", "RFC 9110, 4.2.3", get(host=b"Host: a:\r\n"), b"GET / "),
    served("a Host in brackets", "RFC 3986, 3.2.2", get(host=b"Host: [2001:db8::7]:8000\r\n"), b"GET / "),
    served("a Host of the future", "RFC 3986, 3.2.2", get(host=b"Host: [v1.a:b]\r\n"), b"GET / "),
    served("a Host with an underscore and an escape", "RFC 3986, 3.2.2", get(host=b"Host: a_b.%c3%a9\r\n"), b"GET / "),
    served("no blank after a colon", "RFC 9112, 5", get(b"X:a\r\n"), b"GET / "),
    served("blanks around a value", "RFC 9112, 5", get(b"X: \t a \t\r\n", host=b"HOST: \t a \t\r\n"), b"GET / "),
    served("an empty value", "RFC 9112, 5", get(b"X:\r\nY: \r\n"), b"GET / "),
    served("bytes beyond ASCII in a value", "RFC 9110, 5.5", get(b"X: \x80\xff\xc3\xa9\r\n"), b"GET / "),
    served("a tab in a value", "RFC 9110, 5.5", get(b"X: a\tb\r\n"), b"GET / "),
    served("a thousand fields", "RFC 9110, 5.4", get(b"a:\r\n" * 999), b"GET / "),
    served(
        "Connection in many words",
        "RFC 9110, 7.6.1",
        get(b"Connection: foo, KEEP-alive,\r\n") + NEXT,
        b"GET / ",
        b"GET /next ",
    ),
    served(
        "a request after close", "RFC 9112, 9.6", get(b"Connection: foo\r\nConnection: ,CLOSE \r\n") + NEXT, b"GET / "
    ),
    served("a request after HTTP/1.0", "RFC 9112, 9.3", get(line=b"GET / HTTP/1.0") + NEXT, b"GET / "),
    served(
        "an upgrade to h2c",
        "RFC 9110, 7.8",
        get(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n") + NEXT,
        b"GET / ",
        b"GET /next ",
    ),
    served(
        "an upgrade that Connection does not name",
        "RFC 9110, 7.8",
        get(b"Upgrade: websocket\r\n") + NEXT,
        b"GET / ",
        b"GET /next ",
    ),
    served(
        "an upgrade in HTTP/1.0",
        "RFC 9110, 7.8",
        get(b"Connection: upgrade\r\nUpgrade: websocket\r\n", b"GET / HTTP/1.0"),
        b"GET / ",
    ),
    served("an expectation that nobody knows", "RFC 9110, 10.1.1", get(b"Expect: wonders\r\n"), b"GET / "),
    served(
        "100-continue in HTTP/1.0",
        "RFC 9110, 10.1.1",
        get(b"Expect: 100-continue\r\nContent-Length: 2\r\n", b"POST / HTTP/1.0") + b"ab",
        b"POST / ab",
    ),
    served(
        "a body for GET", "RFC 9110, 9.3.1", get(b"Content-Length: 2\r\n") + b"ab" + NEXT, b"GET / ab", b"GET /next "
    ),
    served(
        "zeros before a length",
        "RFC 9110, 8.6",
        post(b"Content-Length: 0000000000000000000000002\r\n", b"ab"),
        b"POST / ab",
        h11=False,
    ),
    served("a length of nothing", "RFC 9110, 8.6", post(b"Content-Length: 0\r\n") + NEXT, b"POST / ", b"GET /next "),
    served(
        "chunked in capitals", "RFC 9112, 7", chunks(b"0\r\n\r\n", b"TRANSFER-ENCODING: \tChunKED \r\n"), b"POST / "
    ),
    served(
        "chunks",
        "RFC 9112, 7.1",
        chunks(b"5\r\nhello\r\n000A\r\n, world\r\n\n\r\n0\r\n\r\n") + NEXT,
        b"POST / hello, world\r\n\n",
        b"GET /next ",
    ),
    served(
        "zeros before a size",
        "RFC 9112, 7.1",
        chunks(b"0" * 40 + b"5\r\nhello\r\n000\r\n\r\n"),
        b"POST / hello",
        h11=False,
    ),
    served("extensions", "RFC 9112, 7.1.1", chunks(b'5;a;b=c;d="e\\";f"\r\nhello\r\n0;x\r\n\r\n'), b"POST / hello"),
    served(
        "blanks around extensions",
        "RFC 9112, 7.1.1",
        chunks(b'5 ; a\t= "b"\r\nhello\r\n0\r\n\r\n'),
        b"POST / hello",
        h11=False,
    ),
    served(
        "trailers",
        "RFC 9112, 7.1.2",
        chunks(b"2\r\nab\r\n0\r\nX: y\r\nAuthorization: z\r\n\r\n") + NEXT,
        b"POST / ab",
        b"GET /next ",
    ),
    served("the TE field", "RFC 9110, 10.1.4", get(b"TE: trailers, gzip;q=0.5\r\nConnection: TE\r\n"), b"GET / "),
    served("HEAD, then GET", "RFC 9110, 9.3.2", get(line=b"HEAD / HTTP/1.1") + NEXT, b"HEAD / ", b"GET /next "),
)

CASES = (*REFUSED, *SERVED)
