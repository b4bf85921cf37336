"""A FastAPI app: a dependency with yield, a background task, a WebSocket, a lifespan with state."""

import threading
from contextlib import asynccontextmanager

from fastapi import (
    BackgroundTasks,
    Depends,
    FastAPI,
    HTTPException,
    Request,
    UploadFile,
    WebSocket,
    WebSocketDisconnect,
)
from pydantic import BaseModel


@asynccontextmanager
async def lifespan(app):
    yield {"shelf": ["Teapot"]}


app = FastAPI(lifespan=lifespan)
events = []
ordered = []
changed = threading.Condition()


def note(event):
    with changed:
        events.append(event)
        changed.notify_all()


def settled():
    return events.count("opened") == events.count("closed") and len(ordered) == sum("mailed" in one for one in events)


class Order(BaseModel):
    item: str
    count: int = 1


def database():
    note("opened")
    try:
        yield "database"
    finally:
        note("closed")


@app.get("/items/{number}")
async def item(number: int, request: Request, db: str = Depends(database)):
    return {"id": number, "from": db, "shelf": request.state.shelf}


@app.get("/sync")
def sync(db: str = Depends(database)):
    print("in a thread")
    return {"from": db}


@app.get("/events")
def seen():
    """What the requests left, once all of it is there: some of it happens after their responses."""
    with changed:
        changed.wait_for(settled)
        return sorted(events)


@app.post("/orders", status_code=201)
async def order(order: Order, tasks: BackgroundTasks):
    ordered.append(order.item)
    tasks.add_task(note, f"mailed {order.item}")
    return order


@app.post("/upload")
async def upload(file: UploadFile):
    return {"name": file.filename, "size": len(await file.read())}


@app.get("/missing")
async def missing():
    raise HTTPException(404, "no such item")


@app.get("/fail")
async def fail():
    raise LookupError("no such shelf")


@app.websocket("/chat/{room}")
async def chat(websocket: WebSocket, room: str):
    await websocket.accept(subprotocol="chat" if "chat" in websocket.scope["subprotocols"] else None)
    try:
        while True:
            text = await websocket.receive_text()
            if text == "bye":
                await websocket.close(4000, "good bye")
                return
            await websocket.send_json({"room": room, "said": text})
    except WebSocketDisconnect as gone:
        note(f"left with {gone.code}")


@app.websocket("/refused")
async def refused(websocket: WebSocket):
    await websocket.close()
