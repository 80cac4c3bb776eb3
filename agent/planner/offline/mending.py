"""Mending a call by what the policy says of it: one repair for each rule whose finding tells what would pass.

A repair reads only the finding and the call. Words that the person quoted stay as they are, but for signs that nobody
sees; what only they can settle is left to them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.planner.offline.words import written
from agent.policy.entities import mentions, without_hashtags_over
from agent.policy.rules.control import without_hidden

Arguments = Mapping[str, Any]
_RULE = re.compile(r"\[([a-z_]+\.[a-z_]+)\]\s*$")
_PASSES = "What would pass: "
_HTTP = re.compile(r"\bhttp://", re.IGNORECASE)


@dataclass(frozen=True)
class Mended:
    """Arguments that should pass, those that changed, and what is told of it."""

    arguments: dict[str, Any]
    told: str
    changes: dict[str, Any] = field(default_factory=dict)


def mended(
    arguments: Arguments,
    reasons: Sequence[str],
    quoted: Sequence[str] = (),
    *,
    networks: Mapping[int, str] | None = None,
    some: bool = False,
) -> Mended | None:
    """The arguments changed as the reasons say; None where one of them cannot be met so, with `some` where none can.

    `networks` are those of the accounts that may be left out.
    """
    changed, told = dict(arguments), []
    for reason in reasons:
        rule = _RULE.search(reason)
        repair = _REPAIRS.get(rule[1]) if rule else None
        found = repair(changed, reason, quoted) if repair else None
        if rule and rule[1] == "post.media_needed" and networks:
            found = _without_network(changed, reason, networks)
        if found is None and not some:
            return None
        if found is not None and found.arguments != changed:
            changed = found.arguments
            told.append(found.told)
    changes = {name: value for name, value in changed.items() if value != arguments.get(name)}
    return Mended(changed, " ".join(dict.fromkeys(told)), changes) if changes else None


def _without_network(arguments: Arguments, reason: str, networks: Mapping[int, str]) -> Mended | None:
    """Without the network that takes no post as this one is, where another is left."""
    kept = [key for key in arguments["accounts"] if not reason.startswith(f"{networks.get(key)} ")]
    if not kept or len(kept) == len(arguments["accounts"]):
        return None
    left = written(next(network for network in networks.values() if reason.startswith(f"{network} ")))
    return Mended({**arguments, "accounts": kept}, f"{left} is left out: it needs a picture or video.")


def _with_texts(arguments: Arguments, change: Callable[[str], str]) -> dict[str, Any]:
    """The arguments with every text of the post changed."""
    found = dict(arguments)
    for name in ("text", "first_comment"):
        if name in found:
            found[name] = change(found[name])
    if "thread" in found:
        found["thread"] = [change(text) for text in found["thread"]]
    return found


def _around(text: str, quoted: Sequence[str], change: Callable[[str], str]) -> str:
    """A text changed only outside words that the person quoted."""
    for words in quoted:
        if words in text:
            before, _, after = text.partition(words)
            return change(before) + words + _around(after, quoted, change)
    return change(text)


def _figure(reason: str, unit: str) -> int | None:
    found = re.search(rf"{_PASSES}.*?(\d+) {unit}", reason)
    return int(found[1]) if found else None


def _visible(arguments: Arguments, _reason: str, _quoted: Sequence[str]) -> Mended:
    return Mended(_with_texts(arguments, without_hidden), "Signs that nobody sees were taken out.")


def _https(arguments: Arguments, reason: str, quoted: Sequence[str]) -> Mended | None:
    if "is http, not https" not in reason:
        return None
    return Mended(
        _with_texts(arguments, lambda text: _around(text, quoted, lambda part: _HTTP.sub("https://", part))),
        "The address is written with https.",
    )


def _fewer_hashtags(arguments: Arguments, reason: str, quoted: Sequence[str]) -> Mended | None:
    most, network = _figure(reason, "hashtags? or fewer"), re.search(r"hashtags for (\w+),", reason)
    if most is None or network is None or quoted or "thread" in arguments or "first_comment" in arguments:
        return None
    text = without_hashtags_over(arguments["text"], network[1], most)
    return Mended({**arguments, "text": text}, f"Only {most} hashtags are left.")


def _fewer_mentions(arguments: Arguments, reason: str, quoted: Sequence[str]) -> Mended | None:
    most, network = _figure(reason, "mentions? or fewer"), re.search(r"mentions for (\w+),", reason)
    if most is None or network is None or quoted or "thread" in arguments or "first_comment" in arguments:
        return None
    text = arguments["text"]
    for mention in reversed(mentions(text, network[1])[most:]):
        text = text[: mention.start] + text[mention.start + 1 :]
    return Mended({**arguments, "text": text}, f"Only {most} are mentioned; the others stand there by name.")


def _shorter(arguments: Arguments, reason: str, quoted: Sequence[str]) -> Mended | None:
    """Whole sentences off the end, as many as it takes: a letter counts at least as one of any unit."""
    found = re.search(rf"{_PASSES}take (\d+) ", reason)
    if found is None or quoted or "thread" in arguments or not re.match(r"The text ", reason):
        return None
    room = len(arguments["text"]) - int(found[1])
    ends = [end.end() for end in re.finditer(r"[.!?](?=\s)", arguments["text"]) if end.end() <= room]
    if not ends:
        return None
    return Mended({**arguments, "text": arguments["text"][: ends[-1]]}, "The text is shorter.")


def _later(arguments: Arguments, reason: str, _quoted: Sequence[str]) -> Mended | None:
    found = re.search(rf"{_PASSES}name (\d{{4}}-\d{{2}}-\d{{2}} \d{{2}}:\d{{2}})", reason)
    if found is None or "at" not in arguments:
        return None
    return Mended({**arguments, "at": found[1]}, f"{found[1]} is the earliest that can be decided in time.")


def _real_hour(arguments: Arguments, reason: str, _quoted: Sequence[str]) -> Mended | None:
    """Where clocks skip an hour, the same time after it, as clocks show it."""
    choices = re.findall(r"(\d{2}:\d{2}) \(UTC", reason.partition(_PASSES)[2])
    if not choices or "at" not in arguments:
        return None
    at = f"{arguments['at'][:10]} {choices[-1]}"
    return Mended({**arguments, "at": at}, f"{arguments['at'][11:]} does not exist on that day: it is {choices[-1]}.")


_REPAIRS: Mapping[str, Callable[[Arguments, str, Sequence[str]], Mended | None]] = {
    "text.control": _visible,
    "link.safe": _https,
    "post.hashtags": _fewer_hashtags,
    "post.mentions": _fewer_mentions,
    "post.length": _shorter,
    "time.lead": _later,
    "time.exists": _real_hour,
}
