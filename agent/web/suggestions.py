"""Goals to begin with, made of what exists. Pure. Each is one that the offline planner understands too."""

from collections import Counter
from collections.abc import Mapping

from agent.api.networks import NETWORK_NAMES
from agent.api.types import Account, Workspace

#: Networks whose posts need no picture, most likely first.
_WORDS = ("linkedin", "twitter", "facebook", "bluesky", "threads", "mastodon", "telegram")
_TEXT = "We open at nine on Saturday."


def suggestions(workspaces: Mapping[int, Workspace], accounts: Mapping[int, Account]) -> list[str]:
    """Goals for somebody who has not said anything yet."""
    working = [one for one in accounts.values() if not one.has_expired]
    found = Counter(one.platform for one in working)
    named = [NETWORK_NAMES[platform] for platform in _WORDS if found[platform] == 1]
    drafts = []
    if named:
        drafts.append(f'Draft "{_TEXT}" for {" and ".join(named[:2])}')
        drafts.append(f'Schedule "{_TEXT}" for next Friday 9:00 on {named[0]}')
    elif (pair := _first_pair(workspaces, working)) is not None:
        drafts.append(f'Draft "{_TEXT}" on {pair[0]} for {pair[1]}')
        drafts.append(f'Schedule "{_TEXT}" for next Friday 9:00 on {pair[0]} for {pair[1]}')
    return [*drafts, "What is scheduled this week?", "Reply to the unanswered comments", "How did last week go?"]


def _first_pair(workspaces: Mapping[int, Workspace], accounts: list[Account]) -> tuple[str, str] | None:
    """A network and a workspace that has one account there."""
    there = Counter((one.workspace_id, one.platform) for one in accounts)
    for (home, platform), count in there.items():
        workspace = workspaces.get(home) if home is not None else None
        if count == 1 and platform in _WORDS and workspace is not None and workspace.name:
            return NETWORK_NAMES[platform], workspace.name
    return None
