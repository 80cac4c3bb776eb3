"""What reading can tell of an effect whose answer was lost. Pure: which read to make, and what its answer proves.

The table stands in DESIGN section 4. Reading can prove "applied"; it proves "not applied" only for a value set on a
known object, for a delete, and for a draft create by a listing down to the highest id seen before the intent, where
no new post comes near it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import MISSING

from agent.api.accounts import DeleteAccount
from agent.api.campaigns import DeleteCampaign, ListCampaigns
from agent.api.catalogue import parse
from agent.api.comments import CreateComment, HideComment, UpdateComment
from agent.api.endpoint import Endpoint
from agent.api.folders import CreateFolder, ListFolders
from agent.api.labels import CreateLabel, ListLabels, UpdateLabel
from agent.api.media import ListMedia, UploadMediaFile
from agent.api.posts import (
    CreatePost,
    ListPosts,
    UpdatePost,
    UpdatePostAutoPlug,
    UpdatePostCommentModeration,
    UpdatePostContactCollection,
    settings_of,
)
from agent.api.types import OUT, Account, Campaign, Comment, Folder, Label, Media, Post
from agent.gate.versions import object_read, post_version
from agent.journal import records as r
from agent.text import even

Proof = Literal["applied", "not_applied", "unsettled"]


@dataclass(frozen=True)
class Finding:
    """What a reading proves; `object_id` where it found a new object."""

    proof: Proof
    object_id: int | None = None
    says: str = ""


def reading(intent: r.Intent) -> Endpoint[Any] | None:
    """The read that can tell, or None where nothing can: then a person has to look."""
    call = parse(intent.operation, intent.arguments)
    match call:
        case CreatePost():
            return ListPosts(per_page=100)
        case CreateLabel():
            return ListLabels()
        case CreateFolder():
            return ListFolders(workspace_id=call.workspace_id)
        case UploadMediaFile():
            return ListMedia(workspace_id=call.workspace_id, per_page=100)
        case DeleteCampaign():
            return ListCampaigns()
        case HideComment() | UpdatePostAutoPlug() | UpdatePostCommentModeration() | UpdatePostContactCollection():
            return None  # what they set is not shown
        case _:
            return object_read(call)


def settle(
    intent: r.Intent, seen: Sequence[object] | None, taken: frozenset[int], deleted: frozenset[int] = frozenset()
) -> Finding:
    """What a reading proves. `seen` are the objects it gave, None for 404; `taken` ids that other intents claim;
    `deleted` posts that this home deleted."""
    call = parse(intent.operation, intent.arguments)
    if intent.operation.startswith("Delete"):
        return _deleted(call, seen)
    match call:
        case CreatePost():
            return _created_post(call, intent, seen or (), taken, deleted - taken)
        case UpdatePost():
            return _updated_post(call, intent, seen)
        case CreateComment():
            return _replied(call, seen or (), taken)
        case UpdateComment():
            return _set(
                seen, Comment, _text(call.content), lambda found: found.content, _before(intent, Comment, "content")
            )
        case UpdateLabel():
            return _label_set(call, intent, seen)
        case CreateLabel():
            return _named([item for item in seen or () if isinstance(item, Label)], call.name, taken)
        case CreateFolder():
            return _named([item for item in seen or () if isinstance(item, Folder)], call.name, taken)
        case UploadMediaFile():
            return _named([item for item in seen or () if isinstance(item, Media)], call.file.name, taken)
        case _:
            return Finding("unsettled", says="no reading can tell whether it was carried out")


def _deleted(call: Endpoint[Any], seen: Sequence[object] | None) -> Finding:
    if isinstance(call, DeleteAccount | DeleteCampaign):  # only a list tells
        there = any(isinstance(item, Account | Campaign) and item.id == call.id for item in seen or ())
        return Finding("not_applied" if there else "applied", call.id)
    return Finding("applied" if seen is None else "not_applied")


def _created_post(
    call: CreatePost, intent: r.Intent, seen: Sequence[object], taken: frozenset[int], deleted: frozenset[int]
) -> Finding:
    fresh = [post for post in seen if isinstance(post, Post) and post.id > intent.high and post.id not in taken]
    here = [post for post in fresh if post.home in {None, call.workspace_id}]
    same = [post for post in here if _same_accounts(call, post) and _same_words(call, post)]
    if len(same) == 1:
        return Finding("applied", same[0].id)
    # Somebody may have changed it before anybody looked: what could be it is for a person, or it would be made twice.
    near = same or [post for post in here if _same_accounts(call, post) or _same_words(call, post)]
    if near:
        since = "" if same else ", changed since"
        return Finding("unsettled", says=f"{_ids(post.id for post in near)} may be it{since}")
    gone = sorted(post for post in deleted if post > intent.high)
    if gone:
        return Finding("unsettled", says=f"{_ids(gone)} may have been it, deleted from here since")
    return Finding("not_applied")


def _ids(posts: Iterable[int]) -> str:
    ids = [str(post) for post in posts]
    return f"{'post' if len(ids) == 1 else 'posts'} {', '.join(ids)}"


def _same_accounts(call: CreatePost, post: Post) -> bool:
    """Whether a post is for the accounts that were sent, as far as it shows them."""
    targets = () if call.accounts is MISSING else tuple(target.id for target in call.accounts)
    shown_ids = {row.shown_account_id for row in post.platforms}
    return not targets or (len(post.platforms) == len(targets) if None in shown_ids else shown_ids == set(targets))


def _same_words(call: CreatePost, post: Post) -> bool:
    ours = [words for part in call.content if (words := _words(_text(part.text)))]
    shown = [words for part in post.content if (words := _words(part.text))]
    return ours == shown and (bool(ours) or len(call.content) == len(post.content))


def _updated_post(call: UpdatePost, intent: r.Intent, seen: Sequence[object] | None) -> Finding:
    post = next((item for item in seen or () if isinstance(item, Post)), None)
    if post is None:
        return Finding("unsettled", says="the post is no longer there")
    if call.schedule_type == "publish_now":
        if post.status in OUT:
            return Finding("applied", post.id)
        return Finding(
            "unsettled", says=f"the post is still {post.status.lower()}; publishing is never sent again by itself"
        )
    if call.repeatable is True:
        return Finding("unsettled", says="a repeating post cannot be told from its copy")
    before = Post.model_validate_json(intent.before) if intent.before else None
    if before is not None and post_version(before) == post_version(post):
        if _reads_as_sent(call, post, exactly=True):
            return Finding("unsettled", says="what it changes is nothing that the post shows, such as its campaign")
        return Finding("not_applied", post.id)
    if _reads_as_sent(call, post):
        return Finding("applied", post.id)
    return Finding("unsettled", says="the post reads neither as it was nor as it was sent: somebody else changed it")


def _reads_as_sent(call: UpdatePost, post: Post, *, exactly: bool = False) -> bool:
    """Whether a post shows what was sent. A text or media that is not shown says nothing, unless `exactly`."""
    wanted = {"draft": "DRAFT", "schedule": "SCHEDULED"}[call.schedule_type]
    same_text = len(call.content) == len(post.content) and all(
        _words(_text(ours.text)) == _words(shown.text) or (not exactly and not (_text(ours.text) and shown.text))
        for ours, shown in zip(call.content, post.content, strict=True)
    )
    same_labels = call.labels is MISSING or sorted(call.labels) == sorted(label.id for label in post.labels)
    when = call.schedule_for
    same_time = (
        when is MISSING
        or when is None
        or (post.scheduled_at or "")[:16].replace("T", " ") == f"{when.date} {when.time}"
        or (call.schedule_type == "draft" and not post.scheduled_at)  # a draft's time need not be shown
    )
    return post.status == wanted and same_text and same_labels and same_time and _same_rest(call, post, exactly)


def _same_rest(call: UpdatePost, post: Post, exactly: bool) -> bool:
    """Whether media, accounts and each setting that was sent read back; what the service hides says nothing."""
    for ours, shown in zip(call.content, post.content, strict=True):
        sent = () if ours.media is MISSING else ours.media
        there = {media.id for media in shown.media}
        if exactly and set(sent) != there:
            return False
        if not {one for one in sent if isinstance(one, int)} <= there:
            return False
    targets = {} if call.accounts is MISSING else {target.id: settings_of(target) for target in call.accounts}
    shown_rows = {row.shown_account_id: row for row in post.platforms if row.shown_account_id is not None}
    if targets and shown_rows and set(shown_rows) != set(targets):
        return False
    return all(
        shown_rows[account].settings.get(key) == value
        for account, settings in targets.items()
        if account in shown_rows
        for key, value in settings.items()
        if key in shown_rows[account].settings
    )


def _replied(call: CreateComment, seen: Sequence[object], taken: frozenset[int]) -> Finding:
    parent = next((item for item in seen if isinstance(item, Comment)), None)
    found = [
        reply
        for reply in (parent.replies if parent else ())
        if reply.id not in taken and _words(reply.content) == _words(_text(call.content))
    ]
    if len(found) == 1:
        return Finding("applied", found[0].id)
    return Finding("unsettled", says="the reply was not found; a missing reply proves nothing")


def _set(seen: Any, kind: type[Any], wanted: str | None, read: Any, before: str | None) -> Finding:
    found = next((item for item in seen or () if isinstance(item, kind)), None)
    if found is None:
        return Finding("unsettled", says="it is no longer there")
    shown = _words(read(found))
    as_before, as_sent = before is not None and shown == _words(before), shown == _words(wanted)
    if as_before and as_sent:
        return Finding("unsettled", found.id, "it reads as before, and as it was sent")
    if not as_before and not as_sent:
        return Finding("unsettled", found.id, "it reads neither as it was nor as it was sent")
    return Finding("applied" if as_sent else "not_applied", found.id)


def _label_set(call: UpdateLabel, intent: r.Intent, seen: Sequence[object] | None) -> Finding:
    found = next((item for item in seen or () if isinstance(item, Label)), None)
    if found is None:
        return Finding("unsettled", says="it is no longer there")
    before = Label.model_validate_json(intent.before) if intent.before else None
    if before is not None and _words(before.name) == _words(call.name) and found.color is None:
        return Finding("unsettled", found.id, "what it changes is its colour, which is not shown")
    colour = (found.color or call.color).casefold()
    if (_words(found.name), colour) == (_words(call.name), call.color.casefold()):
        return Finding("applied", found.id)
    stands = before is not None and (_words(found.name), found.color) == (_words(before.name), before.color)
    return Finding("not_applied" if stands else "unsettled", found.id)


def _before(intent: r.Intent, kind: type[Any], field: str) -> str | None:
    return getattr(kind.model_validate_json(intent.before), field) if intent.before else None


def _named(found: Sequence[Label] | Sequence[Folder] | Sequence[Media], name: str, taken: frozenset[int]) -> Finding:
    same = [item for item in found if _words(item.name) == _words(name) and item.id not in taken]
    if len(same) == 1:
        return Finding("applied", same[0].id)
    return Finding("not_applied" if not same else "unsettled")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _words(text: str | None) -> str:
    """A text without what a service may change by itself: how letters are composed, and blanks."""
    return even(text or "")
