"""Goals that put in order what exists, end to end: judged by the sandbox's own log and the cards."""

from pathlib import Path

import pytest

from agent.report import RunReport
from tests.planner.goals import (
    FACEBOOK,
    FEW,
    INSTAGRAM,
    LINKEDIN,
    TIKTOK,
    YOUTUBE,
    accounts,
    answered,
    arguments,
    bodies,
    carry_out,
    drafts,
    nothing_done,
    post_called,
    question,
    shop,
    world,
)

pytestmark = pytest.mark.anyio

FERN, HARBOUR = 11, 12


# -- labels ------------------------------------------------------------------------------------------------------------


async def test_drafts_are_labelled_at_once_and_scheduled_posts_share_a_card(tmp_path: Path) -> None:
    async with world(tmp_path, FEW) as home:
        told = await carry_out(home, 'Label the drafts and scheduled posts about mug as "Spring"')
        assert told.outcome == "held" and home.operations() == ["UpdatePost"]
        assert home.writes()[0]["body"]["labels"] == [22]
        assert home.writes()[0]["path"] == f"/posts/{post_called(home, 'A mug')}"
        [card] = told.cards
        scheduled = {post_called(home, "Two MUGS"), post_called(home, "More mugs")}
        assert {call["id"] for call in arguments(card)} == scheduled
        await home.reviewer().approve(card.number, "", ())
        assert [body["labels"] for body in bodies(home, "UpdatePost")] == [[22]] * 3
        again = await carry_out(home, 'Label the drafts and scheduled posts about mug as "Spring"')
        assert again.outcome == "done" and not again.cards and len(home.writes()) == 3
        assert "had “Spring” already" in again.said


async def test_everything_about_something_leaves_out_what_is_published(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, 'Label everything about spring "Evergreen"')
        glazes, collection = post_called(home, "The spring glazes"), post_called(home, "Draft: our spring collection")
        assert [effect["path"] for effect in home.writes()] == [f"/posts/{collection}"]
        assert told.refused == f"The labels of {glazes} (published) cannot be changed any more."
        assert told.said == f"Putting “Evergreen” on {collection} is done." and not told.cards


async def test_words_that_only_one_network_gets_count_too(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, 'Label everything about planters "Evergreen"')
        [card] = told.cards
        assert [call["id"] for call in arguments(card)] == [post_called(home, "The planter set")]
        assert home.operations() == []


async def test_labels_that_cannot_be_given_are_told(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, 'Label everything about planter "Nope"')
        assert nothing_done(home, told, "There is no label “Nope” in workspace 11.", "left unchanged")
        told = await carry_out(home, 'Label everything about planter "Nope" and "Evergreen"')
        assert nothing_done(home, told, "There is no label “Nope” in workspace 11.", "left unchanged")
        told = await carry_out(home, 'Label the drafts and scheduled posts about mugs as "Spring"')
        assert nothing_done(home, told, 'There is no draft or scheduled post that contains "mugs"')
        told = await carry_out(home, 'Label post 999 as "Spring"')
        assert nothing_done(home, told, "Post 999 could not be read")


# -- covers ------------------------------------------------------------------------------------------------------------

BOTH = (
    'Draft "A bowl in forty seconds." with the video kiln-opening.mp4 for TikTok with the cover frame at 3 seconds '
    "and YouTube with the thumbnail spring-mugs.jpg"
)


async def test_each_network_gets_the_cover_it_takes_in_a_draft_of_its_own(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, BOTH)
        assert told.outcome == "done" and home.operations() == ["CreatePost"] * 2 and not told.denied
        by_account = {accounts(body)[0]: body for body in drafts(home)}
        tiktok, youtube = by_account[TIKTOK], by_account[YOUTUBE]
        assert tiktok["content"][0]["cover_image"] == {"video_cover_timestamp_ms": 3000}
        assert youtube["content"][0]["cover_image"] == {"thumbnail": 501}
        assert youtube["accounts"][0]["settings"]["title"] == "A bowl in forty seconds"
        assert all(body["content"][0]["media"] == [506] for body in drafts(home))


