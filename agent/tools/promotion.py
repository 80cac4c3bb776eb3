"""Tools that bring drafts before the public, and back: scheduling, publishing, unscheduling."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from agent.api.posts import ScheduleFor
from agent.api.types import Post
from agent.tools.args import ObjectId, Repeat
from agent.tools.body import Changes, put_body
from agent.tools.desk import Desk, Need, Parts, Unfit
from agent.tools.lookup import fresh_post, zone_of
from agent.tools.schema import View

WallTime = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}$",
        description="YYYY-MM-DD HH:MM in the workspace's zone",
    ),
]


class SchedulePost(View):
    """Schedule a draft as it stands, or move a scheduled post. Give at, or next_slot for the next free slot."""

    tool = "schedule_post"

    post: ObjectId
    at: WallTime | None = None
    next_slot: bool | None = None
    repeat: Repeat | None = None

    def complete(self, desk: Desk) -> Need | Parts:
        if (self.at is None) != bool(self.next_slot):
            raise Unfit('schedule_post takes one of at ("YYYY-MM-DD HH:MM" in the workspace\'s zone) and next_slot.')
        moment = _wall_time(self.at) if self.at else None
        post = fresh_post(self.post, desk)
        if isinstance(post, Need):
            return post
        changes = Changes(
            schedule_type="schedule",
            schedule_for=self._time(moment, post, desk) if moment else None,
            slot=moment is None,
            repeat=self.repeat,
        )
        call, notes = put_body(post, desk, changes)
        return Parts((call,), notes)

    def _time(self, moment: datetime, post: Post, desk: Desk) -> ScheduleFor:
        zone = zone_of(post.home, desk.facts)
        return ScheduleFor(date=f"{moment:%Y-%m-%d}", time=f"{moment:%H:%M}", timezone=zone.key)


class PublishPost(View):
    """Publish a draft or scheduled post now, as it stands."""

    tool = "publish_post"

    post: ObjectId

    def complete(self, desk: Desk) -> Need | Parts:
        post = fresh_post(self.post, desk)
        if isinstance(post, Need):
            return post
        call, notes = put_body(post, desk, Changes(schedule_type="publish_now"))
        return Parts((call,), notes)


class UnschedulePost(View):
    """Take a scheduled post off its schedule; it becomes a draft."""

    tool = "unschedule_post"

    post: ObjectId

    def complete(self, desk: Desk) -> Need | Parts:
        post = fresh_post(self.post, desk)
        if isinstance(post, Need):
            return post
        if post.status != "SCHEDULED":
            word = post.status.lower().replace("_", " ")
            raise Unfit(f"Post {post.id} is not scheduled (it is {word}): there is nothing to take back.")
        call, notes = put_body(post, desk, Changes(schedule_type="draft"))
        return Parts((call,), notes)


def _wall_time(text: str) -> datetime:
    """A wall-clock time without zone. Raises Unfit for one the calendar does not have."""
    try:
        return datetime.fromisoformat(text)  # wall time on purpose: the zone is the workspace's
    except ValueError as error:
        raise Unfit(f"{text} is no time of the calendar; YYYY-MM-DD HH:MM is expected.") from error
