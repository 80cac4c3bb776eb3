"""What the policy says to what somebody has typed, and how long it is for each network. Nothing is sent or written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from agent.api.catalogue import parse
from agent.api.comments import CreateComment, UpdateComment
from agent.api.networks import NETWORK_NAMES
from agent.api.types import Post
from agent.errors import Declined
from agent.gate.decisions import Person, with_text
from agent.journal.run import Run
from agent.policy.checking import Checked, Length, Rewrite, told_of
from agent.policy.counting import length_of, most_of, over
from agent.policy.facts import Facts
from agent.policy.pack import Pack
from agent.policy.places import in_words, places_in_words
from agent.policy.verdict import Finding, Verdict
from agent.review.writing import goal_of
from agent.text import seen, shorten
from agent.tools.desk import Unfit
from agent.tools.written import Plan, rewritten
from agent.web.moments import TimeTold, time_told
from agent.web.previews import NEAR
from agent.web.sheet import Sheet
from agent.web.site import Site
from agent.web.subjects import STAND_IN, Subject, base_of
from agent.web.world import facts_in, trial, uploaded

#: Characters that are shown before hidden ones.
AROUND = 40
#: Told beside the time, not among the findings.
_OF_TIME = "time.exists"


@dataclass(frozen=True)
class Counter:
    """How long a text is for one account, in its network's unit; `most` None where nobody names a limit."""

    name: str
    #: As people call it.
    network: str
    what: str
    units: int
    most: int | None
    unit: str
    over: int
    second: str = ""

    @property
    def state(self) -> str:
        """`bad` where it is too long, `warn` where it nearly is, else `good`."""
        if self.over:
            return "bad"
        return "warn" if self.most and self.units >= NEAR * self.most else "good"


@dataclass(frozen=True)
class Checkup:
    """The answer to what was typed. `trouble` says why it is no post yet; then nothing else is known."""

    counters: tuple[Counter, ...] = ()
    findings: tuple[Finding, ...] = ()
    changes: tuple[Rewrite, ...] = ()
    verdict: str = ""
    trouble: str = ""
    time: TimeTold | None = None
    #: Texts in which something is that a reader would not see.
    hidden: tuple[str, ...] = ()

    @property
    def worst(self) -> Counter | None:
        """The text that is most over its limit, or nearest to it."""
        limited = [one for one in self.counters if one.most]
        return max(limited, key=lambda one: one.units / (one.most or 1), default=None)

    @property
    def stops(self) -> tuple[Finding, ...]:
        """What holds or denies it."""
        return tuple(one for one in self.findings if one.verdict >= Verdict.HOLD)

    @property
    def denied(self) -> bool:
        """Whether it cannot go out as it is."""
        return any(one.verdict is Verdict.DENY for one in self.findings)


def check_sheet(site: Site, person: Person, subject: Subject, sheet: Sheet, reader: tzinfo) -> Checkup:
    """Judge what a page holds as the run would that saves it."""
    time = _time(site, subject, sheet, reader)
    plan = Plan() if time is not None and time.trouble else sheet.plan
    try:
        if subject.card is not None:
            checked, facts = _on_card(site, subject, sheet, plan)
        else:
            checked, facts = _own(site, person, subject, sheet, plan)
    except Unfit as error:
        return Checkup(trouble=str(error), time=time)
    counters = tuple(_counter(length, facts, len(sheet.written.thread) + 1) for length in checked.lengths)
    findings = _plain(one for one in checked.findings if one.rule != _OF_TIME)
    return Checkup(counters, findings, checked.changes, checked.verdict.word, "", time, _hidden(sheet.written.texts))


def _time(site: Site, subject: Subject, sheet: Sheet, reader: tzinfo) -> TimeTold | None:
    if sheet.plan.kind != "at":
        return None
    try:
        zone = subject.facts.zone(sheet.written.workspace_id)
    except (KeyError, ValueError):
        return TimeTold(trouble="The time zone of this workspace is not known: no time can be set there.")
    return time_told(sheet.plan.at, zone, reader, site.house.clock.now())


def _own(site: Site, person: Person, subject: Subject, sheet: Sheet, plan: Plan) -> tuple[Checked, Facts]:
    """As a call of the person's own: a draft stays one unless it is planned to go out."""
    gate = site.house.gate
    base = base_of(subject, sheet.written)
    post = subject.post or Post.model_validate(
        {"id": STAND_IN, "status": "DRAFT", "platforms": [], "content": [], "workspace_id": base.workspace_id}
    )
    run = trial(site, person, goal_of("Write", sheet.written), post=post, overlay=subject.overlay)
    run.state.known.media |= uploaded(gate, sheet.written.media)
    facts = facts_in(run)
    call = rewritten(base, sheet.written, plan, facts)
    return told_of(gate.judge(run, call), call, facts, _pack(site, run), of_text=True), facts


