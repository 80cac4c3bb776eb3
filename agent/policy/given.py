"""What a policy test takes as known: one small world (policies/tests/world.yaml), and what a test says otherwise."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from agent.api.types import Account, Campaign, Comment, Folder, Label, Media, Post, Workspace
from agent.journal.findings import Finding, Mode
from agent.journal.mirror import MirrorPost
from agent.policy.facts import Answered, Facts, FileTold, StandingKnown, quoted_in
from agent.policy.gathering import Ownership, sources_in
from agent.policy.mirror import Mirror, mirror_of
from agent.policy.provenance import Source, Sources
from agent.yaml_files import load_yaml

_CLOSED = ConfigDict(extra="forbid", frozen=True)


class GivenMirror(BaseModel):
    """The mirror: when all posts were read, and posts laid over the world's by id; PLANNED ones wait on cards."""

    model_config = _CLOSED

    scanned: AwareDatetime | None = None
    posts: tuple[MirrorPost, ...] = ()

    def over(self, facts: Facts) -> Mirror:
        """The mirror with this laid over it."""
        old = [*facts.mirror.shelf.posts.values(), *facts.mirror.planned]
        posts = {(one.post.id, one.post.status == "PLANNED"): one.post for one in old}
        posts |= {(one.id, one.status == "PLANNED"): one for one in self.posts}
        zones = {key: one.timezone for key, one in facts.workspaces.items()}
        scanned = self.scanned if "scanned" in self.model_fields_set else facts.mirror.scanned
        return mirror_of(posts.values(), zones, scanned, facts.now)


class _Repeated(BaseModel):
    """A long text in short: some signs so many times, and what follows them."""

    model_config = _CLOSED

    repeat: str
    times: Annotated[int, Field(ge=1, le=100_000)]
    then: str = ""


def _written(text: object) -> object:
    if isinstance(text, dict):
        long = _Repeated.model_validate(text)
        return long.repeat * long.times + long.then
    return text


Words = Annotated[str, BeforeValidator(_written)]
_Synced = Annotated[str, Field(pattern=r"^\w+ \d{1,12}$")]


class Given(BaseModel):
    """Facts by their own names; objects are laid over the world's by id. `quoted` comes from the goal unless given."""

    model_config = _CLOSED

    now: AwareDatetime | None = None
    mode: Mode | None = None
    goal: str | None = None
    language: str | None = None
    scope: tuple[int, ...] | None = None
    workspaces: tuple[Workspace, ...] = ()
    accounts: tuple[Account, ...] = ()
    posts: tuple[Post, ...] = ()
    media: tuple[Media, ...] = ()
    comments: tuple[Comment, ...] = ()
    labels: tuple[Label, ...] = ()
    folders: tuple[Folder, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    ours: tuple[int, ...] | None = None
    posts_shown: tuple[int, ...] | None = None
    quoted: tuple[Words, ...] | None = None
    decided: bool | None = None
    answered: tuple[Answered, ...] | None = None
    cards_today: int | None = None
    night_drafts: int | None = None
    analyses_today: int | None = None
    together: int | None = None
    deletions: int | None = None
    asked_by: str | None = None
    files: dict[int, FileTold] | None = None
    standing: StandingKnown | None = None
    requests_left: int | None = None
    folders_allowed: tuple[str, ...] | None = None
    features: tuple[str, ...] | None = None
    secrets: tuple[str, ...] | None = None
    mirror: GivenMirror | None = None
    kept: tuple[Finding, ...] = ()
    resolved: dict[str, tuple[str, ...]] | None = None
    #: Operation and post, such as `SyncComments 502`, to when it was synced; those of this run.
    syncs: dict[_Synced, AwareDatetime] | None = None
    synced_here: tuple[_Synced, ...] | None = None
    #: A comment to the card that answers it, and the card's state.
    replies: dict[int, tuple[int, str]] | None = None

    def over(self, facts: Facts) -> Facts:
        """The facts with these laid over them. Pure."""
        changes: dict[str, Any] = {}
        sets = {field.name for field in fields(Facts) if isinstance(getattr(facts, field.name), frozenset)}
        for name in self.model_fields_set:
            value = getattr(self, name)
            if isinstance(value, GivenMirror):
                continue
            if isinstance(value, tuple) and isinstance(getattr(facts, name), Mapping):
                changes[name] = {**getattr(facts, name), **{one.id: one for one in value}}
            elif value is not None:
                changes[name] = frozenset(value) if name in sets else value
        if self.goal is not None and self.quoted is None:
            changes["quoted"] = quoted_in(self.goal)
        if self.syncs is not None:
            changes["syncs"] = {_sync(key): at for key, at in self.syncs.items()}
        if self.synced_here is not None:
            changes["synced_here"] = frozenset(_sync(key) for key in self.synced_here)
        changed = replace(facts, **changes)
        if self.mirror is not None:
            changed = replace(changed, mirror=self.mirror.over(changed))
        return replace(changed, sources=sources_of(changed))


def sources_of(facts: Facts) -> Sources:
    """Where words may come from, of facts that no run has read one by one."""
    own = Ownership(ours=facts.ours, named=facts.named, accounts=facts.accounts)
    found = Sources([Source("the goal", "said", facts.goal)])
    for shelf in (facts.workspaces, facts.accounts, facts.posts, facts.media, facts.comments, facts.labels):
        for thing in shelf.values():
            found.add(sources_in(thing, own))
    return found


def _sync(key: str) -> tuple[str, int]:
    operation, _, post = key.partition(" ")
    return operation, int(post)


class World(Given):
    """What all tests start from. `now` is needed."""

    now: AwareDatetime

    def facts(self) -> Facts:
        """As facts."""
        return self.over(Facts(now=self.now))


def load_world(path: Path) -> Facts:
    """The facts that tests start from. Raises SettingsError."""
    return load_yaml(path, World).facts()
