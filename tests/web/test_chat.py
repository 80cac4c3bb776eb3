"""The chat in a browser: words as they come, cards with buttons, queues, stopping, reconnecting, and whose it is."""

import html
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr

from agent.assembly import Choices
from agent.gate.decisions import Person
from agent.web.talks import MOST_TALKS
from tests.house import NOW, settings
from tests.web.serving import PATIENCE_S, Served, Visitor, served, wait_for

HOSTILE = "<img src=x onerror=alert(1)> \u202egnp.exe [a](javascript:alert(1))"
SCHEDULE = 'Schedule "New mugs are in." for next Tuesday 9:00 on LinkedIn'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("home")) as running:
        yield running


@dataclass
class Model:
    """A language model on this machine that says one piece, and the rest once it may."""

    pieces: tuple[str, ...]
    may: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)
    url: str = ""


@pytest.fixture
def model() -> Iterator[Model]:
    told = Model(("Warm ", HOSTILE, " kiln."))

    class Speaks(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            told.asked.set()
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            for place, piece in enumerate(told.pieces):
                if place:
                    told.may.wait(PATIENCE_S)
                self._say({"content": piece})
            self.wfile.write(b"data: [DONE]\n\n")

        def _say(self, delta: dict[str, Any]) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": None}
            chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Speaks) as server:
        told.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield told
        told.may.set()
        server.shutdown()
        thread.join(PATIENCE_S)


@pytest.fixture
def speaking(tmp_path: Path, model: Model) -> Iterator[Served]:
    own = settings(psa_model="m", openai_base_url=model.url, openai_api_key=SecretStr("key-of-this-person"))
    with served(tmp_path, own) as running:
        yield running


def until(visitor: Visitor, wanted: str, *, path: str = "/chat") -> str:
    """The page once this stands on it."""
    end = time.monotonic() + PATIENCE_S
    while wanted not in (page := visitor.page(path)):
        assert time.monotonic() < end, page
        time.sleep(0.02)
    return page


def say(visitor: Visitor, text: str) -> None:
    """Say something as a page with a script does: nothing is waited for."""
    said = {"token": visitor.token(), "text": text}
    assert visitor.post("/chat", data=said, headers={"HX-Request": "true"}).status_code == 204


def card_in(page: str) -> int:
    return int(page.partition('id="card-')[2].partition('"')[0])


def test_a_goal_becomes_a_card_that_is_approved_without_any_script(site: Served) -> None:
    with site.somebody() as visitor:
        assert "Suggestions" in visitor.page("/chat")
        assert visitor.submit("/chat", text=SCHEDULE).headers["location"] == "/chat#end"
        page = until(visitor, "waits for you")
        number = card_in(page)
        assert "New mugs are in." in page and "applied   CreatePost" in page
        assert f"card {number}    waits" not in page  # the card stands there itself
        visitor.submit(f"/chat/cards/{number}/approve", confirm="")
        page = until(visitor, f"card {number}: applied")
        assert "decided by olive" in page
        assert "was decided" not in visitor.submit(f"/chat/cards/{number}/approve").text
        assert f"{number}: Card {number} is already carried out" in visitor.page("/chat")


def test_words_decide_nothing(site: Served) -> None:
    with site.somebody() as visitor:
        visitor.submit("/chat", text=SCHEDULE)
        number = card_in(until(visitor, "waits for you"))
        visitor.submit("/chat", text=f"approve {number}. yes, card {number} is approved")
        until(visitor, "not all of it was done")
        assert "decide before" in visitor.page(f"/chat/cards/{number}").lower()
        visitor.submit("/chat", text=f"/reject {number} not now")
        assert "rejected" in until(visitor, "rejected, nothing was sent")


def test_a_card_is_edited_and_rejected_by_buttons(site: Served) -> None:
    with site.somebody() as visitor:
        visitor.submit("/chat", text=SCHEDULE)
        number = card_in(until(visitor, "waits for you"))
        visitor.submit(f"/chat/cards/{number}/edit", text="New mugs stand in the window.")
        until(visitor, f"card {number}: applied")
        assert "New mugs stand in the window." in visitor.page(f"/chat/cards/{number}")
        visitor.submit("/chat/new")
        visitor.submit("/chat", text=SCHEDULE)
        number = card_in(until(visitor, "waits for you"))
        visitor.submit(f"/chat/cards/{number}/reject", why="Too early", delete="1")
        page = until(visitor, f"card {number}: rejected")
        assert "stays in PostSyncer" not in page


def test_a_question_is_answered_by_the_next_words(site: Served) -> None:
    with site.somebody() as visitor:
        visitor.submit("/chat", text='Draft "Hello."')
        page = until(visitor, "Your next words answer question")
        assert "Leave it open" in page
        visitor.submit("/chat", text="LinkedIn")
        until(visitor, "applied   CreatePost")


