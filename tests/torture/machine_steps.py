"""What the state machine's models say, and what other people and the service do: drawn by hypothesis.

A script belongs to a run and is addressed by the turn, so that a run goes on with it in whatever process.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from agent.planner.scripted import ScriptedModel
from agent.planner.wire import ModelReply, OnText
from agent.sandbox.edits import Edit
from agent.sandbox.faults import Fault
from tests.house import call, finish
from tests.torture.machine_process import Trap

Call = tuple[str, Mapping[str, Any]]
#: Stands for the newest object of a kind that a run of the home made: `$last post`.
LAST = "$last"
GOALS = (
    "Draft, schedule, move, publish and unschedule posts 1004, 1012, 1015 and 1017, delete posts 1005, 1007 and 1018,"
    " label posts, reply to comments 5002, 5010 and 5011, edit comment 5013, hide comment 5004, delete comment 5013,"
    " make, rename and delete labels 21 and 26, folders 33 and 34, media 504, upload uploads/mug.png",
    "Publish post 1012 now and schedule 1017 and 1016 for tomorrow; then tidy up drafts, labels and folders",
    "Draft something nice about mugs, leave it as a draft",
)
TEXTS = ("We open at nine.", "New mugs are in.", "The kiln is warm again.")
TIMES = ("2026-12-01 09:00", "2026-12-02 10:00", "2026-11-24 10:40", "2026-11-25 12:00", "2026-11-20 12:00")
POSTS = (1004, 1005, 1007, 1012, 1015, 1016, 1017, 1018, 1019, 1014, "$last post", "$last post", "$last post")
LABELS = (21, 22, 26, "$last label")
FOLDERS = (31, 33, 34, "$last folder")
COMMENTS = (5002, 5004, 5010, 5011, 5013, "$last comment")
READS: tuple[Call, ...] = (
    call("find_posts"),
    call("list_comments", post=1014),
    call("list_comments", post=1008),
    call("list_labels"),
    call("list_folders", workspace_id=11),
    call("find_media"),
)


def calls() -> st.SearchStrategy[Call]:
    """One call: sensible or odd, on an object that may be anything by then."""
    post, label, folder = st.sampled_from(POSTS), st.sampled_from(LABELS), st.sampled_from(FOLDERS)
    comment, text, at = st.sampled_from(COMMENTS), st.sampled_from(TEXTS), st.sampled_from(TIMES)
    name = st.sampled_from(("Kiln", "Start", "Launch"))

    def of(tool: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Call]:
        return st.fixed_dictionaries(fields).map(lambda arguments: (tool, arguments))

    accounts = st.sampled_from(([101], [101], [102], [101, 102], [107]))
    drafting = of("draft_post", workspace_id=st.just(11), accounts=accounts, text=text)
    promoting = of("schedule_post", post=post, at=at) | of("publish_post", post=post)
    return st.one_of(
        drafting,
        promoting,
        promoting,
        of("edit_post", post=post, text=text),
        of("edit_post", post=post, accounts=accounts),
        of("schedule_post", post=post, next_slot=st.just(True)),
        of("unschedule_post", post=post),
        of("delete_posts", posts=st.lists(post, min_size=1, max_size=3)),
        of("label_posts", posts=st.lists(post, min_size=1, max_size=2), add=st.lists(label, min_size=1, max_size=1)),
        of("reply_to_comment", comment=comment, text=text),
        of("edit_comment", comment=comment, text=text),
        of("hide_comment", comment=comment) | of("delete_comment", comment=comment),
        of("create_label", workspace_id=st.just(11), name=name, color=st.just("#112233")),
        of("update_label", label=label, name=name) | of("delete_label", label=label),
        of("create_folder", workspace_id=st.just(11), name=name),
        of("update_folder", folder=folder, name=name),
        of("delete_folders", folders=st.lists(folder, min_size=1, max_size=2)),
        of("upload_media", workspace_id=st.just(11), path=st.just("uploads/mug.png")),
        of("delete_media", media=st.sampled_from((504, "$last media"))),
        of("ask", question=st.just("Which one?")),
    )


def scripts() -> st.SearchStrategy[list[list[Call]]]:
    """The turns of a model for one goal; most begin with reading, and some draft and promote at once."""
    turn = st.lists(calls(), min_size=1, max_size=3)
    draft = st.sampled_from(TEXTS).map(
        lambda text: [
            call("draft_post", workspace_id=11, accounts=[101], text=text),
            call("schedule_post", post="$last post", at="2026-12-01 09:00"),
        ]
    )
    turns = st.lists(turn | draft, min_size=1, max_size=2)
    return st.tuples(st.sampled_from((True, True, True, False)), turns).map(
        lambda drawn: ([list(READS)] if drawn[0] else []) + drawn[1]
    )


#: A read lags behind writes by at most so long: what the gate reckons with (`agent.gate.recovery`), and documents.
READS_LAG_S = 60.0


def faults() -> st.SearchStrategy[list[Fault]]:
    """What the service does wrong for a few requests: to writes, or to the reads that look after them."""
    kinds: Any = st.sampled_from(("drop_before", "drop_after", "status", "malformed", "too_many", "delay", "drip"))
    verbs: Any = st.sampled_from(("POST", "PUT", "DELETE", None))
    writes = st.builds(
        Fault,
        kind=kinds,
        verb=verbs,
        status=st.sampled_from((500, 503, 502, 422, 404, 401, 403)),
        applied=st.just(False),
        nth=st.integers(1, 2),
        times=st.integers(1, 2),
        body=st.sampled_from(("html", "truncated")),
        seconds=st.sampled_from((5.0, 40.0)),
    )
    applied = st.builds(Fault, kind=st.just("status"), verb=verbs, applied=st.just(True))
    bad: Any = st.sampled_from(("drop_before", "status", "malformed", "too_many", "stale", "stale", "drift"))
    reads = st.builds(
        Fault,
        kind=bad,
        verb=st.just("GET"),
        times=st.integers(1, 6),
        nth=st.integers(1, 3),
        string_ids=st.booleans(),
        lag=st.just(READS_LAG_S),
    )
    lost = st.builds(lambda kind, verb: Fault(kind=kind, verb=verb), st.sampled_from(("drop_after",) * 2), verbs)
    return st.one_of(
        writes.map(lambda one: [one]),
        reads.map(lambda one: [one]),
        lost.map(lambda one: [one]),
        applied.map(lambda one: [one]),
        st.tuples(writes | applied, reads).map(list),
    )


def edits() -> st.SearchStrategy[Edit]:
    """What a second person does in PostSyncer's own pages."""
    changes = st.sampled_from(
        (
            {"text": "Somebody else's words."},
            {"text": "We open at nine."},
            {"due": "2026-12-03 09:00"},
            {"publish": True},
            {"unschedule": True},
            {"delete": True},
            {"comment": "How nice!"},
            {"comment": "New mugs are in.", "by": "mara"},
        )
    )
    posts = st.sampled_from((1004, 1005, 1012, 1014, 1015, 1017, 1023, 1024))
    return st.builds(lambda post, change: Edit.model_validate({"post": post} | change), posts, changes)


