"""Stream events to calls of the app: the rules of the gateway interfaces, written once for all wires.

``asgi``            calling an ASGI app: the one place that knows ASGI 3 from ASGI 2
``asgi_http``       http.request, http.response.start, http.response.body, http.disconnect
``asgi_websocket``  websocket.connect to websocket.disconnect
``lifespan``        lifespan.startup, lifespan.shutdown, and the verdict
``wsgi``            PEP 3333 in a pool of worker threads
"""
