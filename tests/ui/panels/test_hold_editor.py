"""The editor of a held message: three views of one message, what is wrong with it, and what is offered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit

from inspector.trace.stepping import Held
from inspector.ui.models.held_text import Mistake
from inspector.ui.panels.hold_editor import HoldEditor
from tests.support.sample_holds import BODY, forms, hold, mendable

VIEWS = ("form", "text", "hex")


@pytest.fixture
def editor(qtbot: Any) -> HoldEditor:
    made = HoldEditor()
    made.resize(700, 320)
    qtbot.addWidget(made)
    return made


def shown(editor: HoldEditor, held: Held, view: str = "", charset: str = "utf-8") -> HoldEditor:
    editor.show_hold(held, charset=charset)
    if view:
        turn(editor, view)
    return editor


def turn(editor: HoldEditor, view: str) -> None:
    editor.choice.button(view).click()
    editor.judge()


def note(editor: HoldEditor) -> str:
    return str(editor._noted)


def line(editor: HoldEditor, name: str) -> QLineEdit:
    field = editor.form.fields[name]
    assert isinstance(field, QLineEdit)
    return field


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("which", range(5))
def test_a_message_that_nobody_changed_stays_what_it_was_in_every_view(
    editor: HoldEditor, which: int, view: str
) -> None:
    held = forms(hold())[which]
    shown(editor, held)
    if not editor.choice.button(view).isHidden():
        turn(editor, view)
    assert not editor.changed()
    assert editor.message() is None


@pytest.mark.parametrize(
    "body", [b"one\r\ntwo\r\n", b"one\rtwo", b"\x00\x01", "a\u2029b".encode(), b"\xff\xfe", b"", b"mixed\r\nand\n"]
)
def test_bytes_survive_the_form(editor: HoldEditor, body: bytes) -> None:
    shown(editor, hold(body=body), "form")
    assert not editor.changed()
    editor.form.body.text.moveCursor(QTextCursor.MoveOperation.End)
    hexed = editor.form.body._how == "hex"
    editor.form.body.text.insertPlainText(" 41" if hexed else "A")
    assert (editor.message() or {})["body"].encode("latin-1") == body + b"A"


def test_what_is_typed_in_one_view_is_there_in_the_others(editor: HoldEditor) -> None:
    shown(editor, hold(body=b"abc"), "form")
    editor.form.body.text.selectAll()
    editor.form.body.text.insertPlainText("Grüße")
    check = editor.form.fields["more_body"]
    assert isinstance(check, QCheckBox)
    check.click()
    turn(editor, "text")
    assert '"body": "Grüße"' in editor.text.toPlainText()
    assert '"more_body": true' in editor.text.toPlainText()
    turn(editor, "hex")
    assert editor.hex.toPlainText() == "47 72 c3 bc c3 9f 65"
    editor.hex.setPlainText("47 72")
    turn(editor, "form")
    assert editor.form.body.text.toPlainText() == "Gr"
    assert check.isChecked()
    assert editor.message() == {"type": "http.response.body", "body": "Gr", "more_body": True}


def test_who_only_looks_elsewhere_finds_his_blanks_again(editor: HoldEditor) -> None:
    shown(editor, hold(body=b"abc"), "text")
    typed = '{"type":   "http.response.body",\n\n "body": "x", "more_body": false}'
    editor.text.setPlainText(typed)
    turn(editor, "form")
    turn(editor, "hex")
    turn(editor, "text")
    assert editor.text.toPlainText() == typed
    turn(editor, "form")
    editor.form.body.text.setPlainText("y")
    turn(editor, "text")
    assert '"body": "y"' in editor.text.toPlainText()


def test_a_text_that_is_no_message_stays_in_its_view(editor: HoldEditor) -> None:
    shown(editor, hold(), "text")
    editor.text.setPlainText('{"type": ')
    turn(editor, "form")
    assert editor.choice.current() == "text"
    assert editor.text.toPlainText() == '{"type": '
    assert note(editor).startswith("line 1, column")
    assert not editor.edited.isEnabled()


def test_what_is_wrong_is_told_at_its_field_with_the_rule(editor: HoldEditor) -> None:
    shown(editor, forms(hold())[2], "form")
    line(editor, "status").setText("99")
    editor.judge()
    assert editor.form.wrong == "▴ status: a number from 200 to 999"
    assert line(editor, "status").property("wrong") is True
    turn(editor, "text")  # the value goes with the user
    assert '"status": 99' in editor.text.toPlainText()
    turn(editor, "form")
    line(editor, "status").setText("204")
    editor.judge()
    assert editor.form.wrong == ""
    editor.complain("headers[1]: a header has no line break")
    assert editor.form.wrong == "▴ headers: a header has no line break"
    line(editor, "status").setText("205")
    assert editor._refused == ""


def test_headers_are_rows_to_add_remove_and_move(editor: HoldEditor, qtbot: Any) -> None:
    shown(editor, forms(hold())[2], "form")
    editor.show()
    table, model = editor.form.headers.table, editor.form.headers.model
    before = model.pairs
    table.setFocus()
    table.setCurrentIndex(model.index(0, 1))
    QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [name for name, _ in model.pairs] == ["content-length", "content-type", "x-request-id", "set-cookie"]
    QTest.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert model.pairs == before
    assert not editor.changed()
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert model.pairs == before[1:]
    QTest.keyClick(table, Qt.Key.Key_Insert)
    cell = table.findChild(QLineEdit, "pairCell")
    assert cell is not None
    assert not (editor.message() or {"headers": [["", ""]]})["headers"].count(["", ""])
    QTest.keyClicks(cell, "x-a")
    QTest.keyClick(cell, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ("x-a", "") in model.pairs)
    assert ["x-a", ""] in (editor.message() or {})["headers"]


def test_a_scope_is_rows_and_what_was_text_stays_text(editor: HoldEditor) -> None:
    shown(editor, forms(hold())[0], "form")
    model = editor.form.entries.model
    rows = [name for name, _ in model.pairs]
    assert "headers" not in rows
    model.setData(model.index(rows.index("path"), 1), "404")
    model.setData(model.index(rows.index("asgi"), 1), '{"version": "2.0"}')
    editor.form.part.button("headers").click()
    editor.form.headers.model.setData(editor.form.headers.model.index(0, 1), "shop")
    scope = (editor.message() or {})["scope"]
    assert scope["path"] == "404"
    assert scope["asgi"] == {"version": "2.0"}
    assert scope["headers"][0] == ["host", "shop"]
    assert scope["client"] == ["127.0.0.1", 51764]


def test_another_type_keeps_what_both_have(editor: HoldEditor) -> None:
    shown(editor, forms(hold())[1], "form")
    editor.form.types.setCurrentText("http.disconnect")
    assert editor.message() == {"type": "http.disconnect"}
    editor.form.types.setCurrentText("http.request")
    assert (editor.message() or {})["type"] == "http.request"


def test_the_chunk_is_split_at_the_caret(editor: HoldEditor) -> None:
    held = shown(editor, hold(body="aßc".encode()), "form").held
    cursor = editor.form.body.text.textCursor()
    cursor.setPosition(2)
    editor.form.body.text.setTextCursor(cursor)
    first, second = editor.halves()
    assert (first["body"].encode("latin-1"), first["more_body"]) == ("aß".encode(), True)
    assert (second["body"].encode("latin-1"), second["more_body"]) == (b"c", False)
    turn(editor, "hex")
    cursor = editor.hex.textCursor()
    cursor.setPosition(5)  # within the letter
    editor.hex.setTextCursor(cursor)
    assert [one["body"].encode("latin-1") for one in editor.halves()] == [b"a\xc3", b"\x9fc"]
    turn(editor, "text")
    with pytest.raises(Mistake, match="the caret stands at no place"):
        editor.halves()
    assert held is not None
    shown(editor, replace(held, after=[{"type": "http.response.body"}]))
    with pytest.raises(Mistake, match="would come between its halves"):
        editor.halves()


def test_after_a_split_what_the_engine_has_is_shown(editor: HoldEditor) -> None:
    held = hold(body=b"onetwo")
    shown(editor, held, "form")
    editor.form.body.text.setPlainText("onetwo!")
    editor.sheet.will_be_taken()
    shown(editor, replace(held, body=b"one", edited=True))
    assert editor.form.body.text.toPlainText() == "one"
    editor.form.body.text.setPlainText("on")
    editor.sheet.will_be_taken()
    editor.form.body.text.setPlainText("o")  # typed on meanwhile
    shown(editor, replace(held, body=b"on", edited=True))
    assert editor.form.body.text.toPlainText() == "o"


def test_mending_is_offered_where_it_can_be_done_and_else_it_says_why_not(editor: HoldEditor, qtbot: Any) -> None:
    shown(editor, mendable(hold()))
    editor.show()
    assert note(editor) == "content-length says 112, the body has 108 bytes"
    assert editor.mend.isVisible()
    with qtbot.waitSignal(editor.mend_wanted):
        editor.mend.click()
    shown(editor, replace(mendable(hold()), verbs=["edit"]))
    assert "the header is out already" in note(editor)
    assert not editor.mend.isVisible()
    shown(editor, replace(mendable(hold()), content_length=108))
    assert not editor.mend.isVisible()
    shown(editor, hold(body=BODY[:9], content_length=-1))
    assert "content-length" not in note(editor)


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("iso-8859-1", b"Gr\xfc\xdfe", "Grüße"),
        ("shift_jis", "日本".encode("shift_jis"), "日本"),
        ("utf-16-le", "ab".encode("utf-16-le"), "ab"),
    ],
)
def test_a_body_is_shown_and_sent_in_its_charset(editor: HoldEditor, charset: str, body: bytes, text: str) -> None:
    shown(editor, hold(body=body), "form", charset)
    assert editor.form.body.text.toPlainText() == text
    assert not editor.changed()
    editor.form.body.text.setPlainText(text + text)
    assert (editor.message() or {})["body"].encode("latin-1") == body + body
    turn(editor, "hex")
    assert editor.hex.toPlainText().replace("\n", " ") == (body + body).hex(" ")


def test_what_the_charset_has_not_is_told(editor: HoldEditor) -> None:
    shown(editor, hold(body=b"a"), "form", "iso-8859-1")
    editor.form.body.text.setPlainText("€")
    editor.judge()
    assert note(editor) == "body: '€' is not in iso-8859-1, the charset that the headers tell"
    assert not editor.edited.isEnabled()


def test_bytes_that_are_not_valid_in_their_charset_are_hex(editor: HoldEditor) -> None:
    shown(editor, hold(body=b"\xff"), "form", "utf-8")
    assert editor.form.body.text.toPlainText() == "ff"
    editor.form.body.text.setPlainText("f")
    editor.judge()
    assert "come in pairs" in editor.form.wrong
    assert not editor.edited.isEnabled()


def test_what_was_typed_belongs_to_its_hold(editor: HoldEditor) -> None:
    one, other = hold(1, 1, body=b"one"), hold(2, 2, body=b"two")
    shown(editor, one, "form")
    editor.form.body.text.setPlainText("typed")
    shown(editor, other)
    assert editor.form.body.text.toPlainText() == "two"
    shown(editor, one)
    assert editor.form.body.text.toPlainText() == "typed"
    editor.show_over("The app's process has ended.")
    assert editor.form.body.text.isReadOnly()
    assert "What you typed was not sent." in note(editor)
    editor.keep_only({2})
    editor.forget()
    shown(editor, hold(1, 1, body=b"one"))
    assert editor.form.body.text.toPlainText() == "one"


@pytest.mark.parametrize("height", [320, 200, 160, 120, 60])
def test_the_buttons_keep_their_height_and_the_rest_gives_way(editor: HoldEditor, qtbot: Any, height: int) -> None:
    editor.show_hold(hold())
    editor.setMinimumHeight(1)  # as in the panel, which may be lower than it likes
    editor.resize(700, height)
    buttons = [editor.edited, editor.drop, editor.inject, editor.abort]
    assert {button.height() for button in buttons} == {editor.edited.sizeHint().height()}
    qtbot.waitUntil(lambda: all(editor.rect().contains(one.mapTo(editor, one.rect().bottomRight())) for one in buttons))
    assert editor._note.isVisible() is (height >= 160)
    assert editor.sheet.isVisible() is (height >= 120)
    assert editor.choice.isVisible() is (height >= 120)
    assert editor.abort.property("role") == "danger"
    assert note(editor) in (editor.edited.toolTip(), editor._note.text(), editor._note.toolTip())


def test_buttons_without_room_are_in_a_menu_and_none_loses_what_it_says(editor: HoldEditor) -> None:
    editor.show_hold(hold())
    editor.text.setPlainText(editor.text.toPlainText().replace("4711", "4712"))
    editor.judge()
    editor.resize(360, 320)
    assert editor.edited.text() == "Continue edited"
    assert editor.more.isVisible()
    assert not any(button.isVisible() for button in (editor.original, editor.drop, editor.inject))
    menu = editor.more.menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["Continue original", "Drop", "Inject"]
    said: list[str] = []
    editor.verb.connect(said.append)
    menu.actions()[0].trigger()
    assert said == ["original"]
    editor.resize(900, 320)
    assert not editor.more.isVisible()
    assert all(button.isVisible() for button in (editor.original, editor.drop, editor.inject))


def test_a_wrong_field_keeps_an_edited_message_back_but_not_what_came_so(editor: HoldEditor) -> None:
    shown(editor, forms(hold())[4], "form")
    assert editor.form.error.isVisible()
    assert editor.edited.isEnabled()
    line(editor, "code").setText("98")
    editor.judge()
    assert not editor.edited.isEnabled()
    line(editor, "code").setText("1000")
    editor.judge()
    assert editor.edited.isEnabled()