def accidents() -> st.SearchStrategy[tuple[str, Any]]:
    """What happens to a home from outside."""
    return st.one_of(
        st.tuples(st.just("fault"), faults()),
        st.tuples(st.just("fault"), faults()),
        st.tuples(st.just("edit behind"), edits()),
        st.tuples(st.just("time"), st.sampled_from((5, 61, 600, 4000, 9 * 3600, 30 * 3600, 3 * 24 * 3600))),
        st.tuples(st.just("clock back"), st.sampled_from((30, 119, 900, 7200))),
        st.tuples(st.just("spending"), st.sampled_from((30, 55, 60))),
    )


def traps() -> st.SearchStrategy[Trap]:
    """A kill anywhere, or somebody who acts in the middle: quickly at a journal write, at length at a request."""
    nth = st.integers(1, 20)
    quick = st.sampled_from(("approve", "approve", "reject", "stop all", "stop run", "edit behind", "later", "goal"))
    long = quick | st.sampled_from(("take over", "take over", "approve and send"))
    kills = st.builds(
        Trap, where=st.sampled_from(("journal", "network")), nth=nth, after=st.booleans(), what=st.just("kill")
    )
    return st.one_of(
        kills,
        st.builds(Trap, where=st.just("journal"), nth=nth, after=st.booleans(), what=quick),
        st.builds(Trap, where=st.just("network"), nth=nth, after=st.booleans(), what=long),
        st.builds(Trap, where=st.just("model"), nth=st.integers(1, 2), after=st.just(False), what=long),
    )


class Actor:
    """The model of one run: its next step is told by how many turns the request shows; behind its script it ends."""

    name = "scripted"

    def __init__(
        self, script: Sequence[Sequence[Call]], last: Callable[[str], int], thinks: Callable[[], Awaitable[None]]
    ) -> None:
        """`last` finds the newest object of a kind, `thinks` is a boundary of the process."""
        self._script = script
        self._last = last
        self._thinks = thinks

    async def complete(self, body: bytes, on_text: OnText | None = None) -> ModelReply:
        await self._thinks()
        turn = sum(message["role"] == "assistant" for message in json.loads(body)["messages"])
        step = self._script[turn] if turn < len(self._script) else finish()
        return await ScriptedModel([[self._filled(one) for one in step]]).complete(body, on_text)

    def _filled(self, one: Call) -> Call:
        tool, arguments = one
        filled: Any = self._fill(dict(arguments))
        return tool, filled

    def _fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._fill(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._fill(each) for each in value]
        if isinstance(value, str) and value.startswith(LAST):
            return self._last(value.removeprefix(LAST).strip())
        return value
