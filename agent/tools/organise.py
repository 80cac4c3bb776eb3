"""Tools that keep things in order: labels, accounts."""

from agent.api.accounts import DeleteAccount
from agent.api.labels import CreateLabel, DeleteLabel, GetLabel, ListLabels, UpdateLabel
from agent.api.posts import ListPosts, UpdatePost
from agent.api.types import Label, Page
from agent.tools.args import AccountId, Hex, Ids, Labels, Name, ObjectId, WorkspaceId
from agent.tools.body import Changes, standing_of, updated
from agent.tools.desk import Desk, Need, Parts, Said, Unfit
from agent.tools.lookup import account_of, fresh, fresh_post, inside, same_name, workspace_of
from agent.tools.paging import Walk
from agent.tools.rows import label_row, listing
from agent.tools.schema import View

#: The service wants a colour for each label; a quiet grey where none is asked for.
_GREY = "#8a8f98"
_PER_PAGE = 100


class FindLabels(View):
    """All labels."""

    tool = "list_labels"

    workspace_id: WorkspaceId | None = None

    def complete(self, desk: Desk) -> Need | Said:
        page = fresh(ListLabels(), desk)
        if isinstance(page, Need):
            return page
        wanted = (label_row(label) for label in page.data if _shown(label, self.workspace_id, desk))
        return Said(listing("labels", wanted))


class MakeLabel(View):
    """Create a label."""

    tool = "create_label"

    workspace_id: WorkspaceId
    name: Name
    color: Hex | None = None

    def complete(self, desk: Desk) -> Need | Parts | Said:
        workspace_of(self.workspace_id, desk.facts)
        # Looked up first: two labels of one name help nobody.
        page = fresh(ListLabels(), desk)
        if isinstance(page, Need):
            return page
        same = _label_named(page, self.name, self.workspace_id)
        if same is not None:
            return Said({"exists": label_row(same)})
        return Parts((CreateLabel(workspace_id=self.workspace_id, name=self.name, color=self.color or _GREY),))


class ChangeLabel(View):
    """Rename or recolour a label."""

    tool = "update_label"

    label: ObjectId
    name: Name | None = None
    color: Hex | None = None

    def complete(self, desk: Desk) -> Need | Parts:
        if self.name is None and self.color is None:
            raise Unfit("update_label needs a name or a color.")
        label = fresh(GetLabel(id=self.label), desk)
        if isinstance(label, Need):
            return label
        color = self.color or label.color
        if color is None:
            raise Unfit(f"PostSyncer does not show the color of label {self.label}: give one.")
        return Parts((UpdateLabel(id=self.label, name=self.name or label.name, color=color),))


class RemoveLabel(View):
    """Delete a label; posts lose it."""

    tool = "delete_label"

    label: ObjectId

    def complete(self, desk: Desk) -> Need | Parts:
        # Read first, so that the card shows what goes.
        label = fresh(GetLabel(id=self.label), desk)
        return label if isinstance(label, Need) else Parts((DeleteLabel(id=self.label),))


class LabelPosts(View):
    """Add labels to posts or remove them; all else of the posts stays. Published posts cannot be changed."""

    tool = "label_posts"

    posts: Ids
    add: Labels | None = None
    remove: Labels | None = None

    def complete(self, desk: Desk) -> Need | Parts:
        if not self.add and not self.remove:
            raise Unfit("label_posts needs add or remove: a list of label ids, for example [12, 15].")
        calls: list[UpdatePost] = []
        notes: list[str] = []
        impossible: list[str] = []
        for post_id in dict.fromkeys(self.posts):
            try:
                found = self._one(post_id, desk)
            except Unfit as unfit:
                impossible.append(str(unfit))
                continue
            if isinstance(found, Need):
                return found
            call, said = found
            calls += [call] if call is not None else []
            notes += said
        return Parts(tuple(calls), tuple(notes), tuple(impossible))

    def _one(self, post_id: int, desk: Desk) -> Need | tuple[UpdatePost | None, tuple[str, ...]]:
        """The update of one post; None where its labels are right already."""
        post = fresh_post(post_id, desk)
        if isinstance(post, Need):
            return post
        if post.status == "FAILED":
            raise Unfit(f"Post {post_id} failed; a change of its labels would put it back among the drafts.")
        standing = standing_of(post, desk)
        kept = [label for label in standing.labels if label not in (self.remove or ())]
        labels = tuple(dict.fromkeys([*kept, *(self.add or ())]))
        if labels == standing.labels:
            return None, (f"Post {post_id} has these labels already.",)
        return updated(standing, Changes(labels=labels)), standing.notes


class DisconnectAccount(View):
    """Disconnect a social account for good; it leaves all future posts."""

    tool = "disconnect_account"

    account: AccountId

    def complete(self, desk: Desk) -> Need | Parts:
        account_of(self.account, desk.facts)
        # The posts are read first, so that the card tells which of them lose the account.
        steps = Walk(desk, lambda number: ListPosts(page=number, per_page=_PER_PAGE))
        for found in steps:
            if isinstance(found, Need):
                return found
        cut = (f"Only the newest {steps.seen} posts were looked at; older ones may lose the account too.",)
        return Parts((DeleteAccount(id=self.account),), notes=cut if steps.cut else ())


def _shown(label: Label, workspace_id: int | None, desk: Desk) -> bool:
    home = label.workspace.id if label.workspace else None
    return inside(home, desk.facts) and workspace_id in (None, home)


def _label_named(page: Page[Label], name: str, workspace_id: int) -> Label | None:
    """The label of a name in a workspace; one whose home is not shown may lie there."""
    for label in page.data:
        home = label.workspace.id if label.workspace else None
        if same_name(label.name, name) and home in (None, workspace_id):
            return label
    return None
