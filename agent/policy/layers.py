"""The layers of a policy file: a closed model of the base, made from the rules there are, and one of overlays."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, create_model

from agent.api.endpoint import Effect
from agent.journal.findings import Verdict
from agent.policy.counting import Limits
from agent.policy.rules.rule import Params, Plain, RuleCode, Stricter
from agent.policy.standing import Standing
from agent.yaml_files import load_yaml

_CLOSED = ConfigDict(extra="forbid", frozen=True)
#: One object that an overlay has figures for.
Scope = tuple[Literal["workspace", "campaign", "account"], int]
_SCOPES: tuple[tuple[Literal["workspace", "campaign", "account"], str], ...] = (
    ("workspace", "workspaces"),
    ("campaign", "campaigns"),
    ("account", "accounts"),
)
#: What the base alone says of a rule.
_FIXED = frozenset({"says", "source", "loosenable"})


def _guarded(verdict: Verdict) -> Verdict:
    if verdict < Verdict.HOLD:
        raise ValueError("a person must decide on such calls: use hold or deny")
    return verdict


Guarded = Annotated[Plain, AfterValidator(_guarded)]


class EffectFloors(BaseModel):
    """The least strict verdict each effect can be given; an effect that is not named is denied."""

    model_config = _CLOSED

    read: Plain = Verdict.DENY
    sync: Plain = Verdict.DENY
    draft: Plain = Verdict.DENY
    organise: Plain = Verdict.DENY
    outbound: Guarded = Verdict.DENY
    config: Guarded = Verdict.DENY
    destructive: Guarded = Verdict.DENY

    def verdicts(self) -> dict[Effect, Verdict]:
        """By effect."""
        return {effect: getattr(self, effect.value) for effect in Effect}


class OwnLimits(BaseModel):
    """What an account may do otherwise than its network's table says, with the reason and when that was looked up."""

    model_config = _CLOSED

    reason: Annotated[str, Field(min_length=3)]
    read: date
    text: Annotated[int, Field(strict=True, gt=0)] | None = None
    text_with_media: Annotated[int, Field(strict=True, gt=0)] | None = None
    title: Annotated[int, Field(strict=True, gt=0)] | None = None
    comment: Annotated[int, Field(strict=True, gt=0)] | None = None
    link_units: Annotated[int, Field(strict=True, gt=0)] | None = None
    hashtags: Annotated[int, Field(strict=True, ge=0)] | None = None
    mentions: Annotated[int, Field(strict=True, ge=0)] | None = None
    links: Annotated[int, Field(strict=True, ge=0)] | None = None
    media_max: Annotated[int, Field(strict=True, ge=0)] | None = None
    video_seconds: Annotated[int, Field(strict=True, gt=0)] | None = None
    posts_per_day: Annotated[int, Field(strict=True, ge=0)] | None = None

    def over(self, limits: Limits) -> Limits:
        """A network's limits with these figures in their places."""
        figures = self.model_dump(exclude={"reason", "read"}, exclude_none=True)
        own = {name: {"value": value, "source": self.reason, "read": self.read} for name, value in figures.items()}
        return Limits.model_validate({**limits.model_dump(), **own})


class BasePack(BaseModel):
    """A base pack: `rules` holds the parameters of every rule there is (see `base_model`)."""

    model_config = _CLOSED

    name: str
    effects: EffectFloors
    rules: Any


def field_of(rule_id: str) -> str:
    """A rule's id as the name of a model's field."""
    return rule_id.replace(".", "__")


def base_model(rules: Mapping[str, RuleCode[Any]]) -> type[BasePack]:
    """The model of a base pack, with every rule there is."""
    fields: dict[str, Any] = {field_of(key): (code.params, Field(alias=key)) for key, code in rules.items()}
    all_rules = create_model("Rules", __config__=_CLOSED, **fields)
    return create_model("NamedPack", __base__=BasePack, rules=(all_rules, ...))


def _each_name_once(permissions: tuple[Standing, ...]) -> tuple[Standing, ...]:
    names = [one.name for one in permissions]
    if len(set(names)) < len(names):
        raise ValueError("each standing permission has a name of its own")
    return permissions


@lru_cache(maxsize=8)
def overlay_model(rules: tuple[tuple[str, type[Params]], ...]) -> type[BaseModel]:
    """The model of an overlay over these rules: all keys are optional, and none may be looser than now.

    What holds now is given when an overlay is read (`now`): making the model is slow, so it is made once.
    """
    effects = create_model("Effects", __config__=_CLOSED, **_fields("effects", EffectFloors))
    entries: dict[str, Any] = {}
    for key, params in rules:
        entry = create_model(f"Rule_{field_of(key)}", __config__=_CLOSED, **_fields(key, params))
        entries[field_of(key)] = (entry, Field(default=None, alias=key))
    own_rules = create_model("Rules", __config__=_CLOSED, **entries)
    scoped = create_model("Scoped", __config__=_CLOSED, rules=(own_rules, ...))
    of_account = create_model("Account", __config__=_CLOSED, rules=(own_rules, None), limits=(OwnLimits, None))
    return create_model(
        "OverlayPack",
        __config__=_CLOSED,
        name=(str, ""),
        python=(str, ""),
        effects=(effects, None),
        rules=(own_rules, None),
        workspaces=(dict[int, scoped], {}),  # type: ignore[valid-type]  # made at run time
        campaigns=(dict[int, scoped], {}),  # type: ignore[valid-type]  # made at run time
        accounts=(dict[int, of_account], {}),  # type: ignore[valid-type]  # made at run time
        standing=(Annotated[tuple[Standing, ...], AfterValidator(_each_name_once)], ()),
    )


