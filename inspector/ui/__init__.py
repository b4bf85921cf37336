"""The window: the only package that imports Qt.

    run       the QApplication around a coroutine        picture   a window as a PNG, without a screen
    window    the parts and where they stand             source    what the window shows and asks for: its whole seam
    toolbar, filter_bar, banner, statusbar, welcome      the parts of the shell
    panels/   the table, and what shows one exchange     models/   what they show, as Qt wants to be told
    actions   commands as Qt's actions                   desk      their verbs, done with Qt
    theme     every colour and font                      style     the style sheet that is made of them
    words     figures and words as they stand on screen  icons     line drawings in the colours of the theme

SQLite is the model: the window keeps row ids and fetches pages of rows when they are painted. Nothing is pushed into
it: thirty times a second `Window.look` asks the recorder's generation and the session's state, and tells the parts.
Traffic never moves selection, scroll, focus or typed text. Filtering, sorting and pretty printing run on threads of
their own, and only their newest answer counts.
"""
