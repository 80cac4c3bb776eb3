"""What a run read, counted in plain words, and which reads failed."""

from collections.abc import Sized

from agent.api.types import Account, Campaign, Comment, Folder, Label, Media, Post, Workspace
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.subjects import object_id_of
from agent.reports.told import FailedTold, ReadTold
from agent.reports.words import counted, joined
from agent.text import one_line

_KINDS: dict[type, str] = {
    Workspace: "workspace",
    Account: "account",
    Post: "post",
    Comment: "comment",
    Media: "media file",
    Folder: "folder",
    Label: "label",
    Campaign: "campaign",
}

#: What each read is about, in plain words.
_ABOUT = {
    "ListWorkspaces": "the workspaces",
    "ListAccounts": "the accounts",
    "ListPosts": "the posts",
    "GetPost": "post {id}",
    "GetPostByUrl": "the post at {post_url}",
    "GetPostByPlatformPostId": "the post called {platform_post_id} on its network",
    "ListComments": "comments of post {post_id}",
    "GetComment": "comment {comment}",
    "SyncComments": "a refresh of the comments of post {post_id}",
    "AnalyzeTwitterPost": "an analysis of {url}",
    "ListLabels": "the labels",
    "GetLabel": "label {id}",
    "ListMedia": "the media library",
    "GetMedia": "media file {media_id}",
    "ListFolders": "the folders",
    "GetFolder": "folder {folder_id}",
    "ListCampaigns": "the campaigns",
    "GetCampaign": "campaign {id}",
    "GetAnalyticsSummary": "the numbers of all workspaces",
    "GetAnalyticsWorkspace": "the numbers of workspace {workspace}",
    "GetAnalyticsAccount": "the numbers of account {account}",
    "GetAnalyticsPost": "the numbers of post {post}",
    "SyncPostAnalytics": "a refresh of the numbers of post {post}",
}


def about(operation: str, arguments: str) -> str:
    """What a read is about: `post 7`, `the posts, page 2`."""
    values = {name: one_line(str(value), 80) for name, value in r.ARGUMENTS.validate_json(arguments).items()}
    words = _ABOUT[operation].format_map(values) if operation in _ABOUT else operation
    page = values.get("page", "1")
    return words if page == "1" else f"{words}, page {page}"


def read_of(state: RunState) -> tuple[ReadTold, ...]:
    """What was read, by kind."""
    told = []
    for kind, noun in _KINDS.items():
        count = len(state.known.seen.get(kind, ()))
        of = len(_commented(state)) if kind is Comment else 0
        if count or of:
            told.append(ReadTold(kind=noun, count=count, says=_with(counted(count, noun), of)))
    numbers = state.known.numbers
    measured: dict[str, Sized] = {"post": numbers.posts, "account": numbers.accounts, "workspace": numbers.workspaces}
    counts = {noun: len(readings) for noun, readings in measured.items() if readings}
    if counts:
        whose = joined([counted(count, noun) for noun, count in counts.items()])
        told.append(ReadTold(kind="numbers", count=sum(counts.values()), says=f"the numbers of {whose}"))
    return tuple(told)


def _commented(state: RunState) -> set[int]:
    """The posts whose comments were listed."""
    return {object_id_of(arguments) for name, arguments in state.reads if name == "ListComments"}


def _with(words: str, posts: int) -> str:
    return f"{words} of {counted(posts, 'post')}" if posts else words


def failed_of(state: RunState) -> tuple[FailedTold, ...]:
    """Reads that failed and did not succeed later."""
    return tuple(
        FailedTold(
            operation=record.operation,
            about=about(record.operation, record.arguments),
            says=record.says.removeprefix(f"{record.operation}: "),
            status=record.status,
        )
        for record in state.failed_reads.values()
    )
