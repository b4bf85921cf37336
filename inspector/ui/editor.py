"""Opens a file at a line in the user's editor.

File and line come out of a recording, so they are taken with tongs: nothing is started but the editor, without a shell;
only the two are substituted in its command, and only where the file is there. The system's own "open" could run a
program or a script, so it is asked for Python sources only, and not where a double click would run those.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from inspector.errors import InspectorError
from inspector.ui import shown

_COLON = ("{file}:{line}",)
_PLUS = ("+{line}", "{file}")
_GRAPHICAL = {
    **dict.fromkeys(("code", "code-insiders", "codium", "cursor", "windsurf"), ("-g", *_COLON)),
    **dict.fromkeys(("zed", "subl", "sublime_text", "geany", "hx-gui"), _COLON),
    **dict.fromkeys(("gedit", "gnome-text-editor", "xed", "pluma", "mousepad", "gvim", "mvim", "neovide"), _PLUS),
    **dict.fromkeys(("pycharm", "charm", "idea"), ("--line", "{line}", "{file}")),
    **dict.fromkeys(("kate", "mate"), ("-l", "{line}", "{file}")),
    **dict.fromkeys(("kwrite", "bbedit", "notepad"), ("{file}",)),
    "notepad++": ("-n{line}", "{file}"),
}
"""Editors with a window of their own, and how they are told the place. Others may need a terminal."""
_PLACEHOLDER = re.compile(r"\{(file|line)\}")
_SOURCES = frozenset((".py", ".pyi", ".pyx", ".pyw"))
_BY_CMD = re.compile(r'[&|<>^%!"]')
"""What cmd.exe, which runs .cmd and .bat, would act upon."""
HINT = 'Set one in the settings, such as "code -g {file}:{line}", or in $VISUAL.'


def command(template: str, file: str, line: int) -> list[str]:
    """The words of `template`, with {file} and {line} filled in; the file last where it has no {file}.

    Raises `InspectorError` where the template is no command.
    """
    try:
        words = shlex.split(template, posix=os.name != "nt")
    except ValueError as error:
        raise InspectorError(f"The editor's command is not well-formed: {error}", HINT) from None
    if not words:
        raise InspectorError("The editor's command is empty", HINT)
    if not any("{file}" in word for word in words):
        words.append("{file}")
    given = {"file": file, "line": str(line)}
    return [words[0], *(_PLACEHOLDER.sub(lambda match: given[match[1]], word) for word in words[1:])]


def from_environment() -> str:
    """The template for the editor that $VISUAL or $EDITOR names; empty where it is none with a window of its own."""
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(os.environ.get(name, ""), posix=os.name != "nt")
        except ValueError:
            continue
        known = _GRAPHICAL.get(Path(words[0]).name.removesuffix(".exe").removesuffix(".cmd")) if words else None
        if known is not None:
            return shlex.join([*words, *known])
    return ""


def there(file: str) -> Path | None:
    """The file that a recording names, where it is one on this machine; None else. No server is asked for it."""
    if not file or "\0" in file or file.startswith("<") or (len(file) > 1 and set(file[:2]) <= {"/", "\\"}):
        return None
    path = Path(file).absolute()  # so that no name can be taken for an option
    try:
        return path if path.is_file() else None
    except OSError:
        return None


def open_at(file: str, line: int, template: str = "") -> None:
    """Shows `line` of `file` in the editor: `template`, else that of the environment, else the system's own.

    Raises `InspectorError` where that cannot be done.
    """
    name = shown.one_line(file, 200)
    path = there(file)
    if path is None:
        raise InspectorError(f"{name} is not on this machine", "The app ran elsewhere, or the file is gone since.")
    template = template.strip() or from_environment()
    if not template and os.name != "nt" and sys.platform != "darwin" and path.suffix in _SOURCES:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            raise InspectorError(f"The system knows no editor for {name}", HINT)
        return
    if not template:
        template = {"darwin": "open -t {file}", "win32": "notepad {file}"}.get(sys.platform, "")
    if not template:
        raise InspectorError(f"No editor is known for {name}", HINT)
    _start(command(template, str(path), max(line, 1)))


def _start(words: list[str]) -> None:
    program = shutil.which(words[0])
    if program is None:
        raise InspectorError(f"The editor {shown.one_line(words[0], 200)} was not found", HINT)
    if program.lower().endswith((".cmd", ".bat")) and any(_BY_CMD.search(word) for word in words[1:]):
        raise InspectorError("The file's name has characters that the editor's script would act upon", "Open it there.")
    if not QProcess.startDetached(program, words[1:])[0]:
        raise InspectorError(f"The editor {shown.one_line(words[0], 200)} could not be started", HINT)
