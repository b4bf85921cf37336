"""Finds the apps in a folder by reading its source; nothing is imported, and nothing of it runs.

``walk``    which files are looked at: bounded in number, depth, size and time
``source``  one file: what in it is an app, by its syntax tree
``search``  all files together: APP as on the command line, the best first, and whether one is plainly the app

A guess, and shown as one: where an app was found, and why it is taken for one, stands beside it.
"""

from __future__ import annotations

from inspector.finder.search import Candidate as Candidate
from inspector.finder.search import Found as Found
from inspector.finder.search import search as search
