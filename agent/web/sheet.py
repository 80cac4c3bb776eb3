"""What the page for writing a post holds: read from a form or from a call; and three versions put together. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, cast, get_args

from starlette.datastructures import FormData

from agent.api.networks import SETTINGS, TEXT_FIELD
from agent.errors import Declined
from agent.policy.facts import Facts
from agent.tools.schema import plain_schema
from agent.tools.written import MOST_TEXT, Plan, PlanKind, Written
from agent.web.routing import text_in
from agent.web.worddiff import Change, word_diff

#: Ids stay exact below this.
_MOST = 2**53
#: Most parts of a thread, accounts, files and labels that a page takes.
_MANY = 50
_PLANS = get_args(PlanKind)


@dataclass(frozen=True)
class Choice:
    """A setting of a network that a page offers: `options` to choose from, or free words where there are none."""

    name: str
    label: str
    options: tuple[str, ...] = ()
    number: bool = False


@dataclass(frozen=True)
class Sheet:
    """The page's fields.

    `base` is what stood there when the page was first drawn, `version` the post's version then.
    """

    written: Written
    plan: Plan = field(default_factory=Plan)
    base: Written | None = None
    version: str = ""


def choices_of(network: str) -> tuple[Choice, ...]:
    """The settings of a network that one field can hold, but for its own text."""
    model = SETTINGS.get(network)
    return tuple(_choices(plain_schema(model)["properties"], network)) if model else ()


def _choices(properties: Mapping[str, Mapping[str, Any]], network: str) -> Iterator[Choice]:
    for name, node in properties.items():
        kind = node.get("type")
        if name == TEXT_FIELD.get(network) or kind not in {"string", "boolean", "integer"}:
            continue
        options = ("true", "false") if kind == "boolean" else tuple(map(str, node.get("enum", ())))
        yield Choice(name, _label(name), options, number=kind == "integer")


def _label(name: str) -> str:
    """`privacyStatus` and `privacy_level` as words."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return spaced.replace("_", " ").strip().capitalize()


# -- from a form -------------------------------------------------------------------------------------------------------


def sheet_of(form: FormData, facts: Facts) -> Sheet:
    """What a form says. Raises Declined for what no field of ours sends."""
    accounts = _ids(form, "account")
    networks = {one: facts.accounts[one].platform for one in accounts if one in facts.accounts}
    kind = text_in(form, "when") or "keep"
    if kind not in _PLANS:
        raise Declined("That is no time to send a post.", hint="Choose one of those on the page.")
    written = Written(
        workspace_id=_id(text_in(form, "workspace"), "workspace"),
        accounts=accounts,
        text=_text(form, "text"),
        thread=tuple(part for part in _texts(form, "part") if part.strip()),
        first_comment=_text(form, "first_comment").rstrip(),
        media=tuple(_media(one) for one in _texts(form, "media")),
        variants={one: text for one in networks if (text := _text(form, f"variant_{one}")).strip()},
        settings={one: _settings(form, one, network) for one, network in networks.items()},
        labels=_ids(form, "label"),
    )
    plan = Plan(cast(PlanKind, kind), text_in(form, "at").strip() if kind == "at" else "")
    return Sheet(written, plan, written_from(text_in(form, "base")), text_in(form, "version")[:64])


