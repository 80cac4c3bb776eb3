"""Which objects a call names, and whether they were read: one table from a field's name to what its ids are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from agent.api.types import ContentShown, Post
from agent.policy.facts import Facts
from agent.policy.rules.case import Case

Thing = Literal[
    "workspace",
    "account",
    "post",
    "comment",
    "media",
    "label",
    "folder",
    "campaign",
    "board",
    "list",
    "text",
    "address",
]

#: A field's name to what it names. `id` is told apart by the operation's path, `accounts[].id` by where it stands.
FIELDS: dict[str, Thing] = {
    "workspace_id": "workspace",
    "workspace": "workspace",
    "account": "account",
    "repeatable_accounts": "account",
    "post": "post",
    "post_id": "post",
    "comment": "comment",
    "parent_comment_id": "comment",
    "media_id": "media",
    "media": "media",
    "thumbnail": "media",
    "labels": "label",
    "folder_id": "folder",
    "parent_id": "folder",
    "campaign_id": "campaign",
    "board_id": "board",
    "list_id": "list",
    "quote_tweet_id": "text",
    "in_reply_to_tweet_id": "text",
    "community_id": "text",
    "platform_post_id": "text",
}
#: What the `id` in an operation's path names, by the path's first part.
ROOMS: dict[str, Thing] = {"posts": "post", "labels": "label", "campaigns": "campaign", "accounts": "account"}


@dataclass(frozen=True)
class Named:
    """One id in a call: what it names, the id (text for the networks' own ids and addresses), and where it stands."""

    thing: Thing
    id: int | str
    where: str


def named_in(case: Case) -> Iterator[Named]:
    """Every id of a call. Addresses count where they look something up, not where they are content."""
    route = case.call.route
    for key, value in case.data.items():
        if key == "id":
            room = ROOMS.get(route.path.split("/")[1]) if "id" in route.path_fields else None
            if room or value:
                yield Named(room or "text", value, key)
        elif key == "accounts":
            for place, entry in enumerate(value):
                yield Named("account", entry["id"], f"accounts.{place}.id")
                yield from _inside(f"accounts.{place}", {k: v for k, v in entry.items() if k != "id"})
        elif key == "post_url" or (key == "url" and route.name == "AnalyzeTwitterPost"):
            yield Named("address", value, key)
        else:
            yield from _inside("", {key: value})


def _inside(where: str, values: dict[str, Any]) -> Iterator[Named]:
    for key, value in values.items():
        path = f"{where}.{key}" if where else key
        thing = FIELDS.get(key)
        for place, one in enumerate(value if isinstance(value, list | tuple) else (value,)):
            at = f"{path}.{place}" if isinstance(value, list | tuple) else path
            if isinstance(one, dict):
                yield from _inside(at, one)
            elif thing is not None and (isinstance(one, int) or (thing == "text" and one)):
                yield Named(thing, one, at)


def was_read(case: Case, named: Named) -> bool:
    """Whether an object was read in this run, or shown inside one that was. Pure."""
    facts, key = case.facts, named.id
    if isinstance(key, str):
        return _text_read(case, key, address=named.thing == "address")
    known: dict[str, Any] = {
        "workspace": facts.workspaces,
        "account": facts.accounts,
        "post": facts.posts,
        "comment": facts.comments,
        "media": facts.media,
        "label": facts.labels,
        "folder": facts.folders,
        "campaign": facts.campaigns,
    }
    if key in known.get(named.thing, ()):
        return True
    shown = _SHOWN.get(named.thing)
    return shown is not None and shown(facts, key)


def _post_shown(facts: Facts, key: int) -> bool:
    return key in facts.posts_shown or any(comment.post_id == key for comment in facts.comments.values())


def _media_shown(facts: Facts, key: int) -> bool:
    return any(key in _media_ids(item) for post in facts.posts.values() for item in post.content)


def _media_ids(item: ContentShown) -> Iterator[object]:
    yield from (media.id for media in item.media)
    if item.cover_image is not None:
        thumbnail = item.cover_image.thumbnail
        yield thumbnail.get("id") if isinstance(thumbnail, dict) else thumbnail


def _folder_shown(facts: Facts, key: int) -> bool:
    return any(media.folder_id == key for media in facts.media.values()) or any(
        folder.parent_id == key for folder in facts.folders.values()
    )


def _campaign_shown(facts: Facts, key: int) -> bool:
    return any((post.model_extra or {}).get("campaign_id") == key for post in facts.posts.values())


def _board_shown(facts: Facts, key: int) -> bool:
    return any(row.settings.get("board_id") == key for post in facts.posts.values() for row in post.platforms)


_SHOWN: dict[str, Callable[[Facts, int], bool]] = {
    "post": _post_shown,
    "media": _media_shown,
    "folder": _folder_shown,
    "campaign": _campaign_shown,
    "board": _board_shown,
}


def _text_read(case: Case, text: str, *, address: bool) -> bool:
    """Whether a network's own id or an address was shown by a post that was read."""
    return any(text in _texts(post, address=address) for post in case.facts.posts.values())


def _texts(post: Post, *, address: bool) -> Iterator[object]:
    """What a post shows of the networks' own ids, or of its public addresses."""
    plug = (post.model_extra or {}).get("auto_plug")
    if isinstance(plug, dict) and not address:
        yield plug.get("id")
    for row in post.platforms:
        if address:
            yield row.post_url
            continue
        reply = row.settings.get("reply")
        yield str(row.platform_post_id)
        yield reply.get("in_reply_to_tweet_id") if isinstance(reply, dict) else None
        yield row.settings.get("quote_tweet_id")
        yield row.settings.get("community_id")


def in_goal(facts: Facts, named: Named) -> bool:
    """Whether the person named it: a number or a text that stands in the goal by itself."""
    if isinstance(named.id, int):
        return named.id in facts.named
    end = r"(?![\w/?=&#-])" if named.thing == "address" else r"(?!\w)"
    return re.search(rf"(?<!\w){re.escape(named.id)}{end}", facts.goal) is not None


def home_of(facts: Facts, named: Named) -> int | None:
    """The workspace of an object, where it is known."""
    key = named.id
    if not isinstance(key, int):
        return None
    match named.thing:
        case "workspace":
            return key
        case "account":
            account = facts.accounts.get(key)
            return account.workspace_id if account else None
        case "post":
            post = facts.posts.get(key)
            return post.home if post else None
        case "comment":
            comment = facts.comments.get(key)
            post = facts.posts.get(comment.post_id) if comment and comment.post_id else None
            return post.home if post else None
        case "label":
            label = facts.labels.get(key)
            return label.workspace.id if label and label.workspace else _home_of_bearer(facts, named)
        case "media" | "folder" | "campaign":
            shelf: Any = {"media": facts.media, "folder": facts.folders, "campaign": facts.campaigns}[named.thing]
            home: int | None = shelf[key].workspace_id if key in shelf else None
            return home if home is not None else _home_of_bearer(facts, named)
        case _:
            return None


def _home_of_bearer(facts: Facts, named: Named) -> int | None:
    """The workspace of what carries the object, or lies in it: a post and what it has, a folder and what is in it."""
    if named.thing == "folder":
        homes = [one.workspace_id for one in facts.media.values() if one.folder_id == named.id]
        homes += [one.workspace_id for one in facts.folders.values() if one.parent_id == named.id]
        return next((home for home in homes if home is not None), None)
    for post in facts.posts.values():
        if named.thing == "media" and any(named.id in _media_ids(item) for item in post.content):
            return post.home
        if named.thing == "label" and any(one.id == named.id for one in post.labels):
            return post.home
        if named.thing == "campaign" and (post.model_extra or {}).get("campaign_id") == named.id:
            return post.home
    return None
