"""Tools that write posts: drafting, editing, deleting."""

from pydantic import MISSING

from agent.api.posts import CreatePost, DeletePost
from agent.api.types import Post
from agent.policy.facts import Facts
from agent.tools.args import (
    Accounts,
    CampaignId,
    CoverPick,
    FirstComment,
    Ids,
    Labels,
    MediaRefs,
    ObjectId,
    Repeat,
    Settings,
    Text,
    Thread,
    Variants,
    WorkspaceId,
)
from agent.tools.body import Changes, Standing, repeat_fields, standing_of, updated
from agent.tools.compose import Tuning, Words, content_of, own_texts, targets_of
from agent.tools.desk import Desk, Need, Parts, Unfit
from agent.tools.lookup import fresh_post, workspace_of
from agent.tools.remembered import first_comment
from agent.tools.schema import View


class DraftPost(View):
    """Save a new draft; nobody sees it. thread is for X, Threads, Bluesky, Mastodon."""

    tool = "draft_post"

    workspace_id: WorkspaceId
    accounts: Accounts
    text: Text
    thread: Thread | None = None
    media: MediaRefs | None = None
    first_comment: FirstComment | None = None
    variants: Variants | None = None
    settings: Settings | None = None
    cover: CoverPick | None = None
    labels: Labels | None = None
    repeat: Repeat | None = None
    campaign_id: CampaignId | None = None

    def complete(self, desk: Desk) -> Need | Parts:
        facts = desk.facts
        workspace_of(self.workspace_id, facts)
        words = Words(self.text, self.thread, self.media, self.first_comment, self.cover)
        tuning = Tuning(self.variants or (), self.settings)
        draft = CreatePost(
            workspace_id=self.workspace_id,
            content=content_of(words),
            schedule_type="draft",
            accounts=targets_of(self.accounts, self.workspace_id, tuning, facts),
            labels=self.labels or MISSING,
            campaign_id=_campaign(self.campaign_id, facts) or MISSING,
        )
        if self.repeat is not None:
            draft = CreatePost.model_validate(dict(draft) | repeat_fields(self.repeat))
        return Parts((draft,))


class EditPost(View):
    """Change a draft or scheduled post (fields as in draft_post); what you leave out stays, lists replace."""

    tool = "edit_post"

    post: ObjectId
    text: Text | None = None
    accounts: Accounts | None = None
    thread: Thread | None = None
    media: MediaRefs | None = None
    first_comment: FirstComment | None = None
    variants: Variants | None = None
    settings: Settings | None = None
    cover: CoverPick | None = None
    labels: Labels | None = None
    repeat: Repeat | None = None
    no_repeat: bool | None = None
    campaign_id: CampaignId | None = None

    def complete(self, desk: Desk) -> Need | Parts:
        if self.repeat is not None and self.no_repeat:
            raise Unfit("edit_post takes one of repeat and no_repeat.")
        if all(value is None for name, value in self if name != "post"):
            raise Unfit("edit_post needs something to change: text, accounts, media, labels or another field.")
        post = fresh_post(self.post, desk)
        if isinstance(post, Need):
            return post
        standing = standing_of(post, desk)
        changes = self._changes(standing, desk.facts)
        return Parts((updated(standing, changes),), (*standing.notes, *self._notes(post, standing, desk.facts)))

    def _changes(self, standing: Standing, facts: Facts) -> Changes:
        words = Words(self.text, self.thread, self.media, self.first_comment, self.cover)
        tuning = Tuning(self.variants or (), self.settings)
        accounts = self.accounts or tuple(target.id for target in standing.accounts)
        retargeted = self.accounts or self.variants or self.settings
        return Changes(
            content=content_of(words, standing.content) if words != Words() else None,
            accounts=targets_of(accounts, standing.workspace_id, tuning, facts, standing.accounts)
            if retargeted
            else None,
            labels=self.labels,
            campaign_id=_campaign(self.campaign_id, facts),
            repeat=False if self.no_repeat else self.repeat,
        )

    def _notes(self, post: Post, standing: Standing, facts: Facts) -> tuple[str, ...]:
        notes: list[str] = []
        if post.status == "FAILED":
            notes.append(f"Post {post.id} had failed; this puts it back among the drafts.")
        if self.text is not None:
            changed = [variant.account for variant in self.variants or ()]
            own = own_texts(standing.accounts, facts, changed)
            notes += [f"Account {account} keeps the text it has of its own." for account in own]
        tail = [item for item in standing.content[1:] if not first_comment(item)]
        if self.thread is not None and any(item.media is not MISSING for item in tail):
            notes.append("The media of the thread's old further posts are left out.")
        return tuple(notes)


class DeletePosts(View):
    """Delete posts from PostSyncer; what is already out on a network may stay there."""

    tool = "delete_posts"

    posts: Ids

    def complete(self, desk: Desk) -> Need | Parts:
        calls: list[DeletePost] = []
        impossible: list[str] = []
        for post_id in dict.fromkeys(self.posts):
            # Read first, so that the card shows what goes.
            try:
                post = fresh_post(post_id, desk)
            except Unfit as unfit:
                impossible.append(str(unfit))
                continue
            if isinstance(post, Need):
                return post
            calls.append(DeletePost(id=post_id))
        return Parts(tuple(calls), impossible=tuple(impossible))


def _campaign(campaign_id: int | None, facts: Facts) -> int | None:
    if campaign_id is not None and "campaigns" not in facts.features:
        raise Unfit("Campaigns are not switched on here. Leave campaign_id out.")
    return campaign_id
