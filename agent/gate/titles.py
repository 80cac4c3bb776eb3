"""A call in one line for people: verb, what, where, when. Drawn from the call and facts, never from a model's words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import MISSING

from agent.api.accounts import DeleteAccount
from agent.api.campaigns import DeleteCampaign, UpdateCampaign
from agent.api.comments import CreateComment, DeleteComment, HideComment, UpdateComment
from agent.api.endpoint import Endpoint
from agent.api.folders import DeleteFolder, UpdateFolder
from agent.api.labels import DeleteLabel, UpdateLabel
from agent.api.media import DeleteMedia, UploadMediaFile, UploadMediaFromUrl
from agent.api.networks import NETWORK_NAMES
from agent.api.posts import CreatePost, DeletePost, PostFields, UpdatePost, settings_of
from agent.api.types import Post
from agent.gate.versions import due_instant
from agent.policy.facts import Facts
from agent.text import one_line


def title_of(call: Endpoint[Any], facts: Facts) -> str:
    """One line such as `Schedule on LinkedIn for Tue 1 Dec 09:00 Europe/Berlin: "We opened…"`."""
    match call:
        case CreatePost():
            return f"Draft on {_targets(call, facts)}: {_words(call)}"
        case UpdatePost():
            return _update(call, facts)
        case DeletePost():
            return f"Delete post {call.id}: {_post(call.id, facts)}"
        case DeleteAccount():
            return f"Disconnect account {call.id}: {account_name(call.id, facts)}"
        case CreateComment():
            return _comment(call, facts)
        case UpdateComment():
            return f"Edit comment {call.comment}: {_quoted(call.content)}"
        case DeleteComment() | HideComment():
            verb = "Delete" if isinstance(call, DeleteComment) else "Hide"
            comment = facts.comments.get(call.comment)
            return f"{verb} comment {call.comment}: {_quoted(comment.content if comment else None)}"
        case DeleteMedia():
            media = facts.media.get(call.media_id)
            return f"Delete media {call.media_id}: {one_line(media.name, 60) if media else 'unknown'}"
        case UploadMediaFile():
            return f"Upload {one_line(call.file.name, 60)} ({call.file.size} bytes)"
        case UploadMediaFromUrl():
            return f"Import {', '.join(one_line(url, 60) for url in call.urls)}"
        case _:
            return _organising(call, facts)


def named(call: Endpoint[Any]) -> str:
    """The object a call is about, as `post 7` or, for a reply, `comment 7`; the operation's name where it has none."""
    kinds = {"id": call.route.path.split("/")[1].removesuffix("s"), "post": "post", "comment": "comment"}
    kinds |= {"folder_id": "folder", "media_id": "media", "parent_comment_id": "comment"}
    for field, kind in kinds.items():
        value = getattr(call, field, None)
        if isinstance(value, int):
            return f"{kind} {value}"
    return call.route.name


def _organising(call: Endpoint[Any], facts: Facts) -> str:
    match call:
        case DeleteFolder() | UpdateFolder():
            return _named(call, call.folder_id, facts.folders)
        case DeleteLabel() | UpdateLabel():
            return _named(call, call.id, facts.labels)
        case DeleteCampaign() | UpdateCampaign():
            return _named(call, call.id, facts.campaigns)
        case _:
            return _plain(call)


def _update(call: UpdatePost, facts: Facts) -> str:
    where = _targets(call, facts)
    post = facts.posts.get(call.id)
    if call.schedule_type == "publish_now":
        return f"Publish now on {where}: {_words(call)}"
    if call.schedule_type == "schedule":
        if post is not None and post.status == "SCHEDULED":
            return _rescheduled(call, post, where, facts)
        return f"Schedule on {where} for {when_of(call, facts)}: {_words(call)}"
    if post is not None and post.status != "DRAFT":
        return f"Take post {call.id} off the schedule: {_words(call)}"
    return f"Edit draft {call.id} on {where}: {_words(call)}"


