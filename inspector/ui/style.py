"""The style sheet, made from the palette.

Widgets say what they are by dynamic properties, set before they are shown:

``role`` of a QLabel      title (semi-bold), headline, second, third, small, fixed, fixedSecond, url, pill, error, warn,
                          held, heldWord (small), explain (italic), complaint and notice (floating lines)
``role`` of a button      primary (filled), danger (outlined: it ends something), quiet (no surface until
                          hovered), tool (an icon alone), pill, choice,
                          link (text that is underlined), status and heldCount (in the status bar), recent (a
                          link in the fixed font), hint (a quiet small word), verb (quiet and narrow), switch (accent
                          while it is on, with a menu)
``surface`` of a QFrame   panel, bar (hairline below), foot (hairline above), window (the deepest grey), card and
                          pill (hairline, rounded), banner, status, rule and stroke (a hairline, lying and standing),
                          held, heldHead and heldFoot (the editor of a held message), sheet (lies over the window),
                          curtain (covers it while a file is dragged)
``fixed`` of a QLineEdit  in the fixed font; ``role`` bare: without a frame, where what it stands in has one
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from string import Template
from typing import TYPE_CHECKING

from PySide6.QtGui import QFont

if TYPE_CHECKING:
    from inspector.ui.theme import Palette

_SHEET = """
QMainWindow, QDialog, QWidget[surface="panel"], QFrame[surface="panel"] { background: $panel; }
QFrame[surface="window"] { background: $window; }
QFrame[surface="bar"] { background: $panel; border: none; border-bottom: 1px solid $hairline; }
QFrame[surface="foot"] { background: $panel; border: none; border-top: 1px solid $hairline; }
QFrame[surface="card"] { background: $panel; border: 1px solid $hairline; border-radius: 7px; }
QFrame[surface="pill"] { background: $field; border: 1px solid $hairline; border-radius: 7px; }
QFrame[surface="banner"] { background: $field; border: none; border-bottom: 1px solid $hairline; }
QFrame[surface="banner"] QPlainTextEdit { background: $window; border: 1px solid $hairline; border-radius: 6px;
  padding: 4px; }
QFrame[surface="sheet"] { background: $field; border: 1px solid $accent; border-radius: 9px; }
QFrame[surface="sheet"] QListView { background: $field; }
QFrame[surface="curtain"] { background: $window; border: 2px dashed $accent; }
QFrame[surface="held"] { background: $panel; border: 1px solid $held; border-radius: 7px; }
QFrame[surface="heldHead"] { background: $held_wash; border: none; border-top-left-radius: 6px;
  border-top-right-radius: 6px; }
QFrame[surface="heldFoot"] { background: transparent; border: none; border-top: 1px solid $hairline; }
QFrame[surface="held"] QPlainTextEdit { background: $window; }
QFrame[surface="rule"] { background: $hairline; border: none; max-height: 1px; min-height: 1px; }
QFrame[surface="stroke"] { background: $hairline; border: none; max-width: 1px; min-width: 1px; }

QLabel { background: transparent; color: $text; }
QLabel[role="title"] { font-weight: 600; }
QLabel[role="second"] { color: $second; }
QLabel[role="third"] { color: $third; }
QLabel[role="small"] { color: $second; font-size: ${small}px; }
QLabel[role="explain"] { color: $second; font-style: italic; }
QLabel[role="error"] { color: $status_5xx; }
QLabel[role="held"] { color: $held; }
QLabel[role="heldWord"] { color: $held; font-size: ${small}px; font-weight: 600; }
QLabel[role="headline"] { font-size: ${headline}px; font-weight: 600; }
QLabel[role="warn"] { color: $status_4xx; font-weight: 600; }
QLabel[role="complaint"] { background: $field; color: $status_5xx; border: 1px solid $status_5xx; border-radius: 6px;
  padding: 4px 9px; }
QLabel[role="notice"] { background: $raised; color: $text; border: 1px solid $hairline; border-radius: 6px;
  padding: 4px 9px; }
QLabel[role="url"] { font-family: $fixed; font-size: ${fixed_size}px; color: $accent; }
QLabel[role="fixed"] { font-family: $fixed; font-size: ${fixed_size}px; }
QLabel[role="fixedSecond"] { font-family: $fixed; font-size: ${fixed_size}px; color: $second; }
QLabel[role="pill"] { background: $raised; color: $second; border-radius: 8px; min-height: 16px; padding: 0 8px;
  font-size: ${small}px; font-weight: 600; }
QLabel:disabled { color: $third; }

QPushButton, QToolButton { background: $raised; color: $text; border: 1px solid $raised; border-radius: 6px;
  padding: 4px 11px; }