@pytest.mark.parametrize(
    ("words", "cover"),
    [
        ("TikTok with the cover frame at 1.5 s", {"video_cover_timestamp_ms": 1500}),
        ("TikTok with the cover at 0:03", {"video_cover_timestamp_ms": 3000}),
        ("YouTube with the thumbnail spring-mugs.jpg", {"thumbnail": 501}),
    ],
)
async def test_one_cover_alone(words: str, cover: dict[str, int], tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        await carry_out(home, f'Draft "A bowl." with the video kiln-opening.mp4 for {words}')
        [body] = drafts(home)
        assert body["content"][0]["cover_image"] == cover and body["content"][0]["media"] == [506]


async def test_a_cover_that_is_not_there_makes_no_draft(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        goal = 'Draft "A bowl." with the video kiln-opening.mp4 for YouTube with the thumbnail missing.jpg'
        assert nothing_done(home, await carry_out(home, goal), "missing.jpg")


async def test_instagram_takes_no_frame(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        goal = 'Draft "A bowl." with the video kiln-opening.mp4 for Instagram with the cover frame at 3 seconds'
        told = await carry_out(home, goal)
        [body] = drafts(home)
        assert accounts(body) == [INSTAGRAM] and "cover_image" not in body["content"][0]
        assert told.refused == "Instagram takes no such cover; its draft goes without."


# -- folders and accounts ----------------------------------------------------------------------------------------------

NESTED = """  - {id: 81, workspace: fern-and-clay, name: Attic}
  - {id: 82, workspace: fern-and-clay, name: Box, parent: Attic}
  - {id: 83, workspace: fern-and-clay, name: Full box, parent: Videos}
  - {id: 84, workspace: harbour-coffee, name: Spare}
"""
A_FILE = "  - {id: 590, workspace: fern-and-clay, name: a.jpg, folder: Full box}\n"


@pytest.mark.parametrize(
    ("goal", "doomed"),
    [
        ("Delete the empty folders", [82, 34, 81, 84]),
        ("Tidy up the empty folders at Fern & Clay", [82, 34, 81]),
        ("Tidy up the empty folders of Harbour Coffee", [84]),
    ],
)
async def test_empty_folders_are_one_card_and_those_inside_go_first(
    goal: str, doomed: list[int], tmp_path: Path
) -> None:
    async with shop(tmp_path, folders=NESTED, media=A_FILE) as home:
        told = await carry_out(home, goal)
        assert told.outcome == "held" and home.operations() == []
        [card] = told.cards
        assert [call["folder_id"] for call in arguments(card)] == doomed
        assert card.confirm == (str(len(doomed)) if len(doomed) > 1 else "")
        evidence = [finding.evidence for call in card.calls for finding in call.findings]
        assert all(any(name in one for one in evidence) for name in (["Spare"] if doomed == [84] else ["Box", "Attic"]))
        await home.reviewer().approve(card.number, card.confirm, ())
        assert home.operations() == ["DeleteFolder"] * len(doomed)
        left = {folder["id"] for folder in home.box.export()["folders"]}
        assert left == {31, 32, 33, 34, 35, 81, 82, 83, 84} - set(doomed)
        assert len(home.box.export()["media"]) == 12


@pytest.mark.slow
async def test_a_library_too_large_to_count_has_no_empty_folder(tmp_path: Path) -> None:
    files = "".join(f"  - {{workspace: fern-and-clay, name: f{number}.jpg}}\n" for number in range(1001))
    async with shop(tmp_path, media=files) as home:
        told = await carry_out(home, "Tidy up the empty folders at Fern & Clay")
        assert nothing_done(home, told, "Fern & Clay has more folders or files than were looked at.")


async def test_without_an_empty_folder_nothing_is_deleted(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, "Tidy up the empty folders at Harbour Coffee")
        assert nothing_done(home, told, "There is no empty folder at Harbour Coffee") and told.outcome == "done"
        told = await carry_out(home, "Delete the folders")
        assert nothing_done(home, told, "Only folders with nothing in them") and told.outcome == "refused"


async def test_an_account_is_disconnected_by_its_owner_who_types_its_name(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, "Disconnect the TikTok account")
        assert told.outcome == "held" and home.operations() == []
        [card] = told.cards
        assert arguments(card) == [{"id": TIKTOK}] and card.confirm == "Fern & Clay Studio"
        await home.reviewer().approve(card.number, "Fern & Clay Studio", ())
        assert home.operations() == ["DeleteAccount"]


SECOND = "  - {id: 120, workspace: harbour-coffee, platform: linkedin, username: harbour, name: Harbour Coffee}\n"


async def test_of_several_accounts_one_is_asked_for(tmp_path: Path) -> None:
    async with shop(tmp_path, accounts=SECOND) as home:
        asked = await carry_out(home, "Disconnect the LinkedIn account")
        assert asked.outcome == "asked" and home.operations() == [] and not asked.cards
        assert f"LinkedIn {LINKEDIN} Fern & Clay" in question(asked)[1] and "LinkedIn 120" in question(asked)[1]
        told = await answered(home, asked, "120")
        assert [arguments(card) for card in told.cards] == [[{"id": 120}]]
        told = await carry_out(home, "Disconnect the LinkedIn account of Fern & Clay")
        assert [arguments(card) for card in told.cards] == [[{"id": LINKEDIN}]]


async def test_an_account_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, "Disconnect the TikTok account of Harbour Coffee")
        assert nothing_done(home, told, "No such account is connected there.") and told.outcome == "refused"
        told = await carry_out(home, "Disconnect all accounts")
        assert nothing_done(home, told, "Only one account")


# -- moving by the day -------------------------------------------------------------------------------------------------


def due(told: RunReport) -> list[tuple[int, str, str, str]]:
    """For each card the post and its new wall time and zone."""
    calls = [arguments(card)[0] for card in told.cards]
    return [(call["id"], *(call["schedule_for"][name] for name in ("date", "time", "timezone"))) for call in calls]


async def test_the_post_of_a_day_keeps_its_hour(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, "Move next Friday's post at Fern & Clay to Monday")
        workshop = post_called(home, "Workshop places")
        assert due(told) == [(workshop, "2026-11-30", "10:00", "Europe/Berlin")] and home.operations() == []
        await home.reviewer().approve(told.cards[0].number, "", ())
        assert home.operations() == ["UpdatePost"]


async def test_of_several_posts_of_a_day_one_is_asked_for(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        asked = await carry_out(home, "Move the post of 27 November to 30 November at 9:00")
        harbour = post_called(home, "Closed on Thursday")
        assert asked.outcome == "asked" and "10:00 Europe/Berlin" in question(asked)[1]
        assert f"{harbour}, 2026-11-27 17:00 America/New_York" in question(asked)[1]
        told = await answered(home, asked, str(harbour))
        assert due(told) == [(harbour, "2026-11-30", "09:00", "America/New_York")] and home.operations() == []


async def test_a_day_without_a_post_is_told(tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, "Move tomorrow's post to Monday")
        assert nothing_done(home, told, "There is no scheduled post that is due on 2026-11-25.")
        assert told.outcome == "refused"
        told = await carry_out(home, "Move Fern & Clay's post of 26 November to 23 November 2026")
        assert nothing_done(home, told, "2026-11-23 12:00 has passed")


# -- several workspaces ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "goal", ["What is scheduled this week?", "What is scheduled this week at Fern & Clay and Harbour Coffee?"]
)
async def test_what_is_scheduled_is_told_with_each_ones_local_time(goal: str, tmp_path: Path) -> None:
    async with shop(tmp_path) as home:
        told = await carry_out(home, goal)
        assert told.outcome == "done" and home.operations() == []
        times = (
            "2026-11-26 12:00 Europe/Berlin",
            "2026-11-27 10:00 Europe/Berlin",
            "2026-11-27 17:00 America/New_York",
        )
        assert [told.said.index(time) for time in times] == sorted(told.said.index(time) for time in times)
        assert "3 scheduled posts found (2026-11-24 to 2026-11-29)" in told.said


async def test_each_workspace_gets_its_own_networks(tmp_path: Path) -> None:
    goal = 'Draft "Closed on Sunday." for Fern & Clay on LinkedIn and for Harbour Coffee on Facebook'
    async with shop(tmp_path, accounts=SECOND) as home:
        told = await carry_out(home, goal)
        assert told.outcome == "done"
        assert [(body["workspace_id"], accounts(body)) for body in drafts(home)] == [
            (FERN, [LINKEDIN]),
            (HARBOUR, [FACEBOOK]),
        ]
