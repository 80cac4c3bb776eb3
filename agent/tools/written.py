"""A post as a person writes it, whole, on one page: from what they typed to calls. No model is offered these."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import MISSING, ValidationError

from agent.api.networks import TEXT_FIELD
from agent.api.posts import AccountTarget, ContentItem, CreatePost, PostFields, ScheduleFor, UpdatePost, settings_of
from agent.policy.facts import Facts
from agent.tools.body import put_body
from agent.tools.compose import Words, content_of, settings_for
from agent.tools.desk import Completes, Desk, Need, Parts, Unfit
from agent.tools.lookup import account_in, fresh_post, workspace_of, zone_of
from agent.tools.promotion import PublishPost, SchedulePost
from agent.tools.remembered import first_comment

#: Characters of one text, as the tools take them.
MOST_TEXT = 65_535

PlanKind = Literal["keep", "draft", "at", "slot", "now"]


@dataclass(frozen=True)
class Plan:
    """When a post is to go out: as it stands, as a draft, `at` a wall-clock time of its workspace, or now."""

    kind: PlanKind = "keep"
    at: str = ""

    @property
    def goes_out(self) -> bool:
        """Whether it asks for the post to go out."""
        return self.kind in {"at", "slot", "now"}


@dataclass(frozen=True)
class Written:
    """What a person wrote. `variants` are texts for one account alone; `settings` other fields of accounts' networks.

    A setting that is None is taken away; one that is not named stays as it stands.
    """

    workspace_id: int
    accounts: tuple[int, ...] = ()
    text: str = ""
    thread: tuple[str, ...] = ()
    first_comment: str = ""
    media: tuple[int | str, ...] = ()
    variants: Mapping[int, str] = field(default_factory=dict)
    settings: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    labels: tuple[int, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything in it that people outside would read."""
        extra = [value for fields in self.settings.values() for value in fields.values() if isinstance(value, str)]
        found = (self.text, *self.thread, self.first_comment, *self.variants.values(), *extra)
        return tuple(text for text in found if text.strip())


def written_of(call: PostFields, facts: Facts) -> Written:
    """What a call says, as it would have been written."""
    main = [item for item in call.content if not first_comment(item)]
    comment = next((item for item in call.content if first_comment(item)), None)
    head = main[0] if main else ContentItem()
    targets = () if call.accounts is MISSING else call.accounts
    variants: dict[int, str] = {}
    settings: dict[int, dict[str, Any]] = {}
    for target in targets:
        values = settings_of(target)
        own = values.pop(_text_field(target.id, facts), None)
        if own:
            variants[target.id] = own
        settings[target.id] = values
    return Written(
        workspace_id=call.workspace_id,
        accounts=tuple(target.id for target in targets),
        text=_text(head),
        thread=tuple(_text(item) for item in main[1:]),
        first_comment=_text(comment) if comment is not None else "",
        media=() if head.media is MISSING else head.media,
        variants=variants,
        settings=settings,
        labels=() if call.labels is MISSING else call.labels,
    )


def rewritten(base: UpdatePost, written: Written, plan: Plan, facts: Facts) -> UpdatePost:
    """The update that stores what was written where `base` would store what stands. Raises Unfit."""
    if written.workspace_id != base.workspace_id:
        raise Unfit("A post stays in its workspace: make a new draft in the other one.")
    given: dict[str, Any] = {name: getattr(base, name) for name in base.model_fields_set}
    standing = () if base.accounts is MISSING else base.accounts
    given["content"] = _content(written, base.content)
    given["accounts"] = _targets(written, facts, standing)
    had = () if base.labels is MISSING else base.labels
    if written.labels or had:
        given["labels"] = tuple(_in_order(written.labels, had))
    if base.repeatable_accounts is not MISSING:
        given["repeatable_accounts"] = tuple(one for one in base.repeatable_accounts if one in written.accounts)
        if not given["repeatable_accounts"]:
            del given["repeatable_accounts"]
    return _valid(given | _planned(base, plan, facts))


def _valid(given: dict[str, Any]) -> UpdatePost:
    try:
        return UpdatePost.model_validate(given)
    except ValidationError as error:
        fields = sorted({str(item["loc"][0]).replace("_", " ") for item in error.errors()})
        raise Unfit(f"This cannot be sent: {' and '.join(fields)} cannot be used as written.") from error


def _planned(base: UpdatePost, plan: Plan, facts: Facts) -> dict[str, Any]:
    """The fields that say when, as far as they change. The next free slot is asked for by naming no time."""
    if plan.kind == "keep":
        return {}
    if plan.kind == "at":
        return {"schedule_type": "schedule", "schedule_for": wall_time(plan.at, base.workspace_id, facts)}
    kind = {"draft": "draft", "slot": "schedule", "now": "publish_now"}[plan.kind]
    return {"schedule_type": kind, "schedule_for": None if isinstance(base.schedule_for, ScheduleFor) else MISSING}