@pytest.mark.parametrize(
    ("path", "fields", "says"),
    [
        ("/chat", {"text": "/aprove 3"}, "There is no command /aprove. Did you mean /approve?"),
        ("/chat", {"text": "/help"}, "Cards are decided only by these commands"),
        ("/chat", {"text": "x" * 20_001}, "20000 at most are read as one goal"),
        ("/chat", {"text": "\u200b\u202eDance"}, "hidden or control characters were left out"),
        ("/chat/stop", {}, "Nothing is being worked on."),
        ("/chat/skip", {}, "No question waits."),
        ("/chat/cards/99999/approve", {}, "Not in the queue: 99999."),
        ("/chat/cards/99999/edit", {"text": "x"}, "There is no 99999 in the queue."),
    ],
)
def test_what_cannot_be_done_is_told_in_the_conversation(
    site: Served, path: str, fields: dict[str, str], says: str
) -> None:
    with site.somebody() as visitor:
        visitor.page("/chat")
        assert visitor.submit(path, **fields).status_code == 303
        until(visitor, says)


def test_wrong_addresses_are_refused(site: Served) -> None:
    with site.somebody() as visitor:
        assert visitor.get("/chat/cards/99999").status_code == 404
        assert visitor.get("/chat/cards/x").status_code == 409
        for run in ("r99999", "", "x", "<b>"):
            answer = visitor.submit("/chat/take-up", run=run)
            assert answer.status_code == 409
            assert "There is no run" in answer.text


def test_a_viewer_has_no_chat(site: Served) -> None:
    with site.somebody(Person("vera", "viewer", "web")) as visitor:
        for path in ("/chat", "/chat/state", "/chat/events", "/chat/cards/1"):
            assert "needs the role editor" in visitor.get(path).text
        assert "needs the role editor" in visitor.submit("/chat", text="Draft it").text


def test_earlier_conversations_are_taken_up(site: Served) -> None:
    with site.somebody() as visitor:
        visitor.submit("/chat", text=SCHEDULE)
        number = card_in(until(visitor, "waits for you"))
        run = visitor.page("/chat").partition('href="/runs/')[2].partition('"')[0]
        visitor.submit("/chat/new")
        page = visitor.page("/chat")
        assert "Suggestions" in page and f'value="{run}"' in page
        visitor.submit("/chat/take-up", run=run)
        page = visitor.page("/chat")
        assert f"Conversation {run} of" in page and f'id="card-{number}"' in page
        visitor.submit(f"/chat/cards/{number}/reject")
    with site.somebody() as other:
        assert "Suggestions" in other.page("/chat")


@pytest.mark.slow
def test_a_login_that_ends_ends_its_conversation(speaking: Served, model: Model) -> None:
    with speaking.somebody() as visitor:
        say(visitor, "Tell me")
        assert model.asked.wait(PATIENCE_S)
        run = visitor.page("/chat").partition('href="/runs/')[2].partition('"')[0]
        visitor.submit("/logout")
    with speaking.somebody() as other:
        assert "the conversation was left" in until(other, "Stopped by", path=f"/runs/{run}")


def test_so_many_conversations_are_open_at_once(site: Served) -> None:
    with site.somebody() as first, site.somebody() as second:
        assert first.get("/chat").status_code == 200
        talks = site.site.rooms["chat"]
        talks.most = talks.open
        answer = second.get("/chat")
        assert answer.status_code == 409
        assert f"{talks.most} conversations are open" in answer.text
        assert first.get("/chat").status_code == 200
        talks.most = MOST_TALKS
        assert second.get("/chat").status_code == 200


@pytest.mark.slow
def test_what_is_suggested_is_understood(tmp_path: Path) -> None:
    with served(tmp_path, choices=Choices(now=NOW)) as site, site.somebody() as visitor:
        visitor.submit("/chat", text="Show the drafts")
        visitor.submit("/chat/new")
        goals = [html.unescape(one) for one in re.findall(r'data-goal="([^"]+)"', visitor.page("/chat"))]
        assert goals[0] == 'Draft "We open at nine on Saturday." for LinkedIn and X'
        for goal in goals:
            visitor.submit("/chat", text=goal)
        end = time.monotonic() + PATIENCE_S
        while (page := visitor.page("/chat")).count('class="line outcome"') < len(goals):
            assert time.monotonic() < end, page
            time.sleep(0.05)
        assert "not understood" not in page


def _log_in(page: Page, site: Served) -> list[str]:
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.goto(site.link())
    page.get_by_role("button", name="Log in").click()
    page.goto(f"{site.url}/chat")
    return wrong


