"""Where the words come from: what strangers wrote may become content that a person sees marked, never more.

A text that a person decided about is theirs: these rules look at what was not decided yet. What a draft of ours was
found to hold when it was written is kept with it, and told again when it goes out.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from pydantic import MISSING

from agent.api.comments import CreateComment, UpdateComment
from agent.api.endpoint import Effect
from agent.api.media import UploadMediaFile
from agent.api.posts import UpdatePost
from agent.journal.findings import Finding, Verdict
from agent.policy.effects import only_labels
from agent.policy.figures import Figure, figures
from agent.policy.provenance import Span, hosts_in, mentions_in, texts_of_post, tokens_of
from agent.policy.rules.case import Case
from agent.policy.rules.named import named_in
from agent.policy.rules.outings import time_of, wall_of
from agent.policy.rules.rule import AtLeast, AtMost, Found, Params, Plain, rule

#: Effects of calls whose words the public reads, now or later.
WORDS = frozenset({Effect.DRAFT, Effect.OUTBOUND, Effect.CONFIG, Effect.DESTRUCTIVE})
#: The rule that tells again what was found when a draft was written.
KEPT_ORIGIN = "origin.kept"
_APPROVES = "say it in words of our own, or a person approves the card"
_QUOTED = re.compile(r'"(.*)"$', re.DOTALL)
_WEEKDAYS = (
    "monday montag lunes lundi lunedì maandag segunda-feira segunda",
    "tuesday dienstag martes mardi martedì dinsdag terça-feira terça",
    "wednesday mittwoch miércoles mercredi mercoledì woensdag quarta-feira quarta",
    "thursday donnerstag jueves jeudi giovedì donderdag quinta-feira quinta",
    "friday freitag viernes vendredi venerdì vrijdag sexta-feira sexta",
    "saturday samstag sábado samedi sabato zaterdag",
    "sunday sonntag domingo dimanche domenica zondag",
)
_WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}


class OriginParams(Params):
    """Nothing to set but the verdict."""


class SpanParams(Params):
    """`words` in a row that stand in a text from outside are somebody else's."""

    words: AtMost


@rule("origin.words", SpanParams, effects=WORDS)
def check_words(case: Case, params: SpanParams) -> Iterable[Found]:
    """A reply may quote the comment that it answers, and an edit keeps the words of its own post."""
    if case.facts.decided:
        return
    most, told = max(1, params.words), set[str]()
    for where, text in case.public:
        for span in case.facts.sources.spans(text, most, _answered(case)):
            told.update(span.origins)
            yield _words(where, span)
    whole, places = _together(case)
    for span in case.facts.sources.spans(whole, most, _answered(case)) if len(places) > 1 else ():
        if not told.issuperset(span.origins):
            parts = [where for start, end, where in places if start < span.end and span.start < end]
            yield _words(" and ".join(parts), span)


def _words(where: str, span: Span) -> Found:
    from_whom = _named(span.origins)
    says = f"Words in {where} stand in {from_whom}."
    return Found(says, evidence=f'from {from_whom}: "{span.text}"', passes=_APPROVES)


def _together(case: Case) -> tuple[str, list[tuple[int, int, str]]]:
    """The texts of a call as one, as they are read one after the other, and where in it each stands."""
    places, at = [], 0
    for where, text in case.public:
        places.append((at, at + len(text), where))
        at += len(text) + 1
    return "\n".join(text for _, text in case.public), places


@rule("origin.host", OriginParams)
def check_hosts(case: Case, _params: OriginParams) -> Iterable[Found]:
    """Hosts that the person or what was out before names are ours, whoever else names them."""
    if case.facts.decided:
        return
    for host, (where, address) in case.hosts.items():
        origin = case.facts.sources.outside(f"host:{host}")
        if origin and origin not in _answered(case):
            yield Found(
                f"The host of an address in {where} comes from {origin}.",
                evidence=f'from {origin}: "{address[:200]}"',
                passes="leave the address out, or the person names it in the goal",
            )


@rule("origin.mention", OriginParams, effects=WORDS)
def check_mentions(case: Case, _params: OriginParams) -> Iterable[Found]:
    """Mentions come from the goal, our accounts, what was out before, or the comment that is answered."""
    if case.facts.decided:
        return
    trusted = _answered_tokens(case) | _standing(case)
    for where, text in case.public:
        for token, words in mentions_in(text):
            if token not in trusted and not case.facts.sources.trusts(token):
                passes = "leave the mention out, or the person names it in the goal"
                yield _unnamed("mention", where, words, case.facts.sources.outside(token), passes)


