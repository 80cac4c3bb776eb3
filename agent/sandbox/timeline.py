"""What happens as the clock passes: posts go out, and other people edit them, in the order of their times."""

from agent.sandbox.behind import happen
from agent.sandbox.publishing import wake
from agent.sandbox.rows import BehindRow, PostRow
from agent.sandbox.store import Tx
from agent.sandbox.world import Rules


def advance(tx: Tx, rules: Rules) -> None:
    """Bring everything up to the clock; of an edit and a post of one instant the post goes first."""
    until = tx.now.timestamp()
    while True:
        post = tx.earliest(PostRow, "wake", until)
        edit = tx.earliest(BehindRow, "wake", until)
        if edit is not None and (post is None or post.wake_at is None or edit.at < post.wake_at):
            happen(tx, rules, edit)
        elif post is not None:
            wake(tx, post, rules)
        else:
            break
    tx.settle(None)