def _on_card(site: Site, subject: Subject, sheet: Sheet, plan: Plan) -> tuple[Checked, Facts]:
    gate = site.house.gate
    facts = facts_in(subject.run)
    facts = replace(facts, media={**facts.media, **uploaded(gate, sheet.written.media)})
    call = rewritten(base_of(subject, sheet.written), sheet.written, plan, facts)
    judgement = gate.judge_decided(subject.run, call, subject.number)
    return told_of(judgement, call, facts, _pack(site, subject.run), of_text=True), facts


def _pack(site: Site, run: Run) -> Pack:
    """The policy in force in a run."""
    opened = run.state.opened
    return site.house.packs.of(opened.mode, opened.overlay) if opened else site.house.packs.of("attended")


def _counter(length: Length, facts: Facts, parts: int) -> Counter:
    account = facts.accounts.get(length.account)
    return Counter(
        name=account.label if account is not None else f"account {length.account}",
        network=NETWORK_NAMES.get(length.network, length.network),
        what=_what(length.where, parts),
        units=length.units,
        most=length.most,
        unit=length.unit,
        over=length.over,
        second=length.second,
    )


def _what(where: str, parts: int) -> str:
    """Which text is meant, where it is not simply the post's."""
    steps = where.split(".")
    if steps[0] == "accounts":
        return "title" if steps[-1] == "title" else "own text"
    place = int(steps[1]) if len(steps) > 1 and steps[1].isdigit() else 0
    if place == 0:
        return ""
    return f"part {place + 1}" if place < parts else "first comment"


def check_reply(site: Site, subject: Subject, text: str) -> Checkup:
    """Judge the new text of a reply's card, and count it for the network that it goes to."""
    view = subject.card
    if view is None:
        raise Declined("This is no card.", hint="The queue shows what waits.")
    gate, run = site.house.gate, subject.run
    if not text.strip():
        return Checkup(trouble="A reply needs a text.")
    call = with_text(parse(view.card.operation, view.parts[0].arguments), text)
    judgement = gate.judge_decided(run, call, subject.number)
    facts = facts_in(run)
    pack = _pack(site, run)
    checked = told_of(judgement, call, facts, pack, of_text=True)
    counters = tuple(_reply_counter(text, network, pack.networks.of(network)) for network in _networks(call, facts))
    word = checked.verdict.word
    return Checkup(counters, _plain(checked.findings), checked.changes, word, hidden=_hidden([text]))


def _plain(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in words, each thing once; what is rewritten is shown as it will read."""
    told = []
    for one in findings:
        says, passes, evidence = in_words(one.says), in_words(one.passes), places_in_words(one.evidence)
        changes = {"says": says, "passes": passes, "evidence": "" if evidence in f"{says} {passes}" else evidence}
        if one.verdict is not Verdict.REWRITE:
            told.append(one.model_copy(update=changes))
    return tuple(told)


def _hidden(texts: Iterable[str]) -> tuple[str, ...]:
    """Of each text that holds hidden characters the stretch that does."""
    found = []
    for text in texts:
        plain = seen(text)
        if plain != text:
            first = next((at for at, sign in enumerate(text) if at >= len(plain) or plain[at] != sign), 0)
            found.append(("…" if first > AROUND else "") + shorten(text[max(0, first - AROUND) :], 4 * AROUND))
    return tuple(found)


def _networks(call: Any, facts: Facts) -> Sequence[str]:
    """The networks that a reply is read on: of the comment it answers, else of its post."""
    about = call.parent_comment_id if isinstance(call, CreateComment) else getattr(call, "comment", 0)
    comment = facts.comments.get(about) if isinstance(about, int) else None
    if comment is not None and comment.platform:
        return [one for one in [comment.platform.lower()] if one in NETWORK_NAMES]
    post_id = call.post_id if isinstance(call, CreateComment) else comment.post_id if comment is not None else 0
    post = facts.posts.get(post_id or 0)
    rows = post.platforms if post is not None else ()
    return list(dict.fromkeys(row.platform for row in rows if row.platform in NETWORK_NAMES))


def _reply_counter(text: str, network: str, limits: Any) -> Counter:
    count = length_of(text, network, limits, part="comment")
    return Counter(
        name="",
        network=NETWORK_NAMES[network],
        what="",
        units=count.units,
        most=most_of(limits, part="comment"),
        unit=count.unit,
        over=over(text, network, limits, part="comment"),
    )


def text_on(subject: Subject) -> str:
    """The text of a reply's card."""
    if subject.card is None:
        return ""
    call = parse(subject.card.card.operation, subject.card.parts[0].arguments)
    return call.content if isinstance(call, CreateComment | UpdateComment) and isinstance(call.content, str) else ""
