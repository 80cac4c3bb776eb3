"""What the gate answers about one call: applied, rejected, failed, unknown, and the same again after a crash."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.api.analytics import GetAnalyticsPost, SyncPostAnalytics
from agent.api.endpoint import Endpoint
from agent.api.media import UploadMediaFromUrl
from agent.api.posts import AccountTarget, ContentItem, CreatePost, GetPost
from agent.assembly import Seams
from agent.errors import Invalid, JournalError
from agent.gate.door import Result
from agent.journal import records as r
from agent.journal.run import Run
from agent.journal.store import INLINE_BYTES, SqliteStore
from agent.planner.discovery import discover
from agent.planner.scripted import ScriptedModel
from agent.sandbox.faults import Fault
from tests.contract import assert_contract
from tests.house import Home, call, finish, home_in
from tests.torture.bench import Handle, between

pytestmark = pytest.mark.anyio

GOAL = "Draft something for LinkedIn, import https://pictures.example/mug.jpg and tell me the numbers of post 1003"


def draft(text: str = "Hello.") -> CreatePost:
    content, accounts = (ContentItem(text=text),), (AccountTarget(id=101),)
    return CreatePost(workspace_id=11, content=content, schedule_type="draft", accounts=accounts)


async def discovered(home: Home) -> Run:
    """A run that has read what exists, as discovery leaves it."""
    run = home.house.open_run("attended", "ana")
    run.add(r.Goal(number=1, text=GOAL, by="ana"))
    await discover(home.house.gate, run)
    run.flush()
    return run


async def propose(home: Home, run: Run, *calls: Endpoint[Any], turn: int = 1) -> Sequence[Result]:
    return await home.house.gate.propose(run, turn, 0, "draft_post", calls)


async def test_applied_says_what_the_policy_said_again_after_a_crash(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await discovered(home)
        tagged = draft("Hello. #a #b #c #d #e #f #g #h")
        (first,) = await propose(home, run, tagged)
        assert first.state == "applied" and first.findings and first.call != tagged
        judged = next(iter(run.state.judged.values()))
        assert judged.proposed == tagged.model_dump_json()
        again = Run.load(home.house.store, run.id, home.house.clock)
        (second,) = await propose(home, again, tagged)
        assert (second.state, second.findings, second.answer.id) == ("applied", first.findings, first.answer.id)
        assert home.operations() == ["CreatePost"]
        (plain,) = await propose(home, again, draft(), turn=2)
        assert plain.state == "applied" and again.state.judged[f"{run.id}.2.0.0"].proposed == ""


async def test_rejected_names_the_status(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await discovered(home)
        home.box.set_faults([Fault(kind="status", status=422, operations=("CreatePost",))])
        (result,) = await propose(home, run, draft())
        assert result.state == "rejected" and isinstance(result.error, Invalid) and result.error.status == 422
        assert home.operations() == []


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
async def test_a_draft_whose_answer_was_lost_is_answered_with_the_post(tmp_path: Path, kind: Any) -> None:
    async with home_in(tmp_path) as home:
        run = await discovered(home)
        home.box.set_faults([Fault(kind=kind, operations=("CreatePost",))])
        (result,) = await propose(home, run, draft("Warm."))
        made = next(one["id"] for one in home.box.export()["posts"] if "Warm." in str(one["content"]))
        assert result.state == "applied" and result.answer is not None and result.answer.id == made
        assert result.answer.content[0].text == "Warm." and home.operations() == ["CreatePost"]


NOTED = '''
from agent.policy.own import ALL_EFFECTS, Case, Found, Params, Verdict, rule


@rule("own.noted", effects=ALL_EFFECTS)
def check_noted(case: Case, params: Params):
    """Every call is noted."""
    yield Found("This call was noted.", verdict=Verdict.ALLOW)
'''


async def test_a_read_that_the_policy_refuses_says_why_and_one_that_it_only_notes_does_not(tmp_path: Path) -> None:
    (tmp_path / "policy_rules.py").write_text(NOTED, encoding="utf-8")
    (tmp_path / "policy.yaml").write_text("python: policy_rules.py\n", encoding="utf-8")
    async with home_in(tmp_path) as home:
        run, gate = await discovered(home), home.house.gate
        named, unknown = GetPost(id=1003), GetPost(id=1004)  # the first stands in the goal
        assert [one.says for one in gate.judge(run, named).findings] == ["This call was noted."]
        assert gate.refusal(run, named) == ""
        assert gate.refusal(run, unknown) == "Post 1004 was not read in this run, and does not stand in the goal."


class Unplugged(httpx.AsyncBaseTransport):
    """A network on which requests of one verb find nobody."""

    verb = "POST"

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.tried = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == self.verb:
            self.tried += 1
            raise httpx.ConnectError("nobody is there")
        return await self._inner.handle_async_request(request)


async def test_what_never_left_failed_and_is_tried_a_few_times(tmp_path: Path) -> None:
    async with home_in(tmp_path, Seams(transport=Unplugged)) as home:
        run = await discovered(home)
        (result,) = await propose(home, run, draft())
        view = next(iter(run.state.effects.values()))
        assert (result.state, view.state, view.attempts) == ("failed", "not_sent", 3)
        assert result.error is not None and result.error.kind == "not sent" and "could not be reached" in result.says


async def test_unknown_says_why_and_is_a_task(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await discovered(home)
        home.box.set_faults([Fault(kind="drop_after", operations=("UploadMediaFromUrl",))])
        urls = ("https://pictures.example/mug.jpg",)
        (result,) = await propose(home, run, UploadMediaFromUrl(workspace_id=11, urls=urls))
        assert result.state == "unknown" and result.says == "no reading can tell whether it was carried out"
        (task,) = run.state.tasks.values()
        assert task.says.startswith("Import https://pictures.example/mug.jpg: sent once")
        assert "media library" in task.look


async def test_numbers_that_were_just_asked_for_are_waited_for(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await discovered(home)
        await propose(home, run, SyncPostAnalytics(post=1003))
        before = home.house.clock.now()
        await propose(home, run, GetAnalyticsPost(post=1003), turn=2)
        assert (home.house.clock.now() - before).total_seconds() >= 5


class UnpluggedForPut(Unplugged):
    """A network on which changes find nobody."""

    verb = "PUT"


async def test_an_approval_that_cannot_be_sent_ends_with_the_reason(tmp_path: Path) -> None:
    async with home_in(tmp_path, Seams(transport=UnpluggedForPut)) as home:
        new = max(one["id"] for one in home.box.export()["posts"]) + 1
        steps = [[call("draft_post", workspace_id=11, accounts=[101], text="Hello.")], [call("publish_post", post=new)]]
        run = await home.run("Publish “Hello.” on LinkedIn now", [*steps, finish()])
        run = await home.reviewer().approve(run.state.open_cards[0].card.number, "", ())
        (view,) = run.state.cards.values()
        assert view.state == "void" and view.says.startswith("it could not be sent in 3 attempts: PostSyncer at ")
        assert_contract(home.box, home.house.store)


class SlowLook(httpx.AsyncBaseTransport):
    """A network on which looking at the post again takes a day and an hour, once it is `armed`."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.wait: Callable[[], None] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.wait is not None and request.method == "GET":
            self.wait()
            self.wait = None
        return await self._inner.handle_async_request(request)


