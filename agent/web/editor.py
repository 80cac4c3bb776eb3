"""What the page for writing a post is drawn from: its accounts, files, labels and times, as rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.api.networks import NETWORK_NAMES, TEXT_FIELD
from agent.api.types import Account, Workspace
from agent.web.previews import initials_of, size_told
from agent.web.sheet import Choice, Sheet, choices_of, shown_value
from agent.web.site import Site
from agent.web.subjects import Subject
from agent.web.world import uploaded

#: Files of the library that a page offers.
MOST_FILES = 60


@dataclass(frozen=True)
class AccountRow:
    """An account to choose; `own` is its own text, `takes_own` whether its network has a place for one."""

    id: int
    name: str
    network: str
    chosen: bool
    expired: bool
    takes_own: bool
    own: str
    choices: tuple[tuple[Choice, str], ...]

    @property
    def initials(self) -> str:
        """One or two letters that stand for its picture."""
        return initials_of(self.name)


@dataclass(frozen=True)
class FileRow:
    """A file of the library: what a form sends for it, and what is known of it."""

    value: str
    name: str
    kind: str
    size: str
    chosen: bool


@dataclass(frozen=True)
class PlanRow:
    """A way to send it out, as the page offers it."""

    kind: str
    label: str
    note: str


@dataclass(frozen=True)
class Drawn:
    """All rows of a page. `whole_post` is False for a reply, which is a text alone."""

    workspaces: tuple[Workspace, ...]
    workspace: Workspace | None
    accounts: tuple[AccountRow, ...]
    chosen: tuple[FileRow, ...]
    library: tuple[FileRow, ...]
    labels: tuple[tuple[int, str, bool], ...]
    plans: tuple[PlanRow, ...]


def drawn(site: Site, subject: Subject, sheet: Sheet, name: str = "") -> Drawn:
    """The rows for a sheet; `name` narrows the library to files that have it in their name."""
    facts, written = subject.facts, sheet.written
    home = written.workspace_id
    chosen, library = _files(site, subject, sheet, name)
    labels = [one for one in facts.labels.values() if one.workspace is None or one.workspace.id == home]
    return Drawn(
        workspaces=tuple(facts.workspaces.values()) if subject.base is None else (),
        workspace=facts.workspaces.get(home),
        accounts=tuple(_account(one, sheet) for one in facts.accounts.values() if one.workspace_id == home),
        chosen=chosen,
        library=library,
        labels=tuple((one.id, one.name, one.id in written.labels) for one in labels)
        + tuple((one, f"label {one}", True) for one in written.labels if one not in facts.labels),
        plans=tuple(_plans(subject)),
    )


def _account(account: Account, sheet: Sheet) -> AccountRow:
    values: Mapping[str, Any] = sheet.written.settings.get(account.id, {})
    return AccountRow(
        id=account.id,
        name=account.label,
        network=NETWORK_NAMES.get(account.platform, account.platform),
        chosen=account.id in sheet.written.accounts,
        expired=bool(account.has_expired),
        takes_own=account.platform in TEXT_FIELD,
        own=sheet.written.variants.get(account.id, ""),
        choices=tuple((one, shown_value(values.get(one.name))) for one in choices_of(account.platform)),
    )


def _files(site: Site, subject: Subject, sheet: Sheet, name: str) -> tuple[tuple[FileRow, ...], tuple[FileRow, ...]]:
    facts, media = subject.facts, sheet.written.media
    known = {**facts.media, **uploaded(site.house.gate, media)}
    shown = {one.id: one for item in (subject.post.content if subject.post else ()) for one in item.media}
    chosen = []
    for one in media:
        found: Any = known.get(one) or shown.get(one) if isinstance(one, int) else None
        chosen.append(_file(str(one), found, chosen=True))
    home, wanted = sheet.written.workspace_id, name.casefold()
    others = [
        one
        for one in facts.media.values()
        if one.workspace_id in (None, home) and one.id not in media and wanted in one.name.casefold()
    ]
    newest = sorted(others, key=lambda one: -one.id)[:MOST_FILES]
    return tuple(chosen), tuple(_file(str(one.id), one, chosen=False) for one in newest)


def _file(value: str, found: Any, *, chosen: bool) -> FileRow:
    if found is None:
        return FileRow(value, value if value.startswith("https://") else f"file {value}", "", "", chosen)
    kind = (getattr(found, "mime_type", None) or found.type or "").split("/")[0]
    return FileRow(value, found.name or f"file {value}", kind, size_told(found.size), chosen)


def _plans(subject: Subject) -> Iterator[PlanRow]:
    """The ways it may go out from where it stands. A card keeps what it does; only its time changes."""
    at = PlanRow("at", "At a time", "")
    slot = PlanRow("slot", "In the next free slot", "PostSyncer takes the next slot of the workspace's plan.")
    if subject.card is not None:
        if subject.base is not None and subject.base.schedule_type == "schedule":
            yield from (at, slot)
        return
    scheduled = subject.status == "scheduled"
    if not scheduled:
        yield PlanRow("keep", "Leave it a draft", "Nobody sees it.")
    yield from (at, slot, PlanRow("now", "Publish now", "It waits for an approval like all that the public sees."))
    if scheduled:
        yield PlanRow("draft", "Take it off the schedule", "It becomes a draft again, once that is approved.")
