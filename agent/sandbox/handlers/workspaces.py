"""Workspaces and their accounts."""

from agent.api.accounts import DeleteAccount, ListAccounts
from agent.api.workspaces import ListWorkspaces
from agent.sandbox import shapes
from agent.sandbox.context import Context, Reply
from agent.sandbox.removal import disconnect
from agent.sandbox.rows import AccountRow


def list_workspaces(ctx: Context, _: ListWorkspaces) -> Reply:
    """All workspaces of the token, each with its accounts."""
    shown = []
    for row in ctx.workspaces:
        accounts = ctx.tx.find(AccountRow, "workspace", [row.id])
        shown.append(shapes.workspace(row) | {"accounts": [shapes.account(a, with_workspace=False) for a in accounts]})
    return Reply(shapes.listing(shown, bare=ctx.rules.live_envelopes))


def list_accounts(ctx: Context, _: ListAccounts) -> Reply:
    """All accounts of the token; a `workspace_id` is not honoured, as clients of the real service suspect."""
    rows = ctx.tx.find(AccountRow, "workspace", ctx.visible)
    shown = [shapes.account(row, with_workspace=True) for row in rows]
    return Reply(shapes.listing(shown, bare=ctx.rules.live_envelopes))


def delete_account(ctx: Context, call: DeleteAccount) -> Reply:
    """Disconnect an account; it leaves all posts that are not out."""
    disconnect(ctx.tx, ctx.owned(AccountRow, call.id))
    return Reply({"message": "Account deleted successfully"})
