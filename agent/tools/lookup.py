"""Finding what arguments name: workspaces, accounts, zones, and the fresh read that completing needs."""

from typing import TypeVar
from zoneinfo import ZoneInfo

from agent.api.endpoint import Endpoint
from agent.api.posts import GetPost
from agent.api.types import Account, Post, Workspace
from agent.errors import ApiError
from agent.policy.facts import Facts
from agent.text import seen_line
from agent.tools.desk import Desk, Need, Unfit

R = TypeVar("R")

#: Names and ids listed in one refusal.
_MOST_LISTED = 20


def inside(workspace_id: int | None, facts: Facts) -> bool:
    """Whether a workspace lies in the run's scope; an empty scope is all of them."""
    return not facts.scope or workspace_id in facts.scope


def workspace_of(workspace_id: int, facts: Facts) -> Workspace:
    """The workspace of that id. Raises Unfit with those that exist."""
    found = facts.workspaces.get(workspace_id)
    if found is None or not inside(workspace_id, facts):
        known = [f"{key} {seen_line(one.name, 30)}" for key, one in facts.workspaces.items() if inside(key, facts)]
        raise Unfit(f"There is no workspace {workspace_id} in scope. {_those('Workspaces', known)}")
    return found


def account_of(account_id: int, facts: Facts) -> Account:
    """The account of that id. Raises Unfit with those that exist."""
    found = facts.accounts.get(account_id)
    if found is None:
        raise Unfit(f"There is no account {account_id}. {_those('Accounts', _names(facts, None))}")
    return found


def account_in(account_id: int, workspace_id: int, facts: Facts) -> Account:
    """The account of that id, which must belong to the workspace. Raises Unfit with those that do."""
    found = facts.accounts.get(account_id)
    if found is not None and found.workspace_id == workspace_id:
        return found
    fault = (
        f"There is no account {account_id}."
        if found is None
        else f"Account {account_id} belongs to workspace {found.workspace_id}, not {workspace_id}."
    )
    raise Unfit(f"{fault} {_those(f'Accounts of workspace {workspace_id}', _names(facts, workspace_id))}")


def zone_of(workspace_id: int | None, facts: Facts) -> ZoneInfo:
    """The workspace's time zone, which no time is sent without. Raises Unfit where it is not known."""
    try:
        return facts.zone(workspace_id or 0)
    except (KeyError, ValueError) as error:
        raise Unfit(f"The time zone of workspace {workspace_id} is not known: no time can be set there.") from error


def fresh(call: Endpoint[R], desk: Desk) -> R | Need:
    """The answer of a read done for this very call, or the read to do. Raises Unfit where it was refused."""
    answer = desk.answer(call)
    if answer is None:
        return Need(call)
    if isinstance(answer, ApiError):
        values = ", ".join(f"{key} {value}" for key, value in call.model_dump(mode="json").items())
        raise Unfit(f"{call.route.name} {values}: {answer.kind}.")
    found: R = answer
    return found


def same_name(name: str, other: str) -> bool:
    """Whether two labels or folders of these names could be taken for each other."""
    return name.strip().casefold() == other.strip().casefold()


def switched_on(feature: str, desk: Desk) -> None:
    """Nothing where the settings switch this part of the service on. Raises Unfit where they do not."""
    if feature not in desk.facts.features:
        raise Unfit(f"This part of PostSyncer ({feature}) is not switched on here. Leave it, and say so.")


def fresh_post(post_id: int, desk: Desk) -> Post | Need:
    """A post as it is now, or the read to do. Raises Unfit."""
    return fresh(GetPost(id=post_id), desk)


def _names(facts: Facts, workspace_id: int | None) -> list[str]:
    return [
        f"{key} {account.platform} {seen_line(account.label, 30)}"
        for key, account in sorted(facts.accounts.items())
        if (account.workspace_id == workspace_id if workspace_id is not None else inside(account.workspace_id, facts))
    ]


def _those(what: str, known: list[str]) -> str:
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    return f"{what}: {'; '.join(known[:_MOST_LISTED]) or 'none'}{more}."
