"""From a goal's words to a wish. Whatever is not understood in a goal stops all of it."""

from dataclasses import replace

from agent.planner.offline.conversation import Digest
from agent.planner.offline.dates import take_when
from agent.planner.offline.phrases import (
    LABEL_VALUES,
    label_names,
    names_standing,
    take_labels,
    take_media,
    take_status,
    take_target,
    take_workspaces,
)
from agent.planner.offline.post_goals import read_post
from agent.planner.offline.wishes import (
    DeleteWish,
    LabelWish,
    ListWish,
    MediaOnlyWish,
    PromoteWish,
    Target,
    UnscheduleWish,
    Wish,
)
from agent.planner.offline.words import CannotDo, Scanner

CAN = (
    "The offline planner can draft, schedule or publish quoted words, or a plain text about a subject, on named "
    "networks; write a thread, attach a picture, add a first comment; delete, move, unschedule, label and list posts. "
    "For anything else set PSA_MODEL to a language model."
)
_POLITE = (
    r"please|kindly|hello|hi|hey|ok|now|could you|can you|would you|will you|let us|let['’]s|i want you to|i want to|"
    r"we want to|i need you to|i need to|we need to|i would like (?:you )?to|i['’]d like (?:you )?to|we['’]d like to"
)
_VERBS = {
    "make": r"draft|make|write|create|prepare|compose|(?=(?:(?:an?|new|short) )+(?:[\w/]+ )?(?:draft|post|thread)\b)",
    "announce": "announce",
    "schedule": "schedule|queue",
    "publish": "publish|post|share",
    "delete": "delete|remove|discard|erase",
    "unschedule": "unschedule|take",
    "move": "move|reschedule|postpone",
    "label": "label|tag|add",
    "list": r"list|show|which|what is|what['’]s|what",
    "media": "(?=(?:upload|import)\\b)",
}


def read_goal(goal: str, digest: Digest) -> Wish:
    """The wish in a goal. Raises CannotDo, naming what was not understood."""
    try:
        scan = Scanner(goal)
        wish = _wish(_verb(scan), scan, digest)
    except CannotDo as problem:
        raise CannotDo(f"{problem} {CAN}") from problem
    left = scan.leftover()
    if left:
        raise CannotDo(f"This part of the goal was not understood: {left}. {CAN}")
    return wish


def _verb(scan: Scanner) -> str:
    """What the goal begins with."""
    scan.take(rf"^ (?:(?:{_POLITE})[\s,!.]+)+")
    for verb, words in _VERBS.items():
        if scan.take(rf"^(?: ¦)* (?:{words})(?![\w-])" if "(?=" not in words else rf"^(?: ¦)* (?:{words})"):
            return verb
    raise CannotDo("The goal was not understood.")


def _wish(verb: str, scan: Scanner, digest: Digest) -> Wish:
    match verb:
        case "make" | "announce":
            return read_post(verb, scan, digest)
        case "schedule" | "publish":
            return _promote(verb, scan, digest) or read_post(verb, scan, digest)
        case "delete" if scan.has(r"\blabel"):
            return _label(scan, digest, remove=True)
        case "delete":
            return DeleteWish(_target(scan, digest))
        case "unschedule":
            scan.take(r"\b(?:off|from) (?:its|the|their) schedule\b")
            return UnscheduleWish(_scheduled(scan, digest))
        case "move":
            return PromoteWish(_scheduled(scan, digest), "schedule", take_when(scan))
        case "label":
            return _label(scan, digest, remove=False)
        case "list":
            return _list(scan, digest)
        case _:
            return _media(scan, digest)


def _target(scan: Scanner, digest: Digest) -> Target:
    workspaces = take_workspaces(scan, digest)
    target = take_target(scan, workspaces)
    if target is None:
        raise CannotDo('Which posts are meant is not clear: name them by number, or drafts called "…".')
    return target


def _scheduled(scan: Scanner, digest: Digest) -> Target:
    """Posts that are looked for among the scheduled ones, unless the goal says drafts."""
    target = _target(scan, digest)
    return replace(target, status=target.status or "scheduled")


def _promote(verb: str, scan: Scanner, digest: Digest) -> PromoteWish | None:
    """Scheduling or publishing a post that exists; None where a new one is meant."""
    if not names_standing(scan):
        return None
    target = _target(scan, digest)
    scan.take(r"\b(?:right now|now|immediately|at once|straight away|right away)\b")
    when = take_when(scan)
    return PromoteWish(target, "schedule" if verb == "schedule" or when else "publish", when)


def _label(scan: Scanner, digest: Digest, *, remove: bool) -> LabelWish:
    labels = take_labels(scan)
    target = _target(scan, digest)
    if not labels and (match := scan.take(rf"\b(?:as|with) {LABEL_VALUES}")):
        labels = tuple(label_names(scan, match["values"]))
    if not labels:
        raise CannotDo("Which label is meant is not clear: put its name in quotes.")
    return LabelWish(target, labels, remove)


def _list(scan: Scanner, digest: Digest) -> ListWish:
    workspaces = take_workspaces(scan, digest)
    status = take_status(scan)
    named = take_target(scan, workspaces)
    scan.take_all(r"\b(?:scheduled|published|failed|there|do we have|is due|are due)\b")
    if (named and named.ids) or not (status or (named and named.contains)):
        raise CannotDo("Which posts are meant is not clear: say drafts, scheduled, published or failed ones.")
    contains = named.contains if named else ""
    return ListWish(Target(contains=contains, status=status, workspaces=workspaces), take_when(scan))


def _media(scan: Scanner, digest: Digest) -> Wish:
    if scan.has(r"\b(?:draft|schedule|publish|make|write|create|post)\b"):
        return read_post("media", scan, digest)
    media = take_media(scan)
    scan.take(r"\b(?:the )?(?:media )?library\b")
    if not media:
        raise CannotDo("Which file or address is meant is not clear.")
    return MediaOnlyWish(media, take_workspaces(scan, digest))
