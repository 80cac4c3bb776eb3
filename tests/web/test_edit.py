"""Writing in the pages: drafts, posts and cards, judged as they are typed and saved through the gate."""

import io
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from agent.assembly import Choices
from agent.gate.decisions import Person
from agent.journal.ledger import Item
from agent.journal.store import open_store
from agent.sandbox.state import State
from tests.house import NOW, Home, call, finish, home_in, settings
from tests.web.aside import aside
from tests.web.serving import Served, Visitor, served

VIEWER = Person("vera", "viewer", "web")
FERN, LINKEDIN, X = 11, 101, 102


@dataclass
class Made:
    """Numbers of the queue that the home begins with."""

    card: int
    draft: int
    reply: int
    several: int


async def _fill(folder: Path) -> Made:
    async with home_in(folder) as home:
        accounts = await _accounts(home)
        run = await home.run(
            'Draft "We open at nine." for LinkedIn and X and schedule it for 1 December at 9:00',
            [
                [call("draft_post", workspace_id=FERN, accounts=accounts, text="We open at nine.")],
                [call("schedule_post", post=1023, at="2026-12-01 09:00")],
                finish(),
            ],
        )
        left = await home.run(
            'Draft "New mugs are in." for LinkedIn and X',
            [[call("draft_post", workspace_id=FERN, accounts=accounts, text="New mugs are in.")], finish()],
        )
        reply = await home.run(
            "Answer comment 5010",
            [[call("reply_to_comment", comment=5010, text="They do, on the top rack.")], finish()],
        )
        several = await home.run("Delete posts 1004 and 1005", [[call("delete_posts", posts=[1004, 1005])], finish()])
        return Made(
            next(iter(run.state.cards)),
            next(iter(left.state.drafts)),
            next(iter(reply.state.cards)),
            next(iter(several.state.cards)),
        )


async def _accounts(home: Home) -> list[int]:
    return [LINKEDIN, X]


@dataclass
class Shop:
    """A served home, and somebody who edits."""

    site: Served
    made: Made
    visitor: Visitor

    def fields(self, path: str) -> dict[str, Any]:
        """What the form of a page holds."""
        return form_of(self.visitor.page(path))

    def send(self, path: str, fields: dict[str, Any], **changes: Any) -> httpx.Response:
        return self.visitor.post(path, data={**fields, **changes})

    def follow(self, answer: httpx.Response) -> str:
        """The page that an action leads to."""
        assert answer.status_code == 303, text_of(answer.text)
        return text_of(self.visitor.page(answer.headers["location"]))


def form_of(html: str) -> dict[str, Any]:
    """The fields of the editor's form as a browser would send them."""
    found: dict[str, Any] = {}
    body = html[html.index('id="editor"') :]
    for tag in re.findall(r"<input\b[^>]*>", body):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind, name = attributes.get("type", "text"), attributes.get("name")
        ticked = re.search(r"\schecked\b", tag) is not None
        if not name or kind == "file" or (kind in {"checkbox", "radio"} and not ticked):
            continue
        found.setdefault(name, []).append(unescape(attributes.get("value", "")))
    for name, text in re.findall(r'<textarea\b[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', body, re.DOTALL):
        found.setdefault(name, []).append(unescape(text))
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found.setdefault(name, []).append(unescape(chosen[1]) if chosen else "")
    return found


def text_of(html: str) -> str:
    """What is read of a page, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    home = tmp_path_factory.mktemp("home")
    made = aside(lambda: _fill(home))
    with served(home, settings(), Choices(now=NOW)) as site, site.somebody() as visitor:
        yield Shop(site, made, visitor)


def effects(shop: Shop) -> list[dict[str, Any]]:
    """The sandbox's own log of accepted writes."""
    return State.open(shop.site.home / "runs" / "sandbox.db").effects()


def queue(shop: Shop) -> list[Item]:
    with closing(open_store(shop.site.home)) as store:
        return store.ledger.items()


