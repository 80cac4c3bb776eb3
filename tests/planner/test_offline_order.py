"""Goals that put things in order: labels by subject, posts moved by their day, empty folders, accounts, places."""

from typing import Any

import pytest

from tests.planner.offline_talk import SHOP, TWO_LINKEDIN, Desk, Talk, found

pytestmark = pytest.mark.anyio

LABELS = found("labels", {"id": 22, "name": "Spring"}, {"id": 23, "name": "Evergreen"})
POSTS = {
    "draft": {"id": 1, "workspace": 11, "status": "draft", "text": "Mugs"},
    "scheduled": {"id": 2, "workspace": 11, "status": "scheduled", "text": "Mugs", "labels": [23]},
    "published": {"id": 3, "workspace": 11, "status": "published", "text": "Mugs"},
}


def posts(arguments: dict[str, Any]) -> dict[str, Any]:
    status = arguments.get("status")
    return {"posts": [row for name, row in POSTS.items() if status in {None, name}]}


def labelled(arguments: dict[str, Any]) -> dict[str, Any]:
    """Drafts are labelled, scheduled posts wait as one card."""
    rows = [
        {"waiting": "card 1", "call": "Change"} if post == 2 else {"done": "Edit", "result": {"id": post}}
        for post in arguments["posts"]
    ]
    return rows[0] if len(rows) == 1 else {"results": rows}


def desk(**tools: Any) -> Desk:
    return Desk(**{"find_posts": posts, "list_labels": LABELS, "label_posts": labelled, **tools})


@pytest.mark.parametrize(
    ("goal", "statuses", "contains", "to"),
    [
        ('Label the drafts and scheduled posts about mugs as "Spring"', ["draft", "scheduled"], "mugs", [1, 2]),
        ('Label everything about planters "Spring"', [None], "planters", [1, 2]),
        ('Label every post about "two mugs" with "Spring"', [None], "two mugs", [1, 2]),
        ('Add the label "Spring" to all drafts about our mugs', ["draft"], "our mugs", [1]),
        ('Tag the scheduled posts about mugs at Fern & Clay with "Spring"', ["scheduled"], "mugs", [2]),
    ],
)
async def test_posts_about_something_are_labelled_in_one_call(
    goal: str, statuses: list[str | None], contains: str, to: list[int]
) -> None:
    talk = Talk(goal, desk=desk())
    await talk.finish()
    searches = talk.made("find_posts")
    assert [search.get("status") for search in searches] == statuses and talk.turns[0] == ["find_posts"] * len(searches)
    assert {search["contains"] for search in searches} == {contains}
    assert talk.made("label_posts") == [{"posts": to, "add": [22]}]


async def test_what_is_labelled_what_waits_and_what_cannot_be_is_told() -> None:
    said = await Talk('Label everything about mugs "Spring"', desk=desk()).finish()
    assert said == {
        "said": "Putting “Spring” on 1 is done. Putting “Spring” on 2 waits as card 1.",
        "refused": "The labels of 3 (published) cannot be changed any more.",
    }


async def test_what_has_the_label_already_is_left_alone() -> None:
    talk = Talk('Label everything about mugs "Evergreen"', desk=desk())
    said = await talk.finish()
    assert talk.made("label_posts") == [{"posts": [1], "add": [23]}]
    assert said["said"] == "Post 2 had “Evergreen” already. Putting “Evergreen” on 1 is done."


async def test_of_several_labels_each_has_to_be_there() -> None:
    talk = Talk('Label everything about mugs "Spring" and "Missing"', desk=desk())
    said = await talk.finish()
    assert talk.made("label_posts") == []
    assert "There is no label “Missing” in workspace 11. Posts 1 and 2 in it are left unchanged." in said["refused"]


async def test_labels_are_taken_off_what_has_them() -> None:
    talk = Talk('Remove the label "Evergreen" from everything about mugs', desk=desk())
    await talk.finish()
    assert talk.made("label_posts")[0]["remove"] == [23] and 2 in talk.made("label_posts")[0]["posts"]


async def test_where_the_tool_finds_nothing_to_change_that_is_told() -> None:
    tools = desk(label_posts=lambda _: {"results": [], "notes": ["Post 1 has these labels already."]})
    said = await Talk('Label the drafts about mugs as "Spring"', desk=tools).finish()
    assert said == {"said": "Nothing had to be changed on 1.", "refused": ""}


# -- moving ------------------------------------------------------------------------------------------------------------

FRIDAY = {"id": 7, "workspace": 11, "status": "scheduled", "text": "Workshop", "due": "2026-11-27 10:30 Europe/Berlin"}
ELSEWHERE = FRIDAY | {"id": 8, "workspace": 12, "due": "2026-11-27 17:00 America/New_York"}
#: It was out on that Friday and is due again later.
AGAIN = FRIDAY | {"id": 9, "due": "2026-12-04 10:30 Europe/Berlin", "out": ["2026-11-27 10:30 Europe/Berlin"]}


