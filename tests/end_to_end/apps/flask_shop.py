"""A Flask app."""

import sys

from flask import Flask, Response, abort, jsonify, redirect, request, send_file, session, stream_with_context

app = Flask(__name__)
app.secret_key = "not a secret"


@app.get("/")
def index():
    print("index was asked for")
    return "<h1>Shop</h1>"


@app.get("/items/<int:number>")
def item(number):
    app.logger.warning("looking for %s", number)
    return jsonify(id=number, name="Teapot")


@app.post("/login")
def login():
    session["user"] = request.form["user"]
    return redirect("/")


@app.post("/upload")
def upload():
    file = request.files["file"]
    data = file.read()
    return jsonify(name=file.filename, size=len(data), start=data[:8].decode())


@app.get("/stream")
def stream():
    return Response(stream_with_context(f"{number} {request.path}\n" for number in range(3)), mimetype="text/plain")


@app.get("/file")
def file():
    return send_file(__file__, mimetype="text/plain")


@app.get("/missing")
def missing():
    abort(404)


@app.get("/fail")
def fail():
    print("about to fail", file=sys.stderr)
    raise LookupError("no such shelf")