class FigureParams(Params):
    """Plain numbers under `least` say nothing that could be wrong; prices, dates and times count at any size."""

    least: AtLeast


@rule("origin.figures", FigureParams, effects=WORDS)
def check_figures(case: Case, params: FigureParams) -> Iterable[Found]:
    """Numbers, prices, dates and times stand in the goal, in what was out before, or in the comment answered."""
    if case.facts.decided:
        return
    trusted = _answered_tokens(case) | _standing(case)
    for where, text in case.public:
        for figure in figures(text):
            if _matters(figure, params.least, case) and not _explained(figure, trusted, case):
                outside = (case.facts.sources.outside(one) for one in figure.same)
                passes = "leave it out, or the person says it in the goal"
                yield _unnamed(figure.kind, where, figure.text, next((one for one in outside if one), ""), passes)


def _unnamed(kind: str, where: str, words: str, origin: str, passes: str) -> Found:
    """What neither the person nor anything of ours names: a stranger does, or the planner made it up."""
    if origin:
        return Found(f"A {kind} in {where} comes from {origin}.", evidence=f'from {origin}: "{words}"', passes=passes)
    says = f"A {kind} in {where} stands neither in the goal nor in anything that was read."
    return Found(says, evidence=f'made up: "{words}"', passes=passes)


def _matters(figure: Figure, least: int, case: Case) -> bool:
    if figure.kind != "number":
        return True
    value = float(figure.same[0].removeprefix("n:"))
    year = case.facts.now.year
    return value >= least and value not in {year, year + 1}


def _explained(figure: Figure, trusted: frozenset[str], case: Case) -> bool:
    if any(one in trusted or case.facts.sources.trusts(one) for one in figure.same):
        return True
    return figure.kind == "date" and any(one in figure.same for one in _near_dates(case))


def _near_dates(case: Case) -> Iterator[str]:
    """The days that a goal can mean, and the day a post goes out."""
    yield from _goal_dates(case)
    due = case.fields.schedule_for if case.fields is not None else MISSING
    if due is not MISSING and due is not None:
        yield f"d:{_day(due.date, case.facts.now.date()):%m-%d}"


def _goal_dates(case: Case) -> Iterator[str]:
    """Today, tomorrow, and the days of the next two weeks that the goal calls by weekday."""
    today = case.facts.now.date()
    named = {_WEEKDAY[word] for word in re.findall(r"[\w-]+", case.facts.goal.casefold()) if word in _WEEKDAY}
    days = [today, today + timedelta(days=1)]
    days += [day for ahead in range(15) if (day := today + timedelta(days=ahead)).weekday() in named]
    return (f"d:{day:%m-%d}" for day in days)


