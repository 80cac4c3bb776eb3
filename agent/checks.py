"""Checks of a home: token, accounts, limits, disk, journal, model. What `psa doctor` shows, and a night begins with."""

import json
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from agent.api.accounts import ListAccounts
from agent.api.campaigns import ListCampaigns
from agent.api.endpoint import Endpoint
from agent.api.labels import ListLabels
from agent.api.networks import NETWORK_NAMES
from agent.api.posts import ListPosts
from agent.api.workspaces import ListWorkspaces
from agent.assembly import House
from agent.errors import ApiError, ClockWrong, Forbidden, ModelError
from agent.gate.approvals import refuse_wrong_clock
from agent.gate.watching import LATE_AFTER
from agent.planner.wire import ModelReply

#: Harmless reads that show whether the token has an ability.
PROBES: dict[str, Endpoint[Any]] = {
    "workspaces": ListWorkspaces(),
    "accounts": ListAccounts(),
    "posts": ListPosts(per_page=1),
    "labels": ListLabels(),
    "campaigns": ListCampaigns(),
}
#: Free bytes below which nothing is begun, and below which it is told.
TOO_LITTLE, LITTLE = 50_000_000, 500_000_000


@dataclass(frozen=True)
class Check:
    """One finding: `ok`, a `note`, or what is `wrong`; `do` says what helps."""

    state: Literal["ok", "note", "wrong"]
    what: str
    do: str = ""

    def as_row(self) -> dict[str, str]:
        """For `--json`."""
        return asdict(self)


async def check_service(
    house: House,
    *,
    person: bool,
    abilities: Iterable[str] = PROBES,
    workspaces: Iterable[int] = (),
    listed: bool = False,
) -> AsyncIterator[Check]:
    """The token's abilities by harmless reads, expired accounts (of these workspaces, or of all), limits and clock.

    `listed` also tells what exists, with its ids.

    Stops at the first answer that shows the service cannot be used at all.
    """
    wanted = frozenset(workspaces)
    seen: dict[str, Sequence[Any]] = {}
    for ability in abilities:
        optional = ability == "campaigns"
        if optional and not house.sandbox and "campaigns" not in house.settings.psa_features:
            continue
        try:
            answer = await house.client.send(PROBES[ability], person=person)
        except Forbidden as error:
            yield Check("note" if optional else "wrong", f"the token lacks {ability}", error.hint)
        except ApiError as error:
            yield Check("wrong", f"{ability}: {error.message}", error.hint)
            return
        else:
            seen[ability] = answer.data
            yield Check("ok", f"the token may read {ability} ({len(answer.data)} seen)")
            for one in answer.data if ability == "accounts" else ():
                if one.has_expired and (not wanted or one.workspace_id in wanted):
                    told = f"account {one.id} ({NETWORK_NAMES.get(one.platform, one.platform)} {one.label}) has expired"
                    yield Check("note", told, "Reconnect it in PostSyncer.")
    for line in _what_exists(seen) if listed else ():
        yield Check("ok", line)
    yield Check("ok", f"{house.gate.budget.left(house.clock.now().timestamp())} requests left in this minute")
    yield _clock(house)


def _what_exists(seen: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """Workspaces with their accounts and labels, as far as they were read."""
    for one in seen.get("workspaces", ()):
        accounts = [
            f"{account.id} {account.platform} {account.label}"
            for account in seen.get("accounts", ())
            if account.workspace_id == one.id
        ]
        labels = [
            f"{label.id} {label.name}"
            for label in seen.get("labels", ())
            if label.workspace is not None and label.workspace.id == one.id
        ]
        yield f"workspace {one.id} is {one.name}, {one.timezone}"
        yield f"accounts of {one.id}: {', '.join(accounts) or 'none'}"
        yield f"labels of {one.id}: {', '.join(labels) or 'none'}"


def _clock(house: House) -> Check:
    try:
        refuse_wrong_clock(house.gate)
    except ClockWrong as error:
        return Check("wrong", error.message.rstrip("."), error.hint)
    return Check("ok", f"the clock says {house.clock.now():%Y-%m-%d %H:%M:%S} UTC")


def check_home(house: House, damage: str | None = None) -> list[Check]:
    """The disk, the journal and what it does not know yet. `damage` is what was found in the file already."""
    found = [_disk(house)]
    damage = house.store.damage() if damage is None else damage
    if damage:
        told = f"the journal {house.runs / 'journal.db'} is damaged: {damage}"
        found.append(Check("wrong", told, "Restore it from a backup; `psa runs verify` names the runs that are whole."))
    waiting = len(house.store.ledger.items())
    found.append(Check("ok", f"the journal lies in {house.runs / 'journal.db'}, {waiting} items wait"))
    found.extend(
        Check("note", f"run {run}: the outcome of {key} is not known", f"`psa runs resume {run}` looks it up.")
        for run, key in house.store.ledger.unsettled()
    )
    overdue = house.store.ledger.awaited(house.service, house.clock.now() - LATE_AFTER)
    if overdue:
        told = f"{len(overdue)} posts should be out by now and are not known to be"
        found.append(Check("note", told, "`psa watch` reads them back."))
    if house.store.stopped:
        found.append(Check("wrong", "everything is stopped", "`psa resume-all` lets runs go on."))
    return found


def _disk(house: House) -> Check:
    free = shutil.disk_usage(house.runs).free
    told = f"{free / 1e9:.1f} GB are free on the disk of {house.runs}"
    if free < TOO_LITTLE:
        return Check("wrong", told, "Free some: nothing is sent that cannot be journaled.")
    return Check("note", told, "Free some before it is full.") if free < LITTLE else Check("ok", told)


async def check_model(model: Any) -> list[Check]:
    """Whether the model answers, and calls a tool that it is offered."""
    try:
        reply: ModelReply = await model.complete(_probe(model.name))
    except ModelError as error:
        return [Check("wrong", error.message, error.hint)]
    try:
        names = await model.models()
        offered = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
        listed = Check("ok", f"the model endpoint offers {offered}")
    except ModelError as error:
        listed = Check("note", error.message, error.hint)
    used = reply.calls[0].name if reply.calls else "no tool"
    note = "" if reply.calls else "It called no tool; choose a model with tool calls."
    return [
        listed,
        Check("ok" if reply.calls else "note", f"{model.name} answers a two-tool probe with {used}", note),
    ]


def _probe(name: str) -> bytes:
    """A small request with two tools, one of which fits."""
    tools = [
        {
            "type": "function",
            "function": {
                "name": tool,
                "description": described,
                "parameters": {
                    "type": "object",
                    "properties": {"said": {"type": "string"}, "refused": {"type": "string"}},
                    "required": ["said"],
                    "additionalProperties": False,
                },
            },
        }
        for tool, described in (("finish", "Say that you are done."), ("ask", "Ask the person."))
    ]
    messages = [{"role": "user", "content": "This is a connection test. Call the tool finish with said set to ok."}]
    return json.dumps({"model": name, "messages": messages, "tools": tools}).encode()
