"""A person writes posts: drafts, changes, media. Each is a run of their own, judged like any other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.api.endpoint import Endpoint
from agent.api.labels import ListLabels
from agent.api.media import ListMedia
from agent.api.posts import GetPost
from agent.api.types import Media, Post
from agent.errors import Declined, Halted
from agent.gate.decisions import Person, approve
from agent.gate.door import Gate, Result
from agent.gate.versions import post_version
from agent.journal import records as r
from agent.journal.run import Run
from agent.journal.store import Store
from agent.planner.calls import findable
from agent.policy.checking import APPROVAL
from agent.policy.verdict import Verdict
from agent.review.own import OpensRuns, OwnCalls
from agent.tools.media import UploadMedia
from agent.tools.written import NewDraft, Plan, Rewrite, Written, promotion

CHANNEL = "web"


class PostChanged(Declined):
    """A post is not as the person had it before them; `post` is how it stands now, as `run` read it."""

    def __init__(self, post: Post, run: Run) -> None:
        super().__init__(f"Post {post.id} was changed meanwhile.", hint="Look at both versions, then save again.")
        self.post = post
        self.run = run


@dataclass(frozen=True)
class Saved:
    """What came of saving: the run, the posts written, and what could not be done after that."""

    run: Run
    posts: tuple[int, ...] = ()
    trouble: str = ""


class Writer:
    """One person who writes posts, through the gate."""

    def __init__(self, gate: Gate, store: Store, open_run: OpensRuns, person: Person) -> None:
        self._gate = gate
        self._store = store
        self._open_run = open_run
        self._person = person

    # -- saving ----------------------------------------------------------------------------------------------------

    async def draft(self, written: Written, plan: Plan, *, at_once: bool = False) -> Saved:
        """A new draft, and where it is planned to go out the card for that; approved `at_once` if nothing speaks
        against it. Raises Declined where no draft was made, Halted, ApiError."""
        own = await self._begin("Draft", written)
        with own.ending():
            results = await own.propose(await own.complete(NewDraft(written)))
            posts = _written(results)
        return await self._promoted(own, posts, plan, at_once=at_once)

    async def post(
        self, post: int, written: Written, plan: Plan, version: str, *, overlay: str = "", at_once: bool = False
    ) -> Saved:
        """A post as written anew. `version` is that of the post the person had before them.

        Raises PostChanged where it is another now, Declined where nothing was done, Halted, ApiError.
        """
        own = await self._begin(f"Edit post {post}", written, overlay)
        with own.ending():
            parts = await own.complete(Rewrite(post, written, plan))
            now = own.run.state.known.posts[post]
            if version and post_version(now) != version:
                raise PostChanged(now, own.run)
            if not parts.calls and not (plan.goes_out and now.status == "DRAFT"):
                raise Declined("Nothing was changed.", hint="Change something, or leave the page.")
            if parts.calls:
                _written(await own.propose(parts))
        if now.status != "DRAFT":
            self._decide(own.run, at_once=at_once)
            return Saved(own.run, (post,))
        return await self._promoted(own, (post,), plan, at_once=at_once)

    async def _promoted(self, own: OwnCalls, posts: Sequence[int], plan: Plan, *, at_once: bool) -> Saved:
        """Drafts that were saved, brought out as planned; what keeps them from it is told with them."""
        trouble = ""
        for post in posts:
            wanted = promotion(post, plan)
            if wanted is None:
                continue
            try:
                await own.propose(await own.complete(wanted))
            except Declined as error:
                trouble = str(error)
        self._decide(own.run, at_once=at_once)
        return Saved(own.run, tuple(posts), trouble)

    def _decide(self, run: Run, *, at_once: bool) -> None:
        """Approve the cards of a run that hold for no other reason than that everything public waits for a person."""
        for view in list(run.state.open_cards) if at_once else []:
            found = [one for part in view.parts for one in part.findings if one.verdict >= Verdict.HOLD]
            if any(one.rule not in APPROVAL for one in found) or view.card.not_by == self._person.name:
                continue
            approve(self._gate, run, view.card.number, self._person, confirm=view.card.confirm)

    # -- reading ---------------------------------------------------------------------------------------------------

    async def look(self, post: int) -> Run:
        """The post, with all workspaces and accounts, as they stand now. Raises Halted, ApiError."""
        return await self._read(f"Read post {post}", [GetPost(id=post)])

    async def library(self, workspace: int) -> Run:
        """The newest files of a workspace's library, and all labels. Raises Halted, ApiError."""
        calls: list[Endpoint[Any]] = [ListMedia(workspace_id=workspace, per_page=100), ListLabels()]
        return await self._read(f"Read the media library and labels of workspace {workspace}", calls)

    async def _read(self, text: str, calls: Sequence[Endpoint[Any]]) -> Run:
        own = await self._begin(text)
        with own.ending():
            for place, call in enumerate(calls):
                await self._gate.read(own.run, f"{own.run.id}.0.1.{place}", call, person=True)
        own.run.add(r.Closed(outcome="done"))
        own.run.flush()
        return own.run

    async def upload(self, workspace: int, path: str) -> tuple[Run, Media]:
        """A file of this machine, put into a workspace's library. Raises Declined, Halted, ApiError."""
        own = await self._begin(f"Upload a file to workspace {workspace}")
        with own.ending():
            parts = await own.complete(UploadMedia(workspace_id=workspace, path=path))
            named = tuple(findable(call, f"{own.run.id}-0-2") for call in parts.calls)
            result = (await own.propose(replace(parts, calls=named)))[0]
            if not isinstance(result.answer, Media):
                raise Declined(
                    f"The file is not in the library yet: {result.says or result.state}.",
                    hint=f"`psa runs show {own.run.id}` tells more.",
                )
        own.run.add(r.Closed(outcome="done"))
        own.run.flush()
        return own.run, result.answer

    async def _begin(self, verb: str, written: Written | None = None, overlay: str = "") -> OwnCalls:
        """The person's words are the run's goal, so that all of them are known to be theirs."""
        if self._store.stopped:
            raise Halted
        text = goal_of(verb, written)
        return await OwnCalls.begin(self._gate, self._open_run, self._person, text, overlay=overlay, channel=CHANNEL)


def goal_of(verb: str, written: Written | None) -> str:
    """The goal of a run that saves what a person wrote."""
    words = "\n".join(f'"{text}"' for text in written.texts) if written is not None else ""
    return f"{verb}: {words}" if words else verb


def _written(results: Sequence[Result]) -> tuple[int, ...]:
    """The posts that were written. Raises Declined where the service did not do it."""
    failed = next((one for one in results if one.state in {"rejected", "failed", "unknown"}), None)
    if failed is not None:
        why = failed.says or (str(failed.error) if failed.error is not None else failed.state)
        raise Declined(f"PostSyncer did not save it: {why}", hint="What you wrote is still here.")
    return tuple(one.answer.id for one in results if isinstance(one.answer, Post))
