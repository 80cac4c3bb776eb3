"""Standing permissions: what a person signed beforehand, so that a narrow kind of post goes out without a card.

A permission is used for the promotion of one draft of ours that fits it exactly, changes nothing but when it goes out,
and of which no rule finds anything but that a person decides. All else waits on a card, as without it. Pure.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import MISSING, AfterValidator, BaseModel, ConfigDict, Field, model_validator

from agent.api.networks import SETTINGS
from agent.api.posts import ContentItem, UpdatePost, settings_of
from agent.api.types import Post
from agent.journal import records as r
from agent.journal.findings import Finding, Verdict
from agent.policy.effects import only_labels
from agent.policy.facts import Facts, StandingKnown
from agent.policy.rules.case import Case, media_of
from agent.policy.rules.named import named_in
from agent.policy.rules.wording import asked_word, plain_goal

#: Notes beside the rules' findings: that a permission is used, and why one that covers the post is not.
USED = "standing.used"
NOT_USED = "standing.not_used"
#: The note on a draft that may hold words of strangers, or of somebody outside this home: none lets it out.
NEAR = "origin.near"
#: Why a promotion is held where nothing is wrong with it.
_ORDINARY = frozenset({"post.draft_by_default", "effect.permitted"})
#: Rules whose notes say nothing about whether a post may go out; what they hold counts.
_HARMLESS = frozenset({"media.alt", "account.limit", "posts.read", "mastodon.manners", "words.language"})
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = re.compile(rf"({'|'.join(_DAYS)})(?:-({'|'.join(_DAYS)}))?")
#: What some network could take for a link, in one width and case: a scheme, a numeric address, a name with a dot and
#: two letters behind it, of any ending and script. Narrower readings (X's, say) let out what others make links of.
_LINK = re.compile(r":/|\bwww\.|(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)|[\w-]\.(?:[^\W\d_]{2}|xn--)")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")


def _days(words: tuple[str, ...]) -> tuple[str, ...]:
    """The weekdays that `mon-fri` and the like name, in order. Raises ValueError."""
    found: set[int] = set()
    for word in words:
        match = _DAY.fullmatch(word)
        if match is None:
            raise ValueError("write days as mon, tue, wed, thu, fri, sat, sun, or mon-fri")
        first, last = _DAYS.index(match[1]), _DAYS.index(match[2] or match[1])
        found.update(at % 7 for at in range(first, last + 1 if last >= first else last + 8))
    return tuple(day for at, day in enumerate(_DAYS) if at in found)


class Standing(BaseModel):
    """One permission, as an overlay says it. `between` and `days` are about when a post goes out, where it is at home.

    `per_day` counts twice: posts that go out on a day, and posts sent to PostSyncer on a day. `until` is its last day.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[\w][\w .-]{0,59}$")]
    accounts: Annotated[tuple[Annotated[int, Field(strict=True, gt=0)], ...], Field(min_length=1)]
    label: Annotated[int, Field(strict=True, gt=0)]
    between: tuple[str, str]
    days: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_days)]
    per_day: Annotated[int, Field(strict=True, ge=1, le=20)]
    links: Annotated[bool, Field(strict=True)] = False
    mentions: Annotated[bool, Field(strict=True)] = False
    unattended: Annotated[bool, Field(strict=True)] = False
    until: date
    signed: Annotated[str, Field(min_length=2, max_length=60)]

    @model_validator(mode="after")
    def _in_order(self) -> "Standing":
        if not all(_TIME.fullmatch(time) for time in self.between):
            raise ValueError("write between as two times in quotes, such as ['09:00', '18:00']")
        if self.between[0] >= self.between[1]:
            raise ValueError("between ends before it begins: it does not go over midnight")
        return self

    def told(self) -> str:
        """In one line, for reports and lists."""
        what = "with links" if self.links else "no links"
        accounts = f"account{'s' if len(self.accounts) > 1 else ''} {', '.join(map(str, self.accounts))}"
        night = ", unattended too" if self.unattended else ""
        return (
            f"{self.name}: posts with label {self.label} on {accounts}, {', '.join(self.days)} "
            f"{self.between[0]}-{self.between[1]}, {self.per_day} a day, {what}{night}, until {self.until} "
            f"(signed: {self.signed})"
        )


