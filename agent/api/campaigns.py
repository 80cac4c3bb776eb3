"""Campaigns: inferred from the MCP tools, no REST page documents them; off for the real service unless switched on."""

from typing import Annotated

from pydantic import MISSING, StringConstraints

from agent.api.endpoint import Effect, Endpoint, Id, endpoint
from agent.api.types import Campaign, Message, Page

CampaignName = Annotated[str, StringConstraints(min_length=1, max_length=255)]


@endpoint("GET", "/campaigns", ability="campaigns", effect=Effect.READ, source="inferred")
class ListCampaigns(Endpoint[Page[Campaign]]):
    """All campaigns."""


@endpoint("POST", "/campaigns", ability="campaigns", effect=Effect.ORGANISE, source="inferred")
class CreateCampaign(Endpoint[Campaign]):
    """Create a campaign."""

    workspace_id: Id
    name: CampaignName


@endpoint("GET", "/campaigns/{id}", ability="campaigns", effect=Effect.READ, source="inferred")
class GetCampaign(Endpoint[Campaign]):
    """One campaign."""

    id: Id


@endpoint("PUT", "/campaigns/{id}", ability="campaigns", effect=Effect.ORGANISE, source="inferred")
class UpdateCampaign(Endpoint[Campaign]):
    """Rename a campaign."""

    id: Id
    name: CampaignName
    workspace_id: Id | MISSING = MISSING


@endpoint("DELETE", "/campaigns/{id}", ability="campaigns", effect=Effect.DESTRUCTIVE, source="inferred")
class DeleteCampaign(Endpoint[Message]):
    """Delete a campaign."""

    id: Id
