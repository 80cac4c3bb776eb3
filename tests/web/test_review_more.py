"""Several cards together, rewriting by the agent, a stopped home, a run that cannot be read, and hostile texts."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent.assembly import Choices
from agent.gate.decisions import Person
from agent.planner.scripted import ScriptedModel, Step
from agent.web.work import Work
from tests.house import NOW, call, finish, settings
from tests.web.deciding import numbers, posts, refused, said, sent, words
from tests.web.queue_home import make_queue
from tests.web.serving import Served, served

STUDIO = "Fern & Clay Studio"


@pytest.fixture
def site(queue_home: Path) -> Iterator[Served]:
    with served(queue_home, settings(psa_model="scripted"), Choices(now=NOW)) as running:
        yield running


def thinks(site: Served, *steps: Step) -> ScriptedModel:
    """Let the server's runs go on with a model that has a script."""
    model, house = ScriptedModel(steps), site.site.house
    site.site.planner = lambda: house.planner(model)
    site.site.work = Work(site.site.planner, house.templates, house.runs)
    return model


def test_cards_of_one_kind_are_decided_together(site: Served) -> None:
    thinks(site)
    with site.somebody() as olive:
        queue = olive.page("/")
        assert "/review/batch?number=7&amp;number=8" in queue
        together = olive.page("/review/batch?number=7&number=8")
        assert numbers(together) == [7, 8] and "They do, every day." in together and "Type" not in words(together)
        for wrong, why in (("7&number=6", "several kinds"), ("9", "a name"), ("1", "Only cards"), ("12", "approved")):
            answer = olive.get(f"/review/batch?number={wrong}")
            assert answer.status_code == 409 and why in words(answer.text), wrong
        assert "No card is selected" in words(olive.get("/review/batch").text)
        assert "cards 7, 8: applied" in said(olive, "/review/batch/approve", number=["7", "8"])
        assert len(sent(site, "CreateComment")) == 2
        assert "is done" in refused(olive, "/review/batch/approve", number=["7", "8"])


def test_deleting_together_wants_the_count_of_all_that_goes(site: Served) -> None:
    thinks(site)
    with site.somebody() as olive:
        assert "Type 2: so many things are destroyed" in words(olive.page("/review/batch?number=6"))
        for typed in ("", "1", "all", "２"):
            assert "Type 2" in refused(olive, "/review/batch/approve", number="6", confirm=typed)
        assert {1004, 1005} <= set(posts(site))
        assert "card 6: applied" in said(olive, "/review/batch/approve", number="6", confirm="2")
        assert not {1004, 1005} & set(posts(site))
        told = said(olive, "/review/batch/reject", number=["7", "8", "6"], reason="no")
        assert "cards 7, 8: rejected" in told and "card 6: Card 6 is already carried out" in told


def test_the_agent_writes_a_card_anew(site: Served) -> None:
    edits = call("edit_post", post=1023, text="The kiln is warm.")
    model = thinks(site, [edits, call("schedule_post", post=1023, at="2026-12-01 09:00")], finish())
    with site.somebody() as olive:
        assert "Say how it should be." in refused(olive, "/review/4/rewrite", wish=" ")
        answer = olive.submit("/review/4/rewrite", wish="shorter, no emoji")
        new = answer.headers["location"]
        assert new not in {"/", "/review/4"}
        page = words(olive.page(new))
        assert "The new version waits as card" in page and "The kiln is warm." in page and "@potters" not in page
        assert "Rejected by olive (web), because: shorter, no emoji" in words(olive.page("/review/4"))
        assert "no text that could be rewritten" in refused(olive, "/review/11/rewrite", wish="kinder")
        assert "is rejected" in refused(olive, "/review/4/rewrite", wish="kinder")
        assert "was disconnected" not in page and "has no text" in refused(olive, "/review/9/rewrite", wish="kinder")
    model.assert_complete()
    asked = str(model.requests[0]["messages"][-1]["content"]).partition("Goal, from olive:")[2]
    assert "Rewrite draft post 1023 as follows: shorter, no emoji" in asked
    assert "schedule post 1023 for 2026-12-01 09:00" in asked and "@potters" not in asked


