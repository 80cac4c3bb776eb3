"""Hashtags: at most so many on each network, over the text, thread items and the first comment together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import MISSING

from agent.api.networks import TEXT_FIELD
from agent.api.posts import AccountTarget, ContentItem, PostFields, settings_of
from agent.journal.findings import Verdict
from agent.policy.entities import hashtags, without_hashtags_over
from agent.policy.rules.case import Case, Piece, Target, text_of
from agent.policy.rules.own_words import cut_quotes, stood_before
from agent.policy.rules.rule import POST_EFFECTS, AtMost, Found, Params, Plain, Rewriting, rule


class HashtagParams(Params):
    """`most` is the house's cap, a network's own may be lower.

    `quoted` and `far_over` are the verdicts where nothing is rewritten: for the person's own words, and for more than
    twice as many as allowed.
    """

    verdict: Rewriting
    most: AtMost
    quoted: Plain
    far_over: Plain


@dataclass(frozen=True)
class _Share:
    """One piece that one account shows, with its tags and how many of them stay when the first ones are kept."""

    target: Target
    piece: Piece
    tags: int
    keep: int

    @property
    def over(self) -> bool:
        return self.keep < self.tags

    @property
    def field(self) -> str | None:
        """Where the account can have words of its own instead of this piece."""
        if not self.piece.shared:
            return self.piece.where.rsplit(".", 1)[1]
        return TEXT_FIELD.get(self.target.network) if self.piece.where == "content.0.text" else None


@dataclass(frozen=True)
class _Count:
    """The hashtags of one account, and how many its network takes."""

    target: Target
    most: int
    shares: tuple[_Share, ...]

    @property
    def total(self) -> int:
        return sum(share.tags for share in self.shares)


@rule("post.hashtags", HashtagParams, effects=POST_EFFECTS)
def check_hashtags(case: Case, params: HashtagParams) -> Iterable[Found]:
    """Rewrites our own words by keeping the first tags; never the person's, and never by far."""
    counts = [_count(case, target, params.most) for target in case.everybody]
    over = [count for count in counts if count.total > count.most]
    if case.fields is None or not over:
        return
    if any(count.total > 2 * count.most for count in over):
        yield from _told(over, params.far_over)
        return
    instead = _rewritten(case, case.fields, counts)
    if case.facts.mode == "person" or _theirs_lost(case, instead):
        yield from _told(over, params.quoted)
        return
    yield Found(
        " ".join(dict.fromkeys(_sentence(count) for count in over)),
        evidence=_changes(case, instead),
        passes="the first hashtags are kept, the others are taken out; first comment and thread parts count too",
        instead=instead.call,
    )


def _count(case: Case, target: Target, most: int) -> _Count:
    pieces = [(piece, _tags(piece, target)) for piece in case.pieces(target)]
    most = min(most, case.limits(target).hashtags.value)
    if case.judged is not None and target.account.id not in case.judged:
        most = sum(tags for _, tags in pieces)  # judged by figures of its own: here its words stay
    left, shares = most, []
    for piece, tags in pieces:
        shares.append(_Share(target, piece, tags, min(left, tags)))
        left -= min(left, tags)
    return _Count(target, most, tuple(shares))


def _tags(piece: Piece, target: Target) -> int:
    return len(hashtags(piece.text, target.network)) if "#" in piece.text or "＃" in piece.text else 0


def _told(over: Sequence[_Count], verdict: Verdict) -> Iterator[Found]:
    for count in over:
        yield Found(
            _sentence(count),
            evidence=f"on {count.target.account.label}: {count.total} of {count.most}",
            passes=f"{count.most} hashtag{'' if count.most == 1 else 's'} or fewer, thread and first comment counted",
            verdict=verdict,
        )


def _sentence(count: _Count) -> str:
    return f"{count.total} hashtags for {count.target.network}, where {count.most} fit."


def _rewritten(case: Case, fields: PostFields, counts: Sequence[_Count]) -> Case:
    """The case with the last tags taken out.

    Words that several accounts share change only as far as all of them need it, or one that cannot have words of its
    own; for the others the shorter text goes into their network's own field.
    """
    shares = [share for count in counts for share in count.shares]
    content = tuple(_shared(item, f"content.{place}.text", shares) for place, item in enumerate(fields.content))
    entries = [] if fields.accounts is MISSING else list(fields.accounts)
    for share in shares:
        text = text_of(content[0]) if share.piece.shared else share.piece.text
        shorter = without_hashtags_over(text, share.target.network, share.keep) if share.over and share.field else text
        if share.field and shorter != text:
            entries[share.target.place] = _with_own(entries[share.target.place], share.target, share.field, shorter)
    given = {name: getattr(fields, name) for name in fields.model_fields_set}
    call = type(case.call).model_validate({**given, "content": content, "accounts": tuple(entries)})
    return case.instead(call)


def _with_own(entry: AccountTarget, target: Target, field: str, text: str) -> AccountTarget:
    settings = type(target.settings).model_validate({**settings_of(entry), field: text})
    return AccountTarget.model_validate({"id": entry.id, "settings": settings})


def _shared(item: ContentItem, where: str, shares: Iterable[_Share]) -> ContentItem:
    """A content item with as many tags as may stay for all who show it."""
    users = [share for share in shares if share.piece.where == where]
    stuck = [share for share in users if share.over and share.field is None]
    if stuck:
        strictest = min(stuck, key=lambda share: share.keep)
    elif users and all(share.over for share in users):
        strictest = max(users, key=lambda share: share.keep)
    else:
        return item
    text = without_hashtags_over(text_of(item), strictest.target.network, strictest.keep)
    return ContentItem.model_validate({**item.model_dump(), "text": text})


def _theirs_lost(case: Case, instead: Case) -> bool:
    """Whether some account would no longer show words of the person, or of the post as it stands."""
    for old, new in zip(case.everybody, instead.everybody, strict=True):
        for before, after in zip(case.pieces(old), instead.pieces(new), strict=True):
            if before.text == after.text:
                continue
            if stood_before(case, before.text) or cut_quotes(case.facts, before.text, [after.text]):
                return True
    return False


def _changes(case: Case, instead: Case) -> str:
    old = dict(case.strings)
    return "\n".join(
        f"{where}: {old.get(where, '')!r} → {text!r}" for where, text in instead.strings if old.get(where) != text
    )
