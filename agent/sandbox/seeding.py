"""A world becomes rows: names become ids, relative times become instants, what is left out is filled in."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agent.errors import SettingsError
from agent.sandbox.files import mime_of_name
from agent.sandbox.references import Ground, Home
from agent.sandbox.rows import (
    AccountRow,
    BehindRow,
    CampaignRow,
    FolderRow,
    LabelRow,
    MediaRow,
    PostRow,
    TokenRow,
    WorkspaceRow,
)
from agent.sandbox.seeding_posts import seed_posts
from agent.sandbox.store import TABLES, Tx
from agent.sandbox.world import World

#: What the last worlds became, by world and instant: the rows of each table that has any.
_FILLED: dict[tuple[str, datetime], dict[str, list[tuple[Any, ...]]]] = {}
_FILLED_MOST = 8


def fill(tx: Tx, world: World) -> None:
    """Fill empty tables from a world. Raises SettingsError where a name, id or time of it means nothing.

    The rows are kept: most boxes of one process start alike.
    """
    origin = world.model_dump_json(exclude_defaults=True)
    rows = _FILLED.get((origin, tx.now))
    if rows is not None:
        for table, found in rows.items():
            tx.db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(found[0]))})", found)  # noqa: S608 - our own table names
        return
    tx.set_meta("world", world.rules.model_dump_json())
    tx.set_meta("origin", origin)
    _seed(tx, world)
    if len(_FILLED) >= _FILLED_MOST:
        _FILLED.clear()
    read = {table: tx.db.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}  # noqa: S608 - our own table names
    _FILLED[origin, tx.now] = {table: found for table, found in read.items() if found}


def _seed(tx: Tx, world: World) -> None:
    ground = Ground(tx, world)
    _workspaces(ground)
    _tokens(ground)
    _accounts(ground)
    _labels(ground)
    _campaigns(ground)
    _folders(ground)
    _media(ground)
    seed_posts(ground)
    _behind(ground)
    tx.settle(None)


def _behind(ground: Ground) -> None:
    """Edits to come, timed on the clock of their post's workspace; the first workspace's for posts still to come."""
    first = next(iter(ground.homes.values()))
    last = ground.tx.last_id(PostRow)
    for number, edit in enumerate(ground.world.behind, 1):
        where = f"behind, number {number}"
        post = ground.tx.get(PostRow, edit.post)
        if post is None and edit.post <= last:
            raise SettingsError(f"{where}: there is no post {edit.post}.", hint="Give the post that id, or correct it.")
        home = ground.homes[post.workspace_id] if post else first
        ground.put(BehindRow(id=number, at=ground.instant(edit.at, home.zone, where), edit=edit))


def _workspaces(ground: Ground) -> None:
    ids = ground.ids(WorkspaceRow, (given.id for given in ground.world.workspaces))
    for given in ground.world.workspaces:
        row = WorkspaceRow(
            id=ids.pick(given.id),
            name=given.name,
            slug=given.slug or "-".join(given.name.lower().replace("&", "and").split()),
            type=given.type,
            timezone=given.timezone,
            language=given.language,
            slots=list(given.slots),
        )
        ground.put(row)
        ground.homes[row.id] = Home(row, ZoneInfo(row.timezone))


def _tokens(ground: Ground) -> None:
    for number, given in enumerate(ground.world.tokens, 1):
        sees = given.workspaces
        row = TokenRow(
            id=number,
            token=given.token,
            user=given.user,
            user_id=ground.users.index(given.user) + 1,
            abilities=list(given.abilities),
            workspaces=None if sees is None else [ground.home(ref, "tokens").row.id for ref in sees],
        )
        ground.put(row)


def _accounts(ground: Ground) -> None:
    ids = ground.ids(AccountRow, (given.id for given in ground.world.accounts))
    for given in ground.world.accounts:
        home = ground.home(given.workspace, "accounts")
        row = AccountRow(
            id=ids.pick(given.id),
            workspace_id=home.row.id,
            platform=given.platform,
            username=given.username,
            name=given.name or given.username or given.platform,
            has_expired=given.has_expired,
            is_default=given.is_default,
            is_verified=given.is_verified,
            fails=given.fails,
        )
        ground.put(row)
        home.add(row, row.platform, row.username, row.name)


def _labels(ground: Ground) -> None:
    ids = ground.ids(LabelRow, (given.id for given in ground.world.labels))
    for given in ground.world.labels:
        home = ground.home(given.workspace, "labels")
        created = ground.instant(given.created, home.zone, "labels")
        row = LabelRow(
            id=ids.pick(given.id),
            workspace_id=home.row.id,
            name=given.name,
            color=given.color,
            created_at=created,
            updated_at=ground.instant(given.updated, home.zone, "labels") if given.updated else created,
        )
        ground.put(row)
        home.add(row, row.name)


def _campaigns(ground: Ground) -> None:
    ids = ground.ids(CampaignRow, (given.id for given in ground.world.campaigns))
    for given in ground.world.campaigns:
        home = ground.home(given.workspace, "campaigns")
        row = CampaignRow(id=ids.pick(given.id), workspace_id=home.row.id, name=given.name)
        ground.put(row)
        home.add(row, row.name)


def _folders(ground: Ground) -> None:
    ids = ground.ids(FolderRow, (given.id for given in ground.world.folders))
    for given in ground.world.folders:
        home = ground.home(given.workspace, "folders")
        row = FolderRow(
            id=ids.pick(given.id),
            workspace_id=home.row.id,
            name=given.name,
            color=given.color,
            parent_id=home.id_of(FolderRow, given.parent, "folders") if given.parent is not None else None,
        )
        ground.put(row)
        home.add(row, row.name)


def _media(ground: Ground) -> None:
    ids = ground.ids(MediaRow, (given.id for given in ground.world.media))
    for given in ground.world.media:
        home = ground.home(given.workspace, "media")
        created = ground.instant(given.created, home.zone, "media")
        row = MediaRow(
            id=ids.pick(given.id),
            workspace_id=home.row.id,
            name=given.name,
            mime=given.mime or mime_of_name(given.name),
            size=given.size,
            sha256=given.sha256,
            folder_id=home.id_of(FolderRow, given.folder, "media") if given.folder is not None else None,
            alt=given.alt,
            created_at=created,
            ready_at=ground.instant(given.ready, home.zone, "media") if given.ready else created,
        )
        ground.put(row)
        home.add(row, row.name)
