"""What the well-known header fields mean, in a sentence each, with the section that says so.

HTTP: RFC 9110 (semantics), 9111 (caching), 9112 (HTTP/1.1). Fetch and HTML stand for the WHATWG's living standards.
"""

from __future__ import annotations

_TABLE = """
accept                              | RFC 9110, 12.5.1 | Media types that the client would take, q tells how much it likes each.
accept-charset                      | RFC 9110, 12.5.2 | Charsets that the client would take; deprecated, nearly all is UTF-8.
accept-encoding                     | RFC 9110, 12.5.3 | Content codings (gzip, br) that the client can undo.
accept-language                     | RFC 9110, 12.5.4 | Languages that the user likes to read, best first.
accept-ranges                       | RFC 9110, 14.3 | Whether a part of this resource may be asked for with Range.
access-control-allow-credentials    | Fetch, 3.3.3 | Whether another site's script may read a response to a request with cookies.
access-control-allow-headers        | Fetch, 3.3.3 | Headers that another site's script may send; the answer to a preflight.
access-control-allow-methods        | Fetch, 3.3.3 | Methods that another site's script may use; the answer to a preflight.
access-control-allow-origin         | Fetch, 3.3.3 | The site whose scripts may read this response; * means any.
access-control-expose-headers       | Fetch, 3.3.3 | Headers of the response that another site's script may read.
access-control-max-age              | Fetch, 3.3.3 | Seconds for which the answer to a preflight may be kept.
access-control-request-headers      | Fetch, 3.3.2 | Headers that a script wants to send; a preflight asks for leave.
access-control-request-method       | Fetch, 3.3.2 | The method that a script wants to use; a preflight asks for leave.
age                                 | RFC 9111, 5.1 | Seconds since the origin made or checked this response, for it comes from a cache.
allow                               | RFC 9110, 10.2.1 | Methods that this resource knows; a 405 has to tell them.
alt-svc                             | RFC 7838, 3 | Another place or protocol (h3) where the same can be had.
authorization                       | RFC 9110, 11.6.2 | The client's credentials, a scheme (Basic, Bearer) before them.
cache-control                       | RFC 9111, 5.2 | Who may keep this for how long, and what has to be checked before it is used again.
clear-site-data                     | Clear Site Data, 3.1 | Which data of this site the browser has to drop.
connection                          | RFC 9110, 7.6.1 | Headers for this one hop only, and whether the connection stays open afterwards.
content-disposition                 | RFC 6266, 4 | Whether the body is shown or saved, and under which file name.
content-encoding                    | RFC 9110, 8.4 | Codings (gzip, br) laid over the body, to be undone in reverse order.
content-language                    | RFC 9110, 8.5 | The language of those whom the content is for.
content-length                      | RFC 9110, 8.6 | The size of the body in bytes, as it stands on the wire.
content-location                    | RFC 9110, 8.7 | The address of exactly this content.
content-range                       | RFC 9110, 14.4 | Which part of the whole this is.
content-security-policy             | CSP 3, 3.1 | Where the page may load scripts, styles and other things from.
content-security-policy-report-only | CSP 3, 3.2 | As Content-Security-Policy, but breaches are only reported.
content-type                        | RFC 9110, 8.3 | The media type of the body, and the charset where it is text.
cookie                              | RFC 6265, 5.4 | The cookies that the client keeps for this site, apart by semicolons.
cross-origin-embedder-policy        | HTML, 7.1.4 | Whether the page may embed what does not agree to be embedded.
cross-origin-opener-policy          | HTML, 7.1.3 | Whether windows of other sites keep a hold on this page.
cross-origin-resource-policy        | Fetch, 3.7 | Which sites may embed this resource.
date                                | RFC 9110, 6.6.1 | When the message was made.
dnt                                 | Tracking Preference, 5.2 | The user does not want to be tracked; withdrawn as a standard.
early-data                          | RFC 8470, 5.1 | The request came in TLS early data and might be a replay.
etag                                | RFC 9110, 8.8.3 | Names this version of the content; If-None-Match and If-Match compare it.
expect                              | RFC 9110, 10.1.1 | 100-continue: the client waits for leave before it sends the body.
expires                             | RFC 9111, 5.3 | Until when a cache may use this; Cache-Control's max-age counts before it.
forwarded                           | RFC 7239, 4 | What a proxy knows of the client: address, host, protocol. Believe it only from your own proxy.
from                                | RFC 9110, 10.1.2 | Mail address of the person behind the client; robots send it.
host                                | RFC 9110, 7.2 | The host and port that the client wants to reach; HTTP/1.1 demands it.
if-match                            | RFC 9110, 13.1.1 | Do it only where the ETag is one of these: nobody else changed it meanwhile.
if-modified-since                   | RFC 9110, 13.1.3 | Send the content only where it changed since; else 304.
if-none-match                       | RFC 9110, 13.1.2 | Send the content only where its ETag is none of these; else 304.
if-range                            | RFC 9110, 13.1.5 | Send the range only where the content is still the same; else the whole.
if-unmodified-since                 | RFC 9110, 13.1.4 | Do it only where the content did not change since; else 412.
keep-alive                          | RFC 2068, 19.7.1 | For how long, and how many requests, an idle connection stays open.
last-event-id                       | HTML, 9.2.4 | The last server-sent event that the client has; the stream goes on behind it.
last-modified                       | RFC 9110, 8.8.2 | When the content changed last.
link                                | RFC 8288, 3 | Related resources: next page, preload, canonical address.
location                            | RFC 9110, 10.2.2 | Where to go instead (3xx), or what was made (201).
max-forwards                        | RFC 9110, 7.6.2 | How many proxies a TRACE or OPTIONS may pass.
origin                              | RFC 6454, 7 | The site whose page made the request, without its path.
permissions-policy                  | Permissions Policy, 5.1 | Which features (camera, location) the page and its frames may use.
pragma                              | RFC 9111, 5.4 | no-cache, for caches of HTTP/1.0; deprecated.
prefer                              | RFC 7240, 2 | What the client would like of the server, if it can.
priority                            | RFC 9218, 4 | How urgent the response is, and whether it is of use in parts.
proxy-authenticate                  | RFC 9110, 11.7.1 | How the client may authenticate itself to the proxy.
proxy-authorization                 | RFC 9110, 11.7.2 | The client's credentials for the proxy.
range                               | RFC 9110, 14.2 | Which part of the content the client wants.
referer                             | RFC 9110, 10.1.3 | The page that the request comes from; misspelt since 1996.
referrer-policy                     | Referrer Policy, 4.1 | How much of its address this page tells in Referer.
retry-after                         | RFC 9110, 10.2.3 | When to try again: a date, or seconds.
sec-ch-ua                           | UA Client Hints, 3.1 | Brand and major version of the browser.
sec-ch-ua-mobile                    | UA Client Hints, 3.3 | Whether the browser would like the mobile page.
sec-ch-ua-platform                  | UA Client Hints, 3.5 | The system that the browser runs on.
sec-fetch-dest                      | Fetch Metadata, 2.1 | What the browser wants the response for: document, image, script, empty.
sec-fetch-mode                      | Fetch Metadata, 2.2 | How it is fetched: navigate, cors, no-cors, websocket.
sec-fetch-site                      | Fetch Metadata, 2.3 | Whether the request comes from the same site, another one, or the user himself.
sec-fetch-user                      | Fetch Metadata, 2.4 | ?1 where the user clicked.
sec-websocket-accept                | RFC 6455, 11.3.3 | Proves that the server understood the handshake: a hash of the client's key.
sec-websocket-extensions            | RFC 6455, 11.3.2 | Extensions offered or agreed on, as permessage-deflate.
sec-websocket-key                   | RFC 6455, 11.3.1 | A random value that the server has to answer by its hash; no secret.
sec-websocket-protocol              | RFC 6455, 11.3.4 | Subprotocols that are offered; in the response the one chosen.
sec-websocket-version               | RFC 6455, 11.3.5 | Version of the WebSocket protocol; 13 is the only one.
server                              | RFC 9110, 10.2.4 | The software of the server.
server-timing                       | Server Timing, 3 | Figures of the server's work that browsers show beside theirs.
service-worker-allowed              | Service Workers, 5 | The widest scope that a service worker may take.
set-cookie                          | RFC 6265, 4.1 | Asks the client to keep a cookie; one header for each.
sourcemap                           | Source Map, 7.1 | Where the source map of a script or style sheet is.
strict-transport-security           | RFC 6797, 6.1 | From now on this host is to be reached by https only, for so many seconds.
te                                  | RFC 9110, 10.1.4 | Whether the client takes trailers, and transfer codings other than chunked.
timing-allow-origin                 | Resource Timing, 4.5 | Sites whose scripts may see how long each phase took.
traceparent                         | Trace Context, 3.2 | Ids of the trace and of the caller's span.
tracestate                          | Trace Context, 3.3 | What tracing systems add to traceparent.
trailer                             | RFC 9110, 6.6.2 | Headers that will follow the body.
transfer-encoding                   | RFC 9112, 6.1 | chunked: the body comes in pieces, each with its size before it.
upgrade                             | RFC 9110, 7.8 | The protocol to change to on this connection, as websocket.
upgrade-insecure-requests           | Upgrade Insecure Requests, 3.2 | The browser would rather have the page by https.
user-agent                          | RFC 9110, 10.1.5 | The software of the client.
vary                                | RFC 9110, 12.5.5 | Request headers that this response depends on; a cache has to compare them.
via                                 | RFC 9110, 7.6.3 | The proxies that the message passed.
warning                             | RFC 9111, 5.5 | Words about a stale or changed response; obsolete.
www-authenticate                    | RFC 9110, 11.6.1 | How the client may authenticate itself; a 401 has to tell.
x-content-type-options              | Fetch, 3.6 | nosniff: the browser must not guess another type than Content-Type.
x-csrftoken                         | no standard | Proof that the request comes from a page of this site; Django and others check it.
x-forwarded-for                     | no standard | Addresses that the request came through, the client's first. Believe it only from your own proxy.
x-forwarded-host                    | no standard | The host that the client asked the proxy for. Believe it only from your own proxy.
x-forwarded-proto                   | no standard | The scheme that the client used to the proxy. Believe it only from your own proxy.
x-frame-options                     | RFC 7034, 2 | Whether other sites may show this page in a frame; CSP's frame-ancestors counts before it.
x-powered-by                        | no standard | The framework; of use to nobody but an attacker.
x-real-ip                           | no standard | The client's address as the proxy saw it. Believe it only from your own proxy.
x-request-id                        | no standard | An id of this request, to find it in logs.
x-requested-with                    | no standard | XMLHttpRequest: a script made the request, not a form or a link.
x-xss-protection                    | no standard | A filter that browsers no longer have.
"""  # noqa: E501 - a table is read in columns

HEADERS: dict[str, str] = {
    name: f"{sentence} ({section})"
    for name, section, sentence in (map(str.strip, line.split("|")) for line in _TABLE.strip().splitlines())
}


def header_meaning(name: str) -> str:
    """What the header `name` means, whatever its case; empty where there is nothing to say."""
    return HEADERS.get(name.lower(), "")


def row_meaning(path: tuple[str, ...]) -> str:
    """As `header_meaning`, for the rows of a table of headers."""
    return header_meaning(path[0]) if len(path) == 1 else ""
