"""Paid content says so first: where goal or configuration call it paid, the label is put before our own words."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from pydantic import MISSING

from agent.api.endpoint import Endpoint
from agent.api.posts import AccountTarget, ContentItem, PostFields, settings_of
from agent.journal.findings import Verdict
from agent.policy.entities import hashtags
from agent.policy.rules.case import Case, Piece, Target, text_of
from agent.policy.rules.rule import POST_EFFECTS, Found, Params, Plain, Rewriting, rule
from agent.policy.rules.words import WordList, language_of, listed


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
    """The first text of each account; the label counts at its beginning, or anywhere but in the last row of tags."""
    if case.fields is None or case.facts.decided:
        return
    language = language_of(case)
    paid = params.paid or bool(listed(case.facts.goal, params.asked, ""))
    missing = [(target.place, piece) for target, piece in _first(case) if not _labelled(piece.text, params.labels)]
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
    instead = _labelled_call(case, case.fields, params, missing)
    yield Found(says, evidence=f"{params.label} is put first", passes=passes, instead=instead)


def _first(case: Case) -> Iterator[tuple[Target, Piece]]:
    for target in case.targets:
        piece = next((one for one in case.pieces(target) if one.kind == "text"), None)
        if piece is not None and piece.text:
            yield target, piece


def _unlabelled(missing: list[tuple[int, Piece]], params: PaidParams, language: str) -> Iterator[Found]:
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
def _labelled(text: str, labels: tuple[str, ...]) -> bool:
    """Whether a label stands in the text, not counting the row of tags at its end."""
    tags = hashtags(text, "linkedin") if "#" in text else ()
    end = len(text.rstrip())
    for tag in reversed(tags):
        if text[tag.end : end].strip():
            break
        end = len(text[: tag.start].rstrip())
    body = text[:end] if end else text[: tags[0].end] if tags else text
    return bool(listed(body, labels, ""))


def _labelled_call(
    case: Case, fields: PostFields, params: PaidParams, missing: list[tuple[int, Piece]]
) -> Endpoint[Any]:
    content = list(fields.content)
    entries = [] if fields.accounts is MISSING else list(fields.accounts)
    for place, piece in missing:
        if piece.shared:
            number = int(piece.where.split(".")[1])
            text = text_of(content[number])
            if not _labelled(text, params.labels):
                content[number] = ContentItem.model_validate(
                    {**content[number].model_dump(), "text": f"{params.label} {text}"}
                )
        else:
            field = piece.where.rsplit(".", 1)[1]
            settings = {**settings_of(entries[place]), field: f"{params.label} {piece.text}"}
            entries[place] = AccountTarget.model_validate({"id": entries[place].id, "settings": settings})
    given = {name: getattr(fields, name) for name in fields.model_fields_set}
    accounts = {} if fields.accounts is MISSING else {"accounts": tuple(entries)}
    return type(case.call).model_validate({**given, "content": tuple(content), **accounts})
