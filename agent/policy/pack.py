"""The policy as data: which rules there are, with which verdicts and figures, and what each effect is given at least.

A pack is made from layers of YAML: the base names every rule; an overlay may make anything stricter, and looser only
what the base marks `loosenable`. Its hash names the whole content, and stands in the journal of every run.
"""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from agent.api.endpoint import Effect, canonical
from agent.api.networks import NETWORKS
from agent.errors import SettingsError
from agent.journal.findings import Mode, Verdict
from agent.policy.counting import Limits, NetworkLimits
from agent.policy.layers import (
    BasePack,
    Change,
    NamesPython,
    OwnLimits,
    Scope,
    base_model,
    changed,
    combined,
    field_of,
    overlaid,
    overlay_at,
)
from agent.policy.own import OwnRules, load_rules
from agent.policy.rules.catalogue import RULES
from agent.policy.rules.rule import Params, RuleCode, ShownParams
from agent.policy.standing import Standing
from agent.yaml_files import load_yaml


@dataclass(frozen=True)
class Rule:
    """A rule in force: its code with the figures of the pack."""

    code: RuleCode[Any]
    params: Params

    @property
    def id(self) -> str:
        """Such as `post.draft_by_default`."""
        return self.code.id

    @property
    def sentence(self) -> str:
        """What the rule wants, in one sentence."""
        return self.params.says

    @cached_property
    def verdict(self) -> Verdict:
        """What its findings mean where a finding says nothing else; `allow` is off."""
        return self.params.verdict

    @cached_property
    def on(self) -> bool:
        """Whether it is asked at all."""
        shown = isinstance(self.params, ShownParams) and self.params.shown
        return shown or self.verdict is not Verdict.ALLOW

    @property
    def parameters(self) -> dict[str, Any]:
        """Figures and lists, as plain data."""
        return self.params.model_dump(mode="json", exclude={"says", "source", "verdict", "loosenable"})

    @property
    def source(self) -> str:
        """Where the rule comes from."""
        return self.params.source

    @cached_property
    def effects(self) -> frozenset[Effect]:
        """The effects whose calls it looks at."""
        return self.code.effects

    @property
    def unsafe_on_draft(self) -> bool:
        """Whether it denies drafts, too; all other findings on drafts are kept for their promotion."""
        return self.code.unsafe_on_draft

    def as_row(self) -> dict[str, Any]:
        """Everything about the rule as plain data, for lists and `--json`."""
        return {
            "id": self.id,
            "verdict": self.verdict.word if self.code.judged else "shown",
            "sentence": self.sentence,
            "effects": [effect.value for effect in Effect if effect in self.effects],
            "unsafe_on_draft": self.unsafe_on_draft,
            "parameters": self.parameters,
            "loosenable": list(self.params.loosenable),
            "source": self.source,
        }


@dataclass(frozen=True)
class Pack:
    """The policy in force. `floors` are the least strict verdicts an effect can be given; without one it is denied.

    `scoped` is what overlays say of one workspace, campaign or account, layer by layer; `own_limits` the limits of
    accounts that differ from their network's, by network (which one an account is on, only the service tells).
    `standing` are the permissions of the home, `own` hashes of the files of users' rules. `changes` tells which layer
    changed what; it decides nothing.
    """

    name: str
    rules: tuple[Rule, ...]
    floors: Mapping[Effect, Verdict]
    networks: NetworkLimits
    scoped: Mapping[Scope, Sequence[Mapping[str, Mapping[str, Any]]]] = field(default_factory=dict)
    own_limits: Mapping[int, Mapping[str, Limits]] = field(default_factory=dict)
    standing: tuple[Standing, ...] = ()
    own: tuple[str, ...] = ()
    changes: tuple[Change, ...] = field(default=(), compare=False)

    def limits_of(self, account: int, network: str) -> Limits:
        """The limits of an account: its own, else its network's. ValueError: an unknown network."""
        own = self.own_limits.get(account)
        return own[network] if own else self.networks.of(network)

    @cached_property
    def publishing_words(self) -> Any:
        """The lists by which goals ask for publishing; none where the pack has no such rule."""
        found = next((rule.params for rule in self.rules if rule.id == "post.draft_by_default"), None)
        return getattr(found, "words", {})

    @cached_property
    def by_id(self) -> tuple[Rule, ...]:
        """All rules, so that their order in the pack does not matter."""
        return tuple(sorted(self.rules, key=lambda rule: rule.id))

    def asked(self, effect: Effect) -> tuple[Rule, ...]:
        """The rules that are on and look at calls of this effect, by id."""
        if effect not in self._asked:
            self._asked[effect] = tuple(rule for rule in self.by_id if effect in rule.effects and rule.on)
        return self._asked[effect]

    @cached_property
    def _asked(self) -> dict[Effect, tuple[Rule, ...]]:
        return {}

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of an id, if there is one."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    @cached_property
    def _scoped_rules(self) -> dict[tuple[str, tuple[Scope, ...]], Rule]:
        return {}

    def rule_in(self, rule: Rule, scopes: Sequence[Scope]) -> Rule:
        """A rule with the figures that hold for these objects, from the general to the special."""
        key = (rule.id, tuple(scope for scope in scopes if scope in self.scoped))
        if not key[1]:
            return rule
        if key not in self._scoped_rules:
            layers = [layer[rule.id] for scope in key[1] for layer in self.scoped[scope] if rule.id in layer]
            self._scoped_rules[key] = Rule(rule.code, combined(rule.params, layers)) if layers else rule
        return self._scoped_rules[key]

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the canonical content: rules, floors and the networks' limits."""
        content: dict[str, Any] = {
            "name": self.name,
            "rules": sorted((rule.as_row() for rule in self.rules), key=lambda row: str(row["id"])),
            "floors": {effect.value: verdict.word for effect, verdict in self.floors.items()},
            "networks": self.networks.model_dump(mode="json"),
        }
        if self.scoped:
            content["scoped"] = sorted([*scope, to_jsonable_python(layers)] for scope, layers in self.scoped.items())
        if self.own_limits:
            content["own_limits"] = {
                str(key): {network: one.model_dump(mode="json") for network, one in own.items()}
                for key, own in self.own_limits.items()
            }
        if self.standing:
            content["standing"] = [one.model_dump(mode="json") for one in self.standing]
        if self.own:
            content["own"] = list(self.own)
        return hashlib.sha256(canonical(content)).hexdigest()


