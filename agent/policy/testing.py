"""Policy tests as data: a call, what is known, and the verdict a rule must come to. `psa policy test` runs them.

A file holds a list of tests (`Tests`); each starts from one small world (`World`, policies/tests/world.yaml) and says
what is different. Networks stand for the world's first account on them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.api.catalogue import OPERATIONS
from agent.api.comments import CreateComment
from agent.api.endpoint import Endpoint
from agent.api.posts import CreatePost, UpdatePost
from agent.errors import SettingsError
from agent.journal.findings import Finding, Verdict
from agent.policy.engine import NOT_AT_REST, NOT_PERMITTED, OWN_LIMIT, decide
from agent.policy.facts import Facts
from agent.policy.given import Given, Words
from agent.policy.pack import Pack, Rule
from agent.policy.standing import NOT_USED, USED, Standing
from agent.yaml_files import load_yaml, nearest

_CLOSED = ConfigDict(extra="forbid", frozen=True)
#: What the shorthands of a post do not name is a field of its body.
_POST = ConfigDict(extra="allow", frozen=True)


class _PostSaid(BaseModel):
    """A post in short. `on` names networks or accounts; further keys are fields of its body.

    A text may be written as `{repeat: a, times: 280, then: "."}`.
    """

    model_config = _POST

    text: Words | None = None
    on: tuple[str | int, ...] = ("linkedin",)
    thread: tuple[Words, ...] = ()
    first_comment: Words | None = None
    media: tuple[int | str, ...] = ()
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    post: int | None = None
    at: str | None = None
    zone: str | None = None


class _Reply(BaseModel):
    model_config = _CLOSED

    to: int
    text: Words


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
