"""How a run stands, as a word, a colour and a sign. Pure."""

from dataclasses import dataclass

from agent.reports.story import OUTCOMES


@dataclass(frozen=True)
class Badge:
    """A word, its colour (`good`, `warn`, `bad`, or none) and the sign beside it."""

    word: str
    kind: str
    sign: str


_LOOKS = {
    "done": ("good", "circle-check"),
    "held": ("warn", "clock"),
    "asked": ("warn", "message-circle"),
    "refused": ("bad", "x"),
    "deferred": ("", "clock"),
    "stopped": ("", "octagon-x"),
    "failed_safe": ("bad", "triangle-alert"),
}
WORKING = Badge("working", "warn", "refresh-cw")
BROKEN_OFF = Badge("broken off", "bad", "circle-alert")

#: What a list of runs can be narrowed to: name, whose runs, and which outcomes (none is any).
VIEWS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "goals": ("Goals", "goals", ()),
    "waiting": ("Waiting for you", "", ("held", "asked")),
    "unfinished": ("Unfinished", "", ("", "stopped", "deferred", "failed_safe")),
    "own": ("Your own calls", "own", ()),
    "all": ("All", "", ()),
}
#: How runs of a mode came about.
MODES = {"attended": "goal", "unattended": "night job", "person": "own call"}
_FACES = {"chat": "chat", "scan": "reading all posts"}


def badge(outcome: str, *, moving: bool) -> Badge:
    """The badge of an outcome; the empty one is that of a run that moves, or that was broken off while it did."""
    if moving:
        return WORKING
    if not outcome:
        return BROKEN_OFF
    kind, sign = _LOOKS[outcome]
    return Badge(OUTCOMES[outcome].partition(";")[0], kind, sign)


def face(mode: str, channel: str, job: str, date: str) -> str:
    """How a run came about, in words."""
    if job:
        return f"night job {job} of {date}"
    return _FACES.get(channel, MODES[mode])
