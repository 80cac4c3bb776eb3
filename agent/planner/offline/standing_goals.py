"""Goals about what exists: posts, their comments and numbers, labels, folders, accounts."""

from dataclasses import replace

from agent.planner.offline.conversation import Digest
from agent.planner.offline.dates import When, take_when
from agent.planner.offline.past import take_period
from agent.planner.offline.phrases import (
    LABEL_VALUES,
    label_names,
    names_standing,
    statuses_in,
    take_about,
    take_labels,
    take_named,
    take_place,
    take_target,
    take_workspaces,
)
from agent.planner.offline.wishes import (
    DeleteWish,
    DisconnectWish,
    LabelWish,
    ListWish,
    MoveWish,
    PromoteWish,
    ReplyWish,
    ReportWish,
    Target,
    TidyWish,
    UnscheduleWish,
    Wish,
)
from agent.planner.offline.words import QUOTE, CannotDo, Scanner

_UNANSWERED = (
    r"(?:\bto )?(?:\b(?:all|any|every|the|our|those|new) )*"
    r"(?:\b(?:unanswered|open) comments?|\bcomments? (?:that|which) (?:are|is) (?:still )?(?:unanswered|open))\b"
)
_ON_POSTS = r"\b(?:on|at|to|of|below|under|from) (?:(?:all|the|our) )*posts\b"
_EMPTY_FOLDERS = r"(?:\b(?:all|any|the|our|every) )*\bempty (?:media )?folders?\b"
_NUMBERS = (
    r"\b(?:go|going|gone|went|do|doing|done|perform(?:ed|ing)?|numbers|figures|statistics|stats|analytics|results|"
    r"performance|published)\b"
)
#: The day a post to move is due on: "next Friday's post", "the post of 27 November".
_DAY = r"(?P<day>[^¦'’\ue000-\uefff]{3,40}?)"
_POST_OF = (
    rf"^(?: ¦)*{_DAY}['’]s? (?:(?:scheduled|only|one) )?post\b(?P<clock> at [^¦]+?(?= to\b))?",
    rf"\b(?:the |our |my )?(?:scheduled )?post (?:(?:that|which) is )?(?:scheduled |due |planned )?(?:of|on|from|for) "
    rf"{_DAY}(?= to\b| ¦|$)",
)


def read_standing(verb: str, scan: Scanner, digest: Digest) -> Wish:
    """What a goal wants done with things that exist, taken out of its words. Raises CannotDo."""
    workspaces = take_workspaces(scan, digest)
    match verb:
        case "delete" if scan.has(r"\blabel"):
            return _label(scan, workspaces, remove=True)
        case "tidy":
            return _tidy(scan, workspaces)
        case "delete" if scan.has(r"\bfolders?\b"):
            return _tidy(scan, workspaces)
        case "delete":
            return DeleteWish(_target(scan, workspaces))
        case "unschedule":
            scan.take(r"\b(?:off|from) (?:its|the|their) schedule\b")
            return UnscheduleWish(_scheduled(scan, workspaces))
        case "move":
            return _move(scan, workspaces)
        case "label":
            return _label(scan, workspaces, remove=False)
        case "reply":
            return _reply(scan, workspaces)
        case "report":
            return _report(scan, workspaces)
        case "disconnect":
            return _disconnect(scan, workspaces)
        case _:
            return _list(scan, workspaces)


def read_promotion(verb: str, scan: Scanner, digest: Digest) -> PromoteWish | None:
    """Scheduling or publishing a post that exists; None where a new one is meant."""
    if not names_standing(scan):
        return None
    target = _target(scan, take_workspaces(scan, digest))
    scan.take(r"\b(?:right now|now|immediately|at once|straight away|right away)\b")
    when = take_when(scan)
    return PromoteWish(target, "schedule" if verb == "schedule" or when else "publish", when)


def _target(scan: Scanner, workspaces: tuple[int, ...]) -> Target:
    target = take_target(scan, workspaces)
    if target is None:
        raise CannotDo('Which posts are meant is not clear: name them by number, or drafts called "…".')
    return target


