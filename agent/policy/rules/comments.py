"""Comments: nobody is answered twice, often, or against their will, and some things only a person answers."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import MISSING

from agent.api.comments import CreateComment, DeleteComment, HideComment
from agent.api.endpoint import Effect
from agent.api.types import Comment, read_time
from agent.journal.findings import Verdict
from agent.policy.authors import author_of, by_us, thread_of
from agent.policy.facts import Facts
from agent.policy.rules.case import Case
from agent.policy.rules.rule import AtMost, Found, Params, Plain, rule
from agent.policy.rules.wording import plain_goal, says_any

_OUT = frozenset({Effect.OUTBOUND})
_DAY = timedelta(hours=24)
_PERSON_WANTS = "a person wants another one"


class OnceParams(Params):
    """Nothing to set but the verdict."""


@rule("comments.once", OnceParams, effects=_OUT)
def check_once(case: Case, _params: OnceParams) -> Iterable[Found]:
    """A reply while another one to the same comment waits; one that follows a sent or rejected one is told as such."""
    call = case.call
    if not isinstance(call, CreateComment) or call.parent_comment_id is MISSING:
        return
    about = call.parent_comment_id
    card, state = case.facts.replies.get(about, (0, ""))
    if state in {"open", "approved"}:
        yield Found(f"Card {card} already answers comment {about}.", passes=f"a person decides card {card} first")
    elif state:
        became = {"rejected": "was rejected", "unknown": "may have been sent"}.get(state, "was sent")
        yield Found(
            f"A reply to comment {about} {became} before (card {card}).",
            passes=_PERSON_WANTS,
            verdict=Verdict.HOLD,
        )


class OftenParams(Params):
    """Replies to one author, or where none is named to one post, within 24 hours; in one thread; of one run."""

    per_author: AtMost
    per_post: AtMost
    per_thread: AtMost
    per_run: AtMost


@rule("comments.often", OftenParams, effects=_OUT)
def check_often(case: Case, params: OftenParams) -> Iterable[Found]:
    """What waits on a card counts as sent. What a person decided was counted when its card was made."""
    comment, facts = _answered_by(case), case.facts
    if comment is None or facts.decided:
        return
    asked = Verdict.HOLD if facts.mode == "person" else None
    lately = [one for one in facts.answered if facts.now - one.at < _DAY]
    author = author_of(comment)
    same = sum(one.author == author for one in lately) if author else 0
    if same >= params.per_author and author:
        says = f"The author of comment {comment.id} was answered {same} times within 24 hours."
        yield Found(says, evidence=author, passes="answer tomorrow, or a person does it in PostSyncer", verdict=asked)
    on_post = sum(one.post == comment.post_id for one in lately)
    if not author and on_post >= params.per_post:
        says = f"Post {comment.post_id} has had {on_post} replies within 24 hours, and nobody tells who wrote comment "
        yield Found(f"{says}{comment.id}.", passes="a person approves the card", verdict=Verdict.HOLD)
    in_thread = _ours_in_thread(comment, facts)
    if in_thread >= params.per_thread:
        says = f"The thread of comment {comment.id} has {in_thread} replies of ours."
        yield Found(says, passes="leave it there, or a person answers in PostSyncer", verdict=asked)
    here = sum(one.here for one in facts.answered)
    if here >= params.per_run:
        yield Found(f"This run has answered {here} comments.", passes="go on in another run", verdict=asked)


def _ours_in_thread(comment: Comment, facts: Facts) -> int:
    """Replies of ours in a comment's thread: those that were read, and those only this home knows of."""
    thread = thread_of(comment.id, facts.comments)
    ids = {one.id for one in thread}
    shown = sum(by_us(one, facts.accounts) and one.parent_comment_id is not None for one in thread)
    return shown + sum(one.comment in ids and one.reply not in ids for one in facts.answered)


class OwnParams(Params):
    """Nothing to set but the verdict."""


@rule("comments.own", OwnParams, effects=_OUT)
def check_own(case: Case, _params: OwnParams) -> Iterable[Found]:
    """Talking to oneself reads as a bot; two bots never end. Where nobody is named, the card says so."""
    comment = _answered_by(case)
    if comment is None:
        return
    if by_us(comment, case.facts.accounts):
        yield Found(
            f"Comment {comment.id} is our own, or of a connected account.",
            evidence=author_of(comment),
            passes="answer comments of other people",
        )
    elif not author_of(comment):
        yield Found(f"Nobody tells who wrote comment {comment.id}.", verdict=Verdict.ALLOW)


class AgeParams(Params):
    """`days` after which a reply comes late."""

    days: AtMost


