"""Which accounts a goal means: by network, number, name or workspace. What is not clear is asked for."""

from collections.abc import Generator, Sequence
from dataclasses import replace

from agent.planner.offline.conversation import Account, Digest, Turn
from agent.planner.offline.phrases import take_place
from agent.planner.offline.plan import Call, Story, ask
from agent.planner.offline.wishes import Place
from agent.planner.offline.words import CannotDo, Scanner, listed, written

Accounts = Generator[Sequence[Call], Turn, tuple[Account, ...]]
_MOST_LISTED = 12


def choose_accounts(place: Place, digest: Digest, story: Story) -> Accounts:
    """The accounts meant. Only where exactly one fits is it taken without asking. Raises CannotDo."""
    scope = _scope(place, digest)
    if not scope:
        raise CannotDo("No account is connected there.")
    if not (place.each or place.accounts or place.everywhere or place.networks or len(scope) == 1):
        place = yield from _ask_place(place, scope)
    chosen = yield from _chosen(place, scope, digest, story)
    if not chosen:
        raise CannotDo(" ".join(story.refused))
    story.said += [f"The connection of {_name(one, digest)} has expired." for one in chosen if one.expired]
    return tuple(dict.fromkeys(chosen))


def _scope(place: Place, digest: Digest) -> list[Account]:
    return [one for one in digest.accounts if not place.workspaces or one.workspace in place.workspaces]


def _ask_place(place: Place, scope: Sequence[Account]) -> Generator[Sequence[Call], Turn, Place]:
    connected = listed(sorted({written(one.platform) for one in scope}))
    reply = yield from ask(f"Which networks should it go to? Connected are {connected}.")
    asked = take_place(Scanner(reply))
    if not (asked.networks or asked.everywhere or asked.accounts):
        raise CannotDo(f'"{reply}" names no network.')
    return replace(asked, workspaces=place.workspaces)


def _chosen(
    place: Place, scope: Sequence[Account], digest: Digest, story: Story
) -> Generator[Sequence[Call], Turn, list[Account]]:
    if place.each:
        chosen: list[Account] = []
        for workspace, networks in place.each:
            there = [one for one in scope if one.workspace == workspace]
            chosen += yield from _by_network(networks, there, digest, story)
        return chosen
    if place.accounts:
        found = [one for one in scope if one.id in place.accounts]
        _tell_missing([str(key) for key in place.accounts if key not in {one.id for one in found}], scope, story)
        return found
    if place.everywhere:
        expired = [one for one in scope if one.expired]
        story.refused += [f"{_name(one, digest)} is left out: its connection has expired." for one in expired]
        return [one for one in scope if not one.expired]
    if place.networks:
        return (yield from _by_network(place.networks, scope, digest, story))
    return list(scope)


def choose_account(place: Place, called: str, digest: Digest) -> Generator[Sequence[Call], Turn, Account]:
    """The one account meant by number, network or name; of several that fit one is asked for. Raises CannotDo."""
    scope = _scope(place, digest)
    fits = [one for one in scope if _fits(one, place, called)]
    if not fits:
        raise CannotDo(f"No such account is connected there. Connected are: {_names(scope, digest) or 'none'}.")
    if len(fits) == 1:
        return fits[0]
    reply = yield from ask(f"Which account: {_names(fits[:_MOST_LISTED], digest)}? Answer with its number.")
    (found, *more) = _answered(reply, fits, digest)
    if more:
        raise CannotDo("Only one account can be disconnected at a time.")
    return found


def _fits(account: Account, place: Place, called: str) -> bool:
    named = (
        not place.accounts or account.id in place.accounts,
        not place.networks or account.platform in place.networks,
        called.casefold() in account.label.casefold(),
    )
    return all(named)


def _names(accounts: Sequence[Account], digest: Digest) -> str:
    return "; ".join(_name(one, digest) for one in accounts)


def _tell_missing(names: Sequence[str], scope: Sequence[Account], story: Story) -> None:
    if names:
        connected = listed(sorted({written(one.platform) for one in scope}))
        story.refused.append(f"No account for {listed(names)} is connected there, only {connected}.")


def _by_network(
    networks: Sequence[str], scope: Sequence[Account], digest: Digest, story: Story
) -> Generator[Sequence[Call], Turn, list[Account]]:
    chosen: list[Account] = []
    missing = [written(network) for network in networks if network not in {one.platform for one in scope}]
    _tell_missing(missing, scope, story)
    for network in networks:
        fits = [one for one in scope if one.platform == network]
        if len(fits) > 1:
            listing = "; ".join(_name(one, digest) for one in fits[:_MOST_LISTED])
            reply = yield from ask(f"Which {written(network)} account: {listing}?")
            fits = _answered(reply, fits, digest)
        chosen += fits
    return chosen


def _answered(reply: str, fits: Sequence[Account], digest: Digest) -> list[Account]:
    """The accounts a reply means: by number, else by workspace or name, else all of them."""
    words = reply.casefold()
    numbers = {int(word) for word in "".join(c if c.isdecimal() else " " for c in reply).split()}
    found = [one for one in fits if one.id in numbers]
    found = found or [one for one in fits if digest.workspace(one.workspace).name.casefold() in words]
    found = found or [one for one in fits if one.label.casefold() in words]
    found = found or (list(fits) if words.strip(" .!") in {"all", "both", "all of them", "both of them"} else [])
    if not found:
        raise CannotDo(f'"{reply}" names none of the accounts asked about.')
    return found


def _name(account: Account, digest: Digest) -> str:
    workspace = digest.workspace(account.workspace).name
    return f"{written(account.platform)} {account.id} {account.label} ({workspace})"
