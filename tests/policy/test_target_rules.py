"""What a call may touch: ids that were read or named, workspaces in scope, accounts of the post's workspace."""

from collections.abc import Iterator
from typing import Any

import pytest

from agent.api.accounts import DeleteAccount, ListAccounts
from agent.api.analytics import GetAnalyticsAccount, GetAnalyticsPost, GetAnalyticsWorkspace
from agent.api.campaigns import GetCampaign
from agent.api.catalogue import OPERATIONS
from agent.api.comments import CreateComment, GetComment, HideComment, ListComments
from agent.api.folders import CreateFolder, GetFolder, UpdateFolder
from agent.api.labels import CreateLabel, DeleteLabel, GetLabel
from agent.api.media import DeleteMedia, GetMedia, ListMedia, UploadMediaFromUrl
from agent.api.posts import (
    AnalyzeTwitterPost,
    DeletePost,
    GetPost,
    GetPostByPlatformPostId,
    GetPostByUrl,
    ListPosts,
    UpdatePostAutoPlug,
    UpdatePostContactCollection,
)
from agent.api.types import Account, Post, Workspace
from agent.policy.rules.named import FIELDS
from tests.policy.helpers import (
    ACCOUNT,
    BERLIN,
    ELSEWHERE,
    EXPIRED,
    FACTS,
    MEDIA,
    MEDIA_ELSEWHERE,
    NEW_YORK,
    NO_HOME,
    ODD,
    OTHER_SPACE,
    OURS,
    PUBLISHED,
    UNREAD,
    draft,
    edit,
    findings,
    judge,
    knowing,
    promote,
    said,
    target,
)

STATUS_URL = "https://x.com/acme/status/1790000000000000001"
TWEET = "1790000000000000001"


def by_media(*media: Any, **more: Any) -> Any:
    return draft(None, content=[{"text": "A.", "media": list(media), **more}])


def contacts(number: int) -> Any:
    settings = {"mode": "add_all", "list_id": number}
    return UpdatePostContactCollection.model_validate({"post": OURS, "enabled": True, "settings": settings})