def test_a_reply_and_a_draft_are_written_anew_in_their_own_run(site: Served) -> None:
    reply = [call("reply_to_comment", comment=5010, text="Yes.")]
    thinks(site, reply, finish(), [call("edit_post", post=1024, text="Mugs.")], finish())
    with site.somebody() as olive:
        olive.submit("/review/7/rewrite", wish="one word")
        assert "Yes." in words(olive.page("/?q=Reply")) and "They do, every day." not in olive.page("/?q=Reply")
        olive.submit("/review/2/rewrite", wish="one word")
        assert "Mugs." in words(olive.page("/review/2"))


def test_a_card_without_a_planner_is_written_anew_in_another_run(site: Served) -> None:
    thinks(site, finish("Nothing to do."))
    with site.somebody() as olive:
        mine = olive.submit("/review/1/schedule", at="2026-12-05T09:00").headers["location"]
        told = said(olive, f"{mine}/rewrite", wish="shorter")
        assert "The agent writes it anew in run r4" in told
        assert "Rejected by olive (web), because: shorter" in words(olive.page(mine))


def test_a_draft_that_left_meanwhile_takes_no_card_along(site: Served) -> None:
    with site.somebody() as olive:
        said(olive, "/review/1/schedule", at="2026-12-03T09:00")
        card = re.search(r'name="card" value="(\d+)" checked', olive.page("/review/1"))
        assert card is not None
        said(olive, "/review/1/reject", reason="done by hand")
        assert "already left the queue" in refused(olive, "/review/1/reject", card=card[1])
        assert "Approve" in words(olive.page(f"/review/{card[1]}"))


@pytest.mark.slow
def test_whoever_asked_does_not_approve_where_two_have_to(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("rules:\n  approval.four_eyes: {people: [ana, olive]}\n")
    make_queue(tmp_path)
    with served(tmp_path, settings(), Choices(now=NOW)) as site:
        with site.somebody(Person("ana", "owner", "web")) as ana:
            page = ana.page("/review/9")
            assert "You asked for this, so somebody else approves it." in page
            assert 'action="/review/9/approve"' not in page and 'action="/review/9/reject"' in page
            assert "approved by somebody else than ana" in refused(ana, "/review/9/approve", confirm=STUDIO)
        with site.somebody() as olive:
            assert "Card 9: applied." in said(olive, "/review/9/approve", confirm=STUDIO)


def test_a_stopped_home_records_and_sends_nothing(site: Served) -> None:
    thinks(site)
    with site.somebody() as olive:
        olive.submit("/stop")
        assert "Everything is stopped" in refused(olive, "/review/4/rewrite", wish="shorter")
        told = said(olive, "/review/4/approve", back="/review/4")
        assert "Card 4 is approved, not sent yet" in told and "Everything is stopped" in told
        assert posts(site)[1023] != "scheduled"
        assert re.search(r'<a href="/runs/(r\d+)">Run \1</a> has to go on to send it', olive.page("/review/4"))


def test_the_offline_planner_offers_no_rewriting(queue_home: Path) -> None:
    with served(queue_home, settings(), Choices(now=NOW)) as site, site.somebody() as olive:
        assert "Ask to rewrite" not in words(olive.page("/review/4"))
        assert "The offline planner cannot rewrite" in refused(olive, "/review/4/rewrite", wish="shorter")
        assert "Nothing was rejected." in refused(olive, "/review/4/rewrite", wish="shorter")
        assert 4 in numbers(olive.page("/"))


def test_a_run_that_was_tampered_with_hides_no_other(queue_home: Path) -> None:
    with closing(sqlite3.connect(queue_home / "runs" / "journal.db")) as db, db:
        db.execute("UPDATE records SET body = replace(body, 'every day', 'never') WHERE run = 'r1' AND kind = 'card'")
    with served(queue_home, settings(), Choices(now=NOW)) as site, site.somebody() as olive:
        page = olive.page("/?kind=card")
        assert numbers(page) == [4, 5, 10, 6, 9, 7, 8, 12] and "Restore runs/journal.db" in page
        assert 'action="/review/4/approve"' not in page
        assert olive.submit("/review/4/approve").status_code == 503
