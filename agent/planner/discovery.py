"""Discovery: what is read before the first model turn, always, by code; and the prompts made from it."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from agent.api.accounts import ListAccounts
from agent.api.networks import NETWORKS
from agent.api.workspaces import ListWorkspaces
from agent.errors import SettingsError
from agent.gate.door import Gate
from agent.journal import records as r
from agent.journal.run import Run
from agent.planner.scope import resolve
from agent.policy.facts import Facts
from agent.templates import Templates
from agent.text import seen_line
from agent.tools.registry import offered
from agent.tools.schema import tools_text


class NetworkNotes(BaseModel):
    """One line per network for the system prompt (`prompts/networks.yaml`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    twitter: str
    facebook: str
    instagram: str
    linkedin: str
    tiktok: str
    youtube: str
    threads: str
    bluesky: str
    mastodon: str
    pinterest: str
    telegram: str


async def discover(gate: Gate, run: Run) -> None:
    """Read workspaces and accounts. Raises ApiError; SettingsError where the token sees no workspace."""
    await gate.read(run, f"{run.id}.0.0.0", ListWorkspaces())
    await gate.read(run, f"{run.id}.0.0.1", ListAccounts())
    if not run.state.known.workspaces:
        raise SettingsError(
            "The token sees no workspace.", hint="Make one in PostSyncer, or use the token of a member of one."
        )


def prompt(gate: Gate, run: Run, templates: Templates, notes: NetworkNotes) -> r.Prompted:
    """System prompt and tools section of a run, from what discovery read. Raises SettingsError for an unknown scope."""
    opened = run.state.opened
    known = run.state.known
    scope = resolve(known.workspaces, opened.workspaces if opened else (), run.state.goal_text)
    facts = gate.objects(run)
    connected = {account.platform for account in known.accounts.values() if account.workspace_id in scope}
    lines = [getattr(notes, network) for network in NETWORKS if network in connected]
    limits = opened.limits if opened else r.Limits()
    unattended = opened is not None and opened.mode == "unattended"
    system = templates.render("system.md.j2", notes=lines, turns=limits.turns, unattended=unattended)
    narrowed = replace(facts, scope=frozenset(scope))
    tools = tools_text(offered(narrowed), narrowed)
    return r.Prompted(system=run.store.keep(system), tools=run.store.keep(tools), scope=scope)


def digest(facts: Facts, templates: Templates, now: datetime) -> str:
    """What exists, for the first message: workspaces in scope with their local time, and their accounts."""
    shown: list[dict[str, Any]] = []
    for key in sorted(facts.scope or facts.workspaces):
        workspace = facts.workspaces[key]
        local = now.astimezone(ZoneInfo(workspace.timezone))
        accounts = [
            {
                "id": account.id,
                "platform": account.platform,
                "label": seen_line(account.label, 40),
                "expired": bool(account.has_expired),
            }
            for account in sorted(facts.accounts.values(), key=lambda one: one.id)
            if account.workspace_id == key
        ]
        shown.append(
            {
                "id": key,
                "name": seen_line(workspace.name, 60),
                "timezone": workspace.timezone,
                "now": f"{local:%A %Y-%m-%d %H:%M}",
                "accounts": accounts,
            }
        )
    return templates.render("digest.md.j2", workspaces=shown).strip()