@dataclass(frozen=True)
class Going:
    """The promotion in question: the call, its draft, when it goes out, and the zone of its workspace."""

    call: UpdatePost
    post: Post
    due: datetime
    zone: ZoneInfo


def permitted(
    case: Case, permissions: Sequence[Standing], findings: Sequence[Finding], words: Any
) -> tuple[r.StandingUse | None, tuple[Finding, ...]]:
    """The permission by which a held call may go out, if any, and what is to be noted about it.

    `findings` are all there are of the call, `words` the lists by which goals ask for publishing.
    """
    going = _going(case)
    if going is None or case.facts.standing is None or case.facts.mode == "person":
        return None, ()
    notes = []
    for permission in permissions:
        if not _covers(permission, going):
            continue
        why = next(_against(permission, going, case, findings, words), "")
        if not why:
            says = f"The standing permission “{permission.name}” lets post {going.post.id} go out without a card."
            note = Finding(rule=USED, verdict=Verdict.ALLOW, says=says, evidence=permission.told())
            return _use(permission, going, case.facts), (note,)
        says = f"The standing permission “{permission.name}” is not used for post {going.post.id}: {why}."
        notes.append(Finding(rule=NOT_USED, verdict=Verdict.ALLOW, says=says, evidence=permission.told()))
    return None, tuple(notes)


def still_holds(use: r.StandingUse, call: UpdatePost, now: datetime) -> bool:
    """Whether the hour in which a permission was looked at is still that of sending."""
    local = now.astimezone(ZoneInfo(use.zone))
    if local.date().isoformat() != use.sent_on:
        return False
    return call.schedule_type != "publish_now" or use.between[0] <= f"{local:%H:%M}" < use.between[1]


def _going(case: Case) -> Going | None:
    call, post, facts = case.call, case.post, case.facts
    if not isinstance(call, UpdatePost) or call.schedule_type == "draft" or post is None or post.status != "DRAFT":
        return None
    try:
        zone = facts.zone(call.workspace_id)
        if call.schedule_type == "publish_now":
            return Going(call, post, facts.now, zone)
        when = call.schedule_for
        if when is MISSING or when is None:
            return None
        wall = datetime.fromisoformat(f"{when.date}T{when.time}")
        return Going(call, post, wall.replace(tzinfo=zone).astimezone(UTC), zone)
    except (KeyError, ValueError, OSError, OverflowError):
        return None


def _covers(permission: Standing, going: Going) -> bool:
    """Whether a permission is about this post at all: its accounts, and its label, on the draft and in the call."""
    accounts = () if going.call.accounts is MISSING else tuple(target.id for target in going.call.accounts)
    labels = () if going.call.labels is MISSING else going.call.labels
    labelled = permission.label in labels and permission.label in {label.id for label in going.post.labels}
    return bool(accounts) and set(accounts) <= set(permission.accounts) and labelled


def _against(permission: Standing, going: Going, case: Case, findings: Sequence[Finding], words: Any) -> Iterator[str]:
    """Why a permission is not used, each as the end of a sentence, in our own words."""
    facts = case.facts
    known = facts.standing or StandingKnown(doubt=True)
    if facts.mode == "unattended" and not permission.unattended:
        yield "it does not hold while nobody is there"
    if permission.name in known.revoked:
        yield "it is revoked"
    if known.doubt:
        yield "what became of another effect is not known"
    if known.strangers:
        yield known.strangers
    if going.post.id not in facts.ours:
        yield "the draft was not made here"
    if not asked_word(plain_goal(facts.goal, facts.quoted), words):
        yield "the goal does not ask for publishing in words that are known"
    yield from _not_plain(permission, going, case)
    found = [one.rule for one in findings if one.rule not in _ORDINARY and not _harmless(one)]
    if found:
        yield f"there is more to decide ({', '.join(dict.fromkeys(found))})"
    yield from _not_then(permission, going, facts.now, known)