QToolButton { padding: 4px 7px; }
QPushButton:hover, QToolButton:hover { border-color: $hairline; }
QPushButton:pressed, QToolButton:pressed { background: $field; }
QPushButton:focus, QToolButton:focus { border: 1px solid $accent; }
QPushButton:disabled, QToolButton:disabled { color: $third; background: $field; border-color: $field; }
QPushButton[role="primary"], QToolButton[role="primary"] { background: $primary; color: $primary_text;
  border-color: $primary; }
QPushButton[role="primary"]:disabled { background: $field; color: $third; border-color: $field; }
QPushButton[role="primary"]:focus { border-color: $primary_text; }
QPushButton[role="danger"] { background: transparent; color: $status_5xx; border-color: $status_5xx; }
QPushButton[role="danger"]:hover { background: $raised; border-color: $status_5xx; }
QPushButton[role="danger"]:focus { border-color: $accent; }
QPushButton[role="quiet"], QToolButton[role="quiet"] { background: transparent; border-color: transparent; }
QPushButton[role="quiet"]:hover, QToolButton[role="quiet"]:hover { background: $raised; }
QPushButton[role="quiet"]:focus, QToolButton[role="quiet"]:focus { border-color: $accent; }
QPushButton[role="pill"], QToolButton[role="pill"] { background: $raised; border-radius: 9px; padding: 1px 8px;
  font-size: ${small}px; color: $second; }
QPushButton[role="link"], QToolButton[role="link"] { background: transparent; border-color: transparent;
  color: $accent; padding: 0 2px; }
QPushButton[role="link"]:hover, QToolButton[role="link"]:hover { text-decoration: underline; }
QPushButton[role="status"] { background: transparent; border-color: transparent; color: $second;
  padding: 1px 3px 0 3px; border-radius: 4px; font-size: ${small}px; }
QPushButton[role="status"]:hover { background: $raised; color: $text; }
QPushButton[role="status"]:focus { border-color: $accent; }
QToolButton[role="heldCount"] { background: transparent; border-color: transparent; color: $held; padding: 0 3px;
  border-radius: 4px; font-size: ${small}px; }
QToolButton[role="heldCount"]:hover { background: $held_wash; }
QToolButton[role="heldCount"]:focus { border-color: $accent; }
QToolButton[role="tool"] { background: transparent; border-color: transparent; padding: 0; border-radius: 5px; }
QToolButton[role="tool"]:hover { background: $raised; }
QToolButton[role="tool"]:focus { border-color: $accent; }
QToolButton[role="hint"] { background: transparent; border-color: transparent; color: $second; font-size: ${small}px;
  padding: 1px 5px; }
QToolButton[role="hint"]:hover { color: $text; }
QToolButton[role="hint"]:focus { border-color: $accent; }
QToolButton[role="choice"] { text-align: left; padding: 4px 12px; }
QPushButton[role="recent"] { background: transparent; border-color: transparent; color: $accent; padding: 2px 0;
  font-family: $fixed; font-size: ${fixed_size}px; text-align: left; }
QPushButton[role="recent"]:hover { text-decoration: underline; }
QPushButton[role="recent"]:focus { border-color: $accent; }
QToolButton[role="verb"] { background: transparent; border-color: transparent; padding: 4px 5px; }
QToolButton[role="verb"]:hover { background: $raised; }
QToolButton[role="verb"]:focus { border-color: $accent; }
QToolButton[role="switch"] { background: transparent; border-color: transparent; padding-right: 20px; }
QToolButton[role="switch"]:hover { background: $raised; }
QToolButton[role="switch"]:checked { background: $selection; color: $accent; }
QToolButton[role="switch"]:focus { border-color: $accent; }
QToolButton[role="switch"]::menu-button { border: none; width: 18px; }
QToolButton::menu-indicator { image: none; }

QLineEdit { background: $window; color: $text; border: 1px solid $hairline; border-radius: 6px; padding: 3px 9px;
  selection-background-color: $selection; selection-color: $text; }
QLineEdit:focus { border-color: $accent; }
QLineEdit[fixed="true"] { font-family: $fixed; font-size: ${fixed_size}px; }
QLineEdit[role="bare"] { background: transparent; border: none; border-radius: 0; }
QLineEdit[wrong="true"] { border-color: $status_5xx; }
QPlainTextEdit, QTextEdit, QTextBrowser { background: $panel; color: $text; border: none; font-family: $fixed;
  font-size: ${fixed_size}px; selection-background-color: $selection; selection-color: $text; }
QPlainTextEdit#injectText { background: $window; border: 1px solid $hairline; border-radius: 6px; }
QLineEdit[role="cell"] { background: $window; border: none; border-radius: 0; padding: 0 2px; }
QComboBox, QSpinBox { background: $field; color: $text; border: 1px solid $hairline; border-radius: 6px;
  padding: 3px 8px; }