def test_a_goal_is_typed_and_its_card_approved(site: Served, chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    wrong = _log_in(page, site)
    page.get_by_role("link", name="What is scheduled this week?").click()
    expect(page.get_by_label("Say what you want, or answer")).to_have_value("What is scheduled this week?")
    page.get_by_label("Say what you want, or answer").fill(SCHEDULE)
    page.keyboard.press("Enter")
    card = page.locator(".talk-card")
    expect(card.get_by_text("waits for you")).to_be_visible()
    expect(page.locator("#talk .line.person")).to_have_text(SCHEDULE)
    expect(page.get_by_label("Say what you want, or answer")).to_have_value("")
    card.get_by_role("button", name="Approve").click()
    expect(card.get_by_text("done", exact=True)).to_be_visible()
    expect(page.get_by_text("applied").last).to_be_visible()
    context.close()
    assert wrong == []


def test_words_come_as_they_are_said_survive_a_lost_stream_and_stay_words(
    speaking: Served, model: Model, chromium: Browser
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    wrong = _log_in(page, speaking)
    page.get_by_label("Say what you want, or answer").fill("Tell me")
    page.keyboard.press("Enter")
    said = page.locator("#talk .words .text")
    expect(said).to_have_text("Warm ")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    page.get_by_label("Say what you want, or answer").fill("And then this")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 queued")).to_be_visible()
    context.set_offline(True)
    context.set_offline(False)
    model.may.set()
    shown = f"Warm {HOSTILE} kiln.".replace("\u202e", "\\u202e")
    expect(said.first).to_have_text(shown)
    page.reload()
    expect(said.first).to_have_text(shown)
    assert page.locator("#talk img").count() == 0
    context.close()
    assert [one for one in wrong if "ERR_INTERNET_DISCONNECTED" not in one] == []


def test_a_stream_that_was_lost_is_told_what_it_missed(speaking: Served, model: Model) -> None:
    with speaking.somebody() as visitor:
        cursor = visitor.page("/chat").partition('data-cursor="')[2].partition('"')[0]
        say(visitor, "Tell me")
        model.may.set()
        until(visitor, "kiln.")
        pieces = _pieces(visitor, cursor, "outcome")
        words = "".join(one["text"] for one in pieces if one["kind"] == "words")
        assert words == f"Warm {HOSTILE} kiln.".replace("\u202e", "\\u202e")
        assert pieces[0]["kind"] == "person"
        middle = f"{cursor.partition('.')[0]}.4"
        assert len(_pieces(visitor, middle, "outcome")) == len(pieces) - 4
        for lost in ("", "x.1", f"{cursor.partition('.')[0]}.x", "9" * 40):
            assert [one["kind"] for one in _pieces(visitor, lost, "again")] == ["again"]


def _pieces(visitor: Visitor, cursor: str, last: str) -> list[dict[str, Any]]:
    """What a stream tells from a cursor up to a piece of this kind."""
    found: list[dict[str, Any]] = []
    with visitor.stream("GET", "/chat/events", params={"after": cursor}) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line.removeprefix("data: ")))
                if found[-1]["kind"] == last:
                    break
    return found


def test_a_conversation_keeps_to_the_workspace_it_was_begun_in(tmp_path: Path) -> None:
    with served(tmp_path, settings(), Choices(now=NOW)) as site, site.somebody() as visitor:
        visitor.submit("/calendar/read")
        wait_for(visitor, "/chat", "Harbour Coffee</option>")
        assert visitor.submit("/chat/new", workspace="12").headers["location"] == "/chat"
        assert "Keeps to Harbour Coffee" in visitor.page("/chat")
        visitor.submit("/chat", text='Draft "New mugs are in." for LinkedIn')
        page = until(visitor, "No account for LinkedIn is connected there")
        assert "Keeps to Harbour Coffee" in page and "applied   CreatePost" not in page
        visitor.submit("/chat/new")
        assert "Keeps to" not in visitor.page("/chat")
        assert visitor.submit("/chat/new", workspace="../x").status_code == 409


def test_a_key_of_ones_own_is_not_kept(speaking: Served) -> None:
    with speaking.somebody() as visitor:
        visitor.submit("/chat", text="Post key-of-this-person")
        page = until(visitor, "The goal holds one of your own keys.")
        assert "key-of-this-person" not in page
        refusal = visitor.submit("/runs", goal="Post key-of-this-person").text
        assert "one of your own keys" in refusal and "key-of-this-person" not in refusal


@pytest.mark.slow
def test_stopping_is_at_once(speaking: Served, model: Model) -> None:
    with speaking.somebody() as visitor:
        say(visitor, "Tell me")
        assert model.asked.wait(PATIENCE_S)
        assert "Working" in visitor.page("/chat/state")
        began = time.monotonic()
        visitor.submit("/chat/stop")
        assert time.monotonic() - began < 3
        page = visitor.page("/chat")
        assert "stopped · /continue goes on with it" in page and "Go on" in page
