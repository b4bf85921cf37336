"""A request held, edited and let go on a real X server: once by mouse, once by keyboard alone. And its past, walked."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from tests.support import hour
from tests.support.controlling import meanwhile
from tests.support.hour import PATIENCE, Person

pytestmark = pytest.mark.xvfb
APP = """
async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("http only")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"from the app"})
"""
EXPRESSION = "path:/%s message.type:body"
MESSAGE = '{"type": "http.response.body", "body": "%s"}'


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    folder = tmp_path_factory.mktemp("stepped")
    (folder / "stepped.py").write_text(APP)
    with hour.program(folder, "stepped:app") as person:
        person.until(lambda facts: facts.get("phase") == "serving", "the app to be served", 40)
        back_to_the_window(person)
        yield person


def back_to_the_window(person: Person) -> None:
    person.until(lambda facts: not facts["dialogs"], "the dialog's end")
    person.focus("Inspector")
    person.until(lambda facts: facts["active"] == "window" and facts["focus"], "the keyboard in the window")


def held(person: Person, path: str) -> Future[bytes]:
    """A client that asks for what is held, once it is."""
    before = person.ask()
    url = f"{before['url']}/{path}"

    def get() -> bytes:
        with urllib.request.urlopen(url, timeout=3 * PATIENCE) as response:  # a person takes his time
            return bytes(response.read())

    asking = meanwhile(get)
    facts = person.until(lambda facts: facts["title"].startswith("stepped:app — 1 held"), "the hold")
    assert (facts["focus"], facts["picked"]) == (before["focus"], before["picked"]), "a hold took focus or selection"
    return asking


def let_go(person: Person, asking: Future[bytes], body: bytes) -> None:
    assert asking.result(PATIENCE) == body
    person.until(lambda facts: facts["title"] == "stepped:app — Inspector", "the end of the hold")


def test_by_mouse(person: Person) -> None:
    person.click_on("breakpoints.on.button", x=0.95)  # the arrow of its menu
    person.click_on("New breakpoint…", "menu")
    person.until(lambda facts: "breakpointDialog" in facts["dialogs"], "the dialog")
    person.focus("New breakpoint")
    person.click_on("breakpointEdit")
    person.until(lambda facts: facts["focus"] == "breakpointEdit", "the keyboard in the dialog")
    person.type(EXPRESSION % "mouse")
    person.until(lambda facts: facts["typed"] == EXPRESSION % "mouse", "the expression")
    person.click_on("breakpointDialog", x=0.05)  # away with the suggestions
    person.click_on("&Save" if "&Save" in person.ask()["buttons"] else "Save", "buttons")
    back_to_the_window(person)
    asking = held(person, "mouse")
    person.click_row(person.ask()["rows"] - 1)
    person.until(lambda facts: "holdEditor" in facts["places"], "the editor")
    person.click_on("Text", "buttons")
    person.click_on("holdText")
    person.until(lambda facts: facts["focus"] == "holdText", "the keyboard in the message")
    person.key("ctrl+a")
    person.type(MESSAGE % "by mouse")
    person.click_on("step.continue.button")
    let_go(person, asking, b"by mouse")


def test_by_keyboard_alone_and_its_past(person: Person) -> None:
    person.command("breakpoints.new")
    person.until(lambda facts: "breakpointDialog" in facts["dialogs"], "the dialog")
    person.focus("New breakpoint")
    person.until(lambda facts: facts["focus"] == "breakpointEdit", "the keyboard in the dialog")
    person.type(EXPRESSION % "keys")
    person.until(lambda facts: facts["typed"] == EXPRESSION % "keys", "the expression")
    for _ in range(3):
        if "breakpointDialog" in person.ask()["dialogs"]:
            person.key("Return")  # the first one may be the suggestions'
    back_to_the_window(person)
    asking = held(person, "keys")
    person.command("holds.next")
    person.until(lambda facts: "holdEditor" in facts["places"], "the editor")
    person.command("hold.edit")
    for _ in range(12):  # where another view has the keyboard, to the word that chooses the text
        if person.ask()["focus"] == "holdText":
            break
        person.key("shift+Tab")
        person.key("space") if person.ask()["pressed"] == "Text" else None
        person.command("hold.edit") if person.ask()["pressed"] == "Text" else None
    person.until(lambda facts: facts["focus"] == "holdText", "the keyboard in the message")
    person.key("ctrl+a")
    person.type(MESSAGE % "by keyboard")
    person.command("step.continue")
    let_go(person, asking, b"by keyboard")

    picked = person.ask()["picked"]
    person.command("step.next")
    place = person.until(lambda facts: facts["past"], "the past")["past"]
    assert place.startswith("As of message 1 of 4")
    person.command("step.to_send")
    person.until(lambda facts: facts["past"].startswith("As of message 2 of 4"), "the head of the response")
    person.command("step.continue")
    person.until(lambda facts: facts["past"].startswith("As of message 4 of 4"), "the end")
    person.command("past.back")
    person.until(lambda facts: facts["past"].startswith("As of message 3 of 4"), "the message before")
    assert person.ask()["picked"] == picked
    person.command("past.leave")
    person.until(lambda facts: not facts["past"], "the present")
    hour.leave(person)
