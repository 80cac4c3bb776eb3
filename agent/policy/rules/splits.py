"""A text of ours that is too long becomes a thread, where all networks of the post have threads."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import MISSING, Field

from agent.api.endpoint import Effect
from agent.api.networks import TEXT_FIELD
from agent.api.posts import AccountTarget, ContentItem, PostFields, settings_of
from agent.policy.counting import Excess, excess
from agent.policy.rules.case import Case, Target, is_comment, text_of
from agent.policy.rules.own_words import cut_quotes, stood_before, theirs
from agent.policy.rules.rule import AtMost, Found, Params, Rewriting, rule
from agent.policy.splitting import parts_of


class SplitParams(Params):
    """`most` parts that a thread may have; `numbered` ones end with " 2/3"."""

    verdict: Rewriting
    most: AtMost
    numbered: Annotated[bool, Field(strict=True)]


@dataclass(frozen=True)
class Split:
    """One text that is too long, for whom most of all, and the parts that each fit all who show it."""

    place: int
    text: str
    parts: tuple[str, ...]
    network: str
    excess: Excess


@rule("post.split", SplitParams, effects=[Effect.DRAFT])
def check_split(case: Case, params: SplitParams) -> Iterable[Found]:
    """Rewrites only what this call writes in our own words; what it cannot cut `post.length` tells of."""
    fields = case.fields
    if fields is None or not case.targets or not all(has_threads(case, target) for target in case.everybody):
        return
    content, accounts = _one_text(case, fields)
    splits = list(_splits(case, content, params))
    items = len(content) + sum(len(split.parts) - 1 for split in splits)
    if not splits or items > params.most:
        return
    given = {name: getattr(fields, name) for name in fields.model_fields_set}
    divided = tuple(item for place, one in enumerate(content) for item in _items(place, one, splits))
    yield Found(
        " ".join(_sentence(split) for split in splits),
        evidence="\n".join(f"{at}: {text_of(item)}" for at, item in enumerate(divided, 1)),
        passes="a text that fits, or thread parts that do",
        instead=type(case.call).model_validate({**given, "content": divided, "accounts": accounts}),
    )


def split_of(case: Case, text: str, targets: Iterable[Target], params: SplitParams, place: int = 0) -> Split | None:
    """How a text for these accounts is split; None where it fits, cannot be cut, or is not for us to cut."""
    audience = tuple(targets)
    over = [(target, found) for target in audience if (found := excess(text, target.network, case.limits(target)))]
    if not over or theirs(case, text) or stood_before(case, text):
        return None
    worst, most = max(over, key=lambda pair: pair[1].length / pair[1].most)
    if most.length > most.most * params.most:
        return None

    def fits(part: str) -> bool:
        return not any(excess(part, target.network, case.limits(target)) for target in audience)

    networks = [target.network for target in audience]
    parts = parts_of(text, fits, networks=networks, whole=case.facts.quoted, numbered=params.numbered)
    if parts is None or len(parts) > params.most or cut_quotes(case.facts, text, parts):
        return None
    return Split(place, text, parts, worst.network, most)


def has_threads(case: Case, target: Target) -> bool:
    """Whether the account's network has threads."""
    return case.limits(target).threads_allowed.value


def own_text(target: Target) -> str:
    """The words that an account has instead of the post's; empty where it has none."""
    return target.own(TEXT_FIELD.get(target.network))


def without_own(target: Target, entry: AccountTarget) -> AccountTarget:
    """An account's entry without words of its own."""
    field = TEXT_FIELD.get(target.network)
    settings = {key: value for key, value in settings_of(entry).items() if key != field}
    own = {"settings": type(target.settings).model_validate(settings)} if settings else {}
    return AccountTarget.model_validate({"id": entry.id, **own})


def _one_text(case: Case, fields: PostFields) -> tuple[tuple[ContentItem, ...], tuple[AccountTarget, ...]]:
    """Content and accounts, with a variant that all accounts share as the post's own text."""
    accounts = () if fields.accounts is MISSING else fields.accounts
    own = {own_text(target) for target in case.everybody}
    if len(own) != 1 or own == {""}:
        return fields.content, accounts
    first = ContentItem.model_validate({**dict(fields.content[0]), "text": own.pop()})
    changed = {target.place: without_own(target, accounts[target.place]) for target in case.everybody}
    return (first, *fields.content[1:]), tuple(changed.get(place, entry) for place, entry in enumerate(accounts))


def _splits(case: Case, content: Sequence[ContentItem], params: SplitParams) -> Iterator[Split]:
    if any(is_comment(item) for item in content):
        return  # it would go out as one more part
    plain = params.model_copy(update={"numbered": params.numbered and len(content) == 1})
    # Accounts with different texts cannot share the parts that follow.
    apart = len({own_text(target) for target in case.everybody}) > 1
    for place in range(1 if apart else 0, len(content)):
        if found := split_of(case, text_of(content[place]), case.everybody, plain, place):
            yield found


def _items(place: int, item: ContentItem, splits: Iterable[Split]) -> Iterator[ContentItem]:
    """An item, or its parts: the first keeps media and cover."""
    split = next((one for one in splits if one.place == place), None)
    if split is None:
        yield item
        return
    yield ContentItem.model_validate({**dict(item), "text": split.parts[0]})
    yield from (ContentItem(text=part) for part in split.parts[1:])


def _sentence(split: Split) -> str:
    which = "The text" if split.place == 0 else f"Thread part {split.place + 1}"
    return (
        f"{which} is {split.excess.by} over on {split.network} ({split.excess}): it becomes {len(split.parts)} parts."
    )
