"""Pictures of the panels with sample exchanges, to be looked at: python tests/support/panel_pictures.py FOLDER."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QDeadlineTimer, QEventLoop, Qt
from PySide6.QtWidgets import QApplication, QSplitter

from inspector.ui import theme
from inspector.ui.panels import details
from inspector.ui.panels.details import DetailsPanel
from inspector.ui.panels.messages import MessagesPanel
from tests.support import sample_exchanges as samples

SHOTS = (
    ("checkout-scope", "checkout", details.SCOPE, None),
    ("checkout-request", "checkout", details.REQUEST, None),
    ("checkout-response", "checkout", details.RESPONSE, None),
    ("checkout-message", "checkout", details.MESSAGE, 2),
    ("checkout-timing", "checkout", details.TIMING, None),
    ("checkout-log", "checkout", details.LOG, None),
    ("waiting-response", "waiting", details.RESPONSE, None),
    ("chat-message", "chat", details.MESSAGE, 6),
    ("chat-scope", "chat", details.SCOPE, None),
    ("failing-exception", "failing", details.EXCEPTION, None),
    ("failing-log", "failing", details.LOG, None),
    ("form-environ", "wsgi_form", details.SCOPE, None),
    ("form-response", "wsgi_form", details.RESPONSE, None),
    ("form-timing", "wsgi_form", details.TIMING, None),
    ("upload-request", "truncated", details.REQUEST, None),
    ("headers-request", "many_headers", details.REQUEST, None),
    ("nothing", None, details.SCOPE, None),
)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    theme.apply(app)
    for look in ("dark", "light"):
        theme.choose(look)
        for name, sample, tab, seq in SHOTS:
            both = QSplitter(Qt.Orientation.Horizontal)
            both.setHandleWidth(1)
            messages, panel = MessagesPanel(), DetailsPanel()
            both.addWidget(messages)
            both.addWidget(panel)
            both.resize(1440, 410)
            both.setSizes([640, 800])
            both.show()
            if sample is not None:
                made = getattr(samples, sample)()
                reader = samples.FakeReader([made])
                messages.show_exchange(reader, made.row.id)
                panel.show_exchange(reader, made.row.id)
            if seq is not None:
                messages.message_selected.connect(panel.show_message)
                messages.select(seq)
            elif sample is not None:
                panel.tabs.setCurrentIndex(tab)
            deadline = QDeadlineTimer(400)
            while not deadline.hasExpired():
                app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            both.grab().save(str(folder / f"{look}-{name}.png"))
            both.deleteLater()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
