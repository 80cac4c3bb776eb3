"""Edits of other people become changes: at once, or when the clock gets to their time. They stand in no log."""

from datetime import datetime
from zoneinfo import ZoneInfo

from agent.sandbox.commenting import parent_of, written
from agent.sandbox.composing import check
from agent.sandbox.edits import Edit
from agent.sandbox.publishing import enqueue, plan
from agent.sandbox.refusal import Refusal, not_found, wrong
from agent.sandbox.removal import remove_post
from agent.sandbox.rows import CLOSED, AccountRow, BehindRow, PostRow, TokenRow, WorkspaceRow
from agent.sandbox.store import Tx
from agent.sandbox.times import resolve
from agent.sandbox.world import Rules

#: Who edits where no name is given, and the user id of everybody who has no token.
_SOMEBODY = "a colleague"
_NO_TOKEN = 9_000


def edit_now_or_later(tx: Tx, rules: Rules, edit: Edit) -> None:
    """Make an edit, or keep it until its time. Raises Refusal where PostSyncer's own pages would not allow it."""
    post = tx.get(PostRow, edit.post)
    if post is None:
        raise not_found()
    at = resolve(edit.at, tx.now, _zone(tx, post))
    if at > tx.now:
        tx.put(BehindRow(id=tx.new_id(BehindRow), at=at, edit=edit))
    else:
        _make(tx, rules, edit, post, tx.now)


def happen(tx: Tx, rules: Rules, row: BehindRow) -> None:
    """Make an edit whose time has come. One that the post's state no longer allows does not happen."""
    tx.remove(row)
    post = tx.get(PostRow, row.edit.post)
    if post is None:
        return
    try:
        _make(tx, rules, row.edit, post, row.at)
    except Refusal:
        return


def _make(tx: Tx, rules: Rules, edit: Edit, post: PostRow, at: datetime) -> None:
    """One edit. Everything is checked before the first change. Raises Refusal."""
    if edit.delete:
        remove_post(tx, post)
        return
    if edit.comment is not None:
        _comment(tx, edit, edit.comment, post, at)
        return
    if post.status in CLOSED:
        raise Refusal(422, "Only posts that are not published yet can be updated")
    if edit.text is not None:
        if post.status == "FAILED":
            plan(post, "DRAFT", None)
        post.content[0].text = edit.text
    elif edit.unschedule:
        _unschedule(post)
    else:
        _send_out(tx, rules, edit.due, post, at)
    post.updated_at = at
    tx.put(post)


def _unschedule(post: PostRow) -> None:
    if post.status != "SCHEDULED":
        raise Refusal(422, "The post is not scheduled")
    plan(post, "DRAFT", None)


def _send_out(tx: Tx, rules: Rules, due: str | None, post: PostRow, at: datetime) -> None:
    """Schedule a post for its new time, or publish it now."""
    accounts = [tx.get(AccountRow, target.account_id) for target in post.targets]
    check("schedule" if due else "publish_now", post, [account for account in accounts if account is not None])
    if due is None:
        post.scheduled_at = at
        enqueue(post, at, rules)
        return
    moment = resolve(due, at, _zone(tx, post))
    if moment <= at:
        raise wrong("due", "The {} field must be a date after now.")
    plan(post, "SCHEDULED", moment)


def _comment(tx: Tx, edit: Edit, text: str, post: PostRow, at: datetime) -> None:
    parent = parent_of(tx, post, edit.reply_to, "reply_to")
    author = edit.by or _SOMEBODY
    user_id = next((token.user_id for token in tx.every(TokenRow) if token.user == author), _NO_TOKEN)
    tx.put(written(tx, post, parent, author=author, user_id=user_id, text=text, at=at))


def _zone(tx: Tx, post: PostRow) -> ZoneInfo:
    home = tx.get(WorkspaceRow, post.workspace_id)
    return ZoneInfo(home.timezone if home else "UTC")
