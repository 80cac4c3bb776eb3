"""From a tool's arguments to the content and accounts of a post."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import MISSING, JsonValue, ValidationError

from agent.api.networks import SETTINGS, TEXT_FIELD
from agent.api.posts import AccountTarget, ContentItem, Cover, settings_of
from agent.policy.facts import Facts
from agent.tools.args import CoverArgs, Variant
from agent.tools.desk import Unfit
from agent.tools.lookup import account_in
from agent.tools.remembered import first_comment
from agent.tools.schema import plain_schema
from agent.tools.wording import fields, problems


@dataclass(frozen=True)
class Words:
    """What a call says of the content; None leaves a part of a standing post as it is.

    An empty `first_comment` takes it away, as do empty `media` and an empty `thread`.
    """

    text: str | None = None
    thread: tuple[str, ...] | None = None
    media: tuple[int | str, ...] | None = None
    first_comment: str | None = None
    cover: CoverArgs | None = None


@dataclass(frozen=True)
class Tuning:
    """What a call says of single accounts: other texts, and settings of their networks."""

    variants: tuple[Variant, ...] = ()
    settings: Mapping[str, Mapping[str, JsonValue]] | None = None


def content_of(words: Words, standing: Sequence[ContentItem] = ()) -> tuple[ContentItem, ...]:
    """The content items: the first, the rest of the thread, the first comment. Raises Unfit for an empty post."""
    main = [item for item in standing if not first_comment(item)]
    comment = next((item for item in standing if first_comment(item)), None)
    head = _head(words, main[0] if main else ContentItem())
    if head.media is MISSING and (head.text is MISSING or not (head.text or "").strip()):
        raise Unfit("A post needs a text or media.")
    tail = main[1:] if words.thread is None else [ContentItem(text=text) for text in words.thread]
    below = _first_comment(words.first_comment, comment)
    return (head, *tail, *below)


def targets_of(
    accounts: Sequence[int],
    workspace_id: int,
    tuning: Tuning,
    facts: Facts,
    standing: Sequence[AccountTarget] = (),
) -> tuple[AccountTarget, ...]:
    """The accounts with their settings: what stands, then the settings given, then the variants. Raises Unfit."""
    wanted = tuple(dict.fromkeys(accounts))
    given = _by_account(tuning.settings or {}, wanted)
    texts = _texts(tuning.variants, wanted)
    before = {target.id: settings_of(target) for target in standing}
    found: list[AccountTarget] = []
    for account_id in wanted:
        network = account_in(account_id, workspace_id, facts).platform
        merged = before.get(account_id, {}) | dict(given.get(account_id, {}))
        if account_id in texts:
            merged |= _own_text(account_id, network, texts[account_id], given.get(account_id, {}))
        found.append(AccountTarget(id=account_id, settings=settings_for(account_id, network, merged)))
    return tuple(found)


def settings_for(account_id: int, network: str, values: Mapping[str, Any]) -> Any:
    """Settings as the network's model, MISSING where there are none. Raises Unfit that lists what it takes."""
    model = SETTINGS.get(network)
    if model is None:
        raise Unfit(f"Account {account_id} is on {network}, whose settings are not known here.")
    if not values:
        return MISSING
    try:
        return model.model_validate_json(json.dumps(values))
    except ValidationError as error:
        told = problems(error, model, f"the {network} settings")
        raise Unfit(f"Account {account_id}: {told} {network} takes {fields(plain_schema(model))}.") from error


def own_texts(targets: Sequence[AccountTarget], facts: Facts, changed: Sequence[int]) -> tuple[int, ...]:
    """Accounts that keep a text of their own while the post's text changes."""
    found: list[int] = []
    for target in targets:
        account = facts.accounts.get(target.id)
        field = TEXT_FIELD.get(account.platform) if account else None
        if field and settings_of(target).get(field) and target.id not in changed:
            found.append(target.id)
    return tuple(found)


def _head(words: Words, standing: ContentItem) -> ContentItem:
    body: dict[str, Any] = {
        "text": standing.text if words.text is None else words.text,
        "media": standing.media if words.media is None else words.media,
        "cover_image": standing.cover_image if words.cover is None else _cover(words.cover),
    }
    # What is empty is not sent; MISSING itself is kept as it is.
    return ContentItem.model_validate({key: value or MISSING for key, value in body.items()})


def _cover(cover: CoverArgs) -> Cover:
    if (cover.thumbnail is None) == (cover.frame_ms is None):
        raise Unfit("cover takes one of thumbnail (a media id or https address) and frame_ms (TikTok).")
    if cover.thumbnail is not None:
        return Cover(thumbnail=cover.thumbnail)
    return Cover(video_cover_timestamp_ms=MISSING if cover.frame_ms is None else cover.frame_ms)


def _first_comment(text: str | None, standing: ContentItem | None) -> tuple[ContentItem, ...]:
    if text is None:
        return () if standing is None else (standing,)
    if not text.strip():
        return ()
    if standing is None:
        return (ContentItem(text=text, is_first_comment=True),)
    return (ContentItem.model_validate(dict(standing) | {"text": text}),)


def _by_account(
    settings: Mapping[str, Mapping[str, JsonValue]], accounts: Sequence[int]
) -> dict[int, Mapping[str, JsonValue]]:
    found: dict[int, Mapping[str, JsonValue]] = {}
    for key, values in settings.items():
        account_id = int(key) if key.isascii() and key.isdecimal() and len(key) < 17 else 0
        if account_id not in accounts:
            listed = ", ".join(f'"{known}"' for known in accounts)
            raise Unfit(f"settings go by account id, here one of {listed}; each to an object of fields.")
        found[account_id] = values
    return found


def _texts(variants: Sequence[Variant], accounts: Sequence[int]) -> dict[int, str]:
    texts: dict[int, str] = {}
    for variant in variants:
        if variant.account not in accounts:
            listed = ", ".join(str(account) for account in accounts)
            raise Unfit(f"variants: account {variant.account} is not among the accounts of this post ({listed}).")
        if variant.account in texts:
            raise Unfit(f"variants: account {variant.account} is there twice.")
        texts[variant.account] = variant.text
    return texts


def _own_text(account_id: int, network: str, text: str, given: Mapping[str, JsonValue]) -> dict[str, str]:
    field = TEXT_FIELD.get(network)
    if field is None:
        raise Unfit(
            f"{network} has no text of its own: leave account {account_id} out here, make a second draft_post for it."
        )
    if given.get(field) not in (None, text):
        raise Unfit(f"Account {account_id} gets two texts: one in variants, another in settings as {field}.")
    return {field: text}
