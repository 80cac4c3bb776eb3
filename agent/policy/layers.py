"""The layers of a policy file: a closed model of the base, made from the rules there are, and one of overlays."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from agent.api.endpoint import Effect
from agent.journal.findings import Verdict
from agent.policy.rules.rule import Params, Plain, RuleCode, Stricter

_CLOSED = ConfigDict(extra="forbid", frozen=True)
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


def overlay_model(floors: EffectFloors, rules: Mapping[str, Params]) -> type[BaseModel]:
    """The model of an overlay over these values: all keys are optional, and none may be looser than now."""
    effects = create_model("Effects", __config__=_CLOSED, **_fields(floors, ()))
    entries: dict[str, Any] = {}
    for key, params in rules.items():
        entry = create_model(f"Rule_{field_of(key)}", __config__=_CLOSED, **_fields(params, params.loosenable))
        entries[field_of(key)] = (entry, Field(default=None, alias=key))
    return create_model(
        "OverlayPack",
        __config__=_CLOSED,
        name=(str, ""),
        effects=(effects, None),
        rules=(create_model("Rules", __config__=_CLOSED, **entries), None),
    )


def overlaid(
    layer: BaseModel, floors: EffectFloors, rules: Mapping[str, Params]
) -> tuple[str, EffectFloors, dict[str, Params]]:
    """Name (empty where it has none), floors and rules with an overlay's values put over them.

    The overlay was checked when it was loaded.
    """
    said = layer.model_dump(exclude_unset=True, by_alias=True)
    changed = {key: _over(params, said.get("rules", {}).get(key)) for key, params in rules.items()}
    return said.get("name", ""), _over(floors, said.get("effects")), changed


def _over(old: Any, said: Mapping[str, Any] | None) -> Any:
    if not said:
        return old
    values = {name: getattr(old, name) for name in type(old).model_fields}
    for name, value in said.items():
        if isinstance(value, dict):
            value = {**old.model_dump()[name], **value}
        elif _way(old, name) == "more":
            value = tuple(dict.fromkeys((*values[name], *value)))
        values[name] = value
    return type(old).model_validate(values)


def _fields(old: BaseModel, loosenable: tuple[str, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    annotated: Any = Annotated  # the types are put together at run time
    for name, info in type(old).model_fields.items():
        if name not in _FIXED:
            check = AfterValidator(_no_looser(name, getattr(old, name), _way(old, name), free=name in loosenable))
            fields[name] = (annotated[(info.annotation, *info.metadata, check)], None)
    return fields


def _way(model: BaseModel, name: str) -> str:
    marks = [mark.way for mark in type(model).model_fields[name].metadata if isinstance(mark, Stricter)]
    return marks[-1] if marks else ""


def _no_looser(name: str, old: Any, way: str, *, free: bool) -> Callable[[Any], Any]:
    """A check that a value is as strict as the old one; lists of forbidden things are added to, never looser."""

    def check(value: Any) -> Any:
        stricter = way == "more" or (way == "lower" and value <= old) or (way == "higher" and value >= old)
        if free or stricter or value == old:
            return value
        shown = old.word if isinstance(old, Verdict) else old
        if way:
            raise ValueError(f"looser than {shown}, which the base pack does not allow (it is not loosenable)")
        raise ValueError(f"the base pack does not allow changing {name} (it is not loosenable)")

    return check
