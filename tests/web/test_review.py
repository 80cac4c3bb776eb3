"""The queue as pages: what stands there, and every decision as a plain form, by those who may."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.assembly import Choices
from agent.clock import SystemClock
from agent.gate.decisions import Person
from agent.journal.run import Run
from agent.journal.store import open_store
from agent.policy.places import in_words
from tests.house import NOW, settings
from tests.web.deciding import numbers, posts, refused, said, sent, words
from tests.web.queue_home import LONG, TAKEN
from tests.web.serving import Served, Visitor, served

VIEWER, ANA = Person("vera", "viewer", "web"), Person("ana", "editor", "web")


@pytest.fixture(scope="module")
def site(queue_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = Path(shutil.copytree(queue_made, tmp_path_factory.mktemp("home"), dirs_exist_ok=True))
    with served(home, settings(), Choices(now=NOW)) as running:
        yield running


@pytest.fixture
def olive(site: Served) -> Iterator[Visitor]:
    with site.somebody() as visitor:
        yield visitor


def test_the_most_urgent_comes_first_and_pages_follow(olive: Visitor) -> None:
    first, second = numbers(olive.page("/")), numbers(olive.page("/?page=2"))
    assert first == [4, 5, 10, 6, 9, 7, 8, 12, 1, 2] and second == [3, 11, 13]
    assert numbers(olive.page("/?page=99")) == second
    for wrong in ("/?page=-1", "/?page=x", "/?page=1e9", "/?kind=nonsense"):
        assert numbers(olive.page(wrong)) == first


def test_kinds_and_words_narrow_the_queue(olive: Visitor) -> None:
    assert numbers(olive.page("/?kind=task")) == [13]
    assert numbers(olive.page("/?q=instagram")) == [5, 6, 2]
    assert numbers(olive.page("/?kind=draft&q=Bluesky")) == [1]
    assert "Nothing here matches." in olive.page("/?q=%25_")
    other = numbers(olive.page("/?workspace=12"))
    assert other == [11, 13], "what is of no workspace that is known is in all of them"
    assert numbers(olive.page("/?workspace=11&kind=draft")) == [1, 2, 3]
    assert numbers(olive.page("/?workspace=x")) == numbers(olive.page("/"))
    assert '<option value="11" selected>' in olive.page("/?workspace=11")
    assert "&lt;b&gt;" in olive.page("/?q=<b>")


def test_every_line_of_a_card_stands_on_its_pages(site: Served, olive: Visitor) -> None:
    store = open_store(site.home)
    run = Run.load(store, "r1", SystemClock())
    store.close()
    queue = words(olive.page("/"))
    for number, view in run.state.cards.items():
        alone = words(olive.page(f"/review/{number}"))
        for line in (line for part in view.parts for line in part.shows):
            if not line.endswith(":"):
                told = " ".join(line.removeprefix("  | ").removeprefix("media: ").split())
                told = re.sub(r'(from [^:]+|made up): "(.*)"', r"\1: \2", told)
                assert told in alone and told in queue, line
        for finding in (finding for part in view.parts for finding in part.findings):
            assert in_words(finding.says) in queue
            assert in_words(finding.passes).removeprefix("a person approves the card") in queue
        assert view.card.undo in queue


def test_a_card_tells_when_where_and_whose_words(olive: Visitor) -> None:
    olive.cookies.set("psa_zone", "America/New_York")
    page = olive.page("/review/5")
    assert "Wed 2 Dec 2026 18:00 Europe/Berlin · for you Wed 2 Dec 2026 12:00 EST" in words(page)
    assert "182 of 2200 UTF-16 units" in words(page) and "Instagram shows about 125 characters" in words(page)
    assert "spring-mugs.jpg image/jpeg, 412.3 kB" in words(page) and LONG.strip() in words(page)
    assert "Only the first text changes" in words(page) and "Only the first" not in words(olive.page("/review/10"))
    olive.cookies.set("psa_zone", "Europe/Paris")
    assert "for you" not in words(olive.page("/review/5"))
    published = olive.page("/review/10")
    assert re.search(rf'<mark title="[^"]*from comment 5002">{TAKEN}</mark>', published)
    assert "As soon as you approve" in published and "origin.words" in published


def test_who_may_not_decide_sees_all_and_no_form(site: Served) -> None:
    with site.somebody(VIEWER) as vera:
        page = vera.page("/review/4")
        assert "The kiln is warm again." in page and "/review/4/approve" not in page
        assert "needs the role" in page
        assert 'action="/stop"' not in page and 'href="/chat"' not in page, "neither is for a viewer"
        for path in ("/review/4/approve", "/review/4/reject", "/review/batch/approve", "/review/1/schedule"):
            assert "needs the role editor" in refused(vera, path)
    with site.somebody(ANA) as ana:
        assert "Approve" not in words(ana.page("/review/9"))
        assert "needs the role owner" in refused(ana, "/review/9/approve", confirm="Fern & Clay Studio")


@pytest.mark.parametrize("number", ["999", "abc", "0", "-4", "4x", "9" * 30, "%C2%B2"])
def test_what_is_no_item_is_refused(olive: Visitor, number: str) -> None:
    assert olive.get(f"/review/{number}").status_code == 409
    assert olive.submit(f"/review/{number}/approve").status_code == 409


def test_an_approval_is_carried_out_once(site: Served, olive: Visitor) -> None:
    told = said(olive, "/review/4/approve", back="/review/4")
    assert "Card 4: applied." in told and "Approved by olive (web): applied" in told
    assert posts(site)[1023] == "scheduled"
    assert "already carried out, approved by olive" in refused(olive, "/review/4/approve")
    assert 4 not in numbers(olive.page("/"))


def test_what_destroys_wants_a_count_and_calls_can_be_left_out(site: Served, olive: Visitor) -> None:
    assert "needs a confirmation" in refused(olive, "/review/6/approve", parts="2", keep=["1", "2"])
    assert "needs a confirmation" in refused(olive, "/review/6/approve", parts="2", keep=["1", "2"], confirm="1")
    assert "Nothing would be left" in refused(olive, "/review/6/approve", parts="2")
    assert "is no number" in refused(olive, "/review/6/approve", parts="two", keep="1")
    assert "applied" in said(olive, "/review/6/approve", parts="2", keep="2")
    assert 1004 in posts(site) and 1005 not in posts(site)


def test_an_account_is_disconnected_by_its_name_alone(site: Served, olive: Visitor) -> None:
    assert "needs a confirmation" in refused(olive, "/review/9/approve", confirm="fern & clay")
    assert "applied" in said(olive, "/review/9/approve", confirm="Fern & Clay Studio")
    assert len(sent(site, "DeleteAccount")) == 1


def test_a_rejection_keeps_its_reason_and_may_delete_the_draft(site: Served, olive: Visitor) -> None:
    refusal = refused(olive, "/review/5/reject", reason="x" * 2001)
    assert "at most are kept" in refusal and "x" * 2001 in refusal, "what was written is given back"
    told = said(olive, "/review/5/reject", reason="not in <b>December</b>", delete="yes", back="/review/5")
    assert "Card 5 is rejected; the draft is deleted." in told and "because: not in <b>December</b>" in told
    assert 1024 not in posts(site)
    assert "rejected by olive" in refused(olive, "/review/5/reject")


def test_another_text_is_sent_at_once_or_shown_again(site: Served, olive: Visitor) -> None:
    assert "The text is empty." in refused(olive, "/review/7/edit", text=" \r\n")
    assert "Card 7: applied." in said(olive, "/review/7/edit", text="They do.\r\nEvery day.")
    assert "They do.\\nEvery day." in sent(site, "CreateComment")[0]
    answer = olive.submit("/review/8/edit", text="Shipping with guaranteed returns.")
    new = answer.headers["location"]
    assert re.fullmatch(r"/review/\d+", new) and new != "/review/8"
    assert "The new text has findings" in (page := words(olive.page(new))) and "words.topics" in page
    void = olive.page("/review/8")
    assert f'<a href="{new}">Card {new.rpartition("/")[2]}</a> took its place' in void
    assert "Void: edited by olive" in words(void) and len(sent(site, "CreateComment")) == 1
    assert "The policy denies it" in refused(olive, "/review/8/again")  # another reply to that comment waits
    said(olive, f"{new}/reject")
    again = olive.submit("/review/8/again").headers["location"]
    assert "Shipping to Ireland is 12 euros." in words(olive.page(again))


def test_a_question_is_answered_and_a_task_closed_once(olive: Visitor) -> None:
    assert "The answer is empty." in refused(olive, "/review/11/answer", text=" ")
    assert "Question 11 is answered." in said(olive, "/review/11/answer", text="The pale one")
    assert "Answered by olive: The pale one" in words(olive.page("/review/11"))
    assert "already answered" in refused(olive, "/review/11/answer", text="The dark one")
    assert "Task 13 is closed." in said(olive, "/review/13/done", how="It is there.")
    assert "already closed" in refused(olive, "/review/13/done")
    assert "is a task, not a card" in refused(olive, "/review/13/approve")


def test_a_draft_is_scheduled_through_a_card_of_its_own(site: Served, olive: Visitor) -> None:
    for at in ("", "tomorrow", "2026-12-03", "2026-12-03T09:00:00"):
        assert "Say when" in refused(olive, "/review/3/schedule", at=at)
    told = said(olive, "/review/3/schedule", at="2026-12-03T09:00")
    assert "This is what would happen." in told and "Thu 3 Dec 2026 09:00 Europe/Berlin" in told
    assert posts(site)[1025] != "scheduled"
    assert "is a card, not a draft" in refused(olive, "/review/4/publish")
    card = re.search(r'name="card" value="(\d+)" checked', olive.page("/review/3"))
    assert card is not None
    told = said(olive, "/review/3/reject", reason="not this one", card=card[1])
    assert f"Draft 3 is out of the queue; card {card[1]} is rejected." in told
    assert "Rejected by olive (web), because: not this one" in words(olive.page(f"/review/{card[1]}"))
    assert "already left the queue" in refused(olive, "/review/3/reject")


def test_a_decision_leads_nowhere_but_to_pages_of_the_queue(olive: Visitor) -> None:
    for back in ("https://evil.example/", "//evil.example/", "/logout", "/\\evil.example", "javascript:x", ""):
        answer = olive.submit("/review/10/reject" if back == "" else "/review/999/reject", back=back)
        assert answer.headers.get("location", "/") == "/"
