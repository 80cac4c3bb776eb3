"""Policy tests as data: a call, what is known, and the verdict a rule must come to. `psa policy test` runs them.

A file holds a list of tests (`Tests`); each starts from one small world (`World`, policies/tests/world.yaml) and says
what is different. Networks stand for the world's first account on them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from agent.api.catalogue import OPERATIONS
from agent.api.comments import CreateComment
from agent.api.endpoint import Endpoint
from agent.api.posts import CreatePost, UpdatePost
from agent.api.types import Account, Campaign, Comment, Folder, Label, Media, Post, Workspace
from agent.errors import SettingsError
from agent.journal.findings import Finding, Mode, Verdict
from agent.journal.mirror import MirrorPost
from agent.policy.engine import NOT_AT_REST, NOT_PERMITTED, OWN_LIMIT, decide
from agent.policy.facts import Answered, Facts, FileTold, StandingKnown, quoted_in
from agent.policy.mirror import Mirror, mirror_of
from agent.policy.pack import Pack, Rule
from agent.policy.provenance import Ownership, Source, Sources, sources_in
from agent.policy.standing import NOT_USED, USED, Standing
from agent.yaml_files import load_yaml, nearest

_CLOSED = ConfigDict(extra="forbid", frozen=True)
#: What the shorthands of a post do not name is a field of its body.
_POST = ConfigDict(extra="allow", frozen=True)


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


_Words = Annotated[str, BeforeValidator(_written)]
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
    quoted: tuple[_Words, ...] | None = None
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


class _PostSaid(BaseModel):
    """A post in short. `on` names networks or accounts; further keys are fields of its body.

    A text may be written as `{repeat: a, times: 280, then: "."}`.
    """

    model_config = _POST

    text: _Words | None = None
    on: tuple[str | int, ...] = ("linkedin",)
    thread: tuple[_Words, ...] = ()
    first_comment: _Words | None = None
    media: tuple[int | str, ...] = ()
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    post: int | None = None
    at: str | None = None
    zone: str | None = None


class _Reply(BaseModel):
    model_config = _CLOSED

    to: int
    text: _Words


class Test(BaseModel):
    """One test: of which rule, the call in one of its forms, what is given, and what is expected.

    `expect` is the strictest verdict of the rule (`allow` where it finds nothing), `note` for what it only shows, with
    ` later` where it bites on promotion; `says` must stand in what it says, `becomes` in the rewritten call. `standing`
    are permissions that the tested pack has, `figures` what the rule's parameters are in this test alone.
    """

    __test__ = False
    model_config = _CLOSED

    rule: str
    name: Annotated[str, Field(min_length=3)]
    draft: _PostSaid | None = None
    edit: _PostSaid | None = None
    schedule: _PostSaid | None = None
    publish: _PostSaid | None = None
    reply: _Reply | None = None
    call: dict[str, Any] | None = None
    given: Given = Given()
    unattended: bool = False
    standing: tuple[Standing, ...] = ()
    figures: dict[str, Any] = Field(default_factory=dict)
    expect: Annotated[str, Field(pattern="^(allow|note|rewrite|hold|deny)( later)?$")]
    says: str = ""
    becomes: str = ""

    @model_validator(mode="after")
    def _one_form(self) -> "Test":
        forms = (self.draft, self.edit, self.schedule, self.publish, self.reply, self.call)
        if sum(form is not None for form in forms) != 1:
            raise ValueError("write the call in one form: draft, edit, schedule, publish, reply or call")
        return self


class Tests(BaseModel):
    """A file of tests."""

    model_config = _CLOSED

    tests: tuple[Test, ...]


@dataclass(frozen=True)
class Tested:
    """How a test went. `got` is in the words of `expect`."""

    test: Test
    path: Path
    got: str
    findings: tuple[Finding, ...] = ()
    problem: str = ""

    @property
    def passed(self) -> bool:
        return not self.problem


def load_world(path: Path) -> Facts:
    """The facts that tests start from. Raises SettingsError."""
    return load_yaml(path, World).facts()


def load_tests(paths: Sequence[Path]) -> list[tuple[Path, Test]]:
    """All tests of these files. Raises SettingsError that names file and line."""
    return [(path, test) for path in paths for test in load_yaml(path, Tests).tests]


def run_test(path: Path, test: Test, world: Facts, pack: Pack) -> Tested:
    """Judge the test's call, and hold the rule's answer against what is expected. Pure. Raises SettingsError."""
    known = [*(rule.id for rule in pack.rules), NOT_PERMITTED, NOT_AT_REST, OWN_LIMIT, USED, NOT_USED]
    if test.rule not in known:
        return Tested(test, path, "nothing", problem=f'there is no rule "{test.rule}".{nearest(test.rule, known)}')
    facts = test.given.over(world)
    try:
        call = call_of(test, facts)
    except (ValidationError, LookupError, ValueError) as error:
        raise SettingsError(f'{path}: the call of the test "{test.name}" cannot be made: {error}.') from error
    judgement = decide(call, facts, _pack_of(test, path, pack))
    found = tuple(finding for finding in judgement.findings if finding.rule == test.rule)
    got = _got(found)
    problem = "" if got == test.expect else f"expected {test.expect}, got {got}"
    said = " ".join(f"{finding.says} {finding.evidence} {finding.passes}" for finding in found)
    if not problem and test.says and test.says not in said:
        problem = f"it does not say {test.says!r}"
    if not problem and test.becomes and test.becomes not in json.dumps(judgement.call.model_dump(), ensure_ascii=False):
        problem = f"the call does not become {test.becomes!r}"
    return Tested(test, path, got, found, problem)


def _pack_of(test: Test, path: Path, pack: Pack) -> Pack:
    """The pack with what a test says of it otherwise. Raises SettingsError for what is no figure of the rule."""
    if test.standing:
        pack = replace(pack, standing=test.standing)
    if not test.figures:
        return pack
    try:
        rules = tuple(_with(rule, test.figures) if rule.id == test.rule else rule for rule in pack.rules)
    except ValidationError as error:
        raise SettingsError(f'{path}: the figures of the test "{test.name}" do not fit: {error}.') from error
    return replace(pack, rules=rules)


def _with(rule: Rule, figures: dict[str, Any]) -> Rule:
    values = {name: getattr(rule.params, name) for name in type(rule.params).model_fields}
    return Rule(rule.code, type(rule.params).model_validate({**values, **figures}))


def _got(found: Sequence[Finding]) -> str:
    if not found:
        return "allow"
    worst = max(found, key=lambda finding: (not finding.later, finding.verdict))
    word = "note" if worst.verdict is Verdict.ALLOW else worst.verdict.word
    return word + (" later" if worst.later else "")


def call_of(test: Test, facts: Facts) -> Endpoint[Any]:
    """The call that a test writes in short. Raises ValueError or LookupError where it makes none."""
    if test.reply is not None:
        return _reply(test.reply, facts)
    if test.call is not None:
        arguments = dict(test.call)
        operation = OPERATIONS[arguments.pop("operation")]
        return operation.model_validate_json(_json(arguments))
    forms = ((test.draft, "draft"), (test.edit, "draft"), (test.schedule, "schedule"), (test.publish, "publish_now"))
    said, kind = next((said, kind) for said, kind in forms if said is not None)
    return _post(said, kind, facts, new=said is test.draft)


def _json(value: object) -> str:
    """As JSON; a date that YAML reads as one is written as it stood."""
    return json.dumps(value, default=str)


def _reply(said: _Reply, facts: Facts) -> Endpoint[Any]:
    comment = facts.comments[said.to]
    return CreateComment.model_validate_json(
        json.dumps({"post_id": comment.post_id, "parent_comment_id": said.to, "content": said.text})
    )


def _post(said: _PostSaid, kind: str, facts: Facts, *, new: bool) -> Endpoint[Any]:
    accounts = [_account(one, said, facts) for one in said.on]
    first: dict[str, Any] = {} if said.text is None else {"text": said.text}
    if said.media:
        first["media"] = list(said.media)
    content = [first, *({"text": text} for text in said.thread)]
    if said.first_comment is not None:
        content.append({"text": said.first_comment, "is_first_comment": True})
    home = facts.accounts[accounts[0]["id"]].workspace_id if accounts else None
    body: dict[str, Any] = {"workspace_id": home, "content": content, "accounts": accounts, "schedule_type": kind}
    if said.at is not None:
        date, time = said.at.split()
        zone = said.zone or facts.workspaces[home or 0].timezone
        body["schedule_for"] = {"date": date, "time": time, "timezone": zone}
    body.update(said.model_extra or {})
    if new:
        return CreatePost.model_validate_json(_json(body))
    post = said.post if said.post is not None else next(iter(sorted(facts.ours)))
    return UpdatePost.model_validate_json(_json({"id": post, **body}))


def _account(one: str | int, said: _PostSaid, facts: Facts) -> dict[str, Any]:
    found = one if isinstance(one, int) else next((a.id for a in facts.accounts.values() if a.platform == one), None)
    if found is None:
        raise ValueError(f"the world has no account on {one}")
    settings = said.settings.get(str(one))
    return {"id": found, **({"settings": settings} if settings else {})}
