"""What a world's names, ids and times mean while it is being loaded."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from agent.errors import SettingsError
from agent.sandbox.rows import Row, Target, WorkspaceRow
from agent.sandbox.store import Tx
from agent.sandbox.times import When, resolve
from agent.sandbox.world import Kind, Ref, World
from agent.yaml_files import nearest


class Ids:
    """Ids of one kind: those given by hand, and the free ones from the first on."""

    def __init__(self, first: int, given: Iterable[int | None], what: str) -> None:
        self._next = first
        self.taken: set[int] = set()
        for number in given:
            if number in self.taken:
                raise SettingsError(
                    f"The world has two {what} objects with the id {number}.", hint="Change one of them."
                )
            if number is not None:
                self.taken.add(number)

    def pick(self, given: int | None) -> int:
        """The given id, or the next free one."""
        if given is not None:
            return given
        while self._next in self.taken:
            self._next += 1
        self.taken.add(self._next)
        return self._next


@dataclass
class Home:
    """A workspace and the names of what lies in it."""

    row: WorkspaceRow
    zone: ZoneInfo
    names: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    ids: set[tuple[str, int]] = field(default_factory=set)

    def add(self, row: Row, *names: str | None) -> None:
        """Make an object known under its id and names."""
        self.ids.add((row.kind, row.id))
        for name in {name for name in names if name}:
            self.names.setdefault((row.kind, name), []).append(row.id)

    def id_of(self, cls: type[Row], ref: Ref, where: str) -> int:
        """The id a world's reference means. Raises SettingsError."""
        if isinstance(ref, int) and (cls.kind, ref) in self.ids:
            return ref
        found = self.names.get((cls.kind, str(ref)), [])
        if len(found) == 1:
            return found[0]
        known = sorted({name for kind, name in self.names if kind == cls.kind})
        wrong = "more than one" if found else "no"
        raise SettingsError(
            f'{where}: the workspace "{self.row.name}" has {wrong} {cls.kind} "{ref}".{nearest(str(ref), known)}',
            hint="Use its id instead." if found else "",
        )


class Ground:
    """Empty tables that a world is laid down in, and what lies there already."""

    def __init__(self, tx: Tx, world: World) -> None:
        self.tx = tx
        self.world = world
        self.homes: dict[int, Home] = {}
        self.users = list(dict.fromkeys(token.user for token in world.tokens))

    def ids(self, cls: type[Row] | type[Target], given: Iterable[int | None], what: str = "") -> Ids:
        """The ids of a kind. Raises SettingsError if one is given twice."""
        first = self.world.first_ids.get(cast(Kind, cls.kind), cls.first_id)
        self.tx.raise_counter(cls, first - 1)
        return Ids(first, given, what or cls.kind)

    def put(self, row: Row) -> None:
        """Store a row; ids given out later go on above it."""
        self.tx.put(row)
        self.tx.raise_counter(type(row), row.id)

    def instant(self, when: When, zone: ZoneInfo, where: str) -> datetime:
        """What a time means. Raises SettingsError."""
        try:
            return resolve(when, self.tx.now, zone)
        except ValueError as error:
            raise SettingsError(f"{where}: {error}.") from error

    def home(self, ref: Ref, where: str) -> Home:
        """The workspace of an id, slug or name. Raises SettingsError."""
        for home in self.homes.values():
            if ref in {home.row.id, home.row.slug, home.row.name}:
                return home
        known = [home.row.slug for home in self.homes.values()]
        raise SettingsError(f'{where}: there is no workspace "{ref}".{nearest(str(ref), known)}')
