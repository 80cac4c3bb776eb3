"""Not the same again: texts that an account, or another account of its network, has already; and how old that is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

from rapidfuzz import fuzz, process

from agent.api.endpoint import Effect
from agent.api.posts import UpdatePost
from agent.api.types import Account
from agent.journal.findings import Verdict
from agent.policy.mirror import Kept
from agent.policy.rules.case import Case, Target
from agent.policy.rules.rule import OUT_EFFECTS, POST_EFFECTS, AtLeast, AtMost, Found, Params, Plain, rule
from agent.text import folded

_APPROVES = "another text, or a person approves the card"


class DuplicateParams(Params):
    """Texts alike to `percent` or more, within so many `days` before and after."""

    percent: AtMost
    days: AtLeast


@rule("post.duplicate", DuplicateParams, effects=POST_EFFECTS)
def check_duplicate(case: Case, params: DuplicateParams) -> Iterable[Found]:
    """Networks show less of what repeats itself, and some forbid it."""
    if not _matters(case):
        return
    for target in case.targets:
        found = _most_alike(case, _text(case, target), target.account, params, drafts=True)
        if found is not None:
            yield Found(
                f"Account {target.account.id} has {found.how} in post {found.post.post.id} ({found.stands}).",
                evidence=_when(found.post),
                passes=_APPROVES,
            )


class SameTextParams(Params):
    """The same of several accounts of one network; `twitter` is the verdict on X, which forbids it."""

    percent: AtMost
    days: AtLeast
    twitter: Plain


@rule("post.same_text", SameTextParams, effects=POST_EFFECTS)
def check_same_text(case: Case, params: SameTextParams) -> Iterable[Found]:
    """One text on several accounts of a network, in this post or by others that are planned or out."""
    if not _matters(case):
        return
    for one, other in combinations(case.everybody, 2):
        mine = case.judged is None or {one.account.id, other.account.id} & case.judged
        if mine and one.network == other.network and _alike(_text(case, one), _text(case, other)) >= params.percent:
            yield Found(
                f"Accounts {one.account.id} and {other.account.id} of one network get the same text.",
                passes="a text of its own for each account, or one account alone",
                verdict=params.twitter if one.network == "twitter" else None,
            )
    for target in case.targets:
        text = _text(case, target)
        for account in _siblings(case, target):
            found = _most_alike(case, text, account, params, drafts=False)
            if found is not None:
                yield Found(
                    f"Account {account.id} of the same network as account {target.account.id} has {found.how} in post"
                    f" {found.post.post.id} ({found.stands}).",
                    evidence=_when(found.post),
                    passes="a text of its own",
                    verdict=params.twitter if target.network == "twitter" else None,
                )
                break


class ReadParams(Params):
    """All posts of the service were read at most so many `hours` ago."""

    hours: AtMost


@rule("posts.read", ReadParams, effects=OUT_EFFECTS)
def check_read(case: Case, params: ReadParams) -> Iterable[Found]:
    """Cadence and duplicates are judged by what was read: its age stands on the card of what goes out."""
    if case.going_out is None or case.facts.decided:  # an age voids no decision
        return
    mirror, now = case.facts.mirror, case.facts.now
    known = f"{len(mirror.shelf.posts)} posts known"
    passes = "a person runs `psa scan`, which reads them all (`psa night` does, too), or approves the card"
    if mirror.scanned is None:
        says = "Not all posts of the service were ever read: cadence and duplicates are judged by part of them."
        yield Found(says, evidence=known, passes=passes)
        return
    says = f"All posts of the service were last read at {mirror.scanned:%Y-%m-%d %H:%M} UTC"
    if now - mirror.scanned > timedelta(hours=params.hours):
        yield Found(f"{says}, more than {params.hours} hours ago.", evidence=known, passes=passes)
    else:
        yield Found(f"{says}.", evidence=known, verdict=Verdict.ALLOW)


@dataclass(frozen=True)
class _Match:
    post: Kept
    score: float

    @property
    def stands(self) -> str:
        """In which state the post is, in words of ours."""
        status = self.post.post.status
        return status.lower() if status in {"DRAFT", "SCHEDULED", "PUBLISHED"} else "going out, or out in part"

    @property
    def how(self) -> str:
        return "the same text" if self.score >= 100 else f"a text that is {int(self.score)} % alike"


def _matters(case: Case) -> bool:
    """Whether the words may go out by this call, or later: taking a post off its schedule is no repetition."""
    return case.going_out is not None or case.effect is Effect.DRAFT


def _text(case: Case, target: Target) -> str:
    """The words an account shows, without the first comment."""
    return folded("\n".join(piece.text for piece in case.pieces(target) if piece.kind == "text"))


def _alike(one: str, other: str) -> float:
    return fuzz.ratio(one, other) if one and other else 0.0


def _most_alike(
    case: Case, text: str, account: Account, params: DuplicateParams | SameTextParams, *, drafts: bool
) -> _Match | None:
    """The other post of an account with the most similar words, where it is similar enough and near enough in time.

    A post without words is like no other.
    """
    best: _Match | None = None
    mirror, cutoff = case.facts.mirror, float(params.percent)
    for ids, words in _around(case, account, params.days, drafts=drafts) if text else ():
        found = process.extractOne(text, words, scorer=fuzz.ratio, score_cutoff=cutoff)
        if found is not None and (best is None or found[1] > best.score):
            best = _Match(mirror.shelf.posts[ids[found[2]]], found[1])
    return best


def _around(
    case: Case, account: Account, days: int, *, drafts: bool
) -> Iterator[tuple[Sequence[int], Sequence[str | None]]]:
    """Ids and words of the other posts of an account that are near enough in time; of drafts, those young enough."""
    mirror, now, span = case.facts.mirror, case.facts.now, timedelta(days=days)
    own = case.call.id if isinstance(case.call, UpdatePost) else 0
    when = case.outings[0].at if case.outings else now
    none = mirror.hidden | {own}
    for ids, words in mirror.words(account, when - span, when + span):
        yield (
            ids,
            words
            if none.isdisjoint(ids)
            else [None if key in none else one for key, one in zip(ids, words, strict=True)],
        )
    young = [
        kept.post
        for kept in (mirror.drafts(account) if drafts else ())
        if kept.post.id != own and (kept.made is None or abs(now - kept.made) <= span)
    ]
    yield [post.id for post in young], [post.text_on(account.platform) or None for post in young]


def _siblings(case: Case, target: Target) -> Sequence[Account]:
    """The other accounts of its network, but those that this very post goes to."""
    here = {one.account.id for one in case.everybody}
    return [
        account
        for account in case.facts.accounts.values()
        if account.platform == target.network and account.id not in here
    ]


def _when(kept: Kept) -> str:
    at = max(kept.times, default=kept.made)
    return f"{at:%Y-%m-%d %H:%M} UTC" if at is not None else ""
