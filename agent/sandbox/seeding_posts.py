"""Posts and comments of a world become rows."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from agent.sandbox.invent import appearance, expected_counts
from agent.sandbox.publishing import failure, outcome
from agent.sandbox.references import Ground, Home, Ids
from agent.sandbox.rows import (
    AccountRow,
    CampaignRow,
    CommentRow,
    Content,
    Counts,
    LabelRow,
    MediaRow,
    Numbers,
    PostRow,
    Repeat,
    Target,
)
from agent.sandbox.world import Ref, WorldComment, WorldContent, WorldPost, WorldRepeat, WorldTarget

#: How much the numbers of a loaded post still grow, as one part of so many.
_STILL_TO_COME = 5
_OUT = {"published", "partially_failed", "failed"}


def seed_posts(ground: Ground) -> None:
    """Posts in the order of their creation, so that a higher id is a newer post; their comments in the file's order."""
    posts = ground.world.posts
    dated = sorted(((_created(ground, given), place) for place, given in enumerate(posts)), key=lambda item: item)
    ids = ground.ids(PostRow, (given.id for given in posts))
    targets = (target.id for given in posts for target in given.accounts if isinstance(target, WorldTarget))
    target_ids = ground.ids(Target, targets, "post account")
    comments = (comment.id for given in posts for comment in _flat((*given.comments, *given.incoming)))
    comment_ids = ground.ids(CommentRow, comments)
    for created, place in dated:
        row = _Seeder(ground, posts[place], place, target_ids).post(ids.pick(posts[place].id), created)
        ground.put(row)
        for comment in posts[place].comments:
            _comment(ground, comment, row, None, comment_ids, waits=False)
        for comment in posts[place].incoming:
            _comment(ground, comment, row, None, comment_ids, waits=True)
    ground.tx.raise_counter(Target, max(target_ids.taken, default=0))


def _created(ground: Ground, given: WorldPost) -> datetime:
    """When a post was made: as given, else a day before it was due, or a day ago."""
    home = ground.home(given.workspace, "posts")
    if given.created:
        return ground.instant(given.created, home.zone, "posts")
    at = ground.instant(given.at, home.zone, "posts") if given.at else ground.tx.now
    return min(at, ground.tx.now) - timedelta(days=1)