def _settings(form: FormData, account: int, network: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for choice in choices_of(network):
        name = f"set_{account}_{choice.name}"
        if name not in form:
            continue
        value: Any = _text(form, name).strip() or None
        if value is not None and choice.number:
            value = _id(value, choice.label.lower())
        elif value is not None and choice.options == ("true", "false"):
            value = value == "true"
        found[choice.name] = value
    return found


def _ids(form: FormData, name: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(_id(one, name) for one in _texts(form, name)))


def _id(text: str, what: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < len(text) < 17 and 0 < int(text) < _MOST:
        return int(text)
    raise Declined(f'"{text[:40]}" is no {what}.', hint="Choose one of those on the page.")


def _media(text: str) -> int | str:
    return text if text.startswith("https://") else _id(text, "file")


def _text(form: FormData, name: str) -> str:
    return _within(text_in(form, name))


def _texts(form: FormData, name: str) -> list[str]:
    found = [one for one in form.getlist(name) if isinstance(one, str)]
    if len(found) > _MANY:
        raise Declined(f"A page takes {_MANY} of these at most, not {len(found)}.", hint="Leave some out.")
    return [_within(one.replace("\r\n", "\n")) for one in found]


def _within(text: str) -> str:
    if len(text) > MOST_TEXT:
        raise Declined(f"A text has {len(text)} characters, where {MOST_TEXT} are taken.", hint="Shorten it.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Declined("A text holds half a character, which no network can receive.") from error
    return text


def fields_of(written: Written) -> list[tuple[str, str]]:
    """What was written as the fields of a form that says it again (see `sheet_of`)."""
    found = [("workspace", str(written.workspace_id)), ("text", written.text), ("first_comment", written.first_comment)]
    found += [("part", part) for part in written.thread]
    for name, values in (("account", written.accounts), ("media", written.media), ("label", written.labels)):
        found += [(name, str(value)) for value in values]
    found += [(f"variant_{account}", text) for account, text in written.variants.items()]
    for account, settings in written.settings.items():
        found += [(f"set_{account}_{name}", shown_value(value)) for name, value in settings.items()]
    return found


def shown_value(value: object) -> str:
    """A setting as a field holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


# -- kept in the page --------------------------------------------------------------------------------------------------


def written_text(written: Written) -> str:
    """What was written as one text, to be kept in a form."""
    return json.dumps(asdict(written), ensure_ascii=False)


def written_from(text: str) -> Written | None:
    """What `written_text` kept; None where it is no such text."""
    try:
        kept = json.loads(text)
        names = {one.name for one in fields(Written)}
        if not isinstance(kept, dict) or set(kept) != names:
            return None
        by_account = {
            name: {int(key): value for key, value in dict(kept[name]).items()} for name in ("variants", "settings")
        }
        tuples = {name: tuple(kept[name]) for name in ("accounts", "thread", "media", "labels")}
        return Written(**(kept | by_account | tuples))
    except (ValueError, TypeError, RecursionError):
        return None


def plain(written: Written, facts: Facts) -> Written:
    """What was written with only those settings that the page shows."""
    shown = {
        account: {choice.name: values.get(choice.name) for choice in choices_of(facts.accounts[account].platform)}
        for account, values in written.settings.items()
        if account in facts.accounts
    }
    return replace(written, settings=shown)


# -- versions put together ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clash:
    """A field that both changed: what came in there since, and how mine differs from that."""

    name: str
    theirs: tuple[Change, ...]
    mine: tuple[Change, ...]


@dataclass(frozen=True)
class Merged:
    """One version of two: what only they changed is theirs, what both changed is mine and told as a clash."""

    written: Written
    clashes: tuple[Clash, ...] = ()
    taken: tuple[str, ...] = field(default=())


_NAMES = {"first_comment": "first comment", "variants": "texts for single accounts", "settings": "network settings"}


def merge(base: Written, mine: Written, theirs: Written) -> Merged:
    """My version and theirs, both made from `base`, field by field."""
    changes: dict[str, Any] = {}
    clashes: list[Clash] = []
    taken: list[str] = []
    for name in (one.name for one in fields(Written)):
        was, my, their = getattr(base, name), getattr(mine, name), getattr(theirs, name)
        if their in (was, my):
            continue
        if my == was:
            changes[name] = their
            taken.append(_NAMES.get(name, name))
        else:
            told = [_shown(one) for one in (was, my, their)]
            clashes.append(Clash(_NAMES.get(name, name), word_diff(told[0], told[2]), word_diff(told[2], told[1])))
    return Merged(replace(mine, **changes), tuple(clashes), tuple(taken))


def compared(mine: Written, theirs: Written) -> Merged:
    """Mine as it is, with everything told in which it differs from theirs."""
    clashes = []
    for name in (one.name for one in fields(Written)):
        my, their = _shown(getattr(mine, name)), _shown(getattr(theirs, name))
        if my != their:
            clashes.append(Clash(_NAMES.get(name, name), (), word_diff(their, my)))
    return Merged(mine, tuple(clashes))


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_shown(one)}" for key, one in value.items() if one not in (None, "", {}))
    return "\n".join(str(one) for one in value) if isinstance(value, tuple) else str(value)
