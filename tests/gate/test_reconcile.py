"""What one reading proves of an effect whose answer was lost: a table over effects and what the service then shows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.api.accounts import DeleteAccount
from agent.api.comments import CreateComment, DeleteComment, HideComment, UpdateComment
from agent.api.endpoint import Endpoint, LocalFile
from agent.api.folders import CreateFolder, DeleteFolder
from agent.api.labels import CreateLabel, DeleteLabel, UpdateLabel
from agent.api.media import UploadMediaFile, UploadMediaFromUrl
from agent.api.posts import (
    AccountTarget,
    ContentItem,
    CreatePost,
    DeletePost,
    ScheduleFor,
    UpdatePost,
    UpdatePostAutoPlug,
)
from agent.api.types import Account, Answer, Folder, Label, Media, Post
from agent.gate.reconcile import reading, settle
from agent.journal import records as r
from agent.sandbox.edits import Edit
from agent.sandbox.faults import Fault
from tests.contract import assert_contract
from tests.house import call, finish, home_in
from tests.tools.helpers import NOW, comment, post, row


def intent(one: Endpoint[Any], before: Answer | None = None, high: int = 100) -> r.Intent:
    return r.Intent(
        key="r1.1.0.0",
        attempt=1,
        operation=one.route.name,
        arguments=one.model_dump_json(),
        digest="d",
        effect="draft",
        before=before.model_dump_json() if before is not None else "",
        high=high,
        send_before=NOW,
        deadline=NOW,
    )


def create(text: str = "Hello", **changes: Any) -> CreatePost:
    body: dict[str, Any] = {
        "workspace_id": 11,
        "content": (ContentItem(text=text),),
        "schedule_type": "draft",
        "accounts": (AccountTarget(id=101),),
    }
    return CreatePost.model_validate(body | changes)


def update(schedule_type: Any = "schedule", **changes: Any) -> UpdatePost:
    body: dict[str, Any] = {
        "id": 7,
        "workspace_id": 11,
        "content": (ContentItem(text="Hello"),),
        "schedule_type": schedule_type,
        "accounts": (AccountTarget(id=101),),
    }
    if schedule_type == "schedule":
        body["schedule_for"] = AT
    return UpdatePost.model_validate(body | changes)


AT = ScheduleFor(date="2026-03-10", time="09:00", timezone="Europe/Berlin")
MADE = post(id=101)
EDITED = post(id=102, content=[{"text": "Somebody else's words."}])
OUT = post(status="IN_QUEUE")
SET = post(status="SCHEDULED", scheduled_at="2026-03-10 09:00 AM")
FILE = LocalFile(path="/a/mug.jpg", name="mug-r1-1-0.jpg", mime="image/jpeg", size=3, sha256="00")
REPLY = CreateComment(post_id=7, parent_comment_id=9, content="Yes.")
ANSWERED = comment(9, replies=[{"id": 12, "content": "Yes."}])
WITH_MEDIA = post(
    content=[{"text": "Hello", "media": [{"id": 501, "name": "a.jpg"}]}],
    status="SCHEDULED",
    scheduled_at="2026-03-10 09:00 AM",
)

Seen = Sequence[Answer] | None
CASES: list[tuple[str, r.Intent, Seen, str, int | None]] = [
    ("a draft that is there", intent(create()), [MADE], "applied", 101),
    ("a draft seen before already", intent(create(), high=101), [MADE], "not_applied", None),
    ("other words: it may be ours, edited since", intent(create("Bye")), [MADE], "unsettled", None),
    ("other words, seen before already", intent(create("Bye"), high=101), [MADE], "not_applied", None),
    ("other words in another workspace", intent(create("Bye", workspace_id=12)), [MADE], "not_applied", None),
    (
        "other words on other accounts",
        intent(create("Bye", accounts=(AccountTarget(id=102),))),
        [MADE],
        "not_applied",
        None,
    ),
    ("ours, and another on the same accounts", intent(create()), [MADE, EDITED], "applied", 101),
    ("two that may be ours, edited since", intent(create("Bye")), [MADE, EDITED], "unsettled", None),
    (
        "words composed otherwise",
        intent(create("Caf\u00e9")),
        [post(id=101, content=[{"text": "Cafe\u0301"}])],
        "applied",
        101,
    ),
    ("words with blanks around that are cut off", intent(create(" Hello\n")), [MADE], "applied", 101),
    (
        "a blank part that is not kept",
        intent(create(content=(ContentItem(text="Hello"), ContentItem(text="  ")))),
        [MADE],
        "applied",
        101,
    ),
    (
        "a blank part that is kept without a text",
        intent(create(content=(ContentItem(text="Hello"), ContentItem(text="  "), ContentItem(text="Bye")))),
        [post(id=101, content=[{"text": "Hello"}, {"text": None}, {"text": "Bye"}])],
        "applied",
        101,
    ),
    (
        "no words, and another number of media",
        intent(create(content=(ContentItem(media=(501,)),))),
        [post(id=101, content=[{"text": None}, {"text": None}])],
        "unsettled",
        None,
    ),
    (
        "blanks alone changed, and are not shown",
        intent(update("draft", content=(ContentItem(text="Hello "),)), post()),
        [post()],
        "unsettled",
        None,
    ),
    (
        "a draft's time that is not shown",
        intent(update("draft", content=(ContentItem(text="Bye"),), schedule_for=AT), post()),
        [post(content=[{"text": "Bye"}])],
        "applied",
        7,
    ),
    ("a draft's time alone, not shown", intent(update("draft", schedule_for=AT), post()), [post()], "unsettled", None),
    (
        "a draft's time that is shown",
        intent(update("draft", schedule_for=AT), post()),
        [post(scheduled_at="2026-03-10 09:00 AM")],
        "applied",
        7,
    ),
    ("another workspace", intent(create(workspace_id=12)), [MADE], "not_applied", None),
    ("other accounts: moved since", intent(create(accounts=(AccountTarget(id=102),))), [MADE], "unsettled", None),
    (
        "one account more",
        intent(create(accounts=(AccountTarget(id=101), AccountTarget(id=102)))),
        [MADE],
        "unsettled",
        None,
    ),
    ("accounts not shown", intent(create()), [post(id=101, platforms=[row(101, account_id=None)])], "applied", 101),
    (
        "accounts not shown, one more",
        intent(create()),
        [post(id=101, platforms=[row(101, account_id=None), row(102, account_id=None)])],
        "unsettled",
        None,
    ),
    (
        "no words, accounts not shown, one more, another number of media",
        intent(create(content=(ContentItem(media=(501,)),))),
        [
            post(
                id=101,
                content=[{"text": None}, {"text": None}],
                platforms=[row(101, account_id=None), row(102, account_id=None)],
            )
        ],
        "not_applied",
        None,
    ),
    ("no accounts named", intent(create(accounts=())), [MADE], "applied", 101),
    ("another number of parts", intent(create(content=(ContentItem(text="Hello"),) * 2)), [MADE], "unsettled", None),
    ("two that fit", intent(create()), [MADE, post(id=102)], "unsettled", None),
    ("published", intent(update("publish_now"), post()), [OUT], "applied", 7),
    ("not published yet", intent(update("publish_now"), post()), [post()], "unsettled", None),
    ("published and gone", intent(update("publish_now"), post()), None, "unsettled", None),
    ("scheduled", intent(update(), post()), [SET], "applied", 7),
    ("as it was", intent(update(), post()), [post()], "not_applied", 7),
    (
        "scheduled for another time",
        intent(update(), post()),
        [post(status="SCHEDULED", scheduled_at="2026-03-11 09:00")],
        "unsettled",
        None,
    ),
    ("in some slot", intent(update(schedule_for=None), post()), [SET], "applied", 7),
    ("edited by somebody else", intent(update(), post()), [post(content=[{"text": "Bye"}])], "unsettled", None),
    (
        "scheduled with other words",
        intent(update(), post()),
        [post(status="SCHEDULED", scheduled_at="2026-03-10 09:00", content=[{"text": "Bye"}])],
        "unsettled",
        None,
    ),
    ("scheduled with other labels", intent(update(labels=(6,)), post()), [SET], "unsettled", None),
    ("scheduled with its labels", intent(update(labels=(5,)), post()), [SET], "applied", 7),
    (
        "scheduled with its file",
        intent(update(content=(ContentItem(text="Hello", media=(501,)),)), post()),
        [WITH_MEDIA],
        "applied",
        7,
    ),
    (
        "scheduled without its file",
        intent(update(content=(ContentItem(text="Hello", media=(501,)),)), post()),
        [SET],
        "unsettled",
        None,
    ),
    (
        "scheduled on other accounts",
        intent(update(accounts=(AccountTarget(id=102),)), post()),
        [SET],
        "unsettled",
        None,
    ),
    (
        "a repeating post",
        intent(update(repeatable=True, repeatable_times=2, repeatable_gap=1, repeatable_gap_unit="days"), post()),
        [SET],
        "unsettled",
        None,
    ),
    ("an edit of what no post shows", intent(update("draft", campaign_id=42), post()), [post()], "unsettled", None),
    (
        "a file that was not taken off",
        intent(update(), WITH_MEDIA),
        [WITH_MEDIA],
        "not_applied",
        7,
    ),
    (
        "a file from an address that is not there yet",
        intent(update("draft", content=(ContentItem(text="Hello", media=("https://a.example/b.jpg",)),)), post()),
        [post()],
        "not_applied",
        7,
    ),
    (
        "words that were not taken off",
        intent(update("draft", content=(ContentItem(text=""),)), post()),
        [post()],
        "not_applied",
        7,
    ),
    ("taken off", intent(update("draft"), SET), [post()], "applied", 7),
    ("not taken off", intent(update("draft"), SET), [SET], "not_applied", 7),
    ("never read before", intent(update()), [post()], "unsettled", None),
    ("a reply that is there", intent(REPLY), [ANSWERED], "applied", 12),
    ("a reply that is not", intent(REPLY), [comment(9)], "unsettled", None),
    ("a reply to what is gone", intent(REPLY), [], "unsettled", None),
    (
        "two equal replies",
        intent(REPLY),
        [comment(9, replies=[{"id": 12, "content": "Yes."}, {"id": 13, "content": "Yes."}])],
        "unsettled",
        None,
    ),
    (
        "an edited comment",
        intent(UpdateComment(comment=9, content="Nice!"), comment(9)),
        [comment(9, content="Nice!")],
        "applied",
        9,
    ),
    (
        "a comment as it was",
        intent(UpdateComment(comment=9, content="Nice!"), comment(9)),
        [comment(9)],
        "not_applied",
        9,
    ),
    (
        "a comment of which blanks alone change",
        intent(UpdateComment(comment=9, content="Nice! "), comment(9, content="Nice!")),
        [comment(9, content="Nice!")],
        "unsettled",
        9,
    ),
    (
        "a comment edited otherwise",
        intent(UpdateComment(comment=9, content="Nice!"), comment(9)),
        [comment(9, content="No")],
        "unsettled",
        9,
    ),
    (
        "an edited comment that is gone",
        intent(UpdateComment(comment=9, content="Nice!"), comment(9)),
        None,
        "unsettled",
        None,
    ),
    (
        "a renamed label",
        intent(UpdateLabel(id=5, name="New", color="#112233"), Label(id=5, name="Old")),
        [Label(id=5, name="New")],
        "applied",
        5,
    ),
    (
        "a label as it was",
        intent(UpdateLabel(id=5, name="New", color="#112233"), Label(id=5, name="Old")),
        [Label(id=5, name="Old")],
        "not_applied",
        5,
    ),
    (
        "a label in another colour",
        intent(UpdateLabel(id=5, name="Old", color="#112233"), Label(id=5, name="Old", color="#000000")),
        [Label(id=5, name="Old", color="#112233")],
        "applied",
        5,
    ),
    (
        "a label in its old colour",
        intent(UpdateLabel(id=5, name="Old", color="#112233"), Label(id=5, name="Old", color="#000000")),
        [Label(id=5, name="Old", color="#000000")],
        "not_applied",
        5,
    ),
    (
        "a label of which no colour is shown",
        intent(UpdateLabel(id=5, name="Old", color="#112233"), Label(id=5, name="Old")),
        [Label(id=5, name="Old")],
        "unsettled",
        5,
    ),
    (
        "a label that somebody else renamed",
        intent(UpdateLabel(id=5, name="New", color="#112233"), Label(id=5, name="Old", color="#000000")),
        [Label(id=5, name="Newer", color="#000000")],
        "unsettled",
        5,
    ),
    (
        "a new label",
        intent(CreateLabel(workspace_id=11, name="New", color="#112233")),
        [Label(id=5, name="New")],
        "applied",
        5,
    ),
    (
        "a new label with blanks around that are cut off",
        intent(CreateLabel(workspace_id=11, name=" New ", color="#112233")),
        [Label(id=5, name="New")],
        "applied",
        5,
    ),
    (
        "no new label",
        intent(CreateLabel(workspace_id=11, name="New", color="#112233")),
        [Label(id=5, name="Old")],
        "not_applied",
        None,
    ),
    (
        "two new labels",
        intent(CreateLabel(workspace_id=11, name="New", color="#112233")),
        [Label(id=5, name="New"), Label(id=6, name="New")],
        "unsettled",
        None,
    ),
    ("a new folder", intent(CreateFolder(workspace_id=11, name="New")), [Folder(id=5, name="New")], "applied", 5),
    ("an upload", intent(UploadMediaFile(workspace_id=11, file=FILE)), [Media(id=5, name=FILE.name)], "applied", 5),
    (
        "no upload",
        intent(UploadMediaFile(workspace_id=11, file=FILE)),
        [Media(id=5, name="mug.jpg")],
        "not_applied",
        None,
    ),
    ("deleted", intent(DeletePost(id=7)), None, "applied", None),
    ("not deleted", intent(DeletePost(id=7)), [post()], "not_applied", None),
    ("a deleted comment", intent(DeleteComment(comment=9)), None, "applied", None),
    ("a disconnected account", intent(DeleteAccount(id=101)), [Account(id=102, platform="twitter")], "applied", 101),
    (
        "an account that is there",
        intent(DeleteAccount(id=101)),
        [Account(id=101, platform="linkedin")],
        "not_applied",
        101,
    ),
    (
        "an import",
        intent(UploadMediaFromUrl(workspace_id=11, urls=("https://a.example/b.jpg",))),
        (),
        "unsettled",
        None,
    ),
    ("hiding", intent(HideComment(comment=9)), (), "unsettled", None),
]


@pytest.mark.parametrize(("what", "lost", "seen", "proof", "found"), CASES)
def test_what_a_reading_proves(what: str, lost: r.Intent, seen: Seen, proof: str, found: int | None) -> None:
    told = settle(lost, seen, frozenset())
    assert (told.proof, told.object_id) == (proof, found)
    assert told.says or told.proof != "unsettled" or found or lost.operation.startswith("Create")


@pytest.mark.parametrize("lost", [intent(create()), intent(REPLY), intent(CreateFolder(workspace_id=11, name="New"))])
def test_what_another_effect_claims_is_not_found_again(lost: r.Intent) -> None:
    seen: list[Answer] = [MADE, ANSWERED, Folder(id=5, name="New")]
    assert settle(lost, seen, frozenset({101, 12, 5})).proof != "applied"


@pytest.mark.parametrize(
    ("call", "read"),
    [
        (create(), "ListPosts"),
        (update(), "GetPost"),
        (DeletePost(id=7), "GetPost"),
        (REPLY, "GetComment"),
        (CreateComment(post_id=7, content="Hi"), ""),
        (DeleteLabel(id=5), "GetLabel"),
        (CreateLabel(workspace_id=11, name="New", color="#112233"), "ListLabels"),
        (CreateFolder(workspace_id=11, name="New"), "ListFolders"),
        (DeleteFolder(folder_id=5), "GetFolder"),
        (UploadMediaFile(workspace_id=11, file=FILE), "ListMedia"),
        (DeleteAccount(id=101), "ListAccounts"),
        (HideComment(comment=9), ""),
        (UpdatePostAutoPlug(post=7, enabled=True), ""),
        (UploadMediaFromUrl(workspace_id=11, urls=("https://a.example/b.jpg",)), ""),
    ],
)
def test_which_read_can_tell(call: Endpoint[Any], read: str) -> None:
    found = reading(intent(call))
    assert (found.route.name if found is not None else "") == read


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
async def test_a_long_post_whose_change_was_lost_is_settled_too(tmp_path: Path, kind: Any) -> None:
    async with home_in(tmp_path) as home:
        home.box.edit(Edit(post=1004, text="long words " * 2000))
        home.box.set_faults([Fault(kind=kind, operations=("UpdatePost",))])
        run = await home.run("Edit post 1004", [[call("edit_post", post=1004, text="Short words.")], finish()])
        for view in run.state.open_cards:
            run = await home.reviewer().approve(view.card.number, "", ())
        assert home.operations() == ["UpdatePost"] and run.state.tasks == {}
        assert_contract(home.box, home.house.store)


@pytest.mark.parametrize(
    ("seen", "taken", "deleted", "says"),
    [
        ([MADE, post(id=102)], (), (), "posts 101, 102 may be it"),
        ([EDITED], (), (), "post 102 may be it, changed since"),
        ([], (), (101,), "post 101 may have been it, deleted from here since"),
        ([], (), (103, 102), "posts 102, 103 may have been it, deleted from here since"),
        ([EDITED], (), (101,), "post 102 may be it, changed since"),
        ([], (101,), (101,), ""),
        ([], (), (100,), ""),
    ],
)
def test_what_may_be_a_lost_draft_is_told_and_nothing_else_keeps_it_from_being_made(
    seen: list[Post], taken: tuple[int, ...], deleted: tuple[int, ...], says: str
) -> None:
    told = settle(intent(create()), seen, frozenset(taken), frozenset(deleted))
    assert (told.proof, told.says) == ("unsettled" if says else "not_applied", says)
