"""`psa doctor`: what is configured, and what works."""

import json
from typing import Any

import click

from agent.api.accounts import ListAccounts
from agent.api.campaigns import ListCampaigns
from agent.api.endpoint import Endpoint
from agent.api.labels import ListLabels
from agent.api.posts import ListPosts
from agent.api.workspaces import ListWorkspaces
from agent.assembly import Choices, House, build_model
from agent.commands.common import json_option, print_json, tell, with_house
from agent.errors import ApiError, Exit, Forbidden, ModelError
from agent.planner.wire import ModelReply

#: Harmless reads that show whether the token has an ability.
PROBES: dict[str, Endpoint[Any]] = {
    "workspaces": ListWorkspaces(),
    "accounts": ListAccounts(),
    "posts": ListPosts(per_page=1),
    "labels": ListLabels(),
    "campaigns": ListCampaigns(),
}


@click.command("doctor")
@json_option
def doctor_command(as_json: bool) -> int:
    """Check settings, the token's abilities by harmless reads, limits left, the journal, and the model."""

    async def go(house: House) -> int:
        findings: list[dict[str, str]] = []
        for check in (_service, _journal, _model):
            findings.extend(await check(house))
        if as_json:
            print_json(findings)
        else:
            for found in findings:
                tell(f"{found['state']:<6} {found['what']}" + (f"\n       {found['do']}" if found["do"] else ""))
        return Exit.OK if all(found["state"] != "wrong" for found in findings) else Exit.FAILED

    return with_house(Choices(), go)


def _found(state: str, what: str, do: str = "") -> dict[str, str]:
    return {"state": state, "what": what, "do": do}


async def _service(house: House) -> list[dict[str, str]]:
    found = []
    for ability, probe in PROBES.items():
        optional = ability == "campaigns"
        if optional and not house.sandbox and "campaigns" not in house.settings.psa_features:
            continue
        try:
            answer = await house.client.send(probe, person=True)
        except Forbidden as error:
            found.append(_found("note" if optional else "wrong", f"the token lacks {ability}", error.hint))
        except ApiError as error:
            found.append(_found("wrong", f"{ability}: {error.message}", error.hint))
            break
        else:
            found.append(_found("ok", f"the token may read {ability} ({len(answer.data)} seen)"))
            if ability == "accounts":
                found.extend(
                    _found(
                        "note",
                        f"account {one.id} ({one.platform} {one.label}) has expired",
                        "Reconnect it in PostSyncer.",
                    )
                    for one in answer.data
                    if one.has_expired
                )
    left = house.gate.budget.left(house.clock.now().timestamp())
    found.append(_found("ok", f"{left} requests left in this minute"))
    found.append(_found("ok", f"the clock says {house.clock.now():%Y-%m-%d %H:%M:%S} UTC"))
    return found


async def _journal(house: House) -> list[dict[str, str]]:
    unsettled = house.store.ledger.unsettled()
    found = [
        _found("ok", f"the journal lies in {house.runs / 'journal.db'}, {len(house.store.ledger.items())} items wait")
    ]
    found.extend(
        _found("note", f"run {run}: the outcome of {key} is not known", f"`psa runs resume {run}` looks it up.")
        for run, key in unsettled
    )
    if house.store.stopped:
        found.append(_found("note", "everything is stopped", "`psa resume-all` lets runs go on."))
    return found


async def _model(house: House) -> list[dict[str, str]]:
    model = build_model(house.settings, house.clock)
    try:
        names = await model.models()
        reply: ModelReply = await model.complete(_probe(model.name))
    except ModelError as error:
        return [_found("wrong", error.message, error.hint)]
    finally:
        await model.close()
    offered = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
    used = reply.calls[0].name if reply.calls else "no tool"
    note = "" if reply.calls else "It called no tool; choose a model with tool calls."
    return [
        _found("ok", f"the model endpoint offers {offered}"),
        _found("ok" if reply.calls else "note", f"{model.name} answers a two-tool probe with {used}", note),
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