def wall_time(at: str, workspace_id: int, facts: Facts) -> ScheduleFor:
    """`YYYY-MM-DD HH:MM` (or with a T) as a time of a workspace. Raises Unfit."""
    zone = zone_of(workspace_id, facts)
    try:
        moment = datetime.strptime(at.replace("T", " ")[:16], "%Y-%m-%d %H:%M")  # noqa: DTZ007 - the workspace's wall
    except ValueError as error:
        raise Unfit("Choose a day and a time that the calendar has.") from error
    return ScheduleFor(date=f"{moment:%Y-%m-%d}", time=f"{moment:%H:%M}", timezone=zone.key)


def _content(written: Written, standing: Sequence[ContentItem]) -> tuple[ContentItem, ...]:
    """The items anew; covers, delays and the media of a thread's further posts stay where their post does."""
    main = [item for item in standing if not first_comment(item)]
    words = Words(written.text, None, written.media, written.first_comment)
    head, *rest = content_of(words, [*main[:1], *(item for item in standing if first_comment(item))])
    tail = [_further(text, at, main[1:], len(written.thread)) for at, text in enumerate(written.thread)]
    return (head, *tail, *rest)


def _further(text: str, at: int, old: Sequence[ContentItem], count: int) -> ContentItem:
    """A further post of a thread: the one of these words, or in its place where none came or went."""
    same = next((item for item in old if _text(item) == text), None)
    if same is None and count == len(old):
        same = ContentItem.model_validate(dict(old[at]) | {"text": text})
    return same if same is not None else ContentItem(text=text)


def _targets(written: Written, facts: Facts, standing: Sequence[AccountTarget]) -> tuple[AccountTarget, ...]:
    if not written.accounts:
        raise Unfit("Choose at least one account.")
    before = {target.id: settings_of(target) for target in standing}
    found: list[AccountTarget] = []
    for account_id in _in_order(written.accounts, before):
        network = account_in(account_id, written.workspace_id, facts).platform
        changes = dict(written.settings.get(account_id, {}))
        own = written.variants.get(account_id, "")
        if network in TEXT_FIELD:
            changes[TEXT_FIELD[network]] = own or None
        elif own:
            raise Unfit(f"{network} has no text of its own: make a second draft for account {account_id}.")
        values = _changed(before.get(account_id, {}), changes)
        found.append(AccountTarget(id=account_id, settings=settings_for(account_id, network, values)))
    return tuple(found)


def _changed(stands: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with the changes made; what is taken away goes, what is null already stays so."""
    kept = {key: value for key, value in stands.items() if value is None or changes.get(key, value) is not None}
    return kept | {key: value for key, value in changes.items() if value is not None}


def _in_order(chosen: Sequence[int], standing: Iterable[int]) -> list[int]:
    """What was chosen, each once: what stands in its order, then what is new."""
    first = [one for one in standing if one in chosen]
    return list(dict.fromkeys([*first, *chosen]))


def _text_field(account_id: int, facts: Facts) -> str:
    account = facts.accounts.get(account_id)
    return TEXT_FIELD.get(account.platform, "") if account else ""


def _text(item: ContentItem) -> str:
    return item.text if isinstance(item.text, str) else ""


@dataclass(frozen=True)
class NewDraft:
    """What a person wrote, as a new draft."""

    written: Written

    def complete(self, desk: Desk) -> Parts:
        written, facts = self.written, desk.facts
        workspace_of(written.workspace_id, facts)
        return Parts(
            (
                CreatePost(
                    workspace_id=written.workspace_id,
                    content=_content(written, ()),
                    schedule_type="draft",
                    accounts=_targets(written, facts, ()),
                    labels=written.labels or MISSING,
                ),
            )
        )


@dataclass(frozen=True)
class Rewrite:
    """A post as a person wrote it anew, over the post as it stands in the service now.

    A draft is first only rewritten, which is free; promoting it is a call of its own. What is scheduled or failed
    changes in one call, time and all. Nothing to rewrite gives no call.
    """

    post: int
    written: Written
    plan: Plan = field(default_factory=Plan)

    def complete(self, desk: Desk) -> Need | Parts:
        post = fresh_post(self.post, desk)
        if isinstance(post, Need):
            return post
        base, notes = put_body(post, desk)
        call = rewritten(base, self.written, Plan() if post.status == "DRAFT" else self.plan, desk.facts)
        return Parts(() if call == base else (call,), notes)


def promotion(post: int, plan: Plan) -> Completes | None:
    """What brings a draft out as planned; None where it stays one."""
    if plan.kind == "now":
        return PublishPost(post=post)
    if plan.kind == "slot":
        return SchedulePost(post=post, next_slot=True)
    return SchedulePost(post=post, at=plan.at.replace("T", " ")[:16]) if plan.kind == "at" else None