def _harmless(finding: Finding) -> bool:
    return finding.verdict is Verdict.ALLOW and finding.rule in _HARMLESS


def _not_then(permission: Standing, going: Going, now: datetime, known: StandingKnown) -> Iterator[str]:
    """What is wrong with the time: too late, the wrong day or hour, or too often."""
    local, today = going.due.astimezone(going.zone), now.astimezone(going.zone).date()
    if max(today, local.date()) > permission.until:
        yield f"it ended on {permission.until}"
    if _DAYS[local.weekday()] not in permission.days:
        yield "it does not go out on one of its days"
    if not permission.between[0] <= f"{local:%H:%M}" < permission.between[1]:
        yield "it does not go out within its hours"
    uses = [use for use in known.used if use[0] == permission.name]
    for day, count in (
        (local.date().isoformat(), [use[1] for use in uses]),
        (today.isoformat(), [use[2] for use in uses]),
    ):
        if count.count(day) >= permission.per_day:
            yield f"it was used {count.count(day)} times for {day}"


def _not_plain(permission: Standing, going: Going, case: Case) -> Iterator[str]:
    """What makes a promotion more than saying when a draft goes out, or a post more than words and pictures."""
    call, post = going.call, going.post
    same_labels = set(() if call.labels is MISSING else call.labels) == {label.id for label in post.labels}
    same_campaign = call.campaign_id in (MISSING, (post.model_extra or {}).get("campaign_id"))
    if not only_labels(call, post) or not same_labels or not same_campaign or not _says_all(call, post):
        yield "the call changes the draft, too"
    if call.repeatable is True or post.repeatable:
        yield "it repeats"
    if any(item.is_first_comment is True for item in call.content):
        yield "it has a first comment"
    if any(named.thing in {"text", "address"} for named in named_in(case)):
        yield "it names posts or places of the network"
    if any(isinstance(one, str) for item in call.content for one in _pictures(item)):
        yield "its media are addresses"
    texts = [_plain(text) for where, text in case.strings if not where.startswith("schedule")]
    texts += [_plain(text) for text in _shown(post)]
    if not permission.links and any(_LINK.search(text) for text in texts):
        yield "it has a link"
    if not permission.mentions and any("@" in text for text in texts):
        yield "it mentions somebody"


def _says_all(call: UpdatePost, post: Post) -> bool:
    """Whether the call repeats every setting of the draft: what it leaves out, the service may drop or keep."""
    targets = () if call.accounts is MISSING else call.accounts
    said = {target.id: settings_of(target) for target in targets}
    for row in post.platforms:
        model = SETTINGS.get(row.platform)
        known = set(model.model_fields) if model is not None else set(row.settings)
        ours = said.get(row.shown_account_id or 0, {})
        if any(value and name in known and name not in ours for name, value in row.settings.items()):
            return False
    return True


def _pictures(item: ContentItem) -> Iterator[Any]:
    """The media of an item, and the picture of its cover."""
    yield from media_of(item)
    if item.cover_image is not MISSING:
        yield item.cover_image.thumbnail


def _plain(text: str) -> str:
    """A text in one width and case, with one spelling of the dot."""
    return unicodedata.normalize("NFKC", text).replace("。", ".").casefold()


def _shown(post: Post) -> Iterator[str]:
    """The words of a draft as read, its settings too: the service may keep what a call does not say."""
    yield from (item.text for item in post.content if item.text)
    for row in post.platforms:
        yield from _strings(row.settings)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _use(permission: Standing, going: Going, facts: Facts) -> r.StandingUse:
    local, today = going.due.astimezone(going.zone), facts.now.astimezone(going.zone)
    return r.StandingUse(
        **permission.model_dump(exclude={"until"}),
        until=permission.until.isoformat(),
        due=going.due,
        zone=going.zone.key,
        day=local.date().isoformat(),
        sent_on=today.date().isoformat(),
    )
