"""The recording: all runs' exchanges, in SQLite; the window's model.

A live recording is FILE with its write-ahead log, and FILE-bodies/: numbered segments in which large bodies lie, and
the lock that its writer holds while it lives. A clean end folds the segments into the one file. All of it is data: a
reader checks what it opens, runs nothing from it, and follows no name that stands in it.

``rows``       what readers get: frozen rows
``fold``       records of the link -> `Batch`; pure. ``live`` is one exchange in flight, ``intervals`` its waits,
               ``lost`` what was held when its engine died
``schema``     tables and versions; opening, checking, and errors in words
``writer``     `Writer`: a batch is one transaction. ``retention`` drops the oldest, ``heads`` keeps equal heads once
``bodies``     segments: appended to, deleted whole, rewritten when little of one is still needed
``lock``       how a reader knows that a writer lives
``finish``     one file out of a live recording: `finish` (clean end), `mend` (after a crash), `save_as` (a copy)
``marks``      pin, note and colour, live or in a file that nobody writes
``reader``     `Reader`: pages of rows on demand, one reader per thread. ``query`` compiles the filter to SQL
``stored_wire``  what went over the wire, put together of what was told and of the messages
``export``     exchanges as plain JSON objects, the shape of `show --json`
``timing``     an exchange's time as spans; ``content`` its bodies as text: for whoever shows them
"""