@pytest.mark.parametrize(
    ("call", "goal", "expected"),
    [
        (GetPost(id=OURS), "", "allow"),
        (GetPost(id=UNREAD), "", "deny"),
        (GetPost(id=UNREAD), "What is post 999 about?", "allow"),
        (GetPost(id=UNREAD), "What is post #999 about?", "allow"),
        (GetPost(id=UNREAD), "We sold 9990 mugs and 1.999 bowls", "deny"),
        (GetPost(id=777), "", "allow"),  # a comment that was read names it
        (GetPost(id=778), "", "allow"),  # an account's numbers name it
        (GetAnalyticsPost(post=UNREAD), "", "deny"),
        (DeletePost(id=UNREAD), "Delete the old drafts", "deny"),
        (ListComments(post_id=UNREAD), "", "deny"),
        (GetComment(comment=1), "", "allow"),
        (GetComment(comment=50), "", "deny"),
        (HideComment(comment=50), "Hide comment 50", "allow"),
        (CreateComment(post_id=PUBLISHED, parent_comment_id=50, content="A."), "", "deny"),
        (CreateComment(post_id=PUBLISHED, content="A.", media=(50,)), "", "deny"),
        (GetMedia(media_id=MEDIA), "", "allow"),
        (GetMedia(media_id=50), "", "deny"),
        (DeleteMedia(media_id=50), "", "deny"),
        (by_media(MEDIA, 41), "", "allow"),
        (by_media(42, "https://cdn.example.com/a.png"), "", "deny"),
        (by_media(43), "", "allow"),  # a post that was read shows it
        (by_media(cover_image={"thumbnail": 44}), "", "allow"),
        (by_media(cover_image={"thumbnail": 45}), "", "allow"),
        (by_media(cover_image={"thumbnail": 46}), "", "deny"),
        (by_media(cover_image={"thumbnail": "https://cdn.example.com/a.png"}), "", "allow"),
        (GetLabel(id=5), "", "allow"),
        (GetLabel(id=50), "", "deny"),
        (DeleteLabel(id=50), "Delete label 50", "allow"),
        (draft("A.", labels=[5]), "", "allow"),
        (draft("A.", labels=[5, 50]), "", "deny"),
        (GetCampaign(id=20), "", "allow"),
        (GetCampaign(id=50), "", "deny"),
        (draft("A.", campaign_id=50), "", "deny"),
        (draft("A.", campaign_id=21), "", "allow"),
        (draft("A.", campaign_id=None), "", "allow"),
        (CreateFolder(workspace_id=BERLIN, name="A", parent_id=7), "", "allow"),
        (CreateFolder(workspace_id=BERLIN, name="A", parent_id=10), "", "allow"),  # the parent of one that was read
        (CreateFolder(workspace_id=BERLIN, name="A", parent_id=50), "", "deny"),
        (UpdateFolder(folder_id=7, parent_id=None), "", "allow"),
        (ListMedia(workspace_id=BERLIN, folder_id=50), "", "deny"),
        # workspaces and accounts are never taken from the goal
        (ListPosts(workspace_id=13), "Posts of workspace 13", "deny"),
        (ListAccounts(workspace_id=NEW_YORK), "", "allow"),
        (GetAnalyticsWorkspace(workspace=13), "Numbers of 13", "deny"),
        (GetAnalyticsAccount(account=ACCOUNT["twitter"]), "", "allow"),
        (GetAnalyticsAccount(account=50), "Numbers of account 50", "deny"),
        (DeleteAccount(id=50), "Disconnect 50", "deny"),
        (CreateLabel(workspace_id=13, name="A", color="#ffffff"), "", "deny"),
        (draft("A.", {"id": 50}), "Post on 50", "deny"),
        (draft("A.", repeatable=True, repeatable_accounts=[50]), "", "deny"),
        # what no operation lists comes from the person, or from what was read
        (draft("A.", target("pinterest", board_id=60)), "", "deny"),
        (draft("A.", target("pinterest", board_id=60)), "Pin it to board 60", "allow"),
        (draft("A.", target("pinterest", board_id=61)), "", "allow"),
        (contacts(3), "", "deny"),
        (contacts(3), "Put them on list 3", "allow"),
        (UpdatePostAutoPlug(post=OURS, enabled=False, id="plug-1"), "", "allow"),
        (UpdatePostAutoPlug(post=OURS, enabled=False, id="plug-2"), "", "deny"),
        (UpdatePostAutoPlug(post=OURS, enabled=False), "", "allow"),
        (draft("A.", target("twitter", quote_tweet_id="123")), "", "deny"),
        (draft("A.", target("twitter", quote_tweet_id="123")), "Quote tweet 123", "allow"),
        (draft("A.", target("twitter", quote_tweet_id=TWEET)), f"Quote {STATUS_URL}", "allow"),
        (draft("A.", target("twitter", quote_tweet_id="12")), "Quote tweet 123", "deny"),
        (draft("A.", target("twitter", quote_tweet_id="55")), "", "allow"),
        (draft("A.", target("twitter", quote_tweet_id=None)), "", "allow"),
        (draft("A.", target("twitter", community_id="c9")), "", "deny"),
        (draft("A.", target("twitter", reply={"in_reply_to_tweet_id": "9"})), "", "deny"),
        (draft("A.", target("twitter", reply={"in_reply_to_tweet_id": "77"})), "", "allow"),
        (GetPostByPlatformPostId(platform_post_id="9"), "", "deny"),
        (GetPostByPlatformPostId(platform_post_id="66"), "", "allow"),
        (GetPostByUrl(post_url=STATUS_URL), "", "deny"),
        (GetPostByUrl(post_url=STATUS_URL), f"How does {STATUS_URL} do?", "allow"),
        (GetPostByUrl(post_url=STATUS_URL[:-1]), f"How does {STATUS_URL} do?", "deny"),
        (GetPostByUrl(post_url="https://x.com/acme/status/66"), "", "allow"),
        (AnalyzeTwitterPost(url=STATUS_URL, question="What do they say?"), "", "deny"),
        (AnalyzeTwitterPost(url=STATUS_URL, question="What do they say?"), f"Ask about {STATUS_URL}", "allow"),
    ],
)
def test_ids(call: Any, goal: str, expected: str) -> None:
    row = {
        "platform": "pinterest",
        "settings": {"board_id": 61, "quote_tweet_id": "55", "reply": {"in_reply_to_tweet_id": "77"}},
        "platform_post_id": 66,
        "post_url": "https://x.com/acme/status/66",
    }
    shown = Post.model_validate(
        {
            "id": 510,
            "status": "DRAFT",
            "platforms": [row],
            "content": [
                {"text": "A.", "media": [{"id": 43}], "cover_image": {"thumbnail": 44}},
                {"text": "B.", "cover_image": {"thumbnail": {"id": 45}}},
                {"text": "C.", "cover_image": {"thumbnail": None}},
            ],
            "auto_plug": {"id": "plug-1"},
            "campaign_id": 21,
        }
    )
    facts = knowing(goal=goal, posts={**FACTS.posts, 510: shown}, posts_shown=frozenset({778}))
    assert said("ids.read", call, facts) == expected


