"""Labels."""

from typing import Annotated

from pydantic import StringConstraints

from agent.api.endpoint import Color, Effect, Endpoint, Id, endpoint
from agent.api.types import Label, Message, Page

LabelName = Annotated[str, StringConstraints(min_length=1, max_length=255)]


@endpoint("GET", "/labels", ability="labels", effect=Effect.READ, source="docs")
class ListLabels(Endpoint[Page[Label]]):
    """All labels."""


@endpoint("POST", "/labels", ability="labels", effect=Effect.ORGANISE, source="docs")
class CreateLabel(Endpoint[Label]):
    """Create a label; all fields are required."""

    workspace_id: Id
    name: LabelName
    color: Color


@endpoint("GET", "/labels/{id}", ability="labels", effect=Effect.READ, source="docs")
class GetLabel(Endpoint[Label]):
    """One label."""

    id: Id


@endpoint("PUT", "/labels/{id}", ability="labels", effect=Effect.ORGANISE, source="docs")
class UpdateLabel(Endpoint[Label]):
    """Change a label; both fields are required."""

    id: Id
    name: LabelName
    color: Color


@endpoint("DELETE", "/labels/{id}", ability="labels", effect=Effect.DESTRUCTIVE, source="docs")
class DeleteLabel(Endpoint[Message]):
    """Delete a label."""

    id: Id
