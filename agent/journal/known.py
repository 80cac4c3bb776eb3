"""What a run has read of the service: each object as last seen, learnt from answers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from agent.api.answers import read_text
from agent.api.catalogue import OPERATIONS
from agent.api.types import Account, Analysis, Campaign, Comment, Folder, Imported, Label, Media, Page, Post, Workspace
from agent.journal.mirror import MIRRORS
from agent.journal.numbers import Numbers

#: How the keys of reads end that only look again before something is sent: nobody asked what they show.
_LOOKS = (".version", ".high", ".watch", MIRRORS)
#: What a run can be said to have read.
_OBJECTS = (Workspace, Account, Post, Media, Comment, Label, Folder, Campaign)


def only_looks(key: str) -> bool:
    """Whether a read, by its key, only looked again before something was sent."""
    return key.endswith(_LOOKS)


class Known:
    """Objects by id, as last read; the numbers of posts, accounts and workspaces; which ids reads showed, by kind."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self.seen: dict[type, set[int]] = {}
        self.workspaces: dict[int, Workspace] = {}
        self.accounts: dict[int, Account] = {}
        self.posts: dict[int, Post] = {}
        #: When each post was last read.
        self.posts_at: dict[int, datetime] = {}
        self.media: dict[int, Media] = {}
        self.comments: dict[int, Comment] = {}
        self.labels: dict[int, Label] = {}
        self.folders: dict[int, Folder] = {}
        self.campaigns: dict[int, Campaign] = {}
        #: Everything with words in it, in the order it was read: what the words of a run may come from.
        self.read_log: list[Any] = []

    def learn(self, operation: str, body: str) -> Any:
        """Take in an answer's raw text and return it typed. Raises ValueError for text that is no answer."""
        answer = read_text(OPERATIONS[operation].route, body)
        self.take(answer)
        return answer

    def read(self, operation: str, body: str, *, key: str, about: int, at: datetime) -> None:
        """Take in the answer of a read. `about` is the id its call named. Raises ValueError like `learn`."""
        answer = self.learn(operation, body)
        self.numbers.take(answer, about, at)
        self.posts_at |= {one.id: at for one in _items(answer) if isinstance(one, Post)}
        if not only_looks(key):
            self._see(answer)

    def _see(self, answer: object) -> None:
        for item in _items(answer):
            if isinstance(item, _OBJECTS):
                self.seen.setdefault(type(item), set()).add(item.id)

    def take(self, answer: object) -> None:
        """Take in a typed answer, with all objects inside it."""
        if not isinstance(answer, Page | Imported):
            self._log(answer)
        if isinstance(answer, Page | Imported):
            for item in answer.data if isinstance(answer, Page) else answer.media:
                self.take(item)
        elif isinstance(answer, Workspace):
            self._workspace(answer)
        elif isinstance(answer, Account):
            self._account(answer)
        elif isinstance(answer, Post):
            self._post(answer)
        elif isinstance(answer, Comment):
            self._comment(answer)
        else:
            self._simple(answer)

    def _log(self, answer: object) -> None:
        if isinstance(answer, (*_OBJECTS, Analysis)):
            self.read_log.append(answer)

    def _workspace(self, workspace: Workspace) -> None:
        self.workspaces[workspace.id] = workspace
        for account in workspace.accounts:
            self.take(account.model_copy(update={"workspace_id": workspace.id}))

    def _account(self, account: Account) -> None:
        old = self.accounts.get(account.id)
        if account.workspace_id is None and old is not None:
            account = account.model_copy(update={"workspace_id": old.workspace_id})
        self.accounts[account.id] = account

    def _post(self, post: Post) -> None:
        self.posts[post.id] = post
        for label in post.labels:
            if self.labels.setdefault(label.id, label) is label:
                self._log(label)
        for comment in post.comments:
            self._log(comment)
            self._comment(comment)

    def _comment(self, comment: Comment) -> None:
        self.comments[comment.id] = comment
        for reply in comment.replies:
            self._log(reply)
            self._comment(reply)

    def _simple(self, answer: object) -> None:
        if isinstance(answer, Media):
            self.media[answer.id] = answer
        elif isinstance(answer, Label):
            self.labels[answer.id] = answer
        elif isinstance(answer, Folder):
            self.folders[answer.id] = answer
        elif isinstance(answer, Campaign):
            self.campaigns[answer.id] = answer

    def forget(self, operation: str, object_id: int) -> None:
        """An object was deleted."""
        homes: dict[str, dict[int, Any]] = {
            "DeletePost": self.posts,
            "DeleteMedia": self.media,
            "DeleteComment": self.comments,
            "DeleteLabel": self.labels,
            "DeleteFolder": self.folders,
            "DeleteAccount": self.accounts,
            "DeleteCampaign": self.campaigns,
        }
        homes.get(operation, {}).pop(object_id, None)


def _items(answer: object) -> Iterable[object]:
    return answer.data if isinstance(answer, Page) else (answer,)
