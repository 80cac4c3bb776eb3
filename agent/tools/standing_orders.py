"""Tools that make a post act by itself later: automatic replies, moderation, contacts. Off unless switched on."""

from typing import Annotated, Any, Literal, get_args

from pydantic import MISSING, Field

from agent.api.posts import (
    ContactSettings,
    KeywordRule,
    ModerationSettings,
    Trigger,
    UpdatePostAutoPlug,
    UpdatePostCommentModeration,
    UpdatePostContactCollection,
)
from agent.tools.args import Name, ObjectId, Words
from agent.tools.desk import Desk, Parts, Unfit
from agent.tools.lookup import switched_on
from agent.tools.schema import View

Threshold = Annotated[int, Field(ge=0, lt=2**53)]
Removed = Literal[
    "profanity",
    "negativity",
    "all_comments",
    "custom_topics",
    "urls",
    "emails",
    "phones",
    "mentions",
    "hashtags",
    "keywords",
]
Listed = Annotated[tuple[Name, ...], Field(max_length=100)]
#: Kinds that a list of words belongs to.
_LISTED = ("custom_topics", "mentions", "hashtags", "keywords")


class SetAutoPlug(View):
    """Reply under a post by itself once it has so many likes, reposts, replies or views."""

    tool = "set_auto_plug"
    feature = "auto_plug"

    post: ObjectId
    enabled: bool
    name: Name | None = None
    reply_text: Words | None = None
    likes: Threshold | None = None
    reposts: Threshold | None = None
    replies: Threshold | None = None
    views: Threshold | None = None

    def complete(self, desk: Desk) -> Parts:
        switched_on(self.feature, desk)
        if not self.enabled:
            return Parts((UpdatePostAutoPlug(post=self.post, enabled=False),))
        if self.reply_text is None or all(one is None for one in self._thresholds().values()):
            raise Unfit("set_auto_plug needs reply_text and one of likes, reposts, replies and views.")
        body: dict[str, Any] = {
            name: Trigger(enabled=count is not None, count=count or 0) for name, count in self._thresholds().items()
        }
        body |= {"name": self.name or "Auto-plug", "reply_text": self.reply_text, "is_default": False}
        return Parts((UpdatePostAutoPlug.model_validate(body | {"post": self.post, "enabled": True}),))

    def _thresholds(self) -> dict[str, int | None]:
        return {"likes": self.likes, "reposts": self.reposts, "replies": self.replies, "views": self.views}


class SetModeration(View):
    """Remove incoming comments of a post by itself: the kinds in remove, and what the lists hold."""

    tool = "set_moderation"
    feature = "moderation"

    post: ObjectId
    enabled: bool
    remove: tuple[Removed, ...] | None = None
    custom_topics: Listed | None = None
    mentions: Listed | None = None
    hashtags: Listed | None = None
    keywords: Listed | None = None
    ai_reply: bool | None = None

    def complete(self, desk: Desk) -> Parts:
        switched_on(self.feature, desk)
        if not self.enabled:
            return Parts((UpdatePostCommentModeration(post=self.post, enabled=False),))
        lists = {kind: getattr(self, kind) for kind in _LISTED if getattr(self, kind)}
        removed = {*(self.remove or ()), *lists}
        if not removed and not self.ai_reply:
            raise Unfit(f"set_moderation needs remove: a list of {', '.join(get_args(Removed))}.")
        body: dict[str, Any] = {f"remove_{kind}": kind in removed for kind in get_args(Removed)}
        body |= {f"{kind}_list": words for kind, words in lists.items()}
        settings = ModerationSettings.model_validate(body | {"ai_reply": bool(self.ai_reply)})
        return Parts((UpdatePostCommentModeration(post=self.post, enabled=True, settings=settings),))


class SetContacts(View):
    """Put people who comment on a post on a contact list by itself: all of them, or by keyword."""

    tool = "set_contact_collection"
    feature = "contacts"

    post: ObjectId
    enabled: bool
    list_id: ObjectId | None = None
    keyword_rules: Annotated[tuple[KeywordRule, ...], Field(max_length=100)] | None = None
    case_sensitive: bool | None = None

    def complete(self, desk: Desk) -> Parts:
        switched_on(self.feature, desk)
        if not self.enabled:
            return Parts((UpdatePostContactCollection(post=self.post, enabled=False),))
        if (self.list_id is None) == (not self.keyword_rules):
            raise Unfit("set_contact_collection needs one of list_id (for all commenters) and keyword_rules.")
        settings = ContactSettings(
            mode="keyword_rules" if self.keyword_rules else "add_all",
            list_id=self.list_id or MISSING,
            keyword_rules=self.keyword_rules or MISSING,
            keyword_case_sensitive=MISSING if self.case_sensitive is None else self.case_sensitive,
        )
        return Parts((UpdatePostContactCollection(post=self.post, enabled=True, settings=settings),))
