"""Stream events to calls of the app: the rules of the gateway interfaces, written once for all wires.

``asgi``            the gateway to an ASGI app, http and websocket
``asgi_messages``   what the two and lifespan have in common: the call, the shapes of messages, the app's mistakes
``asgi_http``       http.request, http.response.start, http.response.body, http.disconnect
``asgi_websocket``  websocket.connect to websocket.disconnect, and the denial
``lifespan``        lifespan.startup, lifespan.shutdown, and the verdict
``stepped``         the way through the gate (`probe.gate`), where the board is armed; ``wsgi_stepped`` from a worker
``wsgi``            PEP 3333: the gateway and its worker threads
``wsgi_call``       one call of the app in its worker: start_response, write, the iterable, close
``wsgi_input``      wsgi.input
``wsgi_stream``     the crossing from a worker to the loop's thread and back
``unavailable``     the 503 page where there is no app
"""