def _day(written: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:  # no day of the calendar: the rules about times tell
        return otherwise


@rule("origin.target", OriginParams, effects={Effect.OUTBOUND, Effect.CONFIG, Effect.DESTRUCTIVE, Effect.ORGANISE})
def check_targets(case: Case, _params: OriginParams) -> Iterable[Found]:
    """What a call acts on, and when, is not for strangers to choose; a file whose name one gave is not sent."""
    if case.facts.decided:
        return
    sources = case.facts.sources
    for named in named_in(case) if sources.has_strangers else ():
        number = isinstance(named.id, int) and named.id >= 100 and named.id not in case.facts.named
        origin = sources.strangers(f"n:{named.id}") if number else ""
        if origin:
            yield Found(
                f"{named.thing.capitalize()} {named.id} is named by {origin}, not by the goal.",
                evidence=f'from {origin}: "{named.id}"',
                passes="the person names it in the goal",
            )
    if isinstance(case.call, UploadMediaFile):
        origin = sources.strangers(f"file:{case.call.file.name.casefold()}")
        if origin:
            yield Found(
                f"The name of the file comes from {origin}.",
                evidence=f'from {origin}: "{case.call.file.name}"',
                passes="the person names the file in the goal",
                verdict=Verdict.DENY,
            )


@rule("origin.time", OriginParams, effects={Effect.OUTBOUND, Effect.DESTRUCTIVE})
def check_time(case: Case, _params: OriginParams) -> Iterable[Found]:
    """When a post goes out is for the person to say, or for the planner to choose: never for strangers."""
    fields, sources = case.going_out, case.facts.sources
    when = time_of(fields) if fields is not None else None
    wall = wall_of(when) if when is not None else None
    if wall is None or case.facts.decided or not sources.has_strangers:
        return
    told = {f"t:{wall:%H:%M}": f"{wall:%H:%M}", f"d:{wall:%m-%d}": f"{wall:%Y-%m-%d}"}
    near = set(_goal_dates(case))
    for token, shown in told.items():
        origin = "" if token in near or sources.trusts(token) else sources.strangers(token)
        if origin:
            yield Found(
                f"The time it goes out is named by {origin}, not by the goal.",
                evidence=f'from {origin}: "{shown}"',
                passes="the person names the time in the goal",
            )


@rule(KEPT_ORIGIN, OriginParams, effects={Effect.OUTBOUND, Effect.DESTRUCTIVE})
def check_kept(case: Case, _params: OriginParams) -> Iterable[Found]:
    """A draft of ours goes out with what was found in it when it was written, as far as it still stands there."""
    if case.facts.decided or not isinstance(case.call, UpdatePost):
        return
    texts = [*(text for _, text in case.public), _together(case)[0]]
    for finding in case.facts.kept:
        span = _QUOTED.search(finding.evidence)
        if span and any(span[1] in text for text in texts) and not _found_again(case, finding, span[1]):
            yield Found(
                f"When post {case.call.id} was written: {finding.says}", evidence=finding.evidence, passes=_APPROVES
            )


def _found_again(case: Case, finding: Finding, span: str) -> bool:
    """Whether another rule tells the same of this call."""
    if finding.rule == "origin.words":
        return bool(case.facts.sources.spans(span, 8))
    if finding.rule == "origin.host":
        return any(case.facts.sources.outside(f"host:{host}") for host, _ in hosts_in(span))
    return False


class ForeignParams(Params):
    """`unreadable` is the verdict on an edit of a post of which the service does not show every account."""

    unreadable: Plain


@rule("post.foreign", ForeignParams, effects={Effect.OUTBOUND, Effect.DESTRUCTIVE})
def check_foreign(case: Case, params: ForeignParams) -> Iterable[Found]:
    """A post that our runs did not make is changed only where the person named it."""
    call, post = case.call, case.post
    if not isinstance(call, UpdatePost) or post is None or case.facts.mode == "person" or case.facts.decided:
        return
    if post.id in case.facts.ours or post.id in case.facts.named or only_labels(call, post):
        return
    hidden = any(row.shown_account_id is None for row in post.platforms)
    yield Found(
        f"Post {post.id} was not made by our runs, and the goal does not name it.",
        passes=f"the goal names post {post.id}, or a person approves the card",
        verdict=params.unreadable if hidden else None,
    )


def _answered(case: Case) -> frozenset[str]:
    """The sources that a call may repeat: the comment it answers, and the post it edits."""
    call = case.call
    if isinstance(call, CreateComment) and call.parent_comment_id is not MISSING:
        origin = f"comment {call.parent_comment_id}"
    elif isinstance(call, UpdateComment):
        origin = f"comment {call.comment}"
    elif isinstance(call, UpdatePost):
        return frozenset({f"post {call.id}"})
    else:
        return frozenset()
    return frozenset({origin, f"the author of {origin}"})


def _answered_tokens(case: Case) -> frozenset[str]:
    """Mentions and figures of the comment that is answered, and its author."""
    call = case.call
    key = call.parent_comment_id if isinstance(call, CreateComment) else getattr(call, "comment", MISSING)
    comment = case.facts.comments.get(key) if isinstance(key, int) else None
    if comment is None:
        return frozenset()
    name = (comment.user or {}).get("username")
    author = f" @{name.lstrip('@')}" if isinstance(name, str) else ""
    return tokens_of(f"{comment.content or ''}{author}")


def _standing(case: Case) -> frozenset[str]:
    """What stands in the post already that an update changes: whoever wrote it, it was judged then, see `kept`."""
    if case.post is None:
        return frozenset()
    return frozenset[str]().union(*(tokens_of(text) for text in texts_of_post(case.post)))


def _named(origins: tuple[str, ...]) -> str:
    return " and ".join(origins[:3]) + (f" and {len(origins) - 3} more" if len(origins) > 3 else "")
