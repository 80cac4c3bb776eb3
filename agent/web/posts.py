"""All posts as the journal's mirror has them, for pages: kept in memory and brought up to date by what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.gate.mirroring import MirrorView
from agent.journal.mirror import MirrorPost
from agent.policy.mirror import Kept, kept
from agent.web.places import Places
from agent.web.site import Site


@dataclass
class _Room:
    """What is kept between requests: the mirror, and the times of what waits, by card and post."""

    view: MirrorView
    planned: dict[tuple[int, int], tuple[MirrorPost, Kept]] = field(default_factory=dict)
    places: Places | None = None


def _room(site: Site) -> _Room:
    house = site.house
    if "posts" not in site.rooms:
        site.rooms["posts"] = _Room(MirrorView(house.store.ledger, house.service))
    room: _Room = site.rooms["posts"]
    return room


def mirrored_posts(site: Site, there: Places) -> Mapping[int, Kept]:
    """The posts by id, their times read in the zones of their workspaces."""
    zones = {key: one.timezone for key, one in there.workspaces.items()}
    return _room(site).view.shelf(zones)[0].posts


def planned_posts(site: Site, there: Places) -> list[tuple[int, Kept]]:
    """What cards that wait would bring out, each with its card's number; without a time it would go out now."""
    house, room = site.house, _room(site)
    now, found = house.clock.now(), list[tuple[int, Kept]]()
    before = room.planned if room.places is there else {}
    room.planned, room.places = {}, there
    for card, post in house.store.ledger.planned_by(house.service, now):
        known = before.get((card, post.id))
        if known is None or known[0] != post or not post.due:
            known = post, kept(post, there.zone(post.workspace), now)
        room.planned[card, post.id] = known
        found.append((card, known[1]))
    return found