def _scheduled(scan: Scanner, workspaces: tuple[int, ...]) -> Target:
    """Posts that are looked for among the scheduled ones, unless the goal says drafts."""
    target = _target(scan, workspaces)
    return replace(target, statuses=target.statuses or ("scheduled",))


def _move(scan: Scanner, workspaces: tuple[int, ...]) -> MoveWish:
    of = _post_of(scan)
    target = Target(statuses=("scheduled",), workspaces=workspaces) if of else _scheduled(scan, workspaces)
    return MoveWish(target, take_when(scan), of)


def _post_of(scan: Scanner) -> When | None:
    """The day that a post is named by. Raises CannotDo where it is no day."""
    for pattern in _POST_OF:
        if match := scan.take(pattern):
            words = Scanner(match["day"] + (match.groupdict().get("clock") or ""))
            of = take_when(words)
            if of is None or of.day is None or words.leftover():
                raise CannotDo(f'"{match["day"].strip()}" was not understood as the day of a post.')
            return of
    return None


def _label(scan: Scanner, workspaces: tuple[int, ...], *, remove: bool) -> LabelWish:
    labels = take_labels(scan)
    target = take_about(scan, workspaces) or _target(scan, workspaces)
    if not labels and (match := scan.take(rf"\b(?:as|with) {LABEL_VALUES}|{QUOTE}(?:(?:,| and|, and) {QUOTE})*")):
        labels = tuple(label_names(scan, match["values"] or match.group()))
    if not labels:
        raise CannotDo("Which label is meant is not clear: put its name in quotes.")
    return LabelWish(target, labels, remove)


def _list(scan: Scanner, workspaces: tuple[int, ...]) -> ListWish:
    statuses = statuses_in(scan)
    named = take_target(scan, workspaces)
    scan.take_all(r"\b(?:scheduled|published|failed|there|do we have|is due|are due)\b")
    if (named and named.ids) or not (statuses or (named and named.contains)):
        raise CannotDo("Which posts are meant is not clear: say drafts, scheduled, published or failed ones.")
    contains = named.contains if named else ""
    return ListWish(Target(contains=contains, statuses=statuses, workspaces=workspaces), take_when(scan))


def _reply(scan: Scanner, workspaces: tuple[int, ...]) -> ReplyWish:
    if not scan.take(_UNANSWERED):
        raise CannotDo('Which comments are meant is not clear: say "the unanswered comments".')
    named = take_named(scan, workspaces)
    period = None if named else take_period(scan)
    scan.take(_ON_POSTS)
    quote = scan.take(rf"(?:\b(?:with|saying|by saying) )?(?P<text>{QUOTE})")
    target = named or Target(workspaces=workspaces)
    return ReplyWish(replace(target, statuses=("published",)), scan.plain(quote["text"]) if quote else "", period)


def _report(scan: Scanner, workspaces: tuple[int, ...]) -> ReportWish:
    named = take_named(scan, workspaces)
    period = None if named else take_period(scan)
    target = named or (None if period else take_target(scan, workspaces))
    if target is None and period is None:
        raise CannotDo("Which days or posts are meant is not clear: say last week, the last 7 days, or post 1001.")
    scan.take_all(_NUMBERS)
    return ReportWish(replace(target or Target(workspaces=workspaces), statuses=("published",)), period)


def _tidy(scan: Scanner, workspaces: tuple[int, ...]) -> TidyWish:
    if not scan.take(_EMPTY_FOLDERS):
        raise CannotDo('Only folders with nothing in them are deleted: say "the empty folders".')
    scan.take(r"\b(?:in|of|from) (?:(?:the|our) )?(?:media )?library\b")
    return TidyWish(workspaces)


def _disconnect(scan: Scanner, workspaces: tuple[int, ...]) -> DisconnectWish:
    called = scan.take(rf"(?:\b(?:called|named) )?(?P<name>{QUOTE})")
    place = take_place(scan, workspaces)
    if place.everywhere or len(place.networks) > 1 or len(place.accounts) > 1:
        raise CannotDo("Only one account can be disconnected at a time.")
    return DisconnectWish(place, scan.plain(called["name"]) if called else "")
