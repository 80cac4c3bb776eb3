"""What goes with a post: threads, pictures and videos, first comments, titles, labels."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.planner.offline_talk import SHOP, Desk, Talk, draft, found

pytestmark = pytest.mark.anyio

SPRING_MUGS = found("media", {"id": 501, "name": "spring-mugs.jpg"}, {"id": 502, "name": "spring-mugs-detail.jpg"})
LABELS = found("labels", {"id": 21, "name": "Launch"}, {"id": 22, "name": "Spring"})


async def test_a_thread_of_quoted_parts() -> None:
    made = await draft('Write a thread for X and Bluesky: "One thing." "Another thing." "The last thing."')
    assert made == {
        "workspace_id": 11,
        "accounts": [102, 103],
        "text": "One thing.",
        "thread": ["Another thing.", "The last thing."],
    }


async def test_networks_without_threads_are_left_out() -> None:
    talk = Talk('Write a thread for X and LinkedIn: "One thing." "Another thing."')
    said = await talk.finish()
    assert [made["accounts"] for made in talk.made("draft_post")] == [[102]]
    assert said["refused"] == "LinkedIn is left out: it has no threads."


async def test_a_thread_about_a_subject_has_as_many_parts_as_asked() -> None:
    made = await draft("Write a thread of 4 posts about our kiln for X")
    assert len({made["text"], *made["thread"]}) == 4


@pytest.mark.parametrize(
    ("words", "name", "media"),
    [
        ("with the picture spring-mugs.jpg", "spring-mugs.jpg", 501),
        ("with the picture called spring-mugs", "spring-mugs", 501),
        ('with the picture "spring-mugs.jpg"', "spring-mugs.jpg", 501),
        ("and attach spring-mugs-detail.jpg", "spring-mugs-detail.jpg", 502),
        ("with spring-mugs.jpg from the library", "spring-mugs.jpg", 501),
    ],
)
async def test_a_picture_of_the_library_is_looked_up(words: str, name: str, media: int) -> None:
    goal = f'Draft "New mugs." for LinkedIn {words}'.replace(" from the library", "")
    talk = Talk(goal, desk=Desk(find_media=SPRING_MUGS))
    await talk.finish()
    assert talk.calls[0] == ("find_media", {"workspace_id": 11, "name": name})
    assert talk.made("draft_post")[0]["media"] == [media]


async def test_spaces_in_a_name_stand_for_hyphens_too() -> None:
    def search(arguments: dict[str, Any]) -> dict[str, Any]:
        return {"media": [{"id": 501, "name": "spring-mugs.jpg"}] if arguments["name"] == "spring-mugs" else []}

    made = await draft('Draft "New mugs." for X with the picture "spring mugs"', desk=Desk(find_media=search))
    assert made["media"] == [501]


async def test_of_several_pictures_one_is_asked_for() -> None:
    talk = Talk('Draft "New mugs." for X with the picture called mugs', desk=Desk(find_media=SPRING_MUGS))
    assert "501 spring-mugs.jpg; 502 spring-mugs-detail.jpg" in await talk.question()
    talk.reply("502")
    await talk.finish()
    assert talk.made("draft_post")[0]["media"] == [502]


async def test_without_the_picture_nothing_is_drafted() -> None:
    talk = Talk('Draft "New mugs." for X with the picture missing.jpg', desk=Desk(find_media=found("media")))
    said = await talk.finish()
    assert talk.made("draft_post") == []
    assert said["refused"] == 'There is no picture or video called "missing.jpg" in workspace 11.'


@pytest.mark.parametrize(
    "goal",
    [
        'Draft "New mugs." for X with the picture from https://a.example/mugs.jpg',
        'Import https://a.example/mugs.jpg and draft "New mugs." for X with it',
    ],
)
async def test_a_picture_is_imported_from_an_address(goal: str) -> None:
    talk = Talk(
        goal, desk=Desk(import_media=lambda _: {"done": "Import", "result": {"media": [{"id": 512}], "stored": 1}})
    )
    await talk.finish()
    assert talk.calls[0] == ("import_media", {"workspace_id": 11, "urls": ["https://a.example/mugs.jpg"]})
    assert talk.made("draft_post")[0]["media"] == [512]


@pytest.mark.parametrize(
    ("goal", "path"),
    [
        ('Upload pictures/mug.jpg and draft "New mugs." for X with it', "pictures/mug.jpg"),
        ('Upload kiln.png and draft "New mugs." with it for X', "kiln.png"),
        ('Draft "New mugs." for X with the file ./pictures/mug.jpg', "./pictures/mug.jpg"),
        ('Draft "New mugs." for X and upload "my pictures/a mug.jpg"', "my pictures/a mug.jpg"),
    ],
)
async def test_a_local_file_is_uploaded_by_the_path_as_written(goal: str, path: str) -> None:
    talk = Talk(goal, desk=Desk(upload_media=lambda _: {"done": "Upload", "result": {"id": 513, "name": "x"}}))
    await talk.finish()
    assert talk.calls[0] == ("upload_media", {"workspace_id": 11, "path": path})
    assert talk.made("draft_post")[0]["media"] == [513]


@pytest.mark.parametrize(
    "answer",
    [
        {"waiting": "card 4", "call": "Upload"},
        {"denied": "Upload", "why": ["Not from there. [media.folder]"]},
        {"error": "There is no file mug.jpg."},
        {"done": "Import", "result": {"media": [], "stored": 0}},
    ],
)
async def test_a_file_that_does_not_arrive_stops_the_draft(answer: dict[str, Any]) -> None:
    talk = Talk('Upload mug.jpg and draft "New mugs." for X with it', desk=Desk(upload_media=lambda _: answer))
    said = await talk.finish()
    assert talk.made("draft_post") == [] and "mug.jpg" in said["refused"]


@pytest.mark.parametrize(
    ("words", "comment"),
    [
        ("and the link https://a.example/new in the first comment", "https://a.example/new"),
        ("with its link https://a.example/new in the first comment", "https://a.example/new"),
        ("with first comment “More: https://a.example/new”", "More: https://a.example/new"),
        ("and put “Ask us.” in the first comment", "Ask us."),
    ],
)
async def test_instagram_gets_its_link_in_the_first_comment(words: str, comment: str) -> None:
    goal = f'Draft "New glazes are out." for Instagram with the picture spring-mugs.jpg {words}'
    made = await draft(goal, desk=Desk(find_media=SPRING_MUGS))
    assert (made["text"], made["media"], made["first_comment"]) == ("New glazes are out.", [501], comment)


async def test_a_link_inside_the_quotes_stays_there_too() -> None:
    made = await draft('Draft "New: https://a.example/n" for Instagram with the link in the first comment')
    assert (made["text"], made["first_comment"]) == ("New: https://a.example/n", "https://a.example/n")


async def test_networks_without_first_comments_get_a_draft_without() -> None:
    talk = Talk('Draft "New." for LinkedIn and X with first comment "Ask us."')
    said = await talk.finish()
    assert [made.get("first_comment") for made in talk.made("draft_post")] == ["Ask us.", None]
    assert said["refused"] == "X has no first comment; its draft goes without."


@pytest.mark.parametrize(
    ("words", "title"), [('titled "Kiln"', "Kiln"), ("", "Opening the kiln"), ('with the title "A B"', "A B")]
)
async def test_youtube_gets_a_title(words: str, title: str) -> None:
    desk = Desk(find_media=found("media", {"id": 506, "name": "kiln.mp4"}))
    made = await draft(f'Draft "Opening the kiln. Watch." for YouTube {words} with the video kiln.mp4', desk=desk)
    assert made["settings"] == {"106": {"title": title}}


TIKTOK_TOO = [
    SHOP[0]
    | {"accounts": [*SHOP[0]["accounts"], {"id": 105, "platform": "tiktok", "label": "Studio", "expired": False}]},
    SHOP[1],
]
VIDEO = found("media", {"id": 506, "name": "kiln.mp4"}, {"id": 501, "name": "spring-mugs.jpg"})


@pytest.mark.parametrize(
    ("words", "cover"),
    [
        ("with the cover frame at 3 seconds", 3000),
        ("with the cover frame at 1.5 s", 1500),
        ("with the cover at 0:03", 3000),
        ("with a cover frame from 1:02.5", 62500),
        ("and the frame at 2 secs", 2000),
        ("using the thumbnail frame at 250 ms", 250),
    ],
)
async def test_a_cover_frame_is_read_in_milliseconds(words: str, cover: int) -> None:
    goal = f'Draft "A bowl." for TikTok with the video kiln.mp4 {words}'
    made = await draft(goal, desk=Desk(find_media=VIDEO), digest=TIKTOK_TOO)
    assert made["cover"] == {"frame_ms": cover} and made["media"] == [506]


async def test_a_thumbnail_is_of_the_library_and_goes_to_every_network_that_shows_one() -> None:
    talk = Talk(
        'Draft "A bowl." for YouTube, Instagram and X with the video kiln.mp4 with the thumbnail spring-mugs.jpg',
        desk=Desk(find_media=VIDEO),
    )
    said = await talk.finish()
    assert [made["name"] for made in talk.made("find_media")] == ["kiln.mp4", "spring-mugs.jpg"]
    covers = {tuple(made["accounts"]): made.get("cover") for made in talk.made("draft_post")}
    assert covers == {(106, 104): {"thumbnail": 501}, (102,): None}
    assert said["refused"] == "X takes no such cover; its draft goes without."


async def test_a_thumbnail_is_imported_from_an_address() -> None:
    tools = Desk(
        find_media=VIDEO,
        import_media=lambda _: {"done": "Import", "result": {"media": [{"id": 512}], "stored": 1}},
    )
    goal = 'Draft "A bowl." for YouTube with the video kiln.mp4 and the thumbnail https://a.example/t.jpg'
    assert (await draft(goal, desk=tools))["cover"] == {"thumbnail": 512}


async def test_a_thumbnail_that_no_network_of_the_goal_shows_is_not_looked_for() -> None:
    talk = Talk('Draft "A bowl." for X with the thumbnail spring-mugs.jpg', desk=Desk(find_media=VIDEO))
    said = await talk.finish()
    assert [name for name, _ in talk.calls] == ["draft_post"] and "cover" not in talk.made("draft_post")[0]
    assert said["refused"] == "X takes no such cover; its draft goes without."


async def test_a_cover_that_is_denied_is_left_out_once() -> None:
    answers: Iterator[dict[str, Any]] = iter(
        [{"denied": "Draft", "why": ["The cover is of no use. [post.cover]"]}, {"done": "Draft", "result": {"id": 301}}]
    )
    tools = Desk(find_media=VIDEO, draft_post=lambda _: next(answers))
    talk = Talk('Draft "A bowl." for YouTube with the video kiln.mp4 with the thumbnail spring-mugs.jpg', desk=tools)
    said = await talk.finish()
    assert ["cover" in made for made in talk.made("draft_post")] == [True, False]
    assert said["refused"].startswith("Left out the cover: ")


async def test_labels_go_by_name_in_their_workspace() -> None:
    talk = Talk('Draft "New." for X with the labels "spring" and "Missing"', desk=Desk(list_labels=LABELS))
    said = await talk.finish()
    assert talk.made("list_labels") == [{"workspace_id": 11}]
    assert talk.made("draft_post")[0]["labels"] == [22]
    assert said["refused"] == "There is no label “Missing” in workspace 11."
