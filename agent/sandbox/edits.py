"""What another person does to a post in PostSyncer's own pages, behind a client's back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from agent.sandbox.times import When, resolve

_ONE_OF = ("text", "due", "publish", "unschedule", "delete", "comment")
_WITH_COMMENT = ("reply_to", "by")


class Edit(BaseModel):
    """One edit of one post at a time (`at`, now if left out); exactly one of the first six below.

    text          replaces the text of its first item
    due           schedules it for then, or moves it there; read when the edit happens, in the post's workspace
    publish       publishes it now
    unschedule    makes a scheduled post a draft again
    delete        deletes it
    comment       adds a comment, `by` somebody (a token's user, or a name); with `reply_to` it answers that comment
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    post: int = Field(gt=0)
    at: When = "now"
    text: str | None = Field(default=None, min_length=1)
    due: When | None = None
    publish: bool = False
    unschedule: bool = False
    delete: bool = False
    comment: str | None = Field(default=None, min_length=1)
    reply_to: int | None = Field(default=None, gt=0)
    by: str | None = Field(default=None, min_length=1)

    @field_validator("at", "due")
    @classmethod
    def _is_a_time(cls, when: str | None) -> str | None:
        if when is not None:
            resolve(when, datetime.now(UTC), ZoneInfo("UTC"))
        return when

    @model_validator(mode="after")
    def _is_one_edit(self) -> "Edit":
        named = [name for name in _ONE_OF if getattr(self, name)]
        if len(named) != 1:
            told = f"this one has {' and '.join(named)}" if named else "this one has none"
            raise ValueError(f"an edit is exactly one of {', '.join(_ONE_OF)}; {told}")
        extra = [name for name in _WITH_COMMENT if getattr(self, name) is not None]
        if extra and self.comment is None:
            raise ValueError(f"{' and '.join(extra)} only {'go' if len(extra) > 1 else 'goes'} with a comment")
        return self
