"""Runs in the browser: the list and its pages, one run step by step and live, and what a person does about it."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from agent.gate.decisions import Person
from agent.journal import records as r
from agent.journal.lease import lease
from agent.journal.run import Run
from agent.journal.store import open_store
from agent.web.pages.runs import PAGE
from tests.web.serving import PATIENCE_S, Served, served

#: From a record's writing to the screen.
SOON_S = 0.3
HOSTILE = '<script>alert(1)</script> \u202egnp.exe "]) {{ 7 * 7 }} <!--' + "x" * 10_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("home")) as running:
        yield running


@dataclass
class Elsewhere:
    """A run that another process works on."""

    run: Run

    @classmethod
    def begin(cls, site: Served, goal: str, mode: str = "attended", **more: object) -> "Elsewhere":
        house = site.site.house
        values = {"service": house.service, "sandbox": True, "model": "m", "policy": "p", "prompts": "q", "who": "ana"}
        opened = r.Opened.model_validate({**values, "mode": mode, "limits": r.Limits(), **more})
        run = Run.open(open_store(site.home), house.clock, opened)
        return cls(run).add(r.Goal(number=1, text=goal, by="ana"))

    def add(self, *records: r.AnyRecord) -> "Elsewhere":
        self.run.add(*records)
        self.run.flush()
        return self

    def turn(self, *calls: r.ToolCall, text: str = "") -> "Elsewhere":
        number = len(self.run.state.turns) + 1
        self.add(r.Reserved(turn=number, tokens=10, money=0), r.Turn(turn=number, reply="{}", text=text, calls=calls))
        return self

    def close(self) -> None:
        self.run.store.close()  # type: ignore[attr-defined]  # it is a file


def test_a_goal_is_begun_and_shown(site: Served) -> None:
    with site.somebody() as visitor:
        answer = visitor.submit("/runs", goal='Draft "We open at nine on Saturday." for LinkedIn and X')
        assert answer.status_code == 303
        place = answer.headers["location"]
        page = _rested(site, place)
        assert "done" in page and "→ 1023" in page and "draft_post" in page
        assert "2 of 40" in page
        report = visitor.page(f"{place}/report")
        assert "What was done" in report and "We open at nine on Saturday." in report
        run = place.rpartition("/")[2]
        lines = visitor.get(f"{place}/journal.jsonl")
        assert "attachment" in lines.headers["content-disposition"]
        assert lines.text.splitlines() == (site.home / "runs" / run / "journal.jsonl").read_text().splitlines()
        assert visitor.get(f"{place}/report.md").text == (site.home / "runs" / run / "report.md").read_text()


def _rested(site: Served, place: str) -> str:
    until = time.monotonic() + PATIENCE_S
    with site.somebody() as visitor:
        while "Stop this run" in (page := visitor.page(place)):
            assert time.monotonic() < until, page
            time.sleep(0.05)
    return page


def test_what_was_done_is_undone_by_cards(site: Served) -> None:
    with site.somebody() as visitor:
        place = visitor.submit("/runs", goal='Draft "To be undone." for LinkedIn').headers["location"]
        _rested(site, place)
        answer = visitor.submit(f"{place}/undo")
        assert answer.status_code == 303
        page = visitor.page(answer.headers["location"])
        assert "To take it back: card" in page
        assert "Delete" in page and "/review/" in page
        nothing = visitor.submit("/runs", goal="Show the drafts").headers["location"]
        _rested(site, nothing)
        visitor.submit(f"{nothing}/undo")
        assert "changed nothing in PostSyncer" in visitor.page(nothing)


@pytest.mark.parametrize(
    ("goal", "says"),
    [("", "The goal is empty."), ("  \n ", "The goal is empty."), ("x" * 20_001, "The goal has 20001 characters")],
)
def test_a_goal_that_is_none_opens_no_run(site: Served, goal: str, says: str) -> None:
    with site.somebody() as visitor:
        before = visitor.page("/runs?show=all").count("run-row")
        answer = visitor.submit("/runs", goal=goal)
        assert answer.status_code == 409
        assert says in answer.text
        assert visitor.page("/runs?show=all").count("run-row") == before


@pytest.mark.parametrize("path", ["/runs/r9999999", "/runs/x", "/runs/r-1", "/runs/r٣", "/runs/r1/records/999999"])
def test_what_is_not_there_is_said(site: Served, path: str) -> None:
    with site.somebody() as visitor:
        answer = visitor.get(path)
        assert answer.status_code == 404
        assert "There is no such page." in answer.text
        for action in ("stop", "resume", "undo"):
            assert visitor.submit(f"{path}/{action}").status_code == 404


@pytest.mark.parametrize("query", ["before=x", "before=-1", "show=nothing&before=1e9"])
def test_a_wrong_page_of_the_list_is_told(site: Served, query: str) -> None:
    with site.somebody() as visitor:
        answer = visitor.get(f"/runs?{query}")
        assert answer.status_code == 409
        assert "is no number" in answer.text


def test_a_viewer_looks_and_does_nothing(site: Served) -> None:
    other = Elsewhere.begin(site, "Look at me")
    with site.somebody(Person("vera", "viewer", "web")) as visitor:
        assert "Run a goal" not in visitor.page("/runs")
        page = visitor.page(f"/runs/{other.run.id}")
        assert "Look at me" in page and "/resume" not in page
        for action in ("", f"/{other.run.id}/stop", f"/{other.run.id}/resume", f"/{other.run.id}/undo"):
            answer = visitor.submit(f"/runs{action}", goal="Draft it")
            assert answer.status_code == 409
            assert "needs the role editor" in answer.text
    other.close()


def test_the_words_of_strangers_stay_words(site: Served) -> None:
    other = Elsewhere.begin(site, HOSTILE)
    call = r.ToolCall(id="1", name="draft_post", arguments=json.dumps({"text": HOSTILE}))
    other.turn(call, text=HOSTILE).add(r.Answered(turn=1, call=0, text=HOSTILE), r.GaveUp(says=HOSTILE))
    with site.somebody() as visitor:
        for path in ("", "/report", "/records", f"/records/{other.run.state.seq}"):
            page = visitor.page(f"/runs/{other.run.id}{path}")
            assert "<script>alert" not in page
            assert "\u202e" not in page
        assert "\u202e" not in visitor.page("/runs")
        shown = visitor.page(f"/runs/{other.run.id}")
        assert "\\u202egnp.exe" in shown and "{{ 7 * 7 }}" in shown
    other.close()


@pytest.mark.slow
def test_a_run_that_broke_off_goes_on_and_one_that_moves_can_be_stopped(site: Served) -> None:
    other = Elsewhere.begin(site, "Show the drafts")
    place = f"/runs/{other.run.id}"
    with site.somebody() as visitor:
        assert "broken off" in visitor.page(place)
        with lease(other.run.store, other.run.id):
            page = visitor.page(place)
            assert "working" in page and "worked on by process" in page
            answer = visitor.submit(f"{place}/resume")
            assert answer.status_code == 409
            assert "is being worked on by process" in answer.text
            assert visitor.submit(f"{place}/stop").status_code == 303
            other.run.catch_up()
            assert other.run.state.stopped is not None
        assert "Stopped by olive: stopped in the browser" in _rested(site, place)
        assert visitor.submit(f"{place}/stop").status_code == 409
        assert visitor.submit(f"{place}/resume").status_code == 303
        page = _rested(site, place)
        assert "done" in page and "Stopped by" not in page
        assert "is unfinished" in visitor.submit(f"{place}/resume").text
    other.close()


def test_a_run_of_another_service_is_only_looked_at(site: Served) -> None:
    other = Elsewhere.begin(site, "Elsewhere", service="https://elsewhere.example/api/v1")
    with site.somebody() as visitor:
        page = visitor.page(f"/runs/{other.run.id}")
        assert "It can only be looked at." in page
        for action in ("resume", "undo"):
            answer = visitor.submit(f"/runs/{other.run.id}/{action}")
            assert answer.status_code == 409
            assert "belongs to https://elsewhere.example" in answer.text
    other.close()


def test_the_list_is_paged_narrowed_and_searched(tmp_path: Path) -> None:
    with served(tmp_path) as site, site.somebody() as visitor:
        assert "No runs yet." in visitor.page("/runs")
        for number in range(PAGE + 2):
            one = Elsewhere.begin(site, f"Goal {number} of 100%", mode="person" if number == 7 else "attended")
            one.add(r.Closed(outcome="done" if number % 2 else "held"))
            one.close()
        first = visitor.page("/runs")
        assert f"Goal {PAGE + 1} of" in first and "Goal 0 of" not in first and "Goal 7 of" not in first
        older = visitor.page("/runs?show=goals&before=2")
        assert "Goal 0 of" in older and "Goal 1 of" not in older and "Newest" in older
        assert "Goal 7 of" in visitor.page("/runs?show=own")
        waiting = visitor.page("/runs?show=waiting")
        assert "Goal 8 of" in waiting and "Goal 9 of" not in waiting
        assert "Goal 12 of" in visitor.page("/runs?words=12+OF+100%25")
        assert "No run fits." in visitor.page("/runs?words=1_2")
        assert "No run fits." in visitor.page("/runs?show=unfinished")


def test_a_damaged_journal_is_told(tmp_path: Path) -> None:
    with served(tmp_path) as site, site.somebody() as visitor:
        visitor.page("/")
        with closing(sqlite3.connect(tmp_path / "runs" / "journal.db", isolation_level=None)) as db:
            db.execute("DROP TABLE items")
            db.execute("DROP TABLE runs")
        for path in ("/", "/runs"):
            answer = visitor.get(path)
            assert answer.status_code == 503
            assert "The journal cannot be read" in answer.text


def test_a_goal_begun_while_everything_is_stopped_says_so_and_goes_on_later(site: Served) -> None:
    with site.somebody() as visitor:
        visitor.submit("/stop")
        place = visitor.submit("/runs", goal="Show the drafts of today").headers["location"]
        page = visitor.page(place)
        assert "Everything is stopped" in page and "broken off" in page and "Go on" in page
        assert visitor.submit("/resume-all").headers["location"] == "/runs?show=unfinished"
        assert "Show the drafts of today" in visitor.page("/runs?show=unfinished")
        run = place.rpartition("/")[2]
        assert f'name="run" value="{run}"' in visitor.page("/runs?show=unfinished")
        answer = visitor.submit("/runs/go-on", run=[run, "r999", "../etc"])
        assert answer.headers["location"] == "/runs?show=unfinished"
        page = visitor.page("/runs?show=unfinished")
        assert "1 run goes on." in page and "r999" in page
        assert "broken off" not in _rested(site, place)
        assert "0 runs go on." in visitor.page(visitor.submit("/runs/go-on", run=run).headers["location"])


def test_a_long_run_is_shown_in_pieces(site: Served) -> None:
    other = Elsewhere.begin(site, "Read on")
    for number in range(1, 46):
        other.turn(text=f"Words of turn {number}.")
    place = f"/runs/{other.run.id}"
    with site.somebody() as visitor:
        page = visitor.page(place)
        assert "Words of turn 45." in page and "Words of turn 25." not in page and "?turns=25" in page
        assert "Words of turn 6." in visitor.page(f"{place}?turns=25")
        records = visitor.page(f"{place}/records?after=50")
        assert f'href="{place}/records/51"' in records and f'href="{place}/records/50"' not in records
        part = visitor.get(f"{place}/records/52", headers={"HX-Request": "true"}).text
        assert "&#34;kind&#34;: &#34;turn&#34;" in part and "<html" not in part
    other.close()


def test_a_run_is_followed_live(site: Served, chromium: Browser) -> None:
    other = Elsewhere.begin(site, "Follow me")
    context = chromium.new_context()
    page = context.new_page()
    page.goto(site.link())
    page.get_by_role("button", name="Log in").click()
    page.goto(f"{site.url}/runs/{other.run.id}")
    expect(page.get_by_text("broken off")).to_be_visible()
    other.turn(r.ToolCall(id="1", name="find_posts", arguments="{}"), text="Word 0.")
    page.locator("summary").first.click()
    took = []
    for number in range(1, 6):
        began = time.monotonic()
        other.turn(text=f"Word {number}.")
        page.get_by_text(f"Word {number}.").wait_for()
        took.append(time.monotonic() - began)
    expect(page.get_by_text("The model wrote")).to_be_visible()  # what was open stays open
    other.add(r.Said(goal=1, text="Done."), r.Closed(outcome="done"))
    expect(page.locator("#live .status .badge")).to_have_text("done")
    context.close()
    other.close()
    assert sorted(took)[2] < SOON_S, took
