"""What watches the app: it does little, sends meaning, and is bounded at once.

``recorder``  hands out exchange ids and writes records into the link
``tap``       one exchange's messages, as the gateway tells them
``wire_tap``  the same exchange's bytes beside its messages
``gate``      stepping: where the messages of one exchange pass, and can be held; the theory stands there
``board``     the engine's breakpoints and holds, and the window's verbs on them
``facts``     what a breakpoint asks about
``order``     which message may follow which, for those who change or add one
``shapes``    messages as text, and back; what an edit may be
``output``    the two seams: logging, stdout and stderr tied to the exchange that wrote them
``failures``  an exception as plain data, our own frames cut off
``stalls``    who keeps the event loop from turning
"""
