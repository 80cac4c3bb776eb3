"""The kinds of argument that tools share. Descriptions are told to the model, so they are short."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from agent.api.endpoint import HttpsUrl, Part
from agent.api.posts import GapUnit

#: Ids stay exact in every JSON reader below this.
_MOST = 2**53

ObjectId = Annotated[int, Field(gt=0, lt=_MOST)]
#: The schema lists the ids that exist; see `agent.tools.schema`.
WorkspaceId = Annotated[int, Field(gt=0, lt=_MOST, json_schema_extra={"ids": "workspace"})]
AccountId = Annotated[int, Field(gt=0, lt=_MOST, json_schema_extra={"ids": "account"})]
#: Taken and shown only where the feature is switched on.
CampaignId = Annotated[int, Field(gt=0, lt=_MOST, json_schema_extra={"feature": "campaigns"})]

#: How many objects one call may take: each is a read and a write, and a minute holds 60 requests.
MOST_OBJECTS = 25

Ids = Annotated[tuple[ObjectId, ...], Field(min_length=1, max_length=MOST_OBJECTS)]
Accounts = Annotated[tuple[AccountId, ...], Field(min_length=1, max_length=50)]
Labels = Annotated[tuple[ObjectId, ...], Field(max_length=50, description="label ids")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=65535)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Hex = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$", description="such as #3b82f6")]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="YYYY-MM-DD")]
Url = HttpsUrl
Limit = Annotated[int, Field(ge=1, le=50, description="1 to 50, else 20")]
#: Found objects that are shown where no limit is given.
USUAL = 20

Text = Annotated[str, StringConstraints(max_length=100_000)]
Thread = Annotated[tuple[Words, ...], Field(max_length=50, description="texts of the further posts of a thread")]
MediaRefs = Annotated[tuple[ObjectId | HttpsUrl, ...], Field(max_length=50, description="media ids or https addresses")]
FirstComment = Annotated[str, StringConstraints(max_length=65535), Field(description="posted below the post")]
Settings = Annotated[
    dict[str, dict[str, JsonValue]],
    Field(description='account id to fields of its network, such as {"<id>":{"post_type":"REELS"}}'),
]


class Variant(Part):
    """Another text for one account."""

    account: ObjectId
    text: Words


Variants = Annotated[tuple[Variant, ...], Field(max_length=50, description="another text for one account")]


class CoverArgs(Part):
    """A cover: one of the two."""

    thumbnail: ObjectId | HttpsUrl | None = None
    frame_ms: Annotated[int, Field(ge=0, lt=_MOST)] | None = None


CoverPick = Annotated[CoverArgs, Field(description="thumbnail: media id; frame_ms: TikTok only")]


class Repeat(Part):
    """Post again: so many times, every so many units."""

    times: Annotated[int, Field(ge=1, le=1000)]
    every: Annotated[int, Field(ge=1, le=1000)]
    unit: GapUnit


Status = Literal["draft", "scheduled", "published", "failed"]
MediaKind = Literal["image", "video"]
