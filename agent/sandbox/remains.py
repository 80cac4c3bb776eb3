"""What is left of a post whose files, labels or campaign were deleted since; ids are never used twice."""

from collections.abc import Iterable

from agent.sandbox.rows import CampaignRow, Content, Cover, MediaRow, PostRow, Row
from agent.sandbox.store import Tx


def existing(tx: Tx, cls: type[Row], ids: Iterable[int]) -> tuple[int, ...]:
    """The ids whose objects are still there."""
    return tuple(row_id for row_id in ids if tx.get(cls, row_id) is not None)


def campaign_of(tx: Tx, post: PostRow) -> int | None:
    """A post's campaign, None if it was deleted."""
    return None if post.campaign_id is None or tx.get(CampaignRow, post.campaign_id) is None else post.campaign_id


def cover_of(tx: Tx, item: Content) -> Cover | None:
    """A content item's cover without a deleted thumbnail, None if nothing is left of it."""
    cover = item.cover
    if cover is None or cover.thumbnail is None or tx.get(MediaRow, cover.thumbnail) is not None:
        return cover
    frame = cover.video_cover_timestamp_ms
    return None if frame is None else Cover(video_cover_timestamp_ms=frame)
