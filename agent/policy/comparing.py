"""Two packs beside each other: every parameter that differs. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from agent.api.endpoint import Effect
from agent.policy.layers import Change
from agent.policy.pack import Pack, Rule


def differences(old: Pack, new: Pack) -> list[Change]:
    """What the new pack says otherwise: effects, rules (None on one side where it has none), objects, limits."""
    return [
        *_effects(old, new),
        *_rules(old, new),
        *_scoped(old, new),
        *_limits(old, new),
        *_own_code(old, new),
    ]


def _effects(old: Pack, new: Pack) -> Iterator[Change]:
    for effect in Effect:
        before, after = (pack.floors[effect].word if effect in pack.floors else "deny" for pack in (old, new))
        if before != after:
            yield Change("", "effects", effect.value, before, after)


def _rules(old: Pack, new: Pack) -> Iterator[Change]:
    for key in sorted({rule.id for rule in (*old.rules, *new.rules)}):
        before, after = _said(old.rule(key)), _said(new.rule(key))
        for name in dict.fromkeys([*before, *after]):
            if before.get(name) != after.get(name):
                yield Change("", key, name, before.get(name), after.get(name))


def _said(rule: Rule | None) -> dict[str, Any]:
    return {} if rule is None else {"verdict": rule.verdict.word, **rule.parameters}


def _scoped(old: Pack, new: Pack) -> Iterator[Change]:
    """Figures that hold for one object, as they come out with the general ones."""
    for scope in sorted({*old.scoped, *new.scoped}):
        for key in sorted({rule.id for rule in (*old.rules, *new.rules)}):
            general = [_said(pack.rule(key)) for pack in (old, new)]
            before, after = (_there(pack, key, scope) for pack in (old, new))
            for name in dict.fromkeys([*before, *after]):
                values = before.get(name), after.get(name)
                if values[0] != values[1] and values != (general[0].get(name), general[1].get(name)):
                    yield Change("", key, name, *values, scope)


def _there(pack: Pack, key: str, scope: Any) -> dict[str, Any]:
    rule = pack.rule(key)
    return {} if rule is None else _said(pack.rule_in(rule, (scope,)))


def _limits(old: Pack, new: Pack) -> Iterator[Change]:
    for network in type(old.networks).model_fields:
        yield from _figures(_flat(old.networks.of(network)), _flat(new.networks.of(network)), network)
    for account in sorted({*old.own_limits, *new.own_limits}):
        before, after = (_own_figures(pack, account) for pack in (old, new))
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                yield Change("", "limits", name, before.get(name), after.get(name), ("account", account))


def _own_figures(pack: Pack, account: int) -> dict[str, Any]:
    """What an overlay says of an account's limits: the figures that are not its networks' own."""
    own = pack.own_limits.get(account, {})
    found = {}
    for name in type(pack.networks.twitter).model_fields:
        mine = [getattr(limits, name) for limits in own.values()]
        usual = [getattr(pack.networks.of(network), name) for network in own]
        if mine and mine != usual:
            found[name] = mine[0].value
    return found


def _figures(before: Mapping[str, Any], after: Mapping[str, Any], network: str) -> Iterator[Change]:
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Change("", f"limits of {network}", name, before.get(name), after.get(name))


def _flat(limits: Any) -> dict[str, Any]:
    """The figures alone; where they were read changes nothing."""
    figures = {name: getattr(limits, name) for name in type(limits).model_fields}
    return {name: figure.value for name, figure in figures.items() if figure is not None}


def _own_code(old: Pack, new: Pack) -> Iterator[Change]:
    if old.own != new.own:
        short = [", ".join(digest[:12] for digest in pack.own) or None for pack in (old, new)]
        yield Change("", "python", "hash", short[0], short[1])
