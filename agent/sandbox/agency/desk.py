"""A client's workspace while its posts are written: ids of what lies in it, and its own source of chance."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.sandbox.agency.client import Client

#: First ids, far above those of the world `shop`.
WORKSPACES, ACCOUNTS, LABELS, CAMPAIGNS, FOLDERS, MEDIA = 7001, 71001, 72001, 73001, 74001, 75001
FIRST_IDS = {"post": 200001, "comment": 400001, "target": 600001}

Plain = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """A connected account of the client; on one that is not `healthy`, publishing fails by now."""

    id: int
    network: str
    healthy: bool


@dataclass(frozen=True)
class Desk:
    """One client at work; `number` counts the clients from 0."""

    client: Client
    number: int
    accounts: tuple[Account, ...]
    pictures: tuple[int, ...]
    videos: tuple[int, ...]
    labels: tuple[int, ...]
    chance: random.Random

    @property
    def workspace(self) -> int:
        """The id of its workspace."""
        return WORKSPACES + self.number

    @property
    def campaign(self) -> int:
        """The id of its campaign."""
        return CAMPAIGNS + self.number

    def on(self, networks: Sequence[str]) -> list[Account]:
        """Its healthy accounts on some networks."""
        return [account for account in self.accounts if account.healthy and account.network in networks]

    def likely(self, share: float) -> bool:
        """True in a share of all cases."""
        return self.chance.random() < share

    def clock(self) -> str:
        """A time of day: mostly one of the client's slots, else any minute of the day's work."""
        if self.likely(0.8):
            return self.chance.choice(self.client.slots)
        return f"{self.chance.randint(8, 20):02d}:{self.chance.randint(0, 59):02d}"

    def days(self, least: int, most: int, *, ahead: bool = False) -> str:
        """A day some days ago, or ahead, at a time of day."""
        return f"{'+' if ahead else '-'}{self.chance.randint(least, most)}d {self.clock()}"
