"""What waits for a person, and what exactly it would do: what goes, and what goes with it."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import MISSING

from agent.api.accounts import DeleteAccount
from agent.api.campaigns import DeleteCampaign
from agent.api.comments import CreateComment, DeleteComment, HideComment, UpdateComment
from agent.api.endpoint import Effect, Endpoint
from agent.api.folders import DeleteFolder
from agent.api.labels import DeleteLabel
from agent.api.media import DeleteMedia
from agent.api.posts import (
    DeletePost,
    UpdatePost,
    UpdatePostAutoPlug,
    UpdatePostCommentModeration,
    UpdatePostContactCollection,
)
from agent.api.types import Post
from agent.policy.facts import Facts
from agent.policy.rules.case import Case, text_of
from agent.policy.rules.rule import Found, Params, rule
from agent.text import one_line

_APPROVES = "a person approves the card"
_NOBODY_THERE = "a person asks for it while somebody is there: nobody decides about it in an unattended run"
_WAITING = frozenset({"DRAFT", "SCHEDULED"})
_SHOWN = 10


class ConfirmParams(Params):
    """Nothing to set but the verdict."""


@rule("confirm.outbound", ConfirmParams, effects={Effect.OUTBOUND})
def check_outbound(case: Case, _params: ConfirmParams) -> Iterable[Found]:
    """Comments, and edits of a post that is already scheduled."""
    call = case.call
    if isinstance(call, CreateComment):
        says = f"A comment on post {call.post_id} is public at once."
        if call.parent_comment_id is not MISSING:
            says = f"A reply to comment {call.parent_comment_id} is public at once."
        yield Found(says, evidence=_said(call.content), passes=_APPROVES)
    elif isinstance(call, UpdateComment):
        old = case.facts.comments.get(call.comment)
        evidence = f"{_said(old.content if old else None)} → {_said(call.content)}"
        yield Found(f"Comment {call.comment} is public: its change is, too.", evidence=evidence, passes=_APPROVES)
    elif isinstance(call, UpdatePost) and case.post is not None and case.post.status == "SCHEDULED":
        yield Found(
            f"Post {call.id} is scheduled: a change of it goes out without a further look.",
            evidence=_edited(call, case.post),
            passes=_APPROVES,
        )


def _edited(call: UpdatePost, post: Post) -> str:
    new = " / ".join(text_of(item) for item in call.content)
    old = " / ".join(item.text or "" for item in post.content)
    when = ""
    if call.schedule_for is not MISSING and call.schedule_for is not None:
        when = f"; {post.scheduled_at or 'no time'} → {call.schedule_for.date} {call.schedule_for.time}"
    return (_said(new) if old == new else f"{_said(old)} → {_said(new)}") + when


@rule("confirm.config", ConfirmParams, effects={Effect.CONFIG})
def check_config(case: Case, _params: ConfirmParams) -> Iterable[Found]:
    """Settings of a post that act later, by themselves."""
    call = case.call
    match call:
        case UpdatePostAutoPlug():
            what, post = "automatic replies", call.post
            evidence = _said(call.reply_text)
        case UpdatePostCommentModeration():
            what, post = "moderation of comments", call.post
            evidence = _switched_on(call.settings)
        case UpdatePostContactCollection():
            what, post = "collecting commenters as contacts", call.post
            evidence = _switched_on(call.settings)
        case _:
            yield Found("This changes how the service acts by itself.", passes=_passes(case))
            return
    verb = "on" if call.enabled else "off"
    yield Found(f"This turns {what} {verb} for post {post}, which then acts by itself.", evidence, _passes(case))


def _switched_on(settings: Any) -> str:
    values = {} if settings is MISSING else settings.model_dump(mode="json")
    return ", ".join(f"{name}: {value}" for name, value in values.items() if value not in (False, []))


@rule("confirm.destructive", ConfirmParams, effects={Effect.DESTRUCTIVE})
def check_destructive(case: Case, _params: ConfirmParams) -> Iterable[Found]:
    """Everything that takes something away: named, with what goes with it as far as this run has read."""
    says, drags = _what_goes(case.call, case.facts)
    if drags:
        more = f" and {len(drags) - _SHOWN} more" if len(drags) > _SHOWN else ""
        says = f"{says} With it: {', '.join(drags[:_SHOWN])}{more}."
    yield Found(says, evidence=_evidence(case), passes=_passes(case))


def _passes(case: Case) -> str:
    """What would pass; the unattended pack denies these, so that no card waits."""
    return _NOBODY_THERE if case.facts.mode == "unattended" else _APPROVES


def _what_goes(call: Endpoint[Any], facts: Facts) -> tuple[str, Sequence[str]]:
    match call:
        case DeletePost():
            state = _state(facts.posts.get(call.id))
            return f"Post {call.id} is deleted for good{state}.", _comments_of(call.id, facts)
        case UpdatePost():
            return _overwritten(call, facts.posts.get(call.id)), ()
        case DeleteComment():
            return f"Comment {call.comment} is deleted for good.", _replies(call.comment, facts)
        case HideComment():
            return f"Comment {call.comment} is hidden, with no way back from here.", _replies(call.comment, facts)
        case DeleteAccount():
            return f"Account {call.id} is disconnected for good and leaves its posts.", _posts_on(call.id, facts)
        case DeleteMedia():
            return f"Media {call.media_id} and its file are deleted for good.", _posts_with(call.media_id, facts)
        case DeleteFolder():
            return f"Folder {call.folder_id} is deleted for good.", facts.lies_in(call.folder_id)
        case DeleteLabel():
            posts = [post.id for post in facts.posts.values() if any(label.id == call.id for label in post.labels)]
            return f"Label {call.id} is deleted for good.", [f"the label on post {post}" for post in posts]
        case DeleteCampaign():
            return f"Campaign {call.id} is deleted for good.", ()
        case _:
            return "This takes something away for good.", ()


def _state(post: Post | None) -> str:
    if post is None:
        return " (not read in this run)"
    if post.status in _WAITING:
        return " (it is a draft)" if post.status == "DRAFT" else " (it is scheduled)"
    return f" (it is {post.status.lower()}; whether the networks' copies go too is not documented)"


def _overwritten(call: UpdatePost, post: Post | None) -> str:
    if post is None:
        return f"Post {call.id} was not read: changing it may overwrite anything."
    if post.status == "DRAFT":
        return f"Post {call.id} is a draft that was not made here: this overwrites it."
    return f"Post {call.id} is taken off its schedule."


def _evidence(case: Case) -> str:
    """The words of what goes, for people."""
    facts, call = case.facts, case.call
    match call:
        case DeletePost() | UpdatePost():
            post = facts.posts.get(call.id)
            return _said(post.text) if post else ""
        case DeleteComment() | HideComment():
            comment = facts.comments.get(call.comment)
            return _said(comment.content) if comment else ""
        case DeleteAccount():
            account = facts.accounts.get(call.id)
            return f"{account.platform}: {one_line(account.label, 60)}" if account else ""
        case DeleteMedia():
            media = facts.media.get(call.media_id)
            return one_line(media.name, 60) if media else ""
        case DeleteFolder():
            return _name(facts.folders.get(call.folder_id))
        case DeleteLabel():
            return _name(facts.labels.get(call.id))
        case DeleteCampaign():
            return _name(facts.campaigns.get(call.id))
        case _:
            return ""


def _name(thing: Any) -> str:
    return one_line(thing.name, 60) if thing is not None else ""


def _comments_of(post_id: int, facts: Facts) -> list[str]:
    return [f"comment {comment.id}" for comment in facts.comments.values() if comment.post_id == post_id]


def _replies(comment_id: int, facts: Facts) -> list[str]:
    """Replies below a comment, at any depth."""
    found: list[int] = []
    open_ids = [comment_id]
    while open_ids:
        parent = open_ids.pop()
        known = facts.comments.get(parent)
        below = {reply.id for reply in known.replies} if known else set()
        below |= {reply.id for reply in facts.comments.values() if reply.parent_comment_id == parent}
        new = sorted(below - set(found) - {comment_id})
        found += new
        open_ids += new
    return [f"reply {reply}" for reply in found]


def _posts_on(account_id: int, facts: Facts) -> list[str]:
    """Posts that wait to go out on an account; a row without an account's id may mean it."""
    account = facts.accounts.get(account_id)
    found = []
    for post in facts.posts.values():
        if post.status not in _WAITING:
            continue
        rows = [row for row in post.platforms if row.shown_account_id in (account_id, None)]
        sure = any(row.shown_account_id == account_id for row in rows)
        maybe = account is not None and any(row.platform == account.platform for row in rows)
        if sure or (maybe and post.home in (None, account.workspace_id if account else None)):
            found.append(f"{post.status.lower()} post {post.id}{'' if sure else ' (perhaps)'}")
    return found


def _posts_with(media_id: int, facts: Facts) -> list[str]:
    return [
        f"the media of {post.status.lower()} post {post.id}"
        for post in facts.posts.values()
        if any(media.id == media_id for item in post.content for media in item.media)
    ]


def _said(text: object) -> str:
    return f'"{one_line(text, 200)}"' if isinstance(text, str) and text else "(no text)"