def overlay_at(path: Path, floors: EffectFloors, rules: Mapping[str, Params]) -> Any:
    """The overlay in a file, read over these values. SettingsError names file, line and what is wrong."""
    model = overlay_model(tuple((key, type(params)) for key, params in rules.items()))
    return load_yaml(path, model, now={"effects": floors, **rules})


class NamesPython(BaseModel):
    """An overlay as far as it names a file of users' rules: looked at first, since that file brings rules of its own.

    The file's path is relative to the overlay.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    python: str = ""


@dataclass(frozen=True)
class Change:
    """What one layer changed: `where` is a rule, `effects` or `limits`; `scope` the one object it holds for."""

    layer: str
    where: str
    name: str
    old: Any
    new: Any
    scope: Scope | None = None


@dataclass(frozen=True)
class Overlaid:
    """What an overlay changes: a name (empty where it has none), floors, rules, and what it says of single objects.

    `scoped` maps a kind and an id, such as ("account", 7), to rules and what is said of their parameters. `limits` maps
    accounts to what differs from their network's.
    """

    name: str
    floors: EffectFloors
    rules: dict[str, Params]
    scoped: dict[Scope, dict[str, Mapping[str, Any]]]
    limits: dict[int, OwnLimits]
    standing: tuple[Standing, ...] = ()


def overlaid(layer: Any, floors: EffectFloors, rules: Mapping[str, Params]) -> Overlaid:
    """An overlay's values put over these. It was checked when it was loaded."""
    said = layer.model_dump(exclude_unset=True, by_alias=True)
    scoped: dict[Scope, dict[str, Mapping[str, Any]]] = {}
    for kind, key in _SCOPES:
        for number, one in said.get(key, {}).items():
            scoped[kind, number] = one.get("rules", {})
    return Overlaid(
        name=said.get("name", ""),
        floors=_over(floors, said.get("effects")),
        rules={key: _over(params, said.get("rules", {}).get(key)) for key, params in rules.items()},
        scoped=scoped,
        limits={number: one.limits for number, one in layer.accounts.items() if one.limits is not None},
        standing=layer.standing,
    )


def changed(layer: str, over: Overlaid, floors: EffectFloors, rules: Mapping[str, Params]) -> list[Change]:
    """What an overlay changed, in the order of the rules."""
    found = [Change(layer, "effects", *one) for one in _differences(floors, over.floors)]
    for key, params in rules.items():
        found += [Change(layer, key, *one) for one in _differences(params, over.rules[key])]
    for scope, entries in over.scoped.items():
        for key, said in entries.items():
            new = _over(over.rules[key], said)
            found += [Change(layer, key, *one, scope) for one in _differences(over.rules[key], new)]
    for number, limits in over.limits.items():
        figures = limits.model_dump(exclude={"reason", "read"}, exclude_none=True)
        scope = ("account", number)
        found += [Change(layer, "limits", name, None, value, scope) for name, value in figures.items()]
    return found


def _differences(old: BaseModel, new: BaseModel) -> list[tuple[str, Any, Any]]:
    """Names whose values differ, with both as plain data."""
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    return [(name, before[name], after[name]) for name in before if before[name] != after[name]]


def combined(params: Params, layers: Iterable[Mapping[str, Any]]) -> Params:
    """Parameters with what overlays say of them, from the general to the special.

    The stricter counts; where a parameter has no stricter side, or the base lets it go both ways, the more special one.
    """
    values: dict[str, Any] = {}
    for layer in layers:
        over = _over(params, layer)
        for name in layer:
            old, new = values.get(name, getattr(params, name)), getattr(over, name)
            if name not in params.loosenable:
                way = _way(type(params), name)
                new = _STRICTER[way](old, new) if way in _STRICTER else new
            values[name] = {**old, **new} if isinstance(new, dict) else new
    return params.model_copy(update=values)


_STRICTER: dict[str, Callable[[Any, Any], Any]] = {
    "lower": min,
    "higher": max,
    "more": lambda old, new: tuple(dict.fromkeys((*old, *new))),
}


def _over(old: Any, said: Mapping[str, Any] | None) -> Any:
    if not said:
        return old
    values = {name: getattr(old, name) for name in type(old).model_fields}
    for name, value in said.items():
        if isinstance(value, dict):
            value = {**old.model_dump()[name], **value}
        elif _way(type(old), name) == "more":
            value = tuple(dict.fromkeys((*values[name], *value)))
        values[name] = value
    return type(old).model_validate(values)


def _fields(key: str, kind: type[BaseModel]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    annotated: Any = Annotated  # the types are put together at run time
    for name, info in kind.model_fields.items():
        if name not in _FIXED:
            check = AfterValidator(_no_looser(key, name, _way(kind, name)))
            fields[name] = (annotated[(info.annotation, *info.metadata, check)], None)
    return fields


def _way(kind: type[BaseModel], name: str) -> str:
    marks = [mark.way for mark in kind.model_fields[name].metadata if isinstance(mark, Stricter)]
    return marks[-1] if marks else ""


def _no_looser(key: str, name: str, way: str) -> Callable[[Any, ValidationInfo], Any]:
    """A check that a value is as strict as now; lists of forbidden things are added to, never looser."""

    def check(value: Any, info: ValidationInfo) -> Any:
        now = (info.context or {})[key]
        old, free = getattr(now, name), name in getattr(now, "loosenable", ())
        stricter = way == "more" or (way == "lower" and value <= old) or (way == "higher" and value >= old)
        if free or stricter or value == old:
            return value
        shown = old.word if isinstance(old, Verdict) else old
        if way:
            raise ValueError(f"looser than {shown}, which the base pack does not allow (it is not loosenable)")
        raise ValueError(f"the base pack does not allow changing {name} (it is not loosenable)")

    return check
