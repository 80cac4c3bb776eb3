"""What the mirror keeps of a post: what rules of time, cadence and repetition need, and no more."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import MISSING, BaseModel, ConfigDict

from agent.api.networks import TEXT_FIELD
from agent.api.posts import ScheduleFor, UpdatePost
from agent.api.types import OUT, Page, PlatformRow, Post
from agent.text import folded

#: Longer texts are kept once, by hash, under a name that begins so.
BLOB = "blob:"

#: How the keys of reads end that only fill the mirror: their body is `lean`, and their run knows nothing of them.
MIRRORS = ".posts"
#: The channel of runs that read all posts.
SCAN = "scan"
#: Posts that one request can show.
PER_PAGE = 100
#: Characters of a post's beginning.
_HEAD = 140


class MirrorPost(BaseModel):
    """What rules need of a post. Times are as the service wrote them: in its workspace's zone unless they say more.

    `accounts` are those it is to go, or went, out on; `networks` those of rows that do not name their account. `out`
    are the times it was published, `text` its words and `own` those for one network alone, folded. `repeats` is how
    often it still goes out after the next time, every how many of which unit; `again` the accounts for that, all where
    it is empty. Status PLANNED is a call that waits on a card; without `due` it would publish at once. `head` is how it
    begins, for people to know it by, and `failed` are the accounts on which it did not go out; no rule reads these two.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int
    workspace: int | None = None
    status: str
    accounts: tuple[int, ...] = ()
    networks: tuple[str, ...] = ()
    due: str = ""
    out: tuple[str, ...] = ()
    made: str = ""
    text: str = ""
    own: dict[str, str] = {}
    repeats: tuple[int, int, str] | None = None
    again: tuple[int, ...] = ()
    head: str = ""
    failed: tuple[int, ...] = ()

    def text_on(self, network: str) -> str:
        """Its words on a network."""
        return self.own.get(network) or self.text


@dataclass(frozen=True)
class MirrorState:
    """How old it is: `change` counts what came in, `looked` is when the newest posts were read, `scanned` when all."""

    change: int = 0
    looked: datetime | None = None
    scanned: datetime | None = None


# -- what the service shows, made small --------------------------------------------------------------------------------


def mirrored(post: Post) -> MirrorPost:
    """A post as the mirror keeps it."""
    rows = [row for row in post.platforms if row.status != "FAILED"]
    words = [item.text or "" for item in post.content if not item.is_first_comment]
    own = {row.platform: folded(text) for row in rows if (text := _own_text(row))}
    left = post.remaining_posts if post.remaining_posts is not None else post.repeatable_times
    repeats = (left, post.repeatable_gap, post.repeatable_gap_unit)
    out = {*post.posted_on, *(time for row in rows for time in row.posted_on)}
    last = post.updated_at or post.created_at or ""
    return MirrorPost(
        id=post.id,
        workspace=post.home,
        status=post.status,
        accounts=tuple(sorted({row.shown_account_id for row in rows if row.shown_account_id is not None})),
        networks=tuple(sorted({row.platform for row in rows if row.shown_account_id is None})),
        due=post.scheduled_at or "",
        # Out, but nobody says since when: when it was last changed.
        out=tuple(sorted(out)) or ((last,) if post.status in OUT and not post.scheduled_at and last else ()),
        made=post.created_at or "",
        text=folded("\n".join(words)),
        own=own,
        repeats=repeats if post.repeatable and None not in repeats else None,  # type: ignore[arg-type]  # none is None
        again=post.repeatable_accounts or (),
        head=" ".join(_beginning(post).split())[:_HEAD],
        failed=tuple(
            sorted(
                {
                    row.shown_account_id
                    for row in post.platforms
                    if row.status == "FAILED" and row.shown_account_id is not None
                }
            )
        ),
    )


def _beginning(post: Post) -> str:
    """The first of its texts that says something."""
    texts = [item.text or "" for item in post.content if not item.is_first_comment]
    return next((text for text in (*texts, *map(_own_text, post.platforms)) if text.strip()), "")


def _own_text(row: PlatformRow) -> str:
    text = row.settings.get(TEXT_FIELD.get(row.platform, ""))
    return text if isinstance(text, str) else ""


def planned(call: UpdatePost) -> MirrorPost:
    """What a call would bring out, as the mirror keeps it."""
    when = call.schedule_for if isinstance(call.schedule_for, ScheduleFor) else None
    accounts = () if call.accounts is MISSING else call.accounts
    repeats = (call.repeatable_times, call.repeatable_gap, call.repeatable_gap_unit)
    return MirrorPost(
        id=call.id,
        workspace=call.workspace_id,
        status="PLANNED",
        accounts=tuple(target.id for target in accounts),
        due=f"{when.date} {when.time}" if when else "",
        repeats=repeats if call.repeatable is True and None not in repeats and MISSING not in repeats else None,  # type: ignore[arg-type]
        again=() if call.repeatable_accounts is MISSING else call.repeatable_accounts,
    )


def lean(page: Page[Post]) -> str:
    """A page of posts as it is journaled where it only fills the mirror: an answer of the service without all else."""
    kept: dict[str, Any] = {"data": [_lean(post) for post in page.data], "current_page": page.current_page}
    for name in ("last_page", "total", "has_next"):
        if (value := getattr(page, name)) is not None:
            kept[name] = value
    if page.has_next is not None:  # only this envelope says so
        kept["links"] = {"next": "more" if kept.pop("has_next") else None}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _lean(post: Post) -> dict[str, Any]:
    shown = post.model_dump(mode="json", include=_KEPT, exclude_none=True, exclude_defaults=True)
    rows = [
        {"platform": row.platform, "status": row.status, "posted_on": row.posted_on, "account_id": row.shown_account_id}
        | ({"settings": {TEXT_FIELD[row.platform]: text}} if (text := _own_text(row)) else {})
        for row in post.platforms
    ]
    content = [{"text": item.text, "is_first_comment": item.is_first_comment} for item in post.content]
    return {**shown, "workspace_id": post.home, "content": content, "platforms": rows}


_KEPT = {
    "id",
    "status",
    "scheduled_at",
    "posted_on",
    "repeatable",
    "repeatable_times",
    "repeatable_gap",
    "repeatable_gap_unit",
    "remaining_posts",
    "repeatable_accounts",
    "created_at",
    "updated_at",
}