@pytest.mark.parametrize(
    ("goal", "call"),
    [
        ("Move next Friday's post to Monday", {"at": "2026-11-30 10:30"}),
        ("Move Friday’s post to Monday at 9:00", {"at": "2026-11-30 09:00"}),
        ("Move the post of 27 November to 30 November at 9:00", {"at": "2026-11-30 09:00"}),
        ("Reschedule the post due on 2026-11-27 to December 1st", {"at": "2026-12-01 10:30"}),
        ("Move Fern & Clay's post of Friday at 10:30 to tomorrow", {"at": "2026-11-25 10:30"}),
        ("Move next Friday's post to 15:00", {"at": "2026-11-27 15:00"}),
        ("Postpone Friday's post to the next free slot", {"next_slot": True}),
        ("Move the post from Friday to Saturday afternoon", {"at": "2026-11-28 15:00"}),
    ],
)
async def test_the_post_of_a_day_is_moved_and_keeps_what_is_not_named(goal: str, call: dict[str, Any]) -> None:
    talk = Talk(goal, desk=Desk(find_posts=found("posts", FRIDAY, AGAIN)))
    said = await talk.finish()
    search = talk.made("find_posts")[0]
    assert (search["status"], search["due_from"], search["due_to"]) == ("scheduled", "2026-11-27", "2026-11-27")
    assert talk.made("schedule_post") == [{"post": 7, **call}] and said["refused"] == ""


async def test_of_several_posts_of_a_day_one_is_asked_for() -> None:
    talk = Talk("Move next Friday's post to Monday", desk=Desk(find_posts=found("posts", ELSEWHERE, FRIDAY)))
    question = await talk.question()
    assert question.index("7, 2026-11-27 10:30 Europe/Berlin") < question.index("8, 2026-11-27 17:00 America/New_York")
    talk.reply("8, please")
    said = await talk.finish()
    assert talk.made("schedule_post") == [] and "names none of the posts" in said["refused"]


async def test_the_answer_names_the_one() -> None:
    talk = Talk("Move next Friday's post to Monday", desk=Desk(find_posts=found("posts", ELSEWHERE, FRIDAY)))
    await talk.question()
    talk.reply("8")
    await talk.finish()
    assert talk.made("schedule_post") == [{"post": 8, "at": "2026-11-30 17:00"}]


@pytest.mark.parametrize("goal", ["Move Friday's post at 9:00 to Monday", "Move the post of Friday at 9:00 to Monday"])
async def test_a_day_without_such_a_post_is_told(goal: str) -> None:
    talk = Talk(goal, desk=Desk(find_posts=found("posts", FRIDAY)))
    said = await talk.finish()
    assert talk.made("schedule_post") == [] and said["said"] == "Nothing was done." and said["refused"]


async def test_a_post_named_by_number_keeps_its_hour_or_its_day() -> None:
    tools = Desk(get_post=lambda _: FRIDAY)
    for goal, at in (("Move post 7 to Monday", "2026-11-30 10:30"), ("Move post 7 to 16:00", "2026-11-27 16:00")):
        talk = Talk(goal, desk=tools)
        await talk.finish()
        assert talk.made("schedule_post") == [{"post": 7, "at": at}]


async def test_a_post_without_a_time_is_asked_for_one() -> None:
    talk = Talk("Move post 7 to Monday", desk=Desk(get_post=lambda _: {"id": 7, "workspace": 11, "status": "draft"}))
    assert "At what time of day?" in await talk.question()
    talk.reply("9:15")
    await talk.finish()
    assert talk.made("schedule_post") == [{"post": 7, "at": "2026-11-30 09:15"}]


# -- folders and accounts ----------------------------------------------------------------------------------------------


def folders(arguments: dict[str, Any]) -> dict[str, Any]:
    assert arguments["contents"] is True
    if arguments["workspace_id"] == 12:
        return {"folders": [{"id": 40, "name": "Menus", "files": 3, "folders": 0}]}
    inner = [{"id": 30 + at, "name": f"f{at}", "parent": 29 + at, "empty": True} for at in (1, 2)]
    return {"folders": [{"id": 30, "name": "Attic", "empty": True}, *inner, {"id": 50, "name": "Full", "files": 1}]}


def deleting(arguments: dict[str, Any]) -> dict[str, Any]:
    return {"results": [{"waiting": "card 1", "call": "Delete"} for _ in arguments["folders"]]}


