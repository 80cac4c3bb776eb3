"""All posts as the journal's mirror has them, for pages: kept in memory and brought up to date by what changed."""

from collections.abc import Mapping

from agent.gate.mirroring import MirrorView
from agent.policy.mirror import Kept
from agent.web.places import Places
from agent.web.site import Site


def mirrored_posts(site: Site, there: Places) -> Mapping[int, Kept]:
    """The posts by id, their times read in the zones of their workspaces."""
    house = site.house
    view: MirrorView = site.rooms.setdefault("mirror", MirrorView(house.store.ledger, house.service))
    zones = {key: one.timezone for key, one in there.workspaces.items()}
    return view.now(zones, house.clock.now()).shelf.posts