class _Seeder:
    """One post on its way from the world to its row."""

    def __init__(self, ground: Ground, given: WorldPost, place: int, target_ids: Ids) -> None:
        self.ground = ground
        self.given = given
        self.where = f"posts, number {place + 1}"
        self.target_ids = target_ids
        self.home: Home = ground.home(given.workspace, self.where)
        self.at = self._instant(given.at) if given.at else None

    def post(self, post_id: int, created: datetime) -> PostRow:
        given, home = self.given, self.home
        targets = [self._target(item, first=place == 0) for place, item in enumerate(given.accounts)]
        out = any(target.status == "PUBLISHED" for target in targets)
        row = PostRow(
            id=post_id,
            workspace_id=home.row.id,
            content=[
                self._content(item) for item in given.content or (WorldContent(text=given.text, media=given.media),)
            ],
            status=given.status.upper(),
            scheduled_at=None if given.status == "draft" else self.at,
            targets=targets,
            labels=[home.id_of(LabelRow, ref, self.where) for ref in given.labels],
            campaign_id=home.id_of(CampaignRow, given.campaign, self.where) if given.campaign is not None else None,
            posted_on=[self.at] if self.at and out else [],
            auto_plug=given.auto_plug,
            comments_settings=given.comments_settings,
            contact_collection_settings=given.contact_collection_settings,
            created_at=created,
            updated_at=self._instant(given.updated) if given.updated else created,
        )
        if given.posted is not None:
            row.posted_on = [self._instant(when) for when in given.posted]
        if given.repeat is not None:
            row.repeat = self._repeat(given.repeat, len(row.posted_on))
        if given.status in _OUT:
            row.status = outcome(row) if targets else row.status
        elif given.status != "draft":
            row.wake_at = self._instant(given.wake) if given.wake else self.at
        return row

    def _instant(self, when: str) -> datetime:
        return self.ground.instant(when, self.home.zone, self.where)

    def _content(self, item: WorldContent) -> Content:
        return Content(
            text=item.text,
            media=[self.home.id_of(MediaRow, ref, self.where) for ref in item.media],
            cover=item.cover,
            first_comment=item.first_comment,
            delay=item.delay,
        )

    def _repeat(self, given: WorldRepeat, posted: int) -> Repeat:
        # An account that was disconnected since stays named by its id.
        accounts = [ref if isinstance(ref, int) else self._account_id(ref) for ref in given.accounts]
        remaining = max(0, given.times - posted) if given.remaining is None else given.remaining
        return Repeat(times=given.times, gap=given.gap, unit=given.unit, remaining=remaining, accounts=accounts)

    def _account_id(self, ref: Ref) -> int:
        return self.home.id_of(AccountRow, ref, self.where)

    def _target(self, item: Ref | WorldTarget, *, first: bool) -> Target:
        given = item if isinstance(item, WorldTarget) else WorldTarget(account=item)
        # A publication may outlive its account; then it names the network itself.
        outlived = isinstance(given.account, int) and given.platform is not None
        account_id = given.account if outlived and isinstance(given.account, int) else self._account_id(given.account)
        account = self.ground.tx.get(AccountRow, account_id)
        target = Target(
            id=self.target_ids.pick(given.id),
            account_id=account_id,
            platform=given.platform or (account.platform if account else ""),
            status=given.status or self.given.status.upper(),
            settings=dict(given.settings),
            publications=list(given.publications),
            error=given.error,
            numbers=given.numbers,
        )
        if given.status is None and self.given.status in _OUT:
            self._finish(target, account, first=first)
        return target

    def _finish(self, target: Target, account: AccountRow | None, *, first: bool) -> None:
        """Fill in how a publication of the past went; an account's failing counts unless the post is `published`."""
        reason = failure(account) if self.given.status != "published" else None
        if self.given.status == "failed" or reason:
            target.status = "FAILED"
            target.error = reason or "The network refused the post."
            return
        now = self.ground.tx.now
        seed = self.ground.world.seed
        target.status = "PUBLISHED"
        if account is not None and not target.publications:
            target.publications = [appearance(seed, target.id, 1, account, self.at or now)]
        if target.numbers is None:
            base = self.given.metrics if self.given.metrics and first else expected_counts(seed, target.id)
            more = Counts(**{name: value // _STILL_TO_COME for name, value in base.model_dump().items()})
            target.numbers = Numbers(base=base, since=now, more=more, seen_at=now)


def _comment(
    ground: Ground, given: WorldComment, post: PostRow, parent: CommentRow | None, ids: Ids, *, waits: bool
) -> None:
    where = f"comments of post {post.id}"
    home = ground.homes[post.workspace_id]
    out = [target for target in post.targets if target.publications] or post.targets
    platform = given.platform or (parent.platform if parent else None) or (out[0].platform if out else None)
    row = CommentRow(
        id=ids.pick(given.id),
        workspace_id=post.workspace_id,
        post_id=post.id,
        parent_id=parent.id if parent else None,
        source=given.source,
        platform=platform if given.source == "SOCIAL" else None,
        text=given.text,
        media=[home.id_of(MediaRow, ref, where) for ref in given.media],
        author=given.author or (ground.users[0] if given.own else "somebody"),
        handle=given.handle,
        user_id=given.user_id or (1 if given.own else None),
        is_resolved=given.resolved,
        is_approved=given.approved,
        hidden=given.hidden,
        waits=waits,
        created_at=ground.instant(given.at, home.zone, where),
    )
    ground.put(row)
    for reply in given.replies:
        _comment(ground, reply, post, row, ids, waits=waits)


def _flat(comments: Iterable[WorldComment]) -> Iterable[WorldComment]:
    for comment in comments:
        yield comment
        yield from _flat(comment.replies)
