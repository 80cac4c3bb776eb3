"""One call told in full, for `psa policy check`: how long each text is for each network, and what the policy says."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from agent.api.endpoint import Endpoint
from agent.journal.findings import Finding, Verdict
from agent.policy.counting import length_of, most_of, over
from agent.policy.engine import NOT_PERMITTED, decide
from agent.policy.facts import Facts
from agent.policy.pack import Pack
from agent.policy.rules.case import Case, Piece
from agent.policy.verdict import Judgement

#: What waits for a person as every post does that goes out: nothing is wrong with it.
APPROVAL = frozenset({"post.draft_by_default", "confirm.outbound", NOT_PERMITTED})
#: What says nothing about a text, but how much of the service was read: told with it as a note.
UNREAD = "posts.read"
#: Stands for the pieces that a text had not before it became a thread.
_NO_PIECE = Piece("", "", "text", shared=False)


@dataclass(frozen=True)
class Length:
    """One text as one account shows it, in the network's own unit. `most` None: nobody names a limit."""

    account: int
    network: str
    where: str
    units: int
    unit: str
    most: int | None
    over: int
    second: str = ""

    def as_row(self) -> dict[str, Any]:
        """As plain data."""
        return {name: getattr(self, name) for name in type(self).__dataclass_fields__}


@dataclass(frozen=True)
class Rewrite:
    """A text that the rules rewrite."""

    where: str
    before: str
    after: str


@dataclass(frozen=True)
class Checked:
    """What the policy says of a call.

    `verdict` counts what bites only on promotion, too. Where the call only stands for a text, that a person decides on
    it is set aside (`approval`): every post that goes out waits for that.
    """

    judgement: Judgement
    verdict: Verdict
    lengths: tuple[Length, ...]
    changes: tuple[Rewrite, ...]
    findings: tuple[Finding, ...]
    approval: tuple[Finding, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether nothing holds or denies it."""
        return self.verdict < Verdict.HOLD


def check(call: Endpoint[Any], facts: Facts, pack: Pack, *, of_text: bool = False) -> Checked:
    """Judge a call. `of_text`: it stands for a text, so that the approval every post needs is set aside. Pure."""
    return told_of(decide(call, facts, pack), call, facts, pack, of_text=of_text)


def told_of(judgement: Judgement, call: Endpoint[Any], facts: Facts, pack: Pack, *, of_text: bool = False) -> Checked:
    """A judgement of a call told in full (see `check`). Pure."""
    aside = [one for one in judgement.findings if of_text and one.rule in APPROVAL and one.verdict is Verdict.HOLD]
    findings = tuple(_noted(one, of_text) for one in judgement.findings if one not in aside)
    found = [finding.verdict for finding in findings]
    if not of_text:
        found.append(judgement.verdict)
    return Checked(
        judgement=judgement,
        verdict=max(found, default=Verdict.ALLOW),
        lengths=tuple(_lengths(_case(judgement.call, facts, pack, judgement))),
        changes=tuple(_changes(_case(call, facts, pack, judgement), _case(judgement.call, facts, pack, judgement))),
        findings=findings,
        approval=tuple(aside),
    )


def _noted(finding: Finding, of_text: bool) -> Finding:
    return finding.model_copy(update={"verdict": Verdict.ALLOW}) if of_text and finding.rule == UNREAD else finding


def _case(call: Endpoint[Any], facts: Facts, pack: Pack, judgement: Judgement) -> Case:
    return Case(call, facts, judgement.effect, pack.networks, own=pack.own_limits)


def _lengths(case: Case) -> Iterator[Length]:
    for target in case.everybody:
        limits = case.limits(target)
        for piece in case.pieces(target):
            count = length_of(piece.text, target.network, limits, part=piece.kind)
            second = ""
            if count.second is not None and limits.text_bytes is not None:
                second = f"{count.second.units} of {limits.text_bytes.value} {count.second.unit}"
            yield Length(
                account=target.account.id,
                network=target.network,
                where=piece.where,
                units=count.units,
                unit=count.unit,
                most=most_of(limits, part=piece.kind, with_media=piece.with_media),
                over=over(piece.text, target.network, limits, part=piece.kind, with_media=piece.with_media),
                second=second,
            )


def _changes(before: Case, after: Case) -> Iterator[Rewrite]:
    """What reads otherwise, once for each text: for a post what its accounts show, for other calls any text."""
    pairs = [
        (new.where or old.where, old.text, new.text)
        for target, other in zip(before.everybody, after.everybody, strict=True)
        for old, new in zip_longest(before.pieces(target), after.pieces(other), fillvalue=_NO_PIECE)
    ]
    if not pairs:
        texts, rewritten = dict(before.strings), dict(after.strings)
        pairs = [(where, texts.get(where, ""), text) for where, text in rewritten.items()]
    yield from dict.fromkeys(Rewrite(*pair) for pair in pairs if pair[1] != pair[2])