async def test_an_approval_that_expires_while_its_post_is_looked_at_sends_nothing(tmp_path: Path) -> None:
    network: list[SlowLook] = []

    def between(inner: httpx.AsyncBaseTransport) -> SlowLook:
        network.append(SlowLook(inner))
        return network[0]

    async with home_in(tmp_path, Seams(transport=between)) as home:
        new = max(one["id"] for one in home.box.export()["posts"]) + 1
        steps = [[call("draft_post", workspace_id=11, accounts=[101], text="Hello.")], [call("publish_post", post=new)]]
        run = await home.run("Publish “Hello.” on LinkedIn now", [*steps, finish()])
        network[0].wait = lambda: home.box.advance(25 * 3600)
        run = await home.reviewer().approve(run.state.open_cards[0].card.number, "", ())
        (view,) = run.state.cards.values()
        assert view.state == "void" and "expired" in view.says and home.operations() == ["CreatePost"]
        assert_contract(home.box, home.house.store)


async def test_a_lost_deletion_of_a_campaign_is_found(tmp_path: Path) -> None:
    async with home_in(tmp_path, psa_features=("campaigns",)) as home:
        steps = [[call("list_campaigns")], [call("delete_campaign", campaign=41)], finish()]
        run = await home.run("Delete campaign 41", steps)
        home.box.set_faults([Fault(kind="drop_after", operations=("DeleteCampaign",))])
        run = await home.reviewer().approve(run.state.open_cards[0].card.number, "", ())
        (effect,) = run.state.effects.values()
        assert effect.state == "applied"
        assert_contract(home.box, home.house.store)


class Full(SqliteStore):
    """A journal on a disk that has no room for long texts once it is `full`."""

    full = False

    def keep(self, text: str) -> str:
        if self.full and len(text) > INLINE_BYTES:
            raise JournalError("The journal could not be written: disk is full.", hint="Nothing was sent after this.")
        return super().keep(text)


async def test_an_answer_that_cannot_be_kept_says_that_something_was_sent(tmp_path: Path) -> None:
    stores: list[Full] = []

    def opened(home: Path) -> Full:
        stores.append(Full(home / "runs" / "journal.db"))
        return stores[0]

    async def fills(request: httpx.Request, forward: Handle) -> httpx.Response:
        stores[0].full = request.method == "POST"
        return await forward(request)

    seams = Seams(store=opened, transport=between(fills).transport)
    long = call("draft_post", workspace_id=11, accounts=[101], text="The kiln is warm again. " * 1000)
    async with home_in(tmp_path, seams) as home:
        with pytest.raises(JournalError, match="was sent is not known now") as failed:
            await home.run("Draft a very long text for LinkedIn", [[long], finish()])
        assert "psa runs resume r1" in failed.value.hint and "Nothing was sent" not in str(failed.value)
        stores[0].full = False
        run = Run.load(home.house.store, "r1", home.house.clock)
        assert await home.house.planner(ScriptedModel([finish()])).advance(run) == "done"
        assert home.operations() == ["CreatePost"]
        assert_contract(home.box, home.house.store)
