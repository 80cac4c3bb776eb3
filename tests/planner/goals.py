"""What the end-to-end tests of goals share: a shop in a folder, a goal carried out, and what was written."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import agent.sandbox
from agent.assembly import build_model
from agent.journal import records as r
from agent.journal.run import Run
from agent.report import RunReport, report_of
from tests.house import Home, home_in

LINKEDIN, X, BLUESKY, INSTAGRAM, TIKTOK, YOUTUBE, FACEBOOK = 101, 102, 103, 104, 105, 106, 107
#: A world with one account and nothing else.
NOTHING_THERE = """
workspaces:
  - {id: 11, name: Fern & Clay, slug: fern-and-clay, timezone: Europe/Berlin}
accounts:
  - {id: 101, workspace: fern-and-clay, platform: linkedin, name: Fern & Clay}
labels:
  - {id: 22, workspace: fern-and-clay, name: Spring}
"""
#: A post that is out, a draft about mugs, and two scheduled ones.
FEW = (
    NOTHING_THERE
    + """
posts:
  - {workspace: fern-and-clay, text: Out yesterday., accounts: [linkedin], status: published, at: -1d 09:00}
  - {workspace: fern-and-clay, text: A mug in the morning., accounts: [linkedin]}
  - {workspace: fern-and-clay, text: Two MUGS, accounts: [linkedin], status: scheduled, at: +2d 09:00}
  - {workspace: fern-and-clay, text: More mugs, accounts: [linkedin], status: scheduled, at: +3d 09:00}
"""
)
_SHOP = Path(agent.sandbox.__file__).parent / "worlds" / "shop.yaml"


@asynccontextmanager
async def shop(folder: Path, **added: str) -> AsyncIterator[Home]:
    """The shop in a folder, with a file to upload; `added` are further lines of its sections, such as accounts."""
    (folder / "uploads").mkdir(parents=True)
    (folder / "uploads" / "kiln.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    text = _SHOP.read_text(encoding="utf-8")
    for section, lines in added.items():
        head, tail = text.split(f"\n{section}:\n")
        text = f"{head}\n{section}:\n" + re.sub(r"\n+(?=\w)", f"\n{lines.rstrip()}\n\n", tail, count=1)
    async with world(folder, text) as home:
        yield home


@asynccontextmanager
async def world(folder: Path, text: str) -> AsyncIterator[Home]:
    """A world of its own in a folder, from its YAML."""
    folder.mkdir(exist_ok=True)
    (folder / "world.yaml").write_text(text, encoding="utf-8")
    async with home_in(folder, psa_world="world.yaml") as home:
        yield home


async def carried_out(home: Home, goal: str) -> Run:
    """A new run of a goal, planned by the offline planner until it rests."""
    run = home.house.open_run("attended", "ana")
    run.add(r.Goal(number=1, text=goal, by="ana"))
    run.flush()
    model = build_model(home.house.settings, home.house.clock)
    await home.house.planner(model).advance(run)
    await model.close()
    return run


async def carry_out(home: Home, goal: str) -> RunReport:
    """The report of a new run of a goal, see `carried_out`."""
    return report_of((await carried_out(home, goal)).state)


async def answered(home: Home, asked: RunReport, answer: str) -> RunReport:
    """The run that asked, gone on with the person's answer."""
    run = await home.reviewer().answer(question(asked)[0], answer, advance=False)
    model = build_model(home.house.settings, home.house.clock)
    await home.house.planner(model).advance(run)
    await model.close()
    return report_of(run.state)


def question(told: RunReport) -> tuple[int, str]:
    """The number and the words of the one question that a run asks."""
    ((number, text),) = [(one.number, one.text) for one in told.waiting if one.kind == "question"]
    return number, text


def bodies(home: Home, operation: str) -> list[dict[str, Any]]:
    """What was written by one operation."""
    return [effect["body"] for effect in home.writes() if effect["operation"] == operation]


def drafts(home: Home) -> list[dict[str, Any]]:
    """The drafts that were made."""
    return bodies(home, "CreatePost")


def accounts(body: Mapping[str, Any]) -> list[int]:
    """The accounts of a post."""
    return sorted(target["id"] for target in body["accounts"])


def texts(body: Mapping[str, Any]) -> list[str]:
    """The texts of a post."""
    return [item.get("text") for item in body["content"]]


def post_called(home: Home, words: str) -> int:
    """The id of the one post of the world whose text begins so."""
    (found,) = [
        post["id"] for post in home.box.export()["posts"] if str(post["content"][0].get("text")).startswith(words)
    ]
    return int(found)


def arguments(card: Any) -> list[dict[str, Any]]:
    """The arguments of a card's calls."""
    return [call.arguments for call in card.calls]


def nothing_done(home: Home, told: RunReport, *words: str) -> bool:
    """Whether a run did nothing, asked nothing of a person, and told why in these words."""
    said: Sequence[str] = (told.said, told.refused)
    return home.writes() == [] and not told.cards and all(any(word in one for one in said) for word in words)