def new_draft(shop: Shop, text: str, **changes: Any) -> tuple[int, int]:
    """A draft of its own for a test: its number in the queue and its post."""
    fields = {"workspace": FERN, "account": [LINKEDIN, X], "text": text, "when": "keep", **changes}
    page = shop.follow(shop.send("/compose/save", {**fields, "token": shop.visitor.token(), "do": "save"}))
    found = re.search(r"Edit post (\d+)", page)
    assert found is not None, page
    post = int(found[1])
    return next(one.number for one in queue(shop) if one.kind == "draft" and f"draft {post}" in one.title), post


# -- looking and checking ----------------------------------------------------------------------------------------------


def test_a_card_is_shown_with_its_words_time_and_accounts(shop: Shop) -> None:
    fields = shop.fields(f"/edit/{shop.made.card}")
    assert fields["text"] == ["We open at nine."]
    assert fields["account"] == [str(LINKEDIN), str(X)]
    assert (fields["when"], fields["at"]) == (["at"], ["2026-12-01T09:00"])


def test_what_is_typed_is_counted_and_judged_and_nothing_is_sent(shop: Shop) -> None:
    path = f"/edit/{shop.made.draft}"
    before = effects(shop)
    fields = {**shop.fields(path), "text": "long " * 70, f"variant_{X}": "short"}
    answer = shop.visitor.post(f"{path}/check", data=fields, headers={"HX-Request": "true"})
    said = text_of(answer.text)
    assert "<html" not in answer.text
    assert "5 / 280" in said
    assert "350 / 3000" in said
    too_long = shop.visitor.post(f"{path}/check", data={**fields, f"variant_{X}": ""}, headers={"HX-Request": "true"})
    assert "350 of 280 on X, 70 too many" in text_of(too_long.text)
    assert effects(shop) == before


def test_a_check_without_javascript_is_the_whole_page_with_everything_typed(shop: Shop) -> None:
    fields = {
        **shop.fields("/compose"),
        "workspace": FERN,
        "account": [X],
        "text": "Half a thou",
        "part": ["One", "Two"],
    }
    html = shop.send("/compose/check", fields).text
    assert "<html" in html
    shown = form_of(html)
    assert (shown["text"], shown["part"], shown["account"]) == (["Half a thou"], ["One", "Two"], [str(X)])
    assert "11 / 280" in text_of(html)


def test_a_part_is_added_and_a_second_draft_offered_where_a_network_has_no_own_text(shop: Shop) -> None:
    fields = {**shop.fields("/compose"), "workspace": FERN, "account": [LINKEDIN, X], "text": "Both."}
    assert form_of(shop.send("/compose/check", fields, do="part").text)["part"] == [""]
    assert "LinkedIn has no text of its own" in text_of(shop.visitor.page("/compose"))
    second = form_of(shop.send("/compose/check", fields, do=f"second:{LINKEDIN}").text)
    assert (second["account"], second["text"]) == ([str(LINKEDIN)], ["Both."])


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("2026-12-03T09:00", "Thu 3 Dec 2026 09:00 CET (Europe/Berlin) Thu 3 Dec 2026 03:00 EST for you"),
        ("2027-03-28T02:30", "02:30 does not exist on 28 March 2027 in Europe/Berlin"),
        ("2027-10-31T02:30", "02:30 comes twice on 31 October 2027 in Europe/Berlin"),
        ("2027-03-30T09:00", "Clocks change in Europe/Berlin before then"),
        ("2026-02-31T09:00", "There is no such day or time."),
        ("", "Choose a day and a time."),
    ],
)
def test_a_time_is_told_in_both_zones_with_what_clocks_do(shop: Shop, at: str, says: str) -> None:
    shop.visitor.cookies.set("psa_zone", "America/New_York")
    path = f"/edit/{shop.made.draft}"
    answer = shop.send(f"{path}/check", {**shop.fields(path), "when": "at", "at": at})
    assert says in text_of(answer.text)


def test_a_time_that_a_clock_change_leaves_out_can_be_swapped_for_one_that_exists(shop: Shop) -> None:
    path = f"/edit/{shop.made.draft}"
    fields = {**shop.fields(path), "when": "at", "at": "2027-03-28T02:30"}
    html = shop.send(f"{path}/check", fields).text
    choices = re.findall(r'name="at_instead" value="([^"]+)"', html)
    assert choices == ["2027-03-28T01:30", "2027-03-28T03:30"]
    swapped = form_of(shop.send(f"{path}/check", fields, at_instead=choices[1]).text)
    assert swapped["at"] == ["2027-03-28T03:30"]


