"""Plans that take things away beside posts: folders in which nothing lies, and an account."""

from collections.abc import Mapping, Sequence

from agent.planner.offline.accounts import choose_account
from agent.planner.offline.conversation import Digest
from agent.planner.offline.finding import Row, batches, in_scope, tell
from agent.planner.offline.plan import Call, Plan, Story, one
from agent.planner.offline.wishes import DisconnectWish, TidyWish
from agent.planner.offline.words import listed, written


def delete_empty_folders(wish: TidyWish, digest: Digest) -> Plan:
    """Delete the folders that hold nothing, those inside others first, in as few calls as can be."""
    story = Story()
    workspaces = in_scope(wish.workspaces, digest)
    rows: dict[int, Row] = {}
    turn = yield [Call("list_folders", {"workspace_id": one.id, "contents": True}) for one in workspaces]
    for workspace, answer in zip(workspaces, turn.answers, strict=True):
        story.problem(f"The folders of {workspace.name} could not be read", answer)
        if answer.more:
            story.refused.append(f"{workspace.name} has more folders or files than were looked at.")
        rows |= answer.keyed
    empty = {key: row for key, row in rows.items() if row.get("empty") is True}
    if not empty:
        if rows or not story.refused:
            where = listed([workspace.name for workspace in workspaces])
            story.said.append(f"There is no empty folder at {where}; nothing was to be done.")
        return story.ending()
    inner_first = sorted(empty, key=lambda key: (-_depth(key, rows), key))
    for batch in batches(inner_first):
        names = listed([f"{key} “{rows[key].get('name', '')}”" for key in batch])
        folders = f"{'folder' if len(batch) == 1 else 'folders'} {names}"
        answer = yield from one(Call("delete_folders", {"folders": list(batch)}))
        tell(answer, f"Deleting the empty {folders}", f"The empty {folders} {_is(batch)} deleted.", story)
    return story.ending()


def _depth(key: int, rows: Mapping[int, Row]) -> int:
    """In how many folders a folder lies."""
    depth, seen = 0, {key}
    while (parent := rows.get(key, {}).get("parent")) is not None and parent not in seen:
        depth, key = depth + 1, parent
        seen.add(parent)
    return depth


def disconnect_account(wish: DisconnectWish, digest: Digest) -> Plan:
    """Disconnect one account; where several fit it is asked which."""
    story = Story()
    account = yield from choose_account(wish.place, wish.called, digest)
    answer = yield from one(Call("disconnect_account", {"account": account.id}))
    what = f"{written(account.platform)} account {account.id} ({account.label})"
    tell(answer, f"Disconnecting the {what}", f"The {what} is disconnected.", story)
    return story.ending()


def _is(several: Sequence[object]) -> str:
    return "is" if len(several) == 1 else "are"
