"""A Starlette app: server-sent events, and a BaseHTTPMiddleware around everything."""

import asyncio

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route


class Stamp(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        response = await call_next(request)
        response.headers["x-stamp"] = request.url.path
        return response


async def home(request):
    return PlainTextResponse("news")


async def events(request):
    async def told():
        for number in range(3):
            yield f"id: {number}\ndata: news {number}\n\n"
            await asyncio.sleep(0.01)

    return StreamingResponse(told(), media_type="text/event-stream")


async def echo(request):
    return JSONResponse({"json": await request.json(), "agent": request.headers["x-agent"]})


async def source(request):
    return FileResponse(__file__, media_type="text/plain")


async def fail(request):
    raise LookupError("no such page")


app = Starlette(
    routes=[
        Route("/", home),
        Route("/events", events),
        Route("/echo", echo, methods=["POST"]),
        Route("/file", source),
        Route("/fail", fail),
    ],
    middleware=[Middleware(Stamp)],
)
