"""Who wrote a comment, as far as the service tells: it documents no author, and an answer may name none. Pure."""

from collections.abc import Mapping
from typing import Any

from agent.api.types import Account, Comment


def author_of(comment: Comment) -> str:
    """The author as one word such as `linkedin:@mia`; empty where nobody is named."""
    where = comment.platform or ""
    for person in (comment.user or {}, _contact(comment)):
        handle = person.get("username")
        if isinstance(handle, str) and handle.strip("@ "):
            return f"{where}:@{handle.strip('@ ').casefold()}"
        number = person.get("id")
        if isinstance(number, int):
            return f"postsyncer:{number}"
        name = person.get("name")
        if isinstance(name, str) and name.strip():
            return f"{where}:{' '.join(name.split()).casefold()}"
    return ""


def _contact(comment: Comment) -> dict[str, Any]:
    found = (comment.model_extra or {}).get("contact")
    return found if isinstance(found, dict) else {}


def by_us(comment: Comment, accounts: Mapping[int, Account]) -> bool:
    """Whether a comment is our own: an internal one, one of a PostSyncer user, or one by a connected account."""
    user = comment.user or {}
    if (comment.source or "").upper() == "INTERNAL" or isinstance(user.get("id"), int):
        return True
    name = user.get("username") or _contact(comment).get("username")
    handle = name.lstrip("@").casefold() if isinstance(name, str) else ""
    return bool(handle) and any(
        account.platform == comment.platform and (account.username or "").casefold().lstrip("@") == handle
        for account in accounts.values()
    )


def thread_of(comment_id: int, comments: Mapping[int, Comment]) -> tuple[Comment, ...]:
    """All comments read of the thread that a comment belongs to, from its first comment down; none where not read."""
    parents = {reply.id: one.id for one in comments.values() for reply in one.replies}
    parents |= {one.id: one.parent_comment_id for one in comments.values() if one.parent_comment_id is not None}
    root = comment_id
    seen = {root}
    while (above := parents.get(root)) is not None and above not in seen:
        seen.add(above)
        root = above
    found = [root]
    for at in found:  # grows while it is walked
        found += [child for child, parent in parents.items() if parent == at and child not in found]
    return tuple(comments[one] for one in found if one in comments)