@rule("comments.age", AgeParams, effects=_OUT)
def check_age(case: Case, params: AgeParams) -> Iterable[Found]:
    """A late answer surprises more than it helps. Where no date is shown, the card says so."""
    comment = _answered_by(case)
    if comment is None:
        return
    written = _written(comment, case.facts)
    if written is None:
        yield Found(f"Nobody tells when comment {comment.id} was written.", verdict=Verdict.ALLOW)
    elif case.facts.now - written > timedelta(days=params.days):
        days = (case.facts.now - written).days
        yield Found(
            f"Comment {comment.id} is {days} days old.",
            evidence=f"written {written:%Y-%m-%d %H:%M} UTC",
            passes="a person approves the card",
        )


def _written(comment: Comment, facts: Facts) -> datetime | None:
    raw = (comment.model_extra or {}).get("created_at")
    post = facts.posts.get(comment.post_id or 0)
    try:
        zone: ZoneInfo | None = facts.zone(post.home) if post is not None and post.home is not None else None
        return read_time(raw, zone or ZoneInfo("UTC")).astimezone(UTC) if isinstance(raw, str) else None
    except (ValueError, KeyError, OSError):
        return None


class OptOutParams(Params):
    """`phrases` count wherever they stand in a comment, `alone` where they are all it says; both by language."""

    phrases: dict[str, tuple[str, ...]]
    alone: dict[str, tuple[str, ...]]


@rule("comments.opt_out", OptOutParams, effects=_OUT)
def check_opt_out(case: Case, params: OptOutParams) -> Iterable[Found]:
    """Whoever said so anywhere is not answered any more; where nobody is named, that thread is not."""
    comment, facts = _answered_by(case), case.facts
    if comment is None:
        return
    author = author_of(comment)
    in_thread = {one.id for one in thread_of(comment.id, facts.comments)}
    alone = frozenset(_plain(phrase) for phrases in params.alone.values() for phrase in phrases)
    phrases = tuple(phrase for some in params.phrases.values() for phrase in some)
    for one in facts.comments.values():
        theirs = author_of(one)
        known = bool(author and theirs)
        if not one.content or not (theirs == author if known else one.id in in_thread):
            continue
        plain = _plain(one.content)
        if (_bare(plain) in alone or says_any(plain, phrases)) and not by_us(one, facts.accounts):
            who = f"The author of comment {comment.id}" if known else f"Somebody in the thread of {comment.id}"
            yield Found(f"{who} wants no replies (comment {one.id}).", evidence=one.content, passes="leave them alone")
            return


def _bare(plain: str) -> str:
    """The words of a text without whom it mentions and without punctuation."""
    return " ".join(re.sub(r"[^\w' ]+", " ", re.sub(r"@\S+", " ", plain)).split())


class PersonParams(Params):
    """`words` by what they are a sign of, in whatever language; `when_asked` where a person wants the reply."""

    words: dict[str, tuple[str, ...]]
    asked: Plain


@rule("comments.person", PersonParams, effects=_OUT)
def check_person(case: Case, params: PersonParams) -> Iterable[Found]:
    """No reply is suggested, so that none is waved through: the gate opens a task instead of a card."""
    comment = _answered_by(case)
    if comment is None or case.facts.decided:
        return
    plain = _plain(comment.content or "")
    for kind, phrases in params.words.items():
        if says_any(plain, phrases):
            yield Found(
                f"Comment {comment.id} is about {kind}: a person answers it, in their own words.",
                evidence=next(phrase for phrase in phrases if says_any(plain, (phrase,))),
                passes="leave it to a person",
                verdict=params.asked if case.facts.mode == "person" else None,
            )


class ReasonParams(Params):
    """`words` of a goal by the reason they give."""

    words: dict[str, tuple[str, ...]]


@rule("comments.reason", ReasonParams, effects={Effect.DESTRUCTIVE})
def check_reason(case: Case, params: ReasonParams) -> Iterable[Found]:
    """Criticism is not taken away silently: the goal says why."""
    call, facts = case.call, case.facts
    if not isinstance(call, HideComment | DeleteComment):
        return
    comment = facts.comments.get(call.comment)
    if comment is not None and by_us(comment, facts.accounts):
        return
    goal = plain_goal(facts.goal, facts.quoted)
    reason = next((kind for kind, words in params.words.items() if says_any(goal, words)), "")
    if reason:
        yield Found(f"Comment {call.comment} goes for this reason: {reason}.", verdict=Verdict.ALLOW)
    else:
        yield Found(
            f"Comment {call.comment} is somebody else's, and the goal gives no reason to take it away.",
            passes=f"have the person say why: {', '.join(params.words)}",
        )


def _answered_by(case: Case) -> Comment | None:
    """The comment that a reply answers, as last read; none for other calls, or where it was not read."""
    call = case.call
    if not isinstance(call, CreateComment) or call.parent_comment_id is MISSING:
        return None
    return case.facts.comments.get(call.parent_comment_id)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
