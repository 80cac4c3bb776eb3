"""Standing permissions through the gate: what goes out without a card, what revokes one, what no planner can do."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.api.client import WRITE_TRIES
from agent.api.posts import UpdatePost
from agent.assembly import Seams, load_packs
from agent.errors import Conflict, Halted, SettingsError
from agent.gate.decisions import Person
from agent.journal import records as r
from agent.journal.findings import Mode
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel, Step
from agent.policy.standing import Standing, still_holds
from agent.reports.standing import standing_told
from agent.review.standing import allow, revoke
from agent.sandbox.edits import Edit
from agent.sandbox.faults import Fault
from tests.contract import assert_contract
from tests.house import NOW, Home, call, finish, home_in

pytestmark = pytest.mark.anyio

LINKEDIN, X, LABEL = 101, 102, 21
GOAL = "Draft “The kiln is warm again.” for LinkedIn and schedule it for next Tuesday 9:00"
TUESDAY = "2026-12-01 09:00"
TIPS: dict[str, Any] = {
    "name": "weekday tips",
    "accounts": [LINKEDIN],
    "label": LABEL,
    "between": ["09:00", "18:00"],
    "days": ["mon-fri"],
    "per_day": 2,
    "until": "2026-12-31",
    "signed": "Ana",
}


def given(**changes: Any) -> list[dict[str, Any]]:
    """The permission as the checker of the contract is told of it."""
    return [{**TIPS, "days": ["mon", "tue", "wed", "thu", "fri"], **changes}]


@asynccontextmanager
async def permitted(folder: Path, seams: Seams | None = None, **changes: Any) -> AsyncIterator[Home]:
    """A home whose people gave the permission."""
    (folder / "policy.yaml").write_text(json.dumps({"standing": [{**TIPS, **changes}]}), encoding="utf-8")
    async with home_in(folder, seams) as home:
        yield home


def next_post(home: Home) -> int:
    return max(int(one["id"]) for one in home.box.export()["posts"]) + 1


def steps(home: Home, *, at: str = TUESDAY, text: str = "The kiln is warm again.", **more: Any) -> list[Step]:
    """A draft with the label, and its promotion."""
    post = next_post(home)
    values = {"workspace_id": 11, "accounts": [LINKEDIN], "text": text, "labels": [LABEL], **more}
    return [[call("list_labels")], [call("draft_post", **values)], [call("schedule_post", post=post, at=at)], finish()]


async def tip(home: Home, *, mode: Mode = "attended", before: Sequence[Step] = (), **more: Any) -> Run:
    return await home.run(GOAL, [*before, *steps(home, **more)], mode=mode)


async def test_a_draft_that_fits_goes_out_without_a_card(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        run = await tip(home)
        assert home.operations() == ["CreatePost", "UpdatePost"] and not run.state.cards
        told = home.report(run)
        assert told.outcome == "done" and told.effects[1].standing == "weekday tips" and not told.effects[1].decided_by
        assert told.effects[1].title.startswith("Schedule on LinkedIn")
        assert told.standing[0].startswith("weekday tips: posts with label 21 on account 101")
        intent = run.state.effects[told.effects[1].key].intent
        assert intent.standing is not None and intent.standing.day == "2026-12-01"
        assert run.state.expected and assert_contract(home.box, home.house.store, given=given()).guarded == 1


async def test_a_permission_that_is_taken_out_of_the_file_is_gone_for_who_runs_already(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        own = tmp_path / "policy.yaml"
        own.write_text("standing: []\n", encoding="utf-8")
        os.utime(own, (NOW.timestamp(), NOW.timestamp()))
        run = await tip(home)
        assert home.operations() == ["CreatePost"] and len(run.state.open_cards) == 1
        policies = {judged.policy for judged in run.state.judged.values()}
        assert policies == {""}, "the run was opened with the new one"
        own.write_text("rules:\n  post.hashtags: {most: 1}\n", encoding="utf-8")
        os.utime(own, (NOW.timestamp() + 60, NOW.timestamp() + 60))
        run.add(r.Goal(number=2, text="Draft “And warm.” for LinkedIn", by="ana"))
        run.flush()
        draft = call("draft_post", workspace_id=11, accounts=[LINKEDIN], text="And warm.")
        await home.house.planner(ScriptedModel([[draft], finish()])).advance(run)
        newest = list(run.state.judged.values())[-1]
        opened = run.state.opened
        assert opened is not None and newest.policy == home.house.packs.of("attended").hash != opened.policy


async def test_words_of_single_networks_go_out_with_it(tmp_path: Path) -> None:
    async with permitted(tmp_path, accounts=[X]) as home:
        await tip(home, accounts=[X], variants=[{"account": X, "text": "Warm again!"}])
        assert home.operations() == ["CreatePost", "UpdatePost"]
        assert home.writes()[1]["body"]["accounts"] == [{"id": X, "settings": {"text": "Warm again!"}}]


@pytest.mark.parametrize(
    ("kind", "now", "holds"),
    [
        ("publish_now", "2026-11-24T16:59:59Z", True),
        ("publish_now", "2026-11-24T17:00:00Z", False),  # 18:00 in Berlin
        ("publish_now", "2026-11-24T07:59:59Z", False),
        ("publish_now", "2026-11-25T09:00:00Z", False),  # another day than it was counted for
        ("schedule", "2026-11-24T17:00:00Z", True),  # sent late, but going out when it was said
        ("schedule", "2026-11-24T22:59:59Z", True),
        ("schedule", "2026-11-24T23:00:00Z", False),
    ],
)
def test_a_use_lapses_with_its_hours_and_its_day(kind: str, now: str, holds: bool) -> None:
    days = {"day": "2026-11-24", "sent_on": "2026-11-24", "due": "2026-11-24T09:00:00Z", "zone": "Europe/Berlin"}
    use = r.StandingUse.model_validate({**Standing.model_validate(TIPS).model_dump(mode="json"), **days})
    body = {"id": 1, "workspace_id": 11, "content": [{"text": "Hi"}], "schedule_type": kind}
    call_ = UpdatePost.model_validate_json(json.dumps(body))
    assert still_holds(use, call_, datetime.fromisoformat(now)) is holds


async def test_the_checker_knows_an_ungiven_one(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        await tip(home)
        for wrong in ([], given(accounts=[X]), given(label=22), given(until="2026-11-30"), given(per_day=0)):
            with pytest.raises(AssertionError, match=r"weekday tips|no such permission|not so"):
                assert_contract(home.box, home.house.store, given=wrong)


async def test_the_third_of_a_day_waits_whatever_run_asks(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        await tip(home)
        await tip(home, at="2026-12-02 10:00", text="Soak a dry planter from below.")
        third = await tip(home, at="2026-12-03 10:00", text="Glaze thinly, and twice.")
        [card] = third.state.open_cards
        says = [finding.says for finding in card.parts[0].findings if finding.rule == "standing.not_used"]
        assert says and "used 2 times for 2026-11-24" in says[0]
        await home.reviewer().approve(card.card.number, "", ())
        assert home.operations().count("UpdatePost") == 3
        assert_contract(home.box, home.house.store, given=given())


@pytest.mark.parametrize("other", [{}, {"day": "2026-12-02"}, {"sent_on": "2026-11-25"}])
async def test_the_count_holds_in_the_transaction_of_the_intent(tmp_path: Path, other: dict[str, str]) -> None:
    """Going out on the same day, or sent on the same day: each of the two is enough."""
    async with permitted(tmp_path, per_day=1) as home:
        first = await tip(home)
        with pytest.raises(Conflict, match="was used 1 times"):
            _write_again(home, first, other)
        assert_contract(home.box, home.house.store, given=given(per_day=1))


async def test_neither_is_counted_on_other_days(tmp_path: Path) -> None:
    async with permitted(tmp_path, per_day=1) as home:
        _write_again(home, await tip(home), {"day": "2026-12-02", "sent_on": "2026-11-25"})
        uses = home.house.store.ledger.standing_uses(home.house.service, "2026-11-24")
        assert sorted(uses) == [
            ("weekday tips", "2026-12-01", "2026-11-24"),
            ("weekday tips", "2026-12-02", "2026-11-25"),
        ]


async def test_an_incident_holds_in_the_transaction_of_the_intent(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        run = await tip(home)
        key = next(key for key, view in run.state.effects.items() if view.intent.standing)
        run.add(r.Watched(key=key, post=1023, state="partly", says="It went out on one of two networks."))
        run.flush()
        with pytest.raises(Conflict, match="was revoked meanwhile"):
            _write_again(home, run, {"day": "2026-12-02", "sent_on": "2026-11-25"})


def _write_again(home: Home, first: Run, other: dict[str, str]) -> None:
    """Another run writes the intent of a use, with other days."""
    used = next(view.intent for view in first.state.effects.values() if view.intent.standing)
    assert used.standing is not None
    run = home.house.open_run("attended", "ana")
    standing = used.standing.model_copy(update=other)
    run.add(used.model_copy(update={"key": f"{run.id}.1.0.0", "standing": standing}))
    run.flush(unless_stopped=True)


async def test_two_runs_side_by_side_do_not_both_take_the_last(tmp_path: Path) -> None:
    async with permitted(tmp_path, per_day=1) as home:
        posts = [next_post(home), next_post(home) + 1]
        await home.run("Draft two", [[call("list_labels")], _draft(), _draft("Soak a dry planter."), finish()])
        times = ("2026-12-01 09:00", "2026-12-02 09:00")
        runs = await asyncio.gather(*map(_promote, (home, home), posts, times))
        assert home.operations().count("UpdatePost") == 1
        assert sum(len(run.state.open_cards) for run in runs) == 1
        assert_contract(home.box, home.house.store, given=given(per_day=1))


def _draft(text: str = "The kiln is warm.") -> Step:
    return [call("draft_post", workspace_id=11, accounts=[LINKEDIN], text=text, labels=[LABEL])]


async def _promote(home: Home, post: int, at: str) -> Run:
    return await home.run(f"Schedule post {post} for {at}", [[call("schedule_post", post=post, at=at)], finish()])


# -- what revokes it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault(kind="status", operations=("UpdatePost",), status=500, applied=True), "applied"),
        (Fault(kind="drop_after", operations=("UpdatePost",)), "applied"),
        (Fault(kind="status", operations=("UpdatePost",), status=422, applied=False), "rejected"),
    ],
)
async def test_an_incident_revokes_it_until_a_person_gives_it_back(tmp_path: Path, fault: Fault, state: str) -> None:
    async with permitted(tmp_path) as home:
        home.box.set_faults([fault])
        first = await tip(home)
        home.box.set_faults([])
        told = home.report(first)
        assert told.effects[1].outcome == state and told.revoked == ("weekday tips",)
        home.box.advance(timedelta(days=2).total_seconds())
        again = await tip(home)
        [card] = again.state.open_cards
        assert "it is revoked" in str(card.parts[0].findings)
        [listed] = _listed(home)
        assert listed.state == "revoked" and listed.run == first.id and len(listed.uses) == 1
        run = home.house.open_run("person", "ana", channel="policy")
        run.add(r.Goal(number=1, text="Allow it", by="ana"), r.StandingAllowed(name="weekday tips", who="ana"))
        run.add(r.Closed(outcome="done"))
        run.flush()
        assert _listed(home)[0].state == "in force"
        await home.reviewer().reject(card.card.number, "no", delete_draft=False)
        third = await tip(home, at="2026-12-04 09:00", text="Soak a dry planter from below.")
        assert not third.state.cards
        assert_contract(home.box, home.house.store, given=given())


def _listed(home: Home) -> Any:
    house = home.house
    return standing_told(house.packs.of("attended").standing, house.store.ledger, house.service, house.clock.now())


async def test_what_a_person_took_back_lets_nothing_out(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        revoke(home.house, Person("eve", "editor", "web"), "weekday tips", "too many")
        run = await tip(home)
        [card] = [view.card for view in run.state.cards.values()]
        assert "it is revoked" in str(card.parts[0].findings) and "UpdatePost" not in home.operations()
        allow(home.house, Person("ana", "owner", "web"), "weekday tips")
        assert "UpdatePost" not in home.operations()
        again = await tip(home, text="We glaze all day tomorrow.", at="2026-12-02 10:00")
        assert again.state.cards == {} and "UpdatePost" in home.operations()


async def test_a_post_that_did_not_go_out_revokes_it(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        run = await tip(home)
        key = next(key for key, view in run.state.effects.items() if view.intent.standing)
        run.add(r.Watched(key=key, post=1023, state="failed", says="It did not go out."))
        run.flush()
        assert home.report(run).revoked == ("weekday tips",)
        assert _listed(home)[0].why == "failed: It did not go out."


async def test_a_task_about_a_post_revokes_it(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        run = await tip(home)
        key = next(key for key, view in run.state.effects.items() if view.intent.standing)
        run.add(r.Task(number=99, key=key, says="It reads otherwise.", look="Look.", next="Correct it."))
        run.flush()
        assert _listed(home)[0].why == "task 99: It reads otherwise."


async def test_with_a_wrong_clock_nothing_goes_out_by_it(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        gate = home.house.gate
        gate.surroundings = replace(gate.surroundings, clock_matters=True)
        assert not (await tip(home)).state.cards
    (tmp_path / "b").mkdir()

    class Late(httpx.AsyncBaseTransport):
        def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
            self.inner = inner

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await self.inner.handle_async_request(request)
            answer.headers["date"] = "Tue, 24 Nov 2026 10:00:00 GMT"  # an hour later than here
            return answer

        async def aclose(self) -> None:
            await self.inner.aclose()

    async with permitted(tmp_path / "b", Seams(transport=Late)) as home:
        gate = home.house.gate
        gate.surroundings = replace(gate.surroundings, clock_matters=True)
        run = await tip(home)
        assert home.operations() == ["CreatePost"] and len(run.state.open_cards) == 1


async def test_while_another_effect_is_in_doubt_nothing_goes_out_by_it(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        other = await home.run("Comment on post 1014", [[call("comment_on_post", post=1014, text="Hello")], finish()])
        home.box.set_faults([Fault(kind="drop_before", operations=("CreateComment",))])
        await home.reviewer().approve(other.state.open_cards[0].card.number, "", ())
        home.box.set_faults([])
        run = await tip(home)
        [card] = run.state.open_cards
        assert "another effect is not known" in str(card.parts[0].findings)
        assert_contract(home.box, home.house.store, given=given())


# -- what holds as ever ------------------------------------------------------------------------------------------------


async def test_a_stopped_home_sends_nothing(tmp_path: Path) -> None:
    def stop() -> None:
        home.house.store.set_stopped("CreatePost" in home.operations())

    async with permitted(tmp_path, Seams(transport=lambda inner: _Before(inner, "GET", stop))) as home:
        with pytest.raises(Halted):
            await tip(home)
        assert home.operations() == ["CreatePost"]


class _Before(httpx.AsyncBaseTransport):
    """Does something before each request of a kind for a post is carried out."""

    def __init__(self, inner: httpx.AsyncBaseTransport, verb: str, deed: Any) -> None:
        self._inner, self._verb, self._deed = inner, verb, deed

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == self._verb and "/posts/" in request.url.path:
            self._deed()
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def test_the_draft_is_read_again_right_before(tmp_path: Path) -> None:
    """Somebody edits the draft after the tool has read it: the look before sending sees that, and a card waits."""
    seen: list[int] = []

    def edits() -> None:
        seen.append(1)
        if len(seen) == 2:  # the tool's own read is the first
            home.box.edit(Edit(post=post, text="Somebody else's words."))

    async with permitted(tmp_path, Seams(transport=lambda inner: _Before(inner, "GET", edits))) as home:
        post = next_post(home)
        run = await tip(home)
        assert len(seen) >= 2 and home.operations() == ["CreatePost"]
        assert len(run.state.open_cards) == 1


async def test_a_draft_that_is_gone_right_before_is_not_sent(tmp_path: Path) -> None:
    seen: list[int] = []

    def deletes() -> None:
        seen.append(1)
        if len(seen) == 2:
            home.box.edit(Edit(post=post, delete=True))

    async with permitted(tmp_path, Seams(transport=lambda inner: _Before(inner, "GET", deletes))) as home:
        post = next_post(home)
        run = await tip(home)
        assert len(seen) >= 2 and home.operations() == ["CreatePost"]
        assert run.state.closed is not None and not any(view.intent.standing for view in run.state.effects.values())


class _FailsAtFirst(httpx.AsyncBaseTransport):
    """Reaches nobody with the first promotion, as often as the client tries, and does something at the first try."""

    def __init__(self, inner: httpx.AsyncBaseTransport, deed: Any) -> None:
        self._inner, self._deed, self._failed = inner, deed, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT" and self._failed < WRITE_TRIES:
            self._failed += 1
            if self._failed == 1:
                self._deed()
            raise httpx.ConnectError("nobody there", request=request)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def test_the_draft_is_read_again_before_a_second_attempt(tmp_path: Path) -> None:
    def edits() -> None:
        home.box.edit(Edit(post=post, text="Somebody else's words."))

    async with permitted(tmp_path, Seams(transport=lambda inner: _FailsAtFirst(inner, edits))) as home:
        post = next_post(home)
        run = await tip(home)
        assert home.operations() == ["CreatePost"] and len(run.state.open_cards) == 1
        rules = [finding.rule for finding in run.state.open_cards[0].card.parts[0].findings]
        assert "standing.used" not in rules


async def test_a_second_attempt_goes_out_where_nothing_changed(tmp_path: Path) -> None:
    async with permitted(tmp_path, Seams(transport=lambda inner: _FailsAtFirst(inner, lambda: None))) as home:
        await tip(home)
        assert home.operations() == ["CreatePost", "UpdatePost"]
        assert_contract(home.box, home.house.store, given=given())


async def test_it_ends(tmp_path: Path) -> None:
    async with permitted(tmp_path, until="2026-11-30") as home:
        run = await tip(home)
        assert len(run.state.open_cards) == 1 and home.operations() == ["CreatePost"]


async def test_unattended_only_where_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with permitted(tmp_path / "a") as home:
        run = await tip(home, mode="unattended")
        assert len(run.state.open_cards) == 1
    async with permitted(tmp_path / "b", unattended=True) as home:
        run = await tip(home, mode="unattended")
        assert not run.state.cards and home.operations() == ["CreatePost", "UpdatePost"]
        assert_contract(home.box, home.house.store, given=given(unattended=True))


# -- what a planner that was talked over could try ---------------------------------------------------------------------


READS: list[Step] = [[call("find_posts", limit=50)], [call("list_comments", post=1014)]]


async def test_a_run_that_reads_comments_cannot_use_it(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        run = await tip(home, before=READS)
        assert "this run has read words of strangers" in str(run.state.open_cards[0].parts[0].findings)


async def test_a_draft_of_a_run_that_read_comments_is_promoted_by_no_later_run(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        post = next_post(home)
        await home.run("Draft a tip", [*READS, [call("list_labels")], _draft(), finish()])
        run = await _promote(home, post, TUESDAY)
        says = str(run.state.open_cards[0].parts[0].findings)
        assert "a run that wrote the draft has read words of strangers" in says


async def test_words_of_strangers_do_not_get_in_through_other_drafts(tmp_path: Path) -> None:
    """Comments, a draft, a second run that reads the draft and writes another, a third that reads that one."""
    async with permitted(tmp_path) as home:
        first = next_post(home)
        await home.run("Draft a tip", [*READS, [call("list_labels")], _draft(), finish()])
        reads: Step = [call("find_posts", limit=50)]
        second = await tip(home, before=[reads], text="Glaze thinly, and twice.")
        assert f"this run has read post {first}, a draft" in _why_not(second)
        goal = f"Draft a tip as in draft {first + 1} and schedule it for {TUESDAY}"
        reads = [call("get_post", post=first + 1)]
        third = await home.run(goal, [reads, *steps(home, text="Soak a dry planter from below.")])
        assert f"this run has read post {first + 1}, a draft" in _why_not(third)
        assert "UpdatePost" not in home.operations()


async def test_an_edit_by_a_run_that_read_such_a_draft_counts_as_well(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        near, clean = next_post(home), next_post(home) + 1
        await home.run("Draft a tip", [*READS, [call("list_labels")], _draft(), finish()])
        await home.run("Draft a tip", [[call("list_labels")], _draft("Glaze thinly, and twice."), finish()])
        edits: Step = [call("edit_post", post=clean, text="Soak a dry planter from below.")]
        await home.run(f"Edit draft {clean} as in {near}", [[call("get_post", post=near)], edits, finish()])
        run = await _promote(home, clean, TUESDAY)
        assert "words of strangers may have come into the draft" in _why_not(run)


@pytest.mark.parametrize("labelled", [False, True])
async def test_words_of_other_hands_wait(tmp_path: Path, labelled: bool) -> None:
    """Somebody edits our draft in PostSyncer: labelling it anew makes the words no more ours."""
    async with permitted(tmp_path) as home:
        post = next_post(home)
        await home.run("Draft a tip", [[call("list_labels")], _draft(), finish()])
        home.box.edit(Edit(post=post, text="Somebody else's words."))
        if labelled:
            labels = call("label_posts", posts=[post], add=[22])
            steps_ = [[call("list_labels")], [call("get_post", post=post)], [labels], finish()]
            await home.run(f"Label draft {post}", steps_)
        run = await _promote(home, post, TUESDAY)
        says = "may have come into the draft" if labelled else "was changed elsewhere"
        assert says in _why_not(run) and "schedule" not in [one["body"].get("schedule_type") for one in home.writes()]


@pytest.mark.parametrize(
    "more",
    [
        {"accounts": [X]},
        {"accounts": [LINKEDIN, X]},
        {"labels": [22]},
        {"labels": []},
        {"text": "Look: https://evil.example.com/sale"},
        {"text": "Look: evil.example.com"},
        {"text": "Thanks @mia!"},
        {"at": "2026-12-01 08:59"},
        {"at": "2026-12-05 12:00"},
    ],
)
async def test_what_does_not_fit_waits(tmp_path: Path, more: dict[str, Any]) -> None:
    async with permitted(tmp_path) as home:
        run = await tip(home, **more)
        assert home.operations() == ["CreatePost"] and len(run.state.open_cards) == 1


@pytest.mark.parametrize(
    "text",
    [
        "See /evil.com",
        "$evil.com is it",
        "Look: evil。com",
        "Look: evil．com",
        "Look: evil․com",
        "Look: evil.example",
        "Look: a_b.com/x",
        "Look: 1.2.3.4/x",
        "Look: 𝐞𝐯𝐢𝐥.com",
        "Look: мвд.рф",
        "Look: https:/evil",
        "Look: HTTPS：／／evil",
    ],
)
async def test_whatever_some_network_could_take_for_a_link_waits(tmp_path: Path, text: str) -> None:
    """The permission says no links: bare hosts in any script, any spelling of the dot, any ending."""
    async with permitted(tmp_path) as home:
        run = await tip(home, text=text)
        assert home.operations() == ["CreatePost"]
        assert "it has a link" in _why_not(run) or "link.safe" in _why_not(run)


@pytest.mark.parametrize("text", ["Thanks ﹫mia", "Thanks ＠mia", "Thanks @[Mia](urn:li:person:1)"])
async def test_any_sign_of_a_mention_waits(tmp_path: Path, text: str) -> None:
    async with permitted(tmp_path) as home:
        assert "it mentions somebody" in _why_not(await tip(home, text=text))


@pytest.mark.parametrize("text", ["Open 9 a.m. to 5 p.m.", "To 3.5 bar, e.g. slowly … then wait", "Done.\nNext."])
async def test_dots_of_ordinary_words_are_no_links(tmp_path: Path, text: str) -> None:
    async with permitted(tmp_path) as home:
        run = await tip(home, text=text)
        assert "it has a link" not in _why_not(run)


def _why_not(run: Run) -> str:
    """Why the permission was not used, as the cards of a run say; empty where there is no card."""
    parts = [part for view in run.state.open_cards for part in view.card.parts]
    return "\n".join(one.says for part in parts for one in part.findings if one.rule == "standing.not_used")


async def test_a_draft_of_somebody_else_waits(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        promote = call("schedule_post", post=1004, at=TUESDAY)
        label = call("label_posts", posts=[1004], add=[LABEL])
        goal = f"Label post 1004 and schedule it for {TUESDAY}"
        run = await home.run(goal, [[call("list_labels")], [label], [promote], finish()])
        assert run.state.open_cards
        assert "schedule" not in [one["body"].get("schedule_type") for one in home.writes()]


@pytest.mark.parametrize(
    "forged",
    [
        {"content": [{"text": "Other words."}]},
        {"labels": [LABEL, 22]},
        {"repeatable": True, "repeatable_times": 9, "repeatable_gap": 1, "repeatable_gap_unit": "days"},
        {"content": [{"text": "The kiln is warm."}, {"text": "More.", "is_first_comment": True}]},
        {"content": [{"text": "The kiln is warm.", "media": ["https://example.com/a.png"]}]},
        {"accounts": [{"id": LINKEDIN}, {"id": X}]},
        {"schedule_for": None},
    ],
)
async def test_a_forged_body_waits(tmp_path: Path, forged: dict[str, Any]) -> None:
    async with permitted(tmp_path) as home:
        post = next_post(home)
        goal = "Draft “The kiln is warm.” and schedule it in the next free slot"
        run = await home.run(goal, [[call("list_labels")], _draft(), [call("get_post", post=post)], finish()])
        date, time = TUESDAY.split()
        body = {
            "id": post,
            "workspace_id": 11,
            "content": [{"text": "The kiln is warm."}],
            "accounts": [{"id": LINKEDIN}],
            "labels": [LABEL],
            "schedule_type": "schedule",
            "schedule_for": {"date": date, "time": time, "timezone": "Europe/Berlin"},
        }
        plain = UpdatePost.model_validate_json(json.dumps(body))
        wrong = UpdatePost.model_validate_json(json.dumps({**body, **forged}))
        results = await home.house.gate.propose(run, 9, 0, "schedule_post", [wrong])
        assert [result.state for result in results] in (["waiting"], ["denied"]) and home.operations() == ["CreatePost"]
        results = await home.house.gate.propose(run, 9, 1, "schedule_post", [plain])
        assert [result.state for result in results] == ["applied"]
        assert_contract(home.box, home.house.store, given=given())


async def test_deletions_and_replies_never_go_by_it(tmp_path: Path) -> None:
    async with permitted(tmp_path) as home:
        post = next_post(home)
        steps_ = [[call("list_labels")], _draft(), [call("delete_posts", posts=[post])], finish()]
        run = await home.run(f"Draft and delete it again, post {post}, publish nothing", steps_)
        assert len(run.state.open_cards) == 1 and home.operations() == ["CreatePost"]


def test_a_job_of_the_night_cannot_bring_its_own(tmp_path: Path) -> None:

    job = tmp_path / "job.yaml"
    job.write_text(json.dumps({"standing": [TIPS]}), encoding="utf-8")
    with pytest.raises(SettingsError, match="the home's own"):
        load_packs(tmp_path).of("unattended", str(job))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"between": ["18:00", "09:00"]}, "ends before"),
        ({"between": ["9:00", "18:00"]}, "two times"),
        ({"days": ["weekday"]}, "write days"),
        ({"days": []}, "days"),
        ({"accounts": []}, "accounts"),
        ({"per_day": 0}, "per_day"),
        ({"until": "for ever"}, "until"),
        ({"signed": ""}, "signed"),
        ({"comments": True}, "unknown key"),
    ],
)
def test_what_is_no_permission_is_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:

    (tmp_path / "policy.yaml").write_text(json.dumps({"standing": [{**TIPS, **changes}]}), encoding="utf-8")
    with pytest.raises(SettingsError, match=says):
        load_packs(tmp_path).of("attended")


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:

    (tmp_path / "policy.yaml").write_text(json.dumps({"standing": [TIPS, TIPS]}), encoding="utf-8")
    with pytest.raises(SettingsError, match="a name of its own"):
        load_packs(tmp_path).of("attended")


async def test_a_permission_that_the_journal_keeps_refusing_does_not_go_round_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.gate.standing.still_holds", lambda *_: False)
    async with permitted(tmp_path) as home:
        run = await home.run(GOAL, steps(home)[:-1])  # it never comes to the end
        assert run.state.gave_up and home.operations() == ["CreatePost"]
        assert home.report(run).outcome == "failed_safe"
