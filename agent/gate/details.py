"""What exactly a call would do, line by line for its card: every text in full, what changes, whom it answers.

Drawn from the call and the last read of its object, never from a model's words. Nothing guarded is left out.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import MISSING

from agent.api.accounts import DeleteAccount
from agent.api.comments import CreateComment, DeleteComment, HideComment, UpdateComment
from agent.api.endpoint import Endpoint
from agent.api.networks import NETWORK_NAMES, TEXT_FIELD
from agent.api.posts import ContentItem, DeletePost, PostFields, UpdatePost, settings_of
from agent.api.types import Comment, Post
from agent.gate.titles import account_name, when_of
from agent.policy.facts import Facts
from agent.policy.figures import figures
from agent.policy.provenance import host_of, hosts_in, mentions_in
from agent.policy.public import fetched, public_texts
from agent.text import one_line, visible

#: So many words in a row that stand in a text from outside are marked on a card.
MARKED_WORDS = 8
#: Settings up to so many characters share a line; an address has at most so many, and is shown whole.
_SHORT, _WHOLE = 80, 4096


def details_of(call: Endpoint[Any], facts: Facts) -> tuple[str, ...]:
    """The lines of a call's card, and which of its words come from outside. Pure."""
    return (*_lines_of(call, facts), *_origins(call, facts))


def _origins(call: Endpoint[Any], facts: Facts) -> list[str]:
    """A line for every run of words, and every name, that stands in a text from outside, such as `from comment 12`."""
    lines: list[str] = []
    for _, text in public_texts(call):
        lines += [_from(", ".join(span.origins), span.text) for span in facts.sources.spans(text, MARKED_WORDS)]
        names = [*((f"host:{host}", link) for host, link in hosts_in(text)), *mentions_in(text)]
        names += [(one, figure.text) for figure in figures(text) for one in figure.same[:1]]
        lines += [_from(origin, words) for name, words in names if (origin := facts.sources.outside(name))]
    for _, address in fetched(call):
        if origin := facts.sources.outside(f"host:{host_of(address)}"):
            lines.append(_from(origin, address))
    return list(dict.fromkeys(lines))


def _from(origin: str, words: str) -> str:
    return one_line(f'from {origin}: "{words}"', 300)


def _lines_of(call: Endpoint[Any], facts: Facts) -> tuple[str, ...]:
    match call:
        case PostFields():
            return tuple(_post_lines(call, facts))
        case DeletePost():
            post = facts.posts.get(call.id)
            return tuple(_stored_lines(post, facts)) if post else ("the post was not read",)
        case CreateComment():
            return tuple(_reply_lines(call, facts))
        case UpdateComment() | DeleteComment() | HideComment():
            comment = facts.comments.get(call.comment)
            now = [_said(comment)] if comment else ["the comment was not read"]
            return (*now, *_new_comment_lines(call, facts))
        case DeleteAccount():
            return tuple(_account_lines(call, facts))
        case _:
            values = call.model_dump(mode="json").items()
            return tuple(line for key, value in values for line in _value_lines(key, value))


def _value_lines(key: str, value: Any) -> list[str]:
    """An argument of a call that has no lines of its own, in full."""
    if isinstance(value, str) and len(value) > _SHORT:
        return _block(key, value)
    return [one_line(f"{key}: {value}", _WHOLE)]


def _post_lines(call: PostFields, facts: Facts) -> list[str]:
    old = facts.posts.get(call.id) if isinstance(call, UpdatePost) else None
    lines: list[str] = []
    for place, item in enumerate(call.content):
        before = old.content[place].text if old is not None and place < len(old.content) else None
        lines += _item_lines(item, _item_name(item, place), before, old is not None, facts)
    if old is not None and len(old.content) > len(call.content):
        lines.append(f"{len(old.content) - len(call.content)} further part(s) are taken away")
    lines += _target_lines(call, facts)
    lines += _changes(call, old, facts)
    return lines


def _item_name(item: ContentItem, place: int) -> str:
    return "first comment" if item.is_first_comment is True else _part_name(place)


def _part_name(place: int) -> str:
    return "text" if place == 0 else f"part {place + 1}"


def _item_lines(item: ContentItem, name: str, before: str | None, edits: bool, facts: Facts) -> list[str]:
    text = item.text if isinstance(item.text, str) else ""
    lines = _block(name, text)
    if edits and (before or "") != text:
        lines += _block(f"{name} until now", before or "")
    media = () if item.media is MISSING else item.media
    if media:
        lines.append(_media_line(media, facts))
    if item.cover_image is not MISSING:
        lines.append(one_line(f"cover: {item.cover_image.model_dump(mode='json')}", _WHOLE))
    if item.first_comment_delay is not MISSING:
        lines.append(f"{name} goes out {item.first_comment_delay} minutes later")
    return lines


def _media_line(media: Sequence[int | str], facts: Facts) -> str:
    """Names of library items, and addresses in full."""
    names = [facts.media[one].name if isinstance(one, int) and one in facts.media else str(one) for one in media]
    shown = (one_line(name, _WHOLE if isinstance(one, str) else 80) for one, name in zip(media, names, strict=True))
    return "media: " + ", ".join(shown)