# -- saving ------------------------------------------------------------------------------------------------------------


def test_a_draft_is_saved_at_once_with_all_that_was_written(shop: Shop) -> None:
    number, post = new_draft(shop, "First words.")
    path = f"/edit/{number}"
    fields = {**shop.fields(path), "text": "Second words.", f"variant_{X}": "Second, on X.", "first_comment": "Below."}
    page = shop.follow(shop.send(f"{path}/save", fields, do="save"))
    assert f"Edit draft {post}" in page and "Schedule or publish it" in page
    sent = effects(shop)[-1]
    assert (sent["operation"], sent["body"]["content"][0]["text"]) == ("UpdatePost", "Second words.")
    shown = shop.fields(path)
    assert (shown["text"], shown[f"variant_{X}"], shown["first_comment"]) == (
        ["Second words."],
        ["Second, on X."],
        ["Below."],
    )
    versions = shop.visitor.page(f"{path}/versions")
    assert "<del>First</del><ins>Second</ins> words." in versions


def test_nothing_changed_is_said_and_not_sent(shop: Shop) -> None:
    number, _ = new_draft(shop, "As it was.")
    before = effects(shop)
    answer = shop.send(f"/edit/{number}/save", shop.fields(f"/edit/{number}"), do="save")
    assert answer.status_code == 409
    assert "Nothing was changed." in text_of(answer.text)
    assert effects(shop) == before


def test_a_draft_with_a_time_waits_as_a_card_or_goes_by_the_same_click(shop: Shop) -> None:
    number, post = new_draft(shop, "Later, waiting.")
    fields = {**shop.fields(f"/edit/{number}"), "when": "at", "at": "2026-12-02T10:00"}
    page = shop.follow(shop.send(f"/edit/{number}/save", fields, do="save"))
    assert "It waits until somebody approves it." in page
    assert "Schedule on LinkedIn (Fern & Clay), X (Fern & Clay) for Wed 2 Dec 2026 10:00" in page
    other, post = new_draft(shop, "Later, at once: a quite different sentence.")
    fields = {**shop.fields(f"/edit/{other}"), "when": "at", "at": "2026-12-04T10:00"}
    page = shop.follow(shop.send(f"/edit/{other}/save", fields, do="approve"))
    assert "applied" in page
    assert effects(shop)[-1]["body"]["schedule_for"]["date"] == "2026-12-04"
    gone = shop.visitor.get(f"/edit/{other}")
    assert gone.status_code == 409
    assert shop.fields(f"/posts/{post}/edit")["at"] == ["2026-12-04T10:00"]


def test_a_draft_that_may_not_go_out_is_saved_all_the_same(shop: Shop) -> None:
    fields = {"workspace": FERN, "account": [X], "text": "Too late for this.", "when": "at", "at": "2026-11-20T09:00"}
    page = shop.follow(shop.send("/compose/save", {**fields, "token": shop.visitor.token(), "do": "approve"}))
    assert "The time lies in the past." in page
    assert "saved Draft on X" in page or "Draft on X (Fern & Clay)" in page
    assert effects(shop)[-1]["operation"] == "CreatePost"


def test_a_card_is_approved_with_what_it_was_changed_to(shop: Shop) -> None:
    path = f"/edit/{shop.made.card}"
    later = {**shop.fields(path), "text": "We open at ten.", "at": "2026-12-01T10:00", "do": "save"}
    page = shop.follow(shop.send(f"{path}/save", later))
    found = re.search(r"The change waits as card (\d+)", page)
    assert found is not None, page
    assert shop.visitor.get(path).status_code == 409
    card = int(found[1])
    fields = {**shop.fields(f"/edit/{card}"), "text": "We open at ten, with coffee."}
    assert fields["at"] == ["2026-12-01T10:00"]
    page = shop.follow(shop.send(f"/edit/{card}/save", fields, do="approve"))
    assert "is approved with the new text" in page
    sent = effects(shop)[-1]["body"]
    assert sent["content"][0]["text"] == "We open at ten, with coffee."
    assert sent["schedule_for"]["time"] == "10:00"