def load_pack(paths: Sequence[Path], networks: Path, *, home: Path | None = None) -> Pack:
    """The pack from its layers, the base first. SettingsError names file, line, what is wrong, the nearest name.

    Standing permissions count in the `home`'s own overlay alone.
    """
    base = load_yaml(paths[0], _base())
    name, floors = base.name, base.effects
    codes: dict[str, RuleCode[Any]] = dict(RULES)
    params: dict[str, Params] = {rule_id: getattr(base.rules, field_of(rule_id)) for rule_id in RULES}
    scoped: dict[Scope, list[Mapping[str, Mapping[str, Any]]]] = {}
    limits: dict[int, OwnLimits] = {}
    standing: tuple[Standing, ...] = ()
    own: list[str] = []
    changes: list[Change] = []
    for path in paths[1:]:
        if (brought := _own_rules(path)) is not None:
            _add(brought, codes, params)
            own.append(brought.digest)
        over = overlaid(overlay_at(path, floors, params), floors, params)
        changes += changed(str(path), over, floors, params)
        floors, params, name = over.floors, over.rules, over.name or name
        limits.update(over.limits)
        if over.standing and path != home:
            raise SettingsError(f"{path}: standing permissions stand in the home's own policy.yaml, nowhere else.")
        standing += over.standing
        for scope, rules in over.scoped.items():
            scoped.setdefault(scope, []).append(rules)
    usual = load_yaml(networks, NetworkLimits)
    return Pack(
        name=name,
        rules=tuple(Rule(code, params[rule_id]) for rule_id, code in codes.items()),
        floors=floors.verdicts(),
        networks=usual,
        scoped=scoped,
        standing=standing,
        own_limits={
            key: {network: mine.over(usual.of(network)) for network in NETWORKS} for key, mine in limits.items()
        },
        own=tuple(own),
        changes=tuple(changes),
    )


def _own_rules(path: Path) -> OwnRules | None:
    """The users' rules that an overlay names, if it does."""
    named = load_yaml(path, NamesPython).python
    return load_rules((path.parent / named).resolve()) if named else None


def _add(brought: OwnRules, codes: dict[str, RuleCode[Any]], params: dict[str, Params]) -> None:
    """Take users' rules in; a second layer may name the same file, but no other rule of the same id."""
    for rule_id, code in brought.rules.items():
        if codes.get(rule_id, code) is not code:
            raise SettingsError(f"{brought.path}: another layer brings a rule with the id {rule_id} already.")
        if rule_id not in codes:
            codes[rule_id], params[rule_id] = code, code.given


@cache
def _base() -> type[BasePack]:
    """The model of a base pack with every rule there is, made once."""
    return base_model(RULES)


#: A file that was saved this short a time ago, in seconds, may be half written: what was read before stays in force.
SETTLES_S = 2.0
#: What tells one state of some files from another: nothing where there is no file.
Stamp = tuple[tuple[int, int, int] | None, ...]


def stamp_of(paths: Sequence[Path]) -> Stamp:
    """When these files were changed last, and how long they are."""
    found: list[tuple[int, int, int] | None] = []
    for path in paths:
        try:
            told = path.stat()
        except OSError:
            found.append(None)
        else:
            found.append((told.st_mtime_ns, told.st_size, told.st_ino))
    return tuple(found)


class Packs:
    """The packs of a home: one for each mode, and the same with a job's own overlay (a path) laid over it.

    An edit of the files that `files` names for a mode and an overlay reaches processes that run: they are read anew
    once they were left alone for a moment.
    """

    def __init__(
        self,
        load: Callable[[Mode, str], Pack],
        files: Callable[[Mode, str], Sequence[Path]] = lambda _mode, _overlay: (),
    ) -> None:
        self._load = load
        self._files = files
        self._loaded: dict[tuple[Mode, str], tuple[Stamp, Pack]] = {}

    def of(self, mode: Mode, overlay: str = "") -> Pack:
        """The pack in force. Raises SettingsError where a layer cannot be read, says something wrong, or is gone."""
        paths = self._files(mode, overlay)
        stamp = stamp_of(paths)
        known = self._loaded.get((mode, overlay))
        if known is not None and known[0] != stamp:
            gone = [path for path, was, now in zip(paths, known[0], stamp, strict=True) if was and not now]
            if gone:
                raise SettingsError(
                    f"{gone[0]} is gone: it was in force when this process began.",
                    hint="Put it back, or start psa again to go on without it.",
                )
            changed_at = max(one[0] for one in stamp if one is not None) / 1e9
            known = known if 0 <= time.time() - changed_at < SETTLES_S else None
        if known is None:
            known = self._loaded[mode, overlay] = stamp, self._load(mode, overlay)
        return known[1]