def test_an_id_of_no_letters_names_nothing() -> None:
    assert said("ids.read", UpdatePostAutoPlug(post=OURS, enabled=False, id="")) == "allow"
    assert said("ids.read", UpdatePostAutoPlug(post=OURS, enabled=False, id="a")) == "deny"


def test_a_person_names_by_calling() -> None:
    facts = knowing(mode="person", goal="")
    assert said("ids.read", DeletePost(id=UNREAD), facts) == "allow"
    assert said("ids.read", DeleteAccount(id=50), facts) == "deny"
    assert said("ids.read", draft("A.", workspace_id=13), facts) == "deny"


def test_every_id_of_every_operation_is_looked_at() -> None:
    """Whole positive numbers without a default are ids, but for figures."""
    figures = {"page", "per_page", "repeatable_times", "repeatable_gap", "count", "size"}
    names = {name for operation in OPERATIONS.values() for name in _id_fields(operation.model_json_schema())}
    assert names - figures - {"id"} <= set(FIELDS)
    assert {"post_id", "media", "labels", "board_id", "list_id", "thumbnail"} <= names


def _id_fields(schema: dict[str, Any]) -> Iterator[str]:
    for part in [schema, *schema.get("$defs", {}).values()]:
        for name, field in part.get("properties", {}).items():
            if _holds_id(field):
                yield name


def _holds_id(field: dict[str, Any]) -> bool:
    if field.get("type") == "integer" and field.get("exclusiveMinimum") == 0:
        return True
    inner = [*field.get("anyOf", []), *([field["items"]] if "items" in field else [])]
    return any(_holds_id(one) for one in inner)


@pytest.mark.parametrize(
    ("call", "scope", "expected"),
    [
        (draft("A."), {BERLIN}, "allow"),
        (draft("A."), {NEW_YORK}, "deny"),
        (draft("A."), set(), "allow"),
        (GetPost(id=OTHER_SPACE), {BERLIN}, "deny"),
        (GetPost(id=OTHER_SPACE), {BERLIN, NEW_YORK}, "allow"),
        (GetPost(id=UNREAD), {BERLIN}, "allow"),  # reading tells where it lies
        (DeletePost(id=UNREAD), {BERLIN}, "deny"),
        (DeletePost(id=UNREAD), {BERLIN, NEW_YORK}, "allow"),
        (HideComment(comment=1), {BERLIN}, "allow"),
        (HideComment(comment=1), {NEW_YORK}, "deny"),
        (HideComment(comment=4), {BERLIN}, "deny"),
        (DeleteAccount(id=ELSEWHERE), {BERLIN}, "deny"),
        (GetAnalyticsAccount(account=ELSEWHERE), {BERLIN}, "deny"),
        (DeleteMedia(media_id=MEDIA_ELSEWHERE), {BERLIN}, "deny"),
        (DeleteLabel(id=6), {BERLIN}, "deny"),
        (DeleteLabel(id=5), {BERLIN}, "allow"),
        (ListPosts(), {BERLIN}, "allow"),
        (ListPosts(workspace_id=NEW_YORK), {BERLIN}, "deny"),
        (by_media(MEDIA_ELSEWHERE), {BERLIN, NEW_YORK}, "deny"),  # two workspaces in one write
        (draft("A.", labels=[6]), {BERLIN, NEW_YORK}, "deny"),
        (CreateFolder(workspace_id=NEW_YORK, name="A", parent_id=7), set(), "deny"),
        (UploadMediaFromUrl(workspace_id=BERLIN, urls=("https://a.example/b",), folder_id=7), {BERLIN}, "allow"),
    ],
)
def test_scope(call: Any, scope: set[int], expected: str) -> None:
    facts = knowing(scope=frozenset(scope), goal="999")
    assert said("scope.workspace", call, facts) == expected