def _rescheduled(call: UpdatePost, post: Post, where: str, facts: Facts) -> str:
    """A scheduled post that gets another time, or another content."""
    then, now = _stands_for(post, facts), when_of(call, facts)
    if then and then != now:
        return f"Move post {call.id} on {where} from {then} to {now}: {_words(call)}"
    return f"Change scheduled post {call.id} on {where} for {now}: {_words(call)}"


def _stands_for(post: Post, facts: Facts) -> str:
    """When a post is due as it stands; empty where that cannot be told."""
    try:
        zone = facts.zone(post.home or 0)
        due = post.due(zone)
    except (KeyError, ValueError):
        return ""
    return _there(due, zone) if due is not None else ""


def _there(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M} {zone.key}"


def when_of(call: PostFields, facts: Facts) -> str:
    """When a call schedules, in the workspace's zone."""
    workspace = facts.workspaces.get(call.workspace_id)
    if workspace is None:
        return "an unknown time"
    due = due_instant(call, facts.zone(call.workspace_id))
    if due is None:
        return "the next free slot"
    return _there(due, facts.zone(call.workspace_id))


def _targets(call: PostFields, facts: Facts) -> str:
    if call.accounts is MISSING or not call.accounts:
        return "the default account"
    return ", ".join(account_name(target.id, facts) for target in call.accounts)


def account_name(account_id: int, facts: Facts) -> str:
    """An account as network and name."""
    account = facts.accounts.get(account_id)
    if account is None:
        return f"account {account_id}"
    return f"{NETWORK_NAMES.get(account.platform, account.platform)} ({one_line(account.label, 40)})"


def _words(call: PostFields) -> str:
    first = call.content[0].text
    return _quoted(None if first is MISSING else first)


def _quoted(text: object) -> str:
    return f'"{one_line(text, 70)}"' if isinstance(text, str) and text else "(no text)"


def _post(post_id: int, facts: Facts) -> str:
    post = facts.posts.get(post_id)
    if post is None:
        return "not read"
    networks = ", ".join(NETWORK_NAMES.get(row.platform, row.platform) for row in post.platforms) or "no account"
    return f"{_quoted(post.text)} ({post.status.lower()}, {networks})"


def _comment(call: CreateComment, facts: Facts) -> str:
    text = _quoted(None if call.content is MISSING else call.content)
    if call.parent_comment_id is MISSING:
        return f"Comment on post {call.post_id}: {text}"
    parent = facts.comments.get(call.parent_comment_id)
    to = _quoted(parent.content if parent else None)
    return f"Reply to comment {call.parent_comment_id} {to}: {text}"


def _named(call: Endpoint[Any], object_id: int, known: Mapping[int, Any]) -> str:
    """Something that has a name: `Delete folder 34 "Old ideas"`, and what a change of it says."""
    deletes = call.route.verb == "DELETE"
    what = call.route.name.removeprefix("Delete" if deletes else "Update").lower()
    found = known.get(object_id)
    name = f' "{one_line(found.name, 60)}"' if found is not None else ""
    shown = f"{'Delete' if deletes else 'Change'} {what} {object_id}{name}"
    values = {key: value for key, value in call.model_dump(mode="json").items() if key not in call.route.path_fields}
    return one_line(
        f"{shown}: {', '.join(f'{key} {value}' for key, value in values.items())}" if values else shown, 160
    )


def _plain(call: Endpoint[Any]) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in call.route.name).strip()
    values = ", ".join(f"{key} {value}" for key, value in call.model_dump(mode="json").items())
    return one_line(f"{words.capitalize()}: {values}" if values else words.capitalize(), 160)


def texts_of(call: Endpoint[Any]) -> tuple[str, ...]:
    """Every text of a call that the public would read."""
    if isinstance(call, PostFields):
        items = [item.text for item in call.content if isinstance(item.text, str)]
        targets = () if call.accounts is MISSING else call.accounts
        variants = [value for target in targets for value in settings_of(target).values() if isinstance(value, str)]
        return tuple(text for text in (*items, *variants) if text)
    content = getattr(call, "content", None)
    return (content,) if isinstance(content, str) and content else ()
