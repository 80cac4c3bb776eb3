"""What goes along when something is deleted; how posts go on without labels, campaigns and files is `remains`."""

from agent.sandbox.publishing import outcome, plan
from agent.sandbox.rows import AccountRow, CommentRow, FolderRow, MediaRow, PostRow
from agent.sandbox.store import Tx


def remove_post(tx: Tx, post: PostRow) -> None:
    """Delete a post with its comments, also those still on their networks; what is out on a network stays there."""
    for name in ("post", "waiting"):
        for comment in tx.find(CommentRow, name, [post.id]):
            tx.remove(comment)
    tx.remove(post)


def remove_comment(tx: Tx, row: CommentRow) -> None:
    """Delete a comment with its replies, and theirs."""
    for other in tx.find(CommentRow, "post", [row.post_id]):
        if other.parent_id == row.id:
            remove_comment(tx, other)
    tx.remove(row)


def folders_below(tx: Tx, row: FolderRow) -> list[FolderRow]:
    """A folder and all folders in it."""
    found = [row]
    for inner in tx.find(FolderRow, "parent", [f"{row.workspace_id}/{row.id}"]):
        found += folders_below(tx, inner)
    return found


def remove_folder(tx: Tx, row: FolderRow) -> None:
    """Delete a folder with everything in it: folders and library items."""
    for folder in folders_below(tx, row):
        for item in tx.find(MediaRow, "folder", [f"{folder.workspace_id}/{folder.id}"]):
            tx.remove(item)
        tx.remove(folder)


def disconnect(tx: Tx, row: AccountRow) -> None:
    """Disconnect an account: it leaves all posts that are not out, and what they would repeat on it ends.

    A scheduled post that was never out and has no account left becomes a draft; one that was out stays as it went.
    """
    for post in tx.find(PostRow, "account", [row.id]):
        if post.status in {"DRAFT", "SCHEDULED"}:
            _leave(post, row.id)
            tx.put(post)
    tx.remove(row)


def _leave(post: PostRow, account_id: int) -> None:
    post.targets = [target for target in post.targets if target.account_id != account_id]
    ended = False
    if post.repeat is not None and account_id in post.repeat.accounts:
        post.repeat.accounts.remove(account_id)
        # Without accounts of its own a repeat would mean all of them.
        ended = not post.repeat.accounts
        post.repeat = None if ended else post.repeat
    if post.status != "SCHEDULED":
        return
    if not post.posted_on:
        if not post.targets:
            plan(post, "DRAFT", None)
    elif ended or not post.targets:
        post.status, post.wake_at = outcome(post) if post.targets else "PUBLISHED", None
