"""Which figures are in force for a call: the pack's, and what its overlays say of a workspace, campaign or account."""

from collections.abc import Iterator

from pydantic import MISSING

from agent.journal.findings import Verdict
from agent.policy.layers import Scope
from agent.policy.pack import Pack, Rule
from agent.policy.rules.case import Case
from agent.policy.rules.named import home_of, named_in


def in_force(case: Case, pack: Pack, verdict: Verdict | None = None) -> Iterator[tuple[Rule, Case]]:
    """Every rule that looks at the call, or only those of one verdict, by id, with the case it judges.

    The case is narrowed to some accounts where others have figures of their own.
    """
    if not pack.scoped:
        yield from ((rule, case) for rule in pack.asked(case.effect) if verdict in (None, rule.verdict))
        return
    for rule, narrowed in _for_each(case, pack):
        if rule.on and verdict in (None, rule.verdict):
            yield rule, narrowed


def _for_each(case: Case, pack: Pack) -> Iterator[tuple[Rule, Case]]:
    """The rules with the figures that hold for the objects of the call."""
    general = _around(case)
    accounts = _accounts(case)
    for rule in pack.by_id:
        if case.effect not in rule.effects:
            continue
        groups: list[tuple[Rule, list[int]]] = []
        for account in accounts:
            own = pack.rule_in(rule, (*general, ("account", account)))
            same = next((some for other, some in groups if other.params == own.params), None)
            if same is None:
                groups.append((own, [account]))
            else:
                same.append(account)
        if len(groups) > 1:
            yield from ((own, case.narrowed(frozenset(some))) for own, some in groups)
        else:
            yield groups[0][0] if groups else pack.rule_in(rule, general), case


def _around(case: Case) -> tuple[Scope, ...]:
    """The workspace and the campaign of a call."""
    homes = [case.data.get("workspace_id"), *(home_of(case.facts, named) for named in named_in(case))]
    workspace = next((home for home in homes if isinstance(home, int)), None)
    campaign = case.data.get("campaign_id")
    if campaign is None and case.post is not None:
        campaign = (case.post.model_extra or {}).get("campaign_id")
    found: list[Scope] = [("workspace", workspace)] if workspace is not None else []
    return (*found, ("campaign", campaign)) if isinstance(campaign, int) else tuple(found)


def _accounts(case: Case) -> list[int]:
    """The accounts that a call is about: a post's targets, or those of the post that it names."""
    fields, facts = case.fields, case.facts
    if fields is not None and fields.accounts is not MISSING and fields.accounts:
        return list(dict.fromkeys(target.id for target in fields.accounts))
    ids = [named.id for named in named_in(case) if named.thing == "post"]
    ids += [found.post_id for key in _comments(case) if (found := facts.comments.get(key)) and found.post_id]
    rows = [row for key in ids if isinstance(key, int) and key in facts.posts for row in facts.posts[key].platforms]
    named = [one.id for one in named_in(case) if one.thing == "account" and isinstance(one.id, int)]
    shown = [row.shown_account_id for row in rows if row.shown_account_id is not None]
    return list(dict.fromkeys([*named, *shown]))


def _comments(case: Case) -> list[int]:
    ids = [named.id for named in named_in(case) if named.thing == "comment"]
    return [key for key in ids if isinstance(key, int)]