def test_a_reply_is_edited_and_approved(shop: Shop) -> None:
    path = f"/edit/{shop.made.reply}"
    html = shop.visitor.page(path)
    assert "/ 2200" in text_of(html) or " / " in text_of(html)
    empty = shop.send(f"{path}/save", form_of(html), text="  ", do="approve")
    assert "A reply needs a text." in text_of(empty.text)
    later = shop.follow(shop.send(f"{path}/save", form_of(html), text="They do: the top rack is best.", do="save"))
    card = re.search(r"waits as card (\d+)", later)
    assert card is not None, later
    assert "<ins>" in shop.visitor.page(f"/edit/{card[1]}/versions")
    fields = shop.fields(f"/edit/{card[1]}")
    shop.follow(shop.send(f"/edit/{card[1]}/save", fields, text="They do, on top.", do="approve"))
    assert effects(shop)[-1]["body"]["content"] == "They do, on top."


def test_a_post_that_was_changed_meanwhile_is_put_together_and_nothing_typed_is_lost(shop: Shop) -> None:
    number, _ = new_draft(shop, "The old words of both.")
    path = f"/edit/{number}"
    stale = shop.fields(path)
    other = {**shop.fields(path), "text": "The other words of both.", "first_comment": "From the other."}
    shop.follow(shop.send(f"{path}/save", other, do="save"))
    answer = shop.send(f"{path}/save", {**stale, "text": "My words of both."}, do="save")
    said = text_of(answer.text)
    assert answer.status_code == 409
    assert "was changed meanwhile" in said
    assert "Both changed: text" in said
    assert "Taken over, since you had not touched it: first comment." in said
    assert "<ins>other</ins>" in answer.text
    fields = form_of(answer.text)
    assert (fields["text"], fields["first_comment"]) == (["My words of both."], ["From the other."])
    shop.follow(shop.send(f"{path}/save", fields, do="save"))
    assert effects(shop)[-1]["body"]["content"][0]["text"] == "My words of both."


def test_words_on_a_card_whose_post_was_changed_behind_it_are_put_over_the_post_as_it_stands(shop: Shop) -> None:
    number, post = new_draft(shop, "Before anybody looked.")
    planned = {**shop.fields(f"/edit/{number}"), "when": "at", "at": "2026-12-09T11:00"}
    page = shop.follow(shop.send(f"/edit/{number}/save", planned, do="save"))
    card = re.search(r"Card (\d+)", page)
    assert card is not None
    fields = shop.fields(f"/edit/{card[1]}")
    State.open(shop.site.home / "runs" / "sandbox.db").edit_behind(post, "Somebody else was faster.")
    answer = shop.send(f"/edit/{card[1]}/save", fields, text="Before anybody looked, twice.", do="approve")
    html = shop.visitor.page(answer.headers["location"])
    assert f"post {post} was changed after the card was made" in text_of(html)
    kept: dict[str, Any] = {}
    for name, value in re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html[html.index("/edit/check") :]
    ):
        kept.setdefault(name, []).append(unescape(value))
    again = shop.send(f"/posts/{post}/edit/check", kept, do="keep")
    assert "<del>Somebody else was faster</del>" in again.text
    shop.follow(shop.send(f"/posts/{post}/edit/save", form_of(again.text), do="save"))
    assert effects(shop)[-1]["body"]["content"][0]["text"] == "Before anybody looked, twice."
    versions = text_of(shop.visitor.page(f"/posts/{post}/edit/versions"))
    assert f"edited by olive on card {card[1]}" in versions
    assert versions.count("Somebody else was faster") == 2, "it came in once, and went once"


