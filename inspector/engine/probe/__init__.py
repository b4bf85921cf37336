"""What watches the app: it does little, sends meaning, and is bounded at once.

``recorder``  hands out exchange ids and writes records into the link
``tap``       one exchange's messages, as the gateway tells them
``output``    the two seams: logging, stdout and stderr tied to the exchange that wrote them
``failures``  an exception as plain data, our own frames cut off
``stalls``    who keeps the event loop from turning
"""
