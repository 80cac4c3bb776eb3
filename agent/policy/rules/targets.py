"""What a call may touch: only what was read or named, in the workspaces in scope, on accounts that are named."""

from collections.abc import Iterable, Iterator

from pydantic import MISSING

from agent.api.networks import SETTINGS
from agent.api.posts import AccountTarget, PostFields, settings_of
from agent.api.types import Account
from agent.policy.rules.case import Case, fitting
from agent.policy.rules.named import Named, home_of, in_goal, named_in, was_read
from agent.policy.rules.rule import POST_EFFECTS, Found, Params, Plain, rule


class IdParams(Params):
    """Nothing to set but the verdict."""


@rule("ids.read", IdParams, unsafe_on_draft=True)
def check_ids(case: Case, _params: IdParams) -> Iterable[Found]:
    """Ids come from the service or from the person, never from a model; accounts and workspaces from the service."""
    for named in named_in(case):
        if was_read(case, named):
            continue
        must_be_read = named.thing in {"workspace", "account"}
        if not must_be_read and (case.facts.mode == "person" or in_goal(case.facts, named)):
            continue
        where = "in this run" if must_be_read else "in this run, and does not stand in the goal"
        yield Found(
            f"{named.thing.capitalize()} {_shown(named)} was not read {where}.",
            evidence=f"{named.where}: {named.id}",
            passes=_how_to_pass(named),
        )


def _shown(named: Named) -> str:
    """An id for the sentence; a text from outside stays out of it."""
    return str(named.id) if isinstance(named.id, int) else f"in {named.where}"


def _how_to_pass(named: Named) -> str:
    if named.thing in {"board", "list", "text", "address"}:
        return "have the person give it in the goal"
    reader = _READERS.get(named.thing)
    return f"call {reader} first and take the id from its answer, or ask the person" if reader else "ask the person"


#: The tool whose answer gives ids of a kind.
_READERS = {
    "post": "find_posts or get_post",
    "media": "find_media",
    "comment": "list_comments",
    "label": "list_labels",
    "folder": "list_folders",
}


class ScopeParams(Params):
    """Nothing to set but the verdict."""


@rule("scope.workspace", ScopeParams, unsafe_on_draft=True)
def check_scope(case: Case, _params: ScopeParams) -> Iterable[Found]:
    """Every object lies in a workspace in scope, and all objects of one write in the same."""
    facts = case.facts
    here = case.data.get("workspace_id")
    narrow = bool(facts.scope) and not facts.scope.issuperset(facts.workspaces)
    for named in named_in(case):
        home = home_of(facts, named)
        if home is not None and facts.scope and home not in facts.scope:
            yield _outside(named, f"in workspace {home}, which is not in scope")
        elif home is None and narrow and case.effect.writes and _has_home(named):
            yield _outside(named, "in a workspace that is not known")
        elif None not in (home, here) and home != here and named.thing not in {"account", "post"}:
            yield _outside(named, f"in workspace {home}, the call in workspace {here}")


def _outside(named: Named, says: str) -> Found:
    return Found(
        f"{named.thing.capitalize()} {_shown(named)} is {says}.",
        evidence=named.where,
        passes="use objects of one workspace in scope; the scope is set by the person (--workspace, or the goal)",
    )


def _has_home(named: Named) -> bool:
    return named.thing not in {"workspace", "board", "list", "text", "address", "label"}


class TargetParams(Params):
    """`expired` and `unknown_network` are the verdicts for accounts that a person may want all the same."""

    expired: Plain
    unknown_network: Plain


@rule("target.accounts", TargetParams, effects=POST_EFFECTS, unsafe_on_draft=True)
def check_accounts(case: Case, params: TargetParams) -> Iterable[Found]:
    """A post names its accounts: each once, all of its workspace, with settings of their network."""
    fields = case.fields
    if fields is None:
        return
    if fields.accounts is MISSING or not fields.accounts:
        yield Found(
            "The post names no account: the service would take its default one.", passes="name the accounts to post to"
        )
        return
    yield from _moved(case, fields)
    seen: set[int] = set()
    for target in fields.accounts:
        if target.id in seen:
            yield Found(f"Account {target.id} is named twice.", passes="name each account once")
        elif (account := case.facts.accounts.get(target.id)) is not None:
            yield from _fits(case, fields, target, account)
            yield from _works(account, params)
        seen.add(target.id)
    repeats = () if fields.repeatable_accounts is MISSING else fields.repeatable_accounts
    for account_id in repeats:
        if account_id not in seen:
            yield Found(
                f"The post would be repeated on account {account_id}, to which it does not go.",
                passes="repeat only on accounts of the post",
            )


def _moved(case: Case, fields: PostFields) -> Iterator[Found]:
    home = case.post.home if case.post is not None else None
    if home not in (None, fields.workspace_id):
        yield Found(
            f"The post lies in workspace {home}, not in {fields.workspace_id}.",
            passes=f"use workspace {home} and its accounts",
        )


def _fits(case: Case, fields: PostFields, target: AccountTarget, account: Account) -> Iterator[Found]:
    if (home := _home(case, account)) != fields.workspace_id:
        yield Found(
            f"Account {target.id} is of workspace {home}, the post of workspace {fields.workspace_id}.",
            passes="use accounts of the post's workspace",
        )
    if account.platform in SETTINGS and fitting(account.platform, settings_of(target)) is None:
        yield Found(
            f"The settings of account {target.id} do not fit {account.platform}.",
            evidence=", ".join(settings_of(target)),
            passes=f"use {', '.join(SETTINGS[account.platform].model_fields) or 'no settings'}",
        )


def _home(case: Case, account: Account) -> int | None:
    if account.workspace_id is not None:
        return account.workspace_id
    homes = [
        key for key, home in case.facts.workspaces.items() if any(other.id == account.id for other in home.accounts)
    ]
    return homes[0] if len(homes) == 1 else None


def _works(account: Account, params: TargetParams) -> Iterator[Found]:
    if account.has_expired:
        yield Found(
            f"The connection of account {account.id} has expired: publishing there will fail.",
            passes="connect the account again in PostSyncer",
            verdict=params.expired,
        )
    if account.platform not in SETTINGS:
        yield Found(
            f"Account {account.id} is on a network that no rule knows.",
            evidence=account.platform,
            passes="a person approves the card",
            verdict=params.unknown_network,
        )
