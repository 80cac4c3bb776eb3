"""How long a comment may be: in the unit and by the limit of each network that it goes to."""

from collections.abc import Iterable, Iterator

from pydantic import MISSING

from agent.api.comments import CreateComment, UpdateComment
from agent.api.endpoint import Effect, Endpoint
from agent.api.networks import NETWORKS
from agent.api.posts import UpdatePostAutoPlug
from agent.journal.findings import Verdict
from agent.policy.counting import Limits, excess
from agent.policy.facts import Facts
from agent.policy.rules.case import Case
from agent.policy.rules.own_words import theirs
from agent.policy.rules.rule import Found, Params, Plain, rule

_NOTE = Verdict.ALLOW
#: Destructive: a comment that was not read.
_EFFECTS = frozenset({Effect.OUTBOUND, Effect.CONFIG, Effect.DESTRUCTIVE})


class LengthParams(Params):
    """`quoted` is the verdict for words that are a person's: they stay as they are, and somebody decides."""

    quoted: Plain


@rule("comments.length", LengthParams, effects=_EFFECTS)
def check_length(case: Case, params: LengthParams) -> Iterable[Found]:
    """Where no limit of comments is known, that of posts counts."""
    written = _written(case.call)
    if written is None:
        return
    where, text, with_media = written
    places, told = list(_places(case)), set[str]()
    if not places:
        yield Found("Nobody tells on which network the comment would stand: its length is not checked.", verdict=_NOTE)
    for network, limits in places:
        too_long = excess(text, network, limits, part="comment", with_media=with_media)
        if too_long and network not in told:
            told.add(network)
            yield Found(
                f"The comment is {too_long.by} over on {network}: {too_long}.",
                evidence=where,
                passes=f"take {too_long.by} {too_long.unit} off",
                verdict=params.quoted if theirs(case, text) else None,
            )


def _written(call: Endpoint[object]) -> tuple[str, str, bool] | None:
    """Where the text of a comment stands, the text, and whether media go with it; None for other calls."""
    if isinstance(call, CreateComment | UpdateComment) and call.content is not MISSING:
        return "content", call.content, call.media is not MISSING and bool(call.media)
    if isinstance(call, UpdatePostAutoPlug) and call.reply_text is not MISSING:
        return "reply_text", call.reply_text, False
    return None


def _places(case: Case) -> Iterator[tuple[str, Limits]]:
    """The networks that show it, with the limits of the post's accounts there; the network's own where none is told."""
    network, post_id = _at(case.call, case.facts)
    post = case.facts.posts.get(post_id)
    rows = [] if post is None else [(row.platform, row.shown_account_id) for row in post.platforms]
    mine = [(one, account) for one, account in rows if network in {"", one}]
    for one, account in mine or [(network, None)]:
        if one in NETWORKS:
            own = case.own.get(account or 0)
            yield one, own[one] if own else case.networks.of(one)


def _at(call: Endpoint[object], facts: Facts) -> tuple[str, int]:
    """The network of the comment that is answered or changed, empty where nobody tells, and the post."""
    if isinstance(call, UpdatePostAutoPlug):
        return "", call.post
    comment_id = getattr(call, "comment", MISSING)
    if isinstance(call, CreateComment):
        comment_id = call.parent_comment_id
    comment = None if comment_id is MISSING else facts.comments.get(comment_id)
    post_id = call.post_id if isinstance(call, CreateComment) else (comment.post_id or 0 if comment else 0)
    return (comment.platform or "" if comment else ""), post_id
