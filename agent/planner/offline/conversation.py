"""A chat-completions request read back: what exists, the goal at hand, and what was done about it so far."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agent.planner.offline.answers import NO_ANSWER, Answer, read_answer

_GOAL = re.compile(r"^Goal, from [^\n]*:[ \t]*\n", re.MULTILINE)
_WORKSPACE = re.compile(r'^Workspace (\d+) ("(?:[^"\\]|\\.)*"), (\S+), now \w+ (\d{4}-\d{2}-\d{2} \d{2}:\d{2})')
_ACCOUNT = re.compile(r'^- account (\d+): (\w+) ("(?:[^"\\]|\\.)*")(.*)')
#: How the loop's other messages begin; see the templates `reply`, `compacted` and `repair`.
_REPLY, _CUT, _LOW, _EMPTY = (
    "The person answers your question:",
    "(Your earlier turns up to",
    "You have used ",
    "Your answer was empty.",
)


@dataclass(frozen=True)
class Workspace:
    """A workspace of the digest; `now` is its wall clock when the conversation began."""

    id: int
    name: str
    zone: str
    now: datetime


@dataclass(frozen=True)
class Account:
    """An account of the digest."""

    id: int
    platform: str
    label: str
    workspace: int
    expired: bool


@dataclass(frozen=True)
class Digest:
    """What exists, as the first message tells it."""

    workspaces: tuple[Workspace, ...] = ()
    accounts: tuple[Account, ...] = ()

    def workspace(self, key: int) -> Workspace:
        """The workspace of that id. Raises KeyError."""
        return {one.id: one for one in self.workspaces}[key]


@dataclass(frozen=True)
class Turn:
    """One of our answers: the tools called, their answers in that order, and what a person replied since."""

    tools: tuple[str, ...]
    answers: tuple[Answer, ...]
    reply: str = ""


@dataclass(frozen=True)
class Conversation:
    """A request: the goal at hand with the turns made for it; `made` are posts drafted for the goal before it."""

    digest: Digest = Digest()
    goal: str = ""
    turns: tuple[Turn, ...] = ()
    made: tuple[int, ...] = ()
    #: Names of the tools offered; none for a request that is no run, such as a check of the endpoint.
    tools: frozenset[str] = frozenset()
    #: Earlier turns of this goal were left out; the goal's budget is nearly used up.
    cut: bool = False
    low: bool = False
    #: Assistant messages so far, for the ids of calls.
    replies: int = 0


@dataclass
class _Reader:
    answers: Mapping[str, str]
    now: Conversation = field(default_factory=Conversation)

    def user(self, text: str) -> None:
        now = self.now
        if text.startswith(_REPLY):
            if now.turns:
                last = replace(now.turns[-1], reply=text.removeprefix(_REPLY).strip())
                self.now = replace(now, turns=(*now.turns[:-1], last))
        elif text.startswith(_CUT):
            self.now = replace(now, cut=True)
        elif text.startswith(_LOW):
            self.now = replace(now, low=True)
        elif not text.startswith(_EMPTY):
            self._goal(text)

    def _goal(self, text: str) -> None:
        header = _GOAL.search(text)
        before = text[: header.start()] if header else ""
        goal = text[header.end() :] if header else text
        digest = _digest(before)
        self.now = replace(
            self.now,
            digest=digest if digest.workspaces else self.now.digest,
            goal=goal.strip(),
            made=_drafted(self.now.turns) or self.now.made,
            turns=(),
            cut=False,
            low=False,
        )

    def assistant(self, calls: Sequence[tuple[str, str]]) -> None:
        answers = [read_answer(self.answers[key]) if key in self.answers else NO_ANSWER for key, _ in calls]
        turn = Turn(tuple(name for _, name in calls), tuple(answers))
        self.now = replace(self.now, turns=(*self.now.turns, turn), replies=self.now.replies + 1)


def read_request(payload: Mapping[str, Any]) -> Conversation:
    """The conversation in a request body. Raises ValueError for one that is no chat-completions request."""
    messages = payload.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(one, Mapping) for one in messages):
        raise ValueError("messages must be a list of messages")
    answers = {str(one.get("tool_call_id")): _text(one) for one in messages if one.get("role") == "tool"}
    reader = _Reader(answers)
    for message in messages:
        if message.get("role") == "user":
            reader.user(_text(message))
        elif message.get("role") == "assistant":
            reader.assistant(list(_calls(message.get("tool_calls"))))
    return replace(reader.now, tools=frozenset(name for _, name in _calls(payload.get("tools"))))


def _calls(listed: Any) -> Iterator[tuple[str, str]]:
    """Ids and names of tool calls, or of tools."""
    for one in listed if isinstance(listed, list) else ():
        function = one.get("function") if isinstance(one, Mapping) else None
        if isinstance(function, Mapping):
            yield str(one.get("id", "")), str(function.get("name", ""))


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return content if isinstance(content, str) else ""


def _drafted(turns: Sequence[Turn]) -> tuple[int, ...]:
    answers = (pair for turn in turns for pair in zip(turn.tools, turn.answers, strict=True))
    return tuple(key for tool, answer in answers if tool == "draft_post" for key in answer.ids)


def _digest(text: str) -> Digest:
    workspaces: list[Workspace] = []
    accounts: list[Account] = []
    for line in text.splitlines():
        if found := _WORKSPACE.match(line):
            now = datetime.fromisoformat(found[4]).replace(tzinfo=zone_named(found[3]))
            workspaces.append(Workspace(int(found[1]), json.loads(found[2]), found[3], now))
        elif (found := _ACCOUNT.match(line)) and workspaces:
            expired = "expired" in found[4]
            accounts.append(Account(int(found[1]), found[2], json.loads(found[3]), workspaces[-1].id, expired))
    return Digest(tuple(workspaces), tuple(accounts))


def zone_named(name: str) -> ZoneInfo:
    """The zone of a name; where it is not known UTC does: nearly everything is reckoned on the wall clock alone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
