"""A store in a folder, and records to put into it."""

from datetime import UTC, datetime
from pathlib import Path

from agent.journal import records as r
from agent.journal.store import SqliteStore

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def store_in(folder: Path) -> SqliteStore:
    return SqliteStore(folder / "runs" / "journal.db")


def opened(service: str = "http://sandbox.local/api/v1") -> r.Opened:
    return r.Opened(
        mode="attended",
        service=service,
        sandbox=True,
        model="scripted",
        policy="p",
        prompts="q",
        who="ana",
        limits=r.Limits(),
    )


def goal(text: str = "draft something") -> r.Goal:
    return r.Goal(number=1, text=text, by="ana")
