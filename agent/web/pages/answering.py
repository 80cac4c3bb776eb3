"""What is done about comments: reading them, answering, hiding, deleting; each call is judged like any other."""

from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from agent.api.types import Page
from agent.errors import Declined
from agent.gate.door import Result
from agent.journal import records as r
from agent.planner.goal_text import refuse_secrets
from agent.review.own import OwnCalls
from agent.tools.comments import ConcealComment, FindComments, RemoveComment, ReplyToComment
from agent.tools.schema import View
from agent.web.asking import CHANNEL, ask_agent, propose
from agent.web.hearing import READING, inbox_of, newest_out, read_query, room_of
from agent.web.inbox import Line
from agent.web.routing import action, go_to, number_in, text_in
from agent.web.site import Site, seat_of, site_of

#: Pages of comments that are read of one post.
_PAGES = 3
#: Requests of a reading beside those for the posts: workspaces and accounts.
BESIDES = 2
_LONGEST_REASON = 300


# -- reading -----------------------------------------------------------------------------------------------------------


async def _read(request: Request, form: FormData) -> Response:
    """Read the comments of a post, or of the newest that are out, behind the pages."""
    site, person, one = site_of(request), seat_of(request).person, text_in(form, "post")
    posts = [number_in(one)] if one else newest_out(site, inbox_of(site).posts)
    if not posts:
        raise Declined("The journal knows no post that went out lately.", hint="Read all posts in the calendar first.")
    house, room = site.house, room_of(site)
    text = f"Read the comments of {f'post {one}' if one else f'the {len(posts)} newest posts that are out'}"

    async def read() -> None:
        room.said = "reading workspaces and accounts"
        own = await OwnCalls.begin(house.gate, house.open_run, person, text, channel=CHANNEL)
        with own.ending():
            for place, post in enumerate(posts, 1):
                room.said = f"reading comments: post {place} of {len(posts)}"
                await _read_one(own, post)
        own.run.add(r.Closed(outcome="done"))
        own.run.flush()

    begun = site.work.begin(READING, read())
    return _back(request, form, "" if begun else "Comments are being read already.")


async def _read_one(own: OwnCalls, post: int) -> None:
    """The comments of one post: from the networks, or where these were asked just now, as PostSyncer has them."""
    for number in range(1, _PAGES + 1):
        parts = await own.complete(FindComments(post=post, page=number if number > 1 else None))
        if not parts.calls:
            return  # what PostSyncer has was read in completing
        result = (await own.propose(parts))[0]
        if result.error is not None:
            raise result.error
        answer = result.answer
        if not isinstance(answer, Page) or not (answer.has_next or (answer.last_page or 1) > number):
            return


# -- asking for something ----------------------------------------------------------------------------------------------


async def _reply(request: Request, form: FormData) -> Response:
    """Somebody's own words: sent at once where they say so and nothing was found, else a card."""
    text = text_in(form, "text").strip("\n")
    if not text.strip():
        raise Declined("The reply is empty.", hint="Write what it says.")
    refuse_secrets(text, site_of(request).house.settings.secrets)
    line = _line(request, form)
    says = f"Reply to comment {line.comment.id} on post {line.post}"
    wanted = _view(ReplyToComment, comment=line.comment.id, text=text)
    # The words stand in the goal: they are this person's own, wherever rules ask where words come from.
    goal = f"{says}: {text}" if '"' in text else f'{says}: "{text}"'
    return await _proposed(request, form, says, wanted, goal=goal, decide=text_in(form, "send") == "yes")


async def _hide(request: Request, form: FormData) -> Response:
    comment = _line(request, form).comment.id
    return await _proposed(request, form, _says(request, form, "Hide", comment), ConcealComment(comment=comment))


async def _delete(request: Request, form: FormData) -> Response:
    comment = _line(request, form).comment.id
    return await _proposed(request, form, _says(request, form, "Delete", comment), RemoveComment(comment=comment))


def _says(request: Request, form: FormData, what: str, comment: int) -> str:
    """What somebody asks for, and why: rules look at the reason, and it is journaled."""
    why = text_in(form, "why").strip()
    refuse_secrets(why, site_of(request).house.settings.secrets)
    if len(why) > _LONGEST_REASON:
        raise Declined(
            f"The reason has {len(why)} characters; {_LONGEST_REASON} at most are kept.", hint="Say it shorter."
        )
    return f"{what} comment {comment}{f': {why}' if why else ''}"


async def _suggest(request: Request, form: FormData) -> Response:
    """Let the agent answer one comment, or what is unanswered on a post: each reply waits as a card."""
    site, person = site_of(request), seat_of(request).person
    if text_in(form, "comment"):
        line = _line(request, form)
        goal = f"Reply to comment {line.comment.id} on post {line.post}"
    else:
        post = number_in(text_in(form, "post"))
        if post not in inbox_of(site).heard.threads:
            raise Declined(f"No run has read comments of post {post}.", hint="Read them first.")
        goal = f"Answer the unanswered comments on post {post}"
    run = await ask_agent(site, person, goal)
    return _back(request, form, f'The agent works on "{goal}" (run {run.id}); what it suggests waits here as cards.')


def _line(request: Request, form: FormData) -> Line:
    """The comment that a form is about. Raises Declined where no run has read it."""
    return inbox_of(site_of(request)).line(number_in(text_in(form, "comment")))


def _view(view: type[View], **arguments: Any) -> View:
    """A view with its arguments. Raises Declined for a text that is too long."""
    try:
        return view(**arguments)
    except ValidationError as error:
        raise Declined(f"That cannot be asked for: {error.errors()[0]['msg']}.", hint="Make it shorter.") from error


async def _proposed(
    request: Request, form: FormData, says: str, wanted: View, *, goal: str = "", decide: bool = False
) -> Response:
    site = site_of(request)
    run, result = await propose(site, seat_of(request).person, goal or says, wanted, decide=decide)
    return _back(request, form, _became(site, run.id, says, result))


def _became(site: Site, run: str, says: str, result: Result) -> str:
    """What became of what was asked for, in a sentence."""
    item = site.house.store.ledger.item(result.card) if result.card is not None else None
    if item is None:
        return f"{says}: {result.state}."
    if item.state == "done":
        return f"{says}: sent (card {item.number}, run {run})."
    if item.state == "approved":
        return f"{says}: approved as card {item.number}; {site.work.trouble(run) or 'it is being sent.'}"
    return f"{says}: card {item.number} waits for a decision."


def _back(request: Request, form: FormData, says: str) -> Response:
    return go_to(request, "/comments?" + read_query(text_in(form, "back")).query, says)


ACTIONS = (
    action("/comments/read", _read),
    action("/comments/reply", _reply),
    action("/comments/hide", _hide),
    action("/comments/delete", _delete),
    action("/comments/suggest", _suggest),
)