@pytest.mark.parametrize(
    "goal",
    ["Delete the empty folders", "Please tidy up all empty media folders in the library.", "Remove every empty folder"],
)
async def test_empty_folders_of_all_workspaces_go_in_one_call_the_innermost_first(goal: str) -> None:
    talk = Talk(goal, desk=Desk(list_folders=folders, delete_folders=deleting))
    said = await talk.finish()
    assert talk.turns == [["list_folders"] * 2, ["delete_folders"], ["finish"]]
    assert talk.made("delete_folders") == [{"folders": [32, 31, 30]}]
    assert said == {
        "said": "Deleting the empty folders 32 “f2”, 31 “f1” and 30 “Attic” waits as card 1.",
        "refused": "",
    }


async def test_folders_that_could_not_be_read_or_counted_are_told_and_left() -> None:
    def some(arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments["workspace_id"] == 12:
            return {"error": "not permitted", "says": "The token may not do this."}
        return {"folders": [{"id": 30, "name": "Attic", "files": 0}], "more": "not everything was counted"}

    talk = Talk("Delete the empty folders", desk=Desk(list_folders=some))
    said = await talk.finish()
    assert talk.made("delete_folders") == []
    assert "Fern & Clay has more folders or files than were looked at." in said["refused"]
    assert "The folders of Harbour Coffee could not be read: not permitted" in said["refused"]


@pytest.mark.parametrize(
    ("goal", "account"),
    [
        ("Disconnect the Instagram account", 104),
        ("Disconnect account 107", 107),
        ('Please disconnect the account called "Pots"', 106),
        ("Disconnect the Facebook account of Harbour Coffee", 107),
        ("Unlink our Pinterest account", 111),
    ],
)
async def test_the_one_account_that_fits_is_disconnected(goal: str, account: int) -> None:
    talk = Talk(goal, desk=Desk(disconnect_account=lambda _: {"waiting": "card 1", "call": "Disconnect"}))
    said = await talk.finish()
    assert talk.calls == [("disconnect_account", {"account": account})] and "waits as card 1" in said["said"]


@pytest.mark.parametrize(("answer", "calls"), [("Harbour Coffee", 1), ("101", 1), ("both", 0), ("neither", 0)])
async def test_of_several_accounts_one_is_asked_for(answer: str, calls: int) -> None:
    tools = Desk(disconnect_account=lambda _: {"waiting": "card 1", "call": "Disconnect"})
    talk = Talk("Disconnect the LinkedIn account", digest=TWO_LINKEDIN, desk=tools)
    assert "LinkedIn 101" in await talk.question()
    talk.reply(answer)
    await talk.finish()
    assert len(talk.made("disconnect_account")) == calls


# -- several workspaces ------------------------------------------------------------------------------------------------

#: Each workspace has an account of both networks.
BOTH_HAVE_BOTH = [
    SHOP[0],
    SHOP[1]
    | {
        "accounts": [
            {"id": 107, "platform": "facebook", "label": "Harbour Coffee", "expired": False},
            {"id": 120, "platform": "linkedin", "label": "Harbour Coffee", "expired": False},
        ]
    },
]


@pytest.mark.parametrize(
    "goal",
    [
        'Draft "Closed on Sunday." for Fern & Clay on LinkedIn and for Harbour Coffee on Facebook',
        'Draft "Closed on Sunday." on LinkedIn for Fern & Clay and on Facebook for Harbour Coffee',
        'Draft for Harbour Coffee on Facebook and for Fern & Clay on LinkedIn: "Closed on Sunday."',
    ],
)
async def test_each_workspace_gets_the_networks_named_beside_it(goal: str) -> None:
    talk = Talk(goal, digest=BOTH_HAVE_BOTH)
    await talk.finish()
    made = {(draft["workspace_id"], tuple(draft["accounts"])) for draft in talk.made("draft_post")}
    assert made == {(11, (101,)), (12, (107,))}


async def test_each_of_several_texts_has_its_own_workspace_and_network() -> None:
    goal = 'Draft "Clay." for Fern & Clay on LinkedIn and "Coffee." for Harbour Coffee on LinkedIn'
    talk = Talk(goal, digest=BOTH_HAVE_BOTH)
    await talk.finish()
    assert [(draft["text"], draft["accounts"]) for draft in talk.made("draft_post")] == [
        ("Clay.", [101]),
        ("Coffee.", [120]),
    ]


async def test_networks_named_once_are_for_every_workspace_named() -> None:
    talk = Talk('Draft "Closed." for Fern & Clay and Harbour Coffee on LinkedIn', digest=BOTH_HAVE_BOTH)
    assert "Which LinkedIn account" in await talk.question()
    talk.reply("both")
    await talk.finish()
    assert [draft["accounts"] for draft in talk.made("draft_post")] == [[101], [120]]


async def test_a_network_that_one_workspace_lacks_is_told() -> None:
    talk = Talk('Draft "Closed." for Fern & Clay on LinkedIn and for Harbour Coffee on Telegram')
    said = await talk.finish()
    assert [draft["accounts"] for draft in talk.made("draft_post")] == [[101]]
    assert said["refused"].startswith("No account for Telegram is connected there")
