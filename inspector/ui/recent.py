"""Apps and recordings that were open before, as a menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from inspector.ui import shown, theme

_WIDEST = 420


class RecentMenu(QMenu):
    """Filled each time it opens from `names`, newest first; `chosen(name)` is called for the one that is taken."""

    def __init__(self, names: Callable[[], list[str]], chosen: Callable[[str], object], parent: QWidget) -> None:
        super().__init__("Recent", parent)
        theme.dressed(self)
        self.setObjectName("menuRecent")
        self._names, self._chosen = names, chosen
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        self.clear()
        for number, name in enumerate(self._names(), start=1):
            text = shown.one_line(name, 400)
            cut = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, theme.px(_WIDEST))
            action = self.addAction(f"&{number}  {cut.replace('&', '&&')}")
            action.setToolTip(text)
            action.setData(name)
            action.triggered.connect(lambda _checked=False, name=name: self._chosen(name))
        if self.isEmpty():
            self.addAction("Nothing was open yet").setEnabled(False)
