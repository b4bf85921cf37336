"""Real clients speak HTTP/2 with the server, over TLS by ALPN and in the clear: curl, nghttp, h2load, httpx."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from inspector.trace.records import ExchangeStarted
from tests.support.certificates import AUTHORITY, client_context, secure_context
from tests.support.serving import Serving, serving

PATIENCE = 60.0
BIG = 3_000_000


def needs(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(name), reason=f"!!! SKIPPED: no {name}: HTTP/2 was NOT tested with it")


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers with what came; /big with much, /push with a style sheet before it was asked for."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    if scope["path"] == "/push" and "http.response.push" in scope["extensions"]:
        await send({"type": "http.response.push", "path": "/style.css", "headers": []})
    if scope["path"] == "/big":
        for _ in range(BIG // 100_000):
            await send({"type": "http.response.body", "body": bytes(100_000), "more_body": True})
    text = f"{scope['http_version']} {scope['method']} {scope['path']} {size}"
    await send({"type": "http.response.body", "body": b"" if scope["path"] == "/big" else text.encode()})


async def run(*words: str, given: bytes = b"") -> str:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, stderr=pipe)
    out, err = await asyncio.wait_for(process.communicate(given), PATIENCE)
    assert process.returncode == 0, err.decode()
    return out.decode("utf-8", "replace")


def all_http2(running: Serving) -> int:
    """How many exchanges there were."""
    versions = [one.http_version for one in running.sink.records if isinstance(one, ExchangeStarted)]
    assert set(versions) == {"2"}
    return len(versions)


@needs("curl")
async def test_curl_over_tls() -> None:
    async with serving(app, secure=secure_context()) as running:
        url = f"https://localhost:{running.port}"
        here = f"localhost:{running.port}:127.0.0.1"
        curl = ("curl", "-sS", "--cacert", str(AUTHORITY), "--max-time", "30", "--resolve", here)
        assert await run(*curl, f"{url}/a?b", f"{url}/c") == "2 GET /a 02 GET /c 0"
        assert len(await run(*curl, f"{url}/big")) == BIG
        assert await run(*curl, f"{url}/up", "--data-binary", "@-", given=bytes(BIG)) == f"2 POST /up {BIG}"
        assert await run(*curl, "--http1.1", f"{url}/one") == "1.1 GET /one 0"
        several = [word for number in range(40) for word in (f"{url}/{number}", "-o", "/dev/null")]
        told = await run(*curl, "--parallel", "-w", "%{http_version} %{http_code} %{num_connects}\n", *several)
        assert [line[:6] for line in told.splitlines()] == ["2 200 "] * 40
        assert sum(line.endswith(" 0") for line in told.splitlines()) >= 30  # on a connection that was there
        starts = [one for one in running.sink.records if isinstance(one, ExchangeStarted)]
        assert [one.http_version for one in starts].count("2") == len(starts) - 1
        assert {one.scheme for one in starts} == {"https"}


@needs("curl")
async def test_curl() -> None:
    async with serving(app) as running:
        url = f"http://127.0.0.1:{running.port}"
        curl = ("curl", "-sS", "--http2-prior-knowledge", "--max-time", "30")
        # One request each: curl 7.88 breaks its own second one on a connection by prior knowledge, with nghttpd, too.
        assert await run(*curl, f"{url}/a?b") == "2 GET /a 0"
        assert await run(*curl, f"{url}/up", "--data-binary", "@-", given=bytes(BIG)) == f"2 POST /up {BIG}"
        assert len(await run(*curl, f"{url}/big")) == BIG
        assert (await run(*curl, "-I", f"{url}/head")).startswith("HTTP/2 200")
        assert all_http2(running) == 4


@needs("nghttp")
async def test_nghttp_and_a_push(tmp_path: Path) -> None:
    async with serving(app) as running:
        url = f"http://127.0.0.1:{running.port}"
        told = await run("nghttp", "-nv", f"{url}/push")
        assert re.search(r"recv \(stream_id=13\) :path: /style.css\n.*recv PUSH_PROMISE frame", told)
        assert "recv (stream_id=2) :status: 200" in told
        assert await run("nghttp", "--no-push", f"{url}/push") == "2 GET /push 0"
        # As much as the window allows, with padding, and the upload of a file by a client that waits for 100.
        assert len(await run("nghttp", "-b", "100", "-w", "20", f"{url}/big")) == BIG
        upload = tmp_path / "upload"
        upload.write_bytes(bytes(1000))
        assert await run("nghttp", "--expect-continue", "-d", str(upload), f"{url}/up") == "2 POST /up 1000"
        assert all_http2(running) == 5


@needs("h2load")
async def test_h2load() -> None:
    async with serving(app) as running:
        url = f"http://127.0.0.1:{running.port}"
        for path, count, window in (("/", 1000, 16), ("/big", 30, 16), ("/up", 200, 30)):
            told = await run("h2load", "-n", str(count), "-c", "3", "-m", "30", "-w", str(window), url + path)
            assert f"{count} succeeded, 0 failed, 0 errored, 0 timeout" in told
        assert all_http2(running) == 1230


@pytest.mark.parametrize("tls", [False, True])
async def test_httpx(tls: bool) -> None:
    async with serving(app, secure=secure_context() if tls else None) as running:
        url = f"http{'s' if tls else ''}://127.0.0.1:{running.port}"
        async with httpx.AsyncClient(
            http2=True, http1=tls, trust_env=False, timeout=PATIENCE, base_url=url, verify=client_context()
        ) as client:
            asked = [client.get(f"/{number}") for number in range(80)]
            answers = await asyncio.gather(*asked)
            assert [answer.text for answer in answers] == [f"2 GET /{number} 0" for number in range(80)]
            assert {answer.http_version for answer in answers} == {"HTTP/2"}
            assert (await client.post("/up", content=bytes(BIG))).text == f"2 POST /up {BIG}"
            assert len((await client.get("/big")).content) == BIG
            async with client.stream("GET", "/big") as answer:  # and none of it is read
                assert answer.status_code == 200
            assert (await client.get("/after")).text == "2 GET /after 0"
        assert running.server.connections <= 1
        ids = await running.ended(84)
        assert {running.end(exchange).outcome for exchange in ids} == {"done"}
        assert all_http2(running) == 84


@needs("h2load")
@needs("nghttp")
async def test_nghttp_and_h2load_over_tls() -> None:
    async with serving(app, secure=secure_context()) as running:
        url = f"https://127.0.0.1:{running.port}"
        assert await run("nghttp", "--no-push", f"{url}/push") == "2 GET /push 0"
        told = await run("h2load", "-n", "300", "-c", "3", "-m", "30", url)
        assert "Application protocol: h2\n" in told
        assert "300 succeeded, 0 failed, 0 errored, 0 timeout" in told
        assert all_http2(running) == 301
