"""Paid content says so first: where goal or configuration call it paid, the label is put before our own words."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from pydantic import MISSING

from agent.api.endpoint import Endpoint
from agent.api.networks import TEXT_FIELD
from agent.api.posts import AccountTarget, ContentItem, PostFields, settings_of
from agent.journal.findings import Verdict
from agent.policy.entities import hashtags
from agent.policy.rules.case import Case, Piece, Target, text_of
from agent.policy.rules.rule import POST_EFFECTS, Found, Params, Plain, Rewriting, rule
from agent.policy.rules.words import WordList, language_of, listed

#: A label counts among so many words at the beginning.
_FIRST_WORDS = 4


class PaidParams(Params):
    """`paid` says that all posts in force are paid (overlays say it of a campaign or an account).

    `asked` are words of a goal that say so. `labels` disclose, `label` is the one that is put first; `weak` tags do not
    disclose, and `signs` are words that look paid: both are held where no label stands (`unlabelled`).
    """

    verdict: Rewriting
    paid: bool = False
    label: str
    labels: tuple[str, ...]
    weak: WordList = ()
    signs: WordList = ()
    asked: WordList = ()
    unlabelled: Plain


@rule("words.paid", PaidParams, effects=POST_EFFECTS)
def check_paid(case: Case, params: PaidParams) -> Iterable[Found]:
    """The first text of each account: a label is among its first words, a label tag before the last row of tags."""
    if case.fields is None or case.facts.decided:
        return
    language = language_of(case)
    paid = params.paid or bool(listed(case.facts.goal, params.asked, ""))
    labels = (*params.labels, params.label)
    missing = [(target, piece) for target, piece in _first(case) if not labelled(piece.text, labels)]
    if not paid:
        yield from _unlabelled(missing, params, language)
        return
    if not missing:
        return
    says = f"It is paid, and does not say so first in {', '.join(dict.fromkeys(piece.where for _, piece in missing))}."
    passes = f"begin the text with {params.label}"
    quoted = any(words in piece.text for words in case.facts.quoted for _, piece in missing)
    if quoted or case.facts.mode == "person":
        yield Found(says, passes=passes, verdict=Verdict.HOLD)
        return
    instead = _labelled_call(case, case.fields, params.label, missing)
    yield Found(says, evidence=f"{params.label} is put first", passes=passes, instead=instead)


def _first(case: Case) -> Iterator[tuple[Target, Piece]]:
    for target in case.targets:
        piece = next((one for one in case.pieces(target) if one.kind == "text"), None)
        if piece is not None and piece.text:
            yield target, piece


def _unlabelled(missing: Sequence[tuple[Target, Piece]], params: PaidParams, language: str) -> Iterator[Found]:
    for where, text in dict.fromkeys((piece.where, piece.text) for _, piece in missing):
        found = listed(text, (*params.signs, *params.weak), language)
        if found:
            yield Found(
                f"The text in {where} seems to be paid, and no label says so.",
                evidence=", ".join(found),
                passes=f"begin it with {params.label}, or a person approves the card",
                verdict=params.unlabelled,
            )


@lru_cache(maxsize=512)
def labelled(text: str, labels: tuple[str, ...]) -> bool:
    """Whether a text discloses: a label among its first words, or a label tag before the row of tags at its end."""
    tags = hashtags(text, "linkedin") if "#" in text else ()
    end = len(text.rstrip())
    for tag in reversed(tags):
        if text[tag.end : end].strip():
            break
        end = len(text[: tag.start].rstrip())
    body = text[:end] if end else text[: tags[0].end] if tags else text
    beginning = " ".join(body.split()[:_FIRST_WORDS])
    tagged = tuple(label for label in labels if label.startswith("#"))
    return bool(listed(beginning, labels, "") or listed(body, tagged, ""))


def _labelled_call(
    case: Case, fields: PostFields, label: str, missing: Sequence[tuple[Target, Piece]]
) -> Endpoint[Any]:
    """The call with the label before the first words of these accounts.

    Words that others show, too, stay as they are for them where the network has a field of its own.
    """
    content = list(fields.content)
    entries = [] if fields.accounts is MISSING else list(fields.accounts)
    wanted = {target.place for target, _ in missing}
    alone = all(target.place in wanted for target in case.everybody if _shows_shared(case, target))
    for target, piece in missing:
        field = TEXT_FIELD.get(target.network) if piece.shared else piece.where.rsplit(".", 1)[1]
        if piece.shared and (alone or field is None):
            text = text_of(content[0])
            if not text.startswith(label):
                content[0] = ContentItem.model_validate({**content[0].model_dump(), "text": f"{label} {text}"})
        else:
            entry = entries[target.place]
            values = {**settings_of(entry), str(field): f"{label} {piece.text}"}
            settings = type(target.settings).model_validate(values)
            entries[target.place] = AccountTarget.model_validate({"id": entry.id, "settings": settings})
    given = {name: getattr(fields, name) for name in fields.model_fields_set}
    accounts = {} if fields.accounts is MISSING else {"accounts": tuple(entries)}
    return type(case.call).model_validate({**given, "content": tuple(content), **accounts})


def _shows_shared(case: Case, target: Target) -> bool:
    return any(piece.shared and piece.where == "content.0.text" for piece in case.pieces(target))
