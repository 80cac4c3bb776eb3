"""What we last sent for a post, put beside what the service shows of it now: where both agree, it fills the gaps."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import MISSING

from agent.api.posts import AccountTarget, ContentItem, PostFields, settings_of
from agent.api.types import ContentShown, PlatformRow, Post
from agent.policy.facts import Facts


@dataclass(frozen=True)
class Remembered:
    """The body we last sent, laid beside a fresh post.

    `items` stand beside the shown items and may go on after them (first comments that are not shown at all). `targets`
    stand beside the platform rows. Both are empty where nothing was sent or where the two do not `agree`.
    """

    items: tuple[ContentItem, ...] = ()
    targets: tuple[AccountTarget, ...] = ()
    campaign_id: int | None = None
    agrees: bool = True


def remembered(post: Post, sent: PostFields | None, facts: Facts) -> Remembered:
    """What may fill in for `post`. Pure.

    Compared is what a first comment, a cover and settings belong to: workspace, texts, media, accounts and settings.
    Labels, times, status and repeats are always shown, so the service alone is asked for them.
    """
    if sent is None:
        return Remembered()
    targets = _targets_beside(post, () if sent.accounts is MISSING else sent.accounts, facts)
    same = sent.workspace_id == post.home and _same_items(post.content, sent.content) and targets is not None
    if not same or targets is None:
        return Remembered(agrees=False)
    campaign = None if sent.campaign_id is MISSING else sent.campaign_id
    return Remembered(sent.content, targets, campaign)


def first_comment(item: ContentItem) -> bool:
    """Whether an item we send is a first comment."""
    return item.is_first_comment is not MISSING and item.is_first_comment


def _same_items(shown: Sequence[ContentShown], sent: Sequence[ContentItem]) -> bool:
    """Item by item the same; first comments at the end may be missing from what is shown."""
    hidden = sent[len(shown) :]
    if len(shown) > len(sent) or not all(first_comment(item) for item in hidden):
        return False
    return all(_same_item(ours, theirs) for ours, theirs in zip(sent, shown, strict=False))


def _same_item(sent: ContentItem, shown: ContentShown) -> bool:
    text = None if sent.text is MISSING else sent.text
    media = () if sent.media is MISSING else sent.media
    # An imported address shows up as a new library id, so only ids can be compared.
    same_media = len(media) == len(shown.media) and all(
        isinstance(ours, str) or ours == theirs.id for ours, theirs in zip(media, shown.media, strict=True)
    )
    if shown.is_first_comment is not None and shown.is_first_comment != first_comment(sent):
        return False
    return same_media and _nfc(text) == _nfc(shown.text)


def _targets_beside(post: Post, targets: Sequence[AccountTarget], facts: Facts) -> tuple[AccountTarget, ...] | None:
    """For each platform row the target we sent for it; None where they cannot be the same accounts and settings."""
    networks = {target.id: facts.accounts[target.id].platform for target in targets if target.id in facts.accounts}
    if len(networks) != len(targets) or Counter(networks.values()) != Counter(row.platform for row in post.platforms):
        return None
    left = list(targets)
    found: list[AccountTarget] = []
    # Rows that name their account choose first, so that one without cannot take theirs.
    for row in sorted(post.platforms, key=lambda one: one.shown_account_id is None):
        match = next((target for target in left if _fits(target, networks[target.id], row)), None)
        if match is None:
            return None
        left.remove(match)
        found.append(match)
    order = sorted(range(len(post.platforms)), key=lambda at: post.platforms[at].shown_account_id is None)
    beside = dict(zip(order, found, strict=True))
    return tuple(beside[at] for at in range(len(post.platforms)))


def _fits(target: AccountTarget, network: str, row: PlatformRow) -> bool:
    if row.shown_account_id is not None and row.shown_account_id != target.id:
        return False
    ours = settings_of(target)
    both = {key for key in ours if row.settings.get(key) is not None and ours[key] is not None}
    return network == row.platform and all(ours[key] == row.settings[key] for key in both)


def _nfc(text: str | None) -> str:
    return unicodedata.normalize("NFC", text or "")