def test_what_was_typed_into_a_card_that_is_decided_meanwhile_becomes_a_draft(shop: Shop) -> None:
    number, _ = new_draft(shop, "Decided elsewhere in the meantime.")
    page = shop.follow(
        shop.send(
            f"/edit/{number}/save",
            {**shop.fields(f"/edit/{number}"), "when": "at", "at": "2026-12-08T11:00"},
            do="save",
        )
    )
    card = re.search(r"Card (\d+)", page)
    assert card is not None
    path = f"/edit/{card[1]}"
    fields = shop.fields(path)
    shop.follow(shop.send(f"{path}/save", fields, text="Decided here first, in this window.", do="approve"))
    late = shop.send(f"{path}/save", fields, text="Typed too <b>late</b>.", do="approve")
    assert late.status_code == 409
    assert "Typed too <b>late</b>." in unescape(late.text)
    html = late.text
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html[html.index("/compose/check") :])
    kept: dict[str, Any] = {}
    for name, value in hidden:
        kept.setdefault(name, []).append(unescape(value))
    again = form_of(shop.send("/compose/check", {**kept, "token": shop.visitor.token()}, do="keep").text)
    assert again["text"] == ["Typed too <b>late</b>."]
    assert again["account"] == [str(LINKEDIN), str(X)]


def test_a_scheduled_post_is_read_then_changed_by_one_card(shop: Shop) -> None:
    with shop.site.somebody() as visitor:
        unread = visitor.page("/posts/1018/edit")
        assert "Read it from the sandbox" in text_of(unread)
        assert visitor.submit("/posts/1018/read").headers["location"] == "/posts/1018/edit"
    fields = shop.fields("/posts/1018/edit")
    assert fields["when"] == ["at"]
    fields |= {"text": "A new text for what is scheduled.", "at": fields["at"][0].replace("T", "T")}
    page = shop.follow(shop.send("/posts/1018/edit/save", fields, do="save"))
    assert "It waits until somebody approves it." in page


# -- files -------------------------------------------------------------------------------------------------------------


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (1200, 900), "olive").save(made, "PNG")
    return made.getvalue()


def test_a_picture_is_uploaded_and_attached_and_what_is_typed_stays(shop: Shop) -> None:
    fields = {"workspace": FERN, "account": [X], "text": "With a picture.", "token": shop.visitor.token()}
    files = {"file": ("../../my mug.png", picture(), "image/png")}
    answer = shop.visitor.post("/compose/upload", data=fields, files=files)
    assert answer.status_code == 200, text_of(answer.text)
    shown = form_of(answer.text)
    assert shown["text"] == ["With a picture."]
    assert len(shown["media"]) == 1
    kept = [path.name for path in (shop.site.home / "uploads").iterdir()]
    assert len(kept) == 1
    assert re.fullmatch(r"my-mug-[0-9a-f]{8}\.png", kept[0])
    page = shop.follow(shop.send("/compose/save", {**shown, "account": [X], "do": "save"}))
    assert "Draft on X" in page
    assert "which is not known" not in page, "what was uploaded from here tells its kind"
    assert effects(shop)[-1]["body"]["content"][0]["media"] == [int(shown["media"][0])]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("page.png", b"<html><script>alert(1)</script>", "is no picture or video"),
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no picture or video"),
        ("cut.png", b"\x89PNG\r\n\x1a\n broken", "cannot be read as a picture"),
        ("empty.png", b"", "is no picture or video"),
    ],
)
def test_what_is_no_picture_is_refused_and_not_kept(shop: Shop, name: str, data: bytes, says: str) -> None:
    before = effects(shop)
    fields = {"workspace": FERN, "text": "Still here.", "token": shop.visitor.token()}
    answer = shop.visitor.post("/compose/upload", data=fields, files={"file": (name, data, "image/png")})
    assert answer.status_code == 409
    assert says in text_of(answer.text)
    assert form_of(answer.text)["text"] == ["Still here."]
    assert effects(shop) == before
    assert not list((shop.site.home / "uploads").glob(".*"))


def test_the_library_and_the_labels_are_read_when_asked_for(shop: Shop) -> None:
    answer = shop.send("/compose/library", {"workspace": FERN, "token": shop.visitor.token()})
    assert "spring-mugs.jpg" in answer.text
    assert re.search(r'name="label" value="\d+"', answer.text)


# -- who may, and what is wrong ----------------------------------------------------------------------------------------