def _target_lines(call: PostFields, facts: Facts) -> list[str]:
    """Accounts with words or settings of their own."""
    lines: list[str] = []
    for target in () if call.accounts is MISSING else call.accounts:
        settings = {key: value for key, value in settings_of(target).items() if value not in (None, "")}
        account = facts.accounts.get(target.id)
        field = TEXT_FIELD.get(account.platform, "") if account else ""
        own = settings.pop(field, None)
        if isinstance(own, str):
            lines += _block(f"on {account_name(target.id, facts)} instead", own)
        lines += _settings_lines(dict(_flat("", settings)), account_name(target.id, facts))
    return lines


def _settings_lines(settings: dict[str, Any], name: str) -> list[str]:
    """Short settings on one line; what is longer, or written by somebody, in full on lines of its own."""
    long = {key: value for key, value in settings.items() if isinstance(value, str) and len(value) > _SHORT}
    told = ", ".join(f"{key} {one_line(str(value), _SHORT)}" for key, value in settings.items() if key not in long)
    lines = [f"settings for {name}: {told}"] if told else []
    return lines + [line for key, value in long.items() for line in _block(f"{key} for {name}", value)]


def _flat(where: str, settings: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(f"{where}{key}.", value)
        else:
            yield f"{where}{key}", value


def _changes(call: PostFields, old: Post | None, facts: Facts) -> list[str]:
    lines = []
    if old is not None and old.scheduled_at and call.schedule_type == "schedule":
        lines.append(f"scheduled until now for {one_line(old.scheduled_at[:16], 40)}, then for {when_of(call, facts)}")
    had = {label.id for label in old.labels} if old is not None else set()
    has = had if call.labels is MISSING else set(call.labels)
    for sign, ids in (("+", has - had), ("-", had - has)):
        lines += [
            f"label {sign} {one_line(facts.labels[one].name if one in facts.labels else str(one), 60)}"
            for one in sorted(ids)
        ]
    if call.campaign_id is not MISSING and call.campaign_id is not None:
        campaign = facts.campaigns.get(call.campaign_id)
        lines.append(f"campaign: {one_line(campaign.name if campaign else str(call.campaign_id), 60)}")
    if call.repeatable is True:
        lines.append(f"repeats {call.repeatable_times} times, every {call.repeatable_gap} {call.repeatable_gap_unit}")
    elif call.repeatable is False and old is not None and old.repeatable:
        lines.append("repeats no more")
    return lines


def stored_lines(post: Post) -> list[str]:
    """What a post holds as it was read: every text and address in full, what stands on single networks, its media."""
    lines: list[str] = []
    for place, item in enumerate(post.content):
        lines += _block("first comment" if item.is_first_comment else _part_name(place), item.text or "")
        if item.media:
            lines.append("media: " + ", ".join(one_line(media.name or str(media.id), 80) for media in item.media))
        if item.cover_image is not None:
            lines.append(one_line(f"cover: {item.cover_image.model_dump(mode='json', exclude_none=True)}", _WHOLE))
    for row in post.platforms:
        settings = {key: value for key, value in _flat("", row.settings) if value not in (None, "", [])}
        name = NETWORK_NAMES.get(row.platform, row.platform)
        own = settings.pop(TEXT_FIELD.get(row.platform, ""), None)
        lines += _block(f"on {name} instead", own) if isinstance(own, str) else []
        lines += _settings_lines(settings, name)
    return lines


def _stored_lines(post: Post, facts: Facts) -> list[str]:
    networks = ", ".join(NETWORK_NAMES.get(row.platform, row.platform) for row in post.platforms) or "no account"
    due = f", due {post.scheduled_at[:16]}" if post.scheduled_at else ""
    replies = sum(1 for comment in facts.comments.values() if comment.post_id == post.id)
    return [
        *stored_lines(post),
        f"{post.status.lower()} on {networks}{due}" + (f", with {replies} comments read" if replies else ""),
    ]


def _reply_lines(call: CreateComment, facts: Facts) -> list[str]:
    lines = _block("text", call.content if isinstance(call.content, str) else "")
    parent = facts.comments.get(call.parent_comment_id) if call.parent_comment_id is not MISSING else None
    if parent is not None:
        lines.append("answers " + _said(parent))
    post = facts.posts.get(call.post_id)
    words = f': "{one_line(post.text, 60)}"' if post is not None else ""
    lines += [_media_line(call.media, facts)] if call.media is not MISSING and call.media else []
    return [*lines, f"under post {call.post_id}{words}"]


def _new_comment_lines(call: Endpoint[Any], facts: Facts) -> list[str]:
    if not isinstance(call, UpdateComment):
        return []
    media = () if call.media is MISSING else call.media
    words = [] if call.content is MISSING else _block("new text", call.content)
    return words + ([_media_line(media, facts)] if media else [])


def _said(comment: Comment) -> str:
    user = comment.user or {}
    who = one_line(str(user.get("name") or user.get("username") or "somebody"), 40)
    where = NETWORK_NAMES.get(comment.platform or "", comment.platform or "")
    return f'{who}{" on " + where if where else ""}: "{one_line(comment.content or "", 200)}"'


def _account_lines(call: DeleteAccount, facts: Facts) -> list[str]:
    waiting = [
        post
        for post in facts.posts.values()
        if post.status == "SCHEDULED" and any(row.shown_account_id == call.id for row in post.platforms)
    ]
    return [
        f"leaves {len(waiting)} scheduled posts that were read",
        *(f"  {one_line(post.text, 60)}" for post in waiting[:10]),
    ]


def _block(name: str, text: str) -> list[str]:
    """A text in full, hidden characters shown, one line each."""
    if not text:
        return [f"{name}: (none)"]
    return [f"{name}:", *(f"  | {line}" for line in visible(text).splitlines())]
