"""What a model is shown of an answer or an error: short, cleaned, strangers' words marked as data."""

import functools
import re
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from agent.api.catalogue import OPERATIONS
from agent.api.comments import ListComments
from agent.api.endpoint import Endpoint
from agent.api.types import (
    Account,
    Analysis,
    Campaign,
    Comment,
    Folder,
    Imported,
    Label,
    Media,
    Page,
    Post,
    SyncedComments,
    Workspace,
)
from agent.errors import ApiError, Forbidden, Invalid, RateLimited
from agent.policy.facts import Facts
from agent.text import seen_line
from agent.tools import rows
from agent.tools.figures import numbers_row
from agent.tools.rows import UNTRUSTED, Row, listing

_ABILITY = re.compile(r"(workspaces|accounts|labels|campaigns|posts)(:[a-z_]{1,30})?")

#: Our own sentence for each kind of refusal.
_SAYS = {
    "not sent": "PostSyncer could not be reached; nothing was sent.",
    "no answer": "No answer came back.",
    "server error": "PostSyncer failed by itself. Trying once more may help.",
    "unreadable answer": "PostSyncer gave an answer that cannot be read.",
    "answer too large": "The answer is too large to be read. Ask for less.",
    "token refused": "PostSyncer does not accept the token. Finish, and say so.",
    "not permitted": "The token may not do this, or the object is not ours. Leave it, and say so.",
    "not found": "There is no such object, or it is out of reach. List again.",
    "refused by the service": "PostSyncer checked this call and did not do it. Change the fields named, or leave it.",
    "rate limit": "Too many requests for now.",
}


def show(call: Endpoint[Any], answer: object, facts: Facts) -> dict[str, Any]:
    """The answer of a call as JSON-able data for a model."""
    if isinstance(answer, Page):
        return _listed(call, answer, facts)
    if isinstance(answer, Imported):
        return {"media": [rows.media_row(media) for media in answer.media], "stored": answer.count_stored} | (
            {} if answer.media else {"note": "nothing was imported: the addresses could not be fetched"}
        )
    if isinstance(answer, Comment):
        post = facts.posts.get(answer.post_id or 0)
        return rows.comment_row(answer, post.home if post else None, facts)
    if isinstance(answer, Post):
        return rows.post_full(answer, facts)
    row = next((row for kind, row in (*_SIMPLE.items(), *_OTHERS.items()) if isinstance(answer, kind)), None)
    if row is not None:
        return row(answer)
    numbers = numbers_row(answer, facts)
    return {"ok": True} if numbers is None else numbers


def brief(call: Endpoint[Any], answer: object, facts: Facts) -> dict[str, Any]:
    """The answer of a write: of a post its row, because the model knows what it sent."""
    return rows.post_row(answer, facts) if isinstance(answer, Post) else show(call, answer, facts)


def error(problem: ApiError) -> dict[str, Any]:
    """An error as kind, known field names and our own sentence; never the service's words."""
    told: Row = {"error": problem.kind, "says": _SAYS.get(problem.kind, "PostSyncer did not do it.")}
    if problem.operation in OPERATIONS:
        told["operation"] = problem.operation
    if isinstance(problem, Invalid):
        told["fields"] = _known_fields(problem)
    if isinstance(problem, Forbidden) and _ABILITY.fullmatch(problem.ability):
        told["ability"] = problem.ability
    if isinstance(problem, RateLimited):
        told["again_at"] = f"{problem.retry_at:%H:%M:%S} UTC"
    return rows.filled(told)


def _listed(call: Endpoint[Any], page: Page[Any], facts: Facts) -> dict[str, Any]:
    """A page of a list, under the name of its path."""
    told = listing(call.route.path.strip("/"), (_entry(call, item, facts) for item in page.data))
    if page.has_next or (page.last_page is not None and page.current_page < page.last_page):
        told["next_page"] = page.current_page + 1
    elif isinstance(call, ListComments):
        told["found"] = f"{len(page.data)}, that is all"
    return told


def _entry(call: Endpoint[Any], item: object, facts: Facts) -> Row:
    if isinstance(item, Comment):
        post = facts.posts.get(call.post_id) if isinstance(call, ListComments) else None
        return rows.comment_row(item, post.home if post else None, facts)
    if isinstance(item, Post):
        return rows.post_row(item, facts)
    row = next((row for kind, row in _SIMPLE.items() if isinstance(item, kind)), None)
    return row(item) if row else {}


def _known_fields(problem: Invalid) -> list[str]:
    """The fields an error names, as far as they are names of the operation's own."""
    known = _field_names(problem.operation)
    named: list[str] = []
    for path in problem.fields:
        steps = path.split(".")
        shown = ".".join(step for step in steps if step in known or re.fullmatch(r"[0-9]{1,3}", step))
        if steps[0] in known and shown not in named:
            named.append(shown)
    return named[:10]


@functools.cache
def _field_names(operation: str) -> frozenset[str]:
    model = OPERATIONS.get(operation)
    if model is None:
        return frozenset()
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return frozenset(name for part in parts for name in part.get("properties", {}))


def _synced_comments(answer: SyncedComments) -> Row:
    synced = [{"platform": seen_line(one.provider or "", 20), "synced": one.synced} for one in answer.platform_posts]
    return rows.filled({"post": answer.post_id, "networks": synced})


def _analysis(answer: Analysis) -> Row:
    told: Row = {"answer": rows.text_of(answer.answer)}
    if answer.tweet is not None:
        told["post"] = rows.text_of(answer.tweet.text, 1000)
    return {UNTRUSTED: rows.filled(told)}


_SIMPLE: dict[type[BaseModel], Callable[[Any], Row]] = {
    Workspace: rows.workspace_row,
    Account: rows.account_row,
    Label: rows.label_row,
    Folder: rows.folder_row,
    Campaign: rows.campaign_row,
    Media: rows.media_row,
}
_OTHERS: dict[type[BaseModel], Callable[[Any], Row]] = {SyncedComments: _synced_comments, Analysis: _analysis}