def test_a_viewer_looks_and_changes_nothing(shop: Shop) -> None:
    with shop.site.somebody(VIEWER) as viewer:
        html = viewer.page(f"/edit/{shop.made.draft}")
        assert "Changing it needs the role editor" in text_of(html)
        assert '<fieldset class="bare column" disabled' in html
        for path in ("check", "save", "upload", "library"):
            assert viewer.submit(f"/edit/{shop.made.draft}/{path}", text="x").status_code == 409
        assert viewer.get("/compose").status_code == 409
        assert viewer.submit("/posts/1001/read").status_code == 409


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/edit/999", 409, "There is no 999 in the queue."),
        ("/edit/nine", 404, "There is no such page."),
        ("/edit/99999999999999999999", 404, "There is no such page."),
        ("/posts/0x10/edit", 404, "There is no such page."),
        ("/posts/424242/edit", 200, "No run of this home has read this post"),
        ("/saved/r999", 409, "There is no run r999"),
        ("/saved/r1?card=x", 200, "What came of it"),
    ],
)
def test_wrong_addresses_are_told_plainly(shop: Shop, path: str, status: int, says: str) -> None:
    answer = shop.visitor.get(path)
    assert answer.status_code == status
    assert says in text_of(answer.text)


def test_a_card_over_deletions_has_no_text(shop: Shop) -> None:
    answer = shop.visitor.get(f"/edit/{shop.made.several}")
    assert answer.status_code == 409
    assert "no one text" in text_of(answer.text)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"account": ["x"]}, "is no account"),
        ({"account": ["-5"]}, "is no account"),
        ({"account": ["424242"]}, "There is no account 424242"),
        ({"account": []}, "Choose at least one account."),
        ({"workspace": "12"}, "A post stays in its workspace"),
        ({"media": ["javascript:alert(1)"]}, "is no file"),
        ({"label": ["1e9"]}, "is no label"),
        ({"when": "never"}, "That is no time to send a post."),
        ({"text": "", "media": []}, "A post needs a text or media."),
        ({"text": "x" * 70_000}, "where 65535 are taken"),
        ({"part": ["x"] * 51}, "takes 50 of these"),
        ({f"set_{LINKEDIN}_visibility": "EVERYONE"}, "visibility"),
    ],
)
def test_wrong_input_is_told_and_sends_nothing(shop: Shop, changes: dict[str, Any], says: str) -> None:
    before, path = effects(shop), f"/edit/{shop.made.draft}"
    answer = shop.send(f"{path}/save", {**shop.fields(path), "text": "Changed a little.", "do": "save", **changes})
    assert answer.status_code == 409, text_of(answer.text)
    assert says in text_of(answer.text)
    assert effects(shop) == before


def test_hidden_and_hostile_signs_are_shown_and_kept_as_they_are(shop: Shop) -> None:
    hostile = "<script>alert(1)</script> \u202eevil\u202c zero\u200bwidth \U0001f468\u200d\U0001f469 </textarea><b>x"
    path = f"/edit/{shop.made.draft}"
    html = shop.send(f"{path}/check", {**shop.fields(path), "text": hostile}).text
    assert "<script>alert" not in html
    assert form_of(html)["text"] == [hostile]
    assert "\\u202eevil\\u202c zero\\u200bwidth" in html


def test_a_form_that_was_tampered_with_is_taken_as_a_new_one(shop: Shop) -> None:
    number, _ = new_draft(shop, "Tampered with, some words.")
    fields = shop.fields(f"/edit/{number}")
    for base in ("[", "{}", "null", "[1,2]", '{"text":1}', "9" * 400):
        answer = shop.send(f"/edit/{number}/check", {**fields, "base": base})
        assert answer.status_code == 200


def test_everything_stopped_keeps_what_was_typed(shop: Shop) -> None:
    shop.visitor.submit("/stop")
    try:
        fields = {"workspace": FERN, "account": [X], "text": "While stopped.", "token": shop.visitor.token()}
        answer = shop.send("/compose/save", fields, do="save")
        assert answer.status_code == 409
        assert form_of(answer.text)["text"] == ["While stopped."]
    finally:
        shop.visitor.submit("/resume-all")