QComboBox:focus, QSpinBox:focus { border-color: $accent; }
QSpinBox::up-button, QSpinBox::down-button { width: 0; border: none; }
QComboBox::drop-down { background: transparent; border: none; width: 22px; }
QTableView#holdTable::item, QTableView#breakpointTable::item { padding: 0 12px; border: none; }
QTableView#breakpointTable QHeaderView::section { padding: 5px 15px; }
QTableView#shortcutTable::item { padding: 0 6px; border: none; }
QTableView#shortcutTable QHeaderView::section { padding: 5px 9px; }
QComboBox QAbstractItemView { background: $field; border: 1px solid $hairline; }
QCheckBox { color: $text; spacing: 7px; }
QCheckBox::indicator, QTableView::indicator { width: 11px; height: 11px; border: 1px solid $second; border-radius: 3px;
  background: $window; }
QCheckBox::indicator:checked, QTableView::indicator:checked { width: 5px; height: 5px; border: 4px solid $primary;
  background: $primary_text; }
QCheckBox::indicator:focus { border-color: $accent; }

QAbstractScrollArea { background: $panel; border: none; }
QTableView, QTreeView, QListView { background: $panel; color: $text; border: none; outline: none;
  selection-background-color: $selection; selection-color: $text; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected { background: $selection;
  color: $text; }
QListView#filterSuggestions { background: $field; border: 1px solid $hairline; padding: 5px; }
QListView#filterSuggestions::item { padding: 4px 9px; border-radius: 5px; }
QListView#filterSuggestions::item:hover { background: $raised; }
QListView#filterSuggestions::item:selected { background: $selection; }
QHeaderView { background: $panel; border: none; }
QHeaderView::section { background: $panel; color: $second; border: none; border-bottom: 1px solid $hairline;
  padding: 5px 6px; font-size: ${small}px; font-weight: 400; }
QTreeView#fieldTable QHeaderView::section:first, QTreeView#fieldTable QHeaderView::section:only-one {
  padding-left: 12px; }
QTreeView#fieldTable QHeaderView::section { padding-right: 12px; }
QTableCornerButton::section { background: $panel; border: none; }

QTabWidget::pane { border: none; border-top: 1px solid $hairline; }
QTabBar { background: $panel; font-size: ${small}px; }
QTabBar::tab { background: transparent; color: $second; border: none; border-bottom: 2px solid transparent;
  padding: 8px 0 6px 0; margin: 0 9px; }
QTabBar::tab:first { margin-left: 12px; }
QTabBar::tab:selected { color: $text; font-weight: 600; border-bottom-color: $accent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:focus { color: $accent; }
QTabBar::scroller { width: 44px; }
QTabBar::tear { width: 0; border: none; }
QTabBar QToolButton { background: $panel; border: none; border-radius: 0; padding: 0; }
QTabBar QToolButton:hover { background: $raised; }
QTabBar::tab:disabled { color: $third; }

QSplitter { background: $panel; }
QSplitter::handle { background: $hairline; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }

QAbstractScrollArea::corner { background: $panel; border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $raised; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $second; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QMenuBar { background: $window; color: $text; border-bottom: 1px solid $hairline; padding: 1px 6px; }
QMenuBar::item { background: transparent; padding: 4px 9px; border-radius: 5px; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $field; color: $text; border: 1px solid $hairline; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 26px; border-radius: 5px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $third; }
QMenu::separator { height: 1px; background: $hairline; margin: 5px 8px; }
QMenu::icon { padding-left: 7px; }
QMenu::indicator { left: 7px; }
QToolTip { background: $field; color: $text; border: 1px solid $hairline; padding: 4px 7px; }
QStatusBar, QFrame[surface="status"] { background: $window; border: none; border-top: 1px solid $hairline; }
QStatusBar::item { border: none; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QProgressBar { background: $field; border: none; border-radius: 3px; max-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
"""
_PIXELS = re.compile(r"\b([2-9]|[1-9]\d+)px")
"""Hairlines stay what they are."""


def sheet(palette: Palette, fixed: QFont, px: Callable[[float], int]) -> str:
    """The style sheet in the colours of `palette`; sizes follow the zoom by `px`, those of text the fixed font."""
    colors = {field.name: getattr(palette, field.name) for field in fields(palette) if field.name != "name"}
    zoomed = _PIXELS.sub(lambda match: f"{px(int(match[1]))}px", _SHEET)
    return Template(zoomed).substitute(
        {name: color.name() for name, color in colors.items()},
        fixed=f'"{fixed.family()}"',
        fixed_size=fixed.pixelSize(),
        small=fixed.pixelSize(),
        headline=fixed.pixelSize() + px(9),
    )