@pytest.mark.parametrize("known", [{"folders": {}}, {"media": {}}])
def test_a_folder_lies_where_lies_what_is_in_it(known: dict[str, Any]) -> None:
    folder = 7 if "folders" in known else 10  # neither was read itself: one holds media, the other a folder
    call = GetFolder(folder_id=folder)
    assert said("scope.workspace", call, knowing(scope=frozenset({BERLIN}), **known)) == "allow"
    assert said("scope.workspace", call, knowing(scope=frozenset({NEW_YORK}), **known)) == "deny"


@pytest.mark.parametrize(
    ("call", "expected", "says"),
    [
        (draft("A."), "allow", ""),
        (draft("A.", accounts=[]), "deny", "default one"),
        (promote("A.", accounts=[]), "deny", "default one"),
        (draft("A.", "linkedin", "linkedin"), "deny", "named twice"),
        (draft("A.", {"id": ELSEWHERE}), "deny", "of workspace 12"),
        (draft("A.", {"id": NO_HOME}), "deny", "of workspace None"),
        (draft("A.", target("linkedin", visibility="PUBLIC")), "allow", ""),
        (draft("A.", target("linkedin", board_id=3)), "deny", "do not fit linkedin"),
        (draft("A.", target("bluesky", title="B.")), "allow", ""),
        (draft("A.", target("threads", title="B.")), "allow", ""),
        (draft("A.", target("twitter", title="B.")), "deny", "do not fit twitter"),
        (draft("A.", {"id": EXPIRED}), "hold later", "has expired"),
        (promote("A.", {"id": EXPIRED}), "hold", "has expired"),
        (promote("A.", {"id": ODD}), "hold", "no rule knows"),
        (edit(OTHER_SPACE, "A."), "deny", "lies in workspace 12"),
        (draft("A.", repeatable=True, repeatable_accounts=[ACCOUNT["linkedin"]]), "allow", ""),
        (draft("A.", repeatable=True, repeatable_accounts=[ACCOUNT["twitter"]]), "deny", "to which it does not go"),
    ],
)
def test_accounts(call: Any, expected: str, says: str) -> None:
    assert said("target.accounts", call) == expected
    assert any(says in finding.says for finding in findings("target.accounts", call)) or not says


def test_a_body_without_accounts_is_denied() -> None:
    data = draft("A.").model_dump()
    del data["accounts"]
    assert said("target.accounts", type(draft("A.")).model_validate(data)) == "deny"


def test_an_account_is_at_home_where_its_workspace_lists_it() -> None:
    listed = Workspace(id=BERLIN, timezone="Europe/Berlin", accounts=(Account(id=NO_HOME, platform="twitter"),))
    facts = knowing(workspaces={BERLIN: listed})
    assert said("target.accounts", draft("A.", {"id": NO_HOME}), facts) == "allow"


def test_what_is_unsafe_denies_a_draft_at_once() -> None:
    assert judge(draft("A.", {"id": ELSEWHERE})).verdict.word == "deny"
    assert judge(draft("A.", {"id": EXPIRED})).verdict.word == "allow"
