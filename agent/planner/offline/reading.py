"""From a goal's words to a wish. Whatever is not understood in a goal stops all of it."""

from agent.planner.offline.conversation import Digest
from agent.planner.offline.phrases import take_workspaces
from agent.planner.offline.pictures import take_media
from agent.planner.offline.post_goals import read_post
from agent.planner.offline.standing_goals import read_promotion, read_standing
from agent.planner.offline.wishes import MediaOnlyWish, Wish
from agent.planner.offline.words import CannotDo, Scanner

CAN = (
    "The offline planner can draft, schedule or publish quoted words, or a plain text about a subject, on named "
    "networks; write a thread, attach a picture, add a first comment or a cover; delete, move, unschedule, label and "
    "list posts; reply to unanswered comments, tell numbers, delete empty folders, disconnect an account. "
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
    "reply": "reply|respond|answer",
    "report": (
        r"(?:how (?:did|was|were|have|has|do|does|is|are)|(?:(?:give|show) (?:me|us) a )?report(?: on)?|"
        r"what (?:are|were) the (?:numbers|figures))\b|"
        r"(?:show|give|tell)(?: me| us)?(?=[^¦]* (?:numbers|figures|statistics|stats|analytics|performance)\b)"
    ),
    "tidy": "tidy(?: up)?|clean up",
    "disconnect": "disconnect|unlink",
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
            return read_promotion(verb, scan, digest) or read_post(verb, scan, digest)
        case "media":
            return _media(scan, digest)
        case _:
            return read_standing(verb, scan, digest)


def _media(scan: Scanner, digest: Digest) -> Wish:
    if scan.has(r"\b(?:draft|schedule|publish|make|write|create|post)\b"):
        return read_post("media", scan, digest)
    media = take_media(scan)
    scan.take(r"\b(?:the )?(?:media )?library\b")
    if not media:
        raise CannotDo("Which file or address is meant is not clear.")
    return MediaOnlyWish(media, take_workspaces(scan, digest))
