"""What a card says and how long it is good for: tables over calls, objects and modes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.api.accounts import DeleteAccount, ListAccounts
from agent.api.comments import CreateComment, DeleteComment, HideComment, UpdateComment
from agent.api.endpoint import Effect, Endpoint
from agent.api.folders import DeleteFolder
from agent.api.labels import CreateLabel, DeleteLabel, UpdateLabel
from agent.api.media import DeleteMedia, UploadMediaFromUrl
from agent.api.posts import AccountTarget, ContentItem, Cover, DeletePost, ScheduleFor, UpdatePost, UpdatePostAutoPlug
from agent.api.types import Label, Media
from agent.gate.cards import Held, decision_until, make_card, shares_a_card
from agent.gate.details import details_of
from agent.gate.titles import named, texts_of, title_of
from agent.gate.undo import undo_note
from agent.gate.versions import due_instant, post_version
from agent.journal import records as r
from agent.policy.effects import effect
from agent.policy.facts import Facts
from agent.policy.verdict import Judgement, Verdict
from tests.tools.helpers import NOW, comment, facts, post, row

LEAD = timedelta(minutes=2)


def _cover(cover: Any) -> dict[str, Any]:
    """A content item with a cover."""
    return {"text": "Hello", "media": [], "cover_image": cover}


TUESDAY = ScheduleFor(date="2026-03-10", time="09:00", timezone="Europe/Berlin")
APRIL = ScheduleFor(date="2026-04-10", time="09:00", timezone="Europe/Berlin")
DUE = datetime(2026, 3, 10, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def update(schedule_type: Any = "schedule", **changes: Any) -> UpdatePost:
    body: dict[str, Any] = {
        "id": 7,
        "workspace_id": 11,
        "content": (ContentItem(text="Hello"),),
        "schedule_type": schedule_type,
        "accounts": (AccountTarget(id=101),),
    }
    body |= {"schedule_for": TUESDAY} if schedule_type == "schedule" else {}
    return UpdatePost.model_validate(body | changes)


def known(**changes: Any) -> Facts:
    return facts(posts={7: post()}, comments={9: comment(9)}, **changes)


def card(*calls: Endpoint[Any], about: Facts | None = None) -> r.Card:
    about = about or known()
    held = [
        Held(f"r1.1.0.{at}", Judgement(call, effect(call, about), Verdict.HOLD, ())) for at, call in enumerate(calls)
    ]
    return make_card(4, held, about, "https://service", ["a note"])


SCHEDULED = post(status="SCHEDULED", scheduled_at="2026-03-05 10:00")
LIFETIMES: list[tuple[str, Endpoint[Any], Facts, datetime]] = [
    ("a deletion", DeletePost(id=7), known(), NOW + DAY),
    ("settings", UpdatePostAutoPlug(post=7, enabled=True), known(), NOW + DAY),
    ("publishing", update("publish_now"), known(), NOW + 2 * HOUR),
    ("publishing at night", update("publish_now"), known(mode="unattended"), NOW + 12 * HOUR),
    ("a reply", CreateComment(post_id=7, parent_comment_id=9, content="Yes."), known(), NOW + 72 * HOUR),
    ("an edited comment", UpdateComment(comment=9, content="Yes."), known(), NOW + 7 * DAY),
    ("a schedule", update(), known(), DUE - LEAD),
    (
        "a schedule far ahead",
        update(schedule_for=TUESDAY.model_copy(update={"date": "2026-04-10"})),
        known(),
        NOW + 7 * DAY,
    ),
    ("the next slot", update(schedule_for=None), known(), NOW + 7 * DAY),
    (
        "moving what is due before",
        update(),
        facts(posts={7: SCHEDULED}),
        datetime(2026, 3, 5, 8, 58, tzinfo=UTC),
    ),
    (
        "moving what has no readable time",
        update(),
        facts(posts={7: post(status="SCHEDULED")}),
        DUE - LEAD,
    ),
    (
        "moving what says no time at all",
        update(),
        facts(posts={7: post(status="SCHEDULED", scheduled_at="soon")}),
        DUE - LEAD,
    ),
]


@pytest.mark.parametrize(
    ("call", "about", "expires"), [one[1:] for one in LIFETIMES], ids=[one[0] for one in LIFETIMES]
)
def test_how_long_a_card_waits(call: Endpoint[Any], about: Facts, expires: datetime) -> None:
    assert card(call, about=about).expires == expires


def test_how_long_a_decision_may_be_carried_out() -> None:
    later = NOW + HOUR
    assert decision_until(card(update("publish_now")), later) == later + 2 * HOUR
    assert decision_until(card(DeletePost(id=7)), later) == later + DAY
    assert decision_until(card(update()), later) == later + DAY
    late = DUE - HOUR
    assert decision_until(card(update()), late) == DUE - LEAD


@pytest.mark.parametrize(
    ("calls", "role", "confirm"),
    [
        ((DeleteAccount(id=101),), "owner", "Fern"),
        ((DeleteAccount(id=999),), "owner", "999"),
        ((DeletePost(id=7),), "editor", ""),
        ((DeletePost(id=7), DeletePost(id=8)), "editor", "2"),
        ((update("publish_now"),), "editor", ""),
    ],
)
def test_who_decides_and_what_has_to_be_typed(calls: tuple[Endpoint[Any], ...], role: str, confirm: str) -> None:
    made = card(*calls)
    assert (made.role, made.confirm) == (role, confirm)


def test_the_title_over_several_calls_names_the_first_three() -> None:
    two, five = card(*map(delete, (7, 8))), card(*map(delete, (7, 8, 9, 10, 11)))
    assert two.title == '2 calls: Delete post 7: "Hello" (draft, LinkedIn); Delete post 8: not read'
    assert five.title.endswith("Delete post 9: not read; and 2 more")


def delete(number: int) -> DeletePost:
    return DeletePost(id=number)


def test_what_shares_a_card() -> None:
    labels = update("schedule", labels=(5, 6), schedule_for=ScheduleFor(date="2026-03-05", time="10:00"))
    about = facts(posts={7: SCHEDULED})
    assert shares_a_card(Judgement(labels, Effect.OUTBOUND, Verdict.HOLD, ()), about)
    words = labels.model_copy(update={"content": (ContentItem(text="Other words"),)})
    assert not shares_a_card(Judgement(words, Effect.OUTBOUND, Verdict.HOLD, ()), about)
    assert not shares_a_card(Judgement(labels, Effect.OUTBOUND, Verdict.HOLD, ()), facts())
    assert shares_a_card(Judgement(DeletePost(id=7), Effect.DESTRUCTIVE, Verdict.HOLD, ()), about)


SHOP = facts(
    posts={
        7: post(scheduled_at="2026-03-05 10:00", status="SCHEDULED"),
        12: post(id=12, content=[{"text": "One"}, {"text": "Two"}, {"text": None}]),
    },
    comments={9: comment(9), 10: comment(10, platform=None, user=None), 11: comment(11, user={"username": "ana"})},
    labels={5: Label(id=5, name="Launch"), 6: Label(id=6, name="Spring")},
    media={501: Media(id=501, name="mugs.jpg")},
)


def words(text: str) -> ContentItem:
    return ContentItem(text=text)


PINTEREST = {"board_id": "7", "title": "Mugs", "link": None}
DETAILS: list[tuple[str, Endpoint[Any], list[str], list[str]]] = [
    ("the same words", update(), ["text:", "  | Hello"], ["until now:"]),
    ("other words", update(content=(ContentItem(text="Bye"),)), ["  | Bye", "text until now:", "  | Hello"], []),
    ("no words", update(content=(ContentItem(media=(501, 502)),)), ["text: (none)", "media: mugs.jpg, 502"], []),
    ("no media", update(), ["  | Hello"], ["media:"]),
    (
        "a cover",
        update(content=(ContentItem(text="Hello", cover_image=Cover(thumbnail=501)),)),
        ["cover: {'thumbnail': 501}"],
        [],
    ),
    (
        "another time",
        update(),
        ["scheduled until now for 2026-03-05 10:00, then for Tue 10 Mar 2026 09:00 Europe/Berlin"],
        [],
    ),
    ("publishing", update("publish_now"), ["  | Hello"], ["scheduled until now"]),
    ("labels kept", update(), [], ["label"]),
    ("labels changed", update(labels=(6,)), ["label + Spring", "label - Launch"], []),
    ("a campaign", update(campaign_id=42), ["campaign: 42"], []),
    ("out of its campaign", update(campaign_id=None), [], ["campaign:"]),
    ("a label never read", update(labels=(5, 99)), ["label + 99"], ["label -"]),
    (
        "repeats",
        update(repeatable=True, repeatable_times=3, repeatable_gap=2, repeatable_gap_unit="days"),
        ["repeats 3 times, every 2 days"],
        [],
    ),
    ("ends repeating", update(repeatable=False), [], ["repeats"]),
    (
        "a deletion",
        DeletePost(id=7),
        ["  | Hello", "scheduled on LinkedIn, due 2026-03-05 10:00, with 3 comments read"],
        [],
    ),
    (
        "a deletion of a thread",
        DeletePost(id=12),
        ["text:\n  | One\npart 2:\n  | Two\npart 3: (none)\ndraft on LinkedIn"],
        ["part 1"],
    ),
    (
        "a thread",
        update(content=(*map(words, ("One", "Two")), ContentItem(text="Shop", is_first_comment=True))),
        ["text:\n  | One\ntext until now:", "part 2:\n  | Two\npart 2 until now:", "first comment:\n  | Shop"],
        ["part 1", "part 3"],
    ),
    ("a deletion of what was not read", DeletePost(id=8), ["the post was not read"], []),
    (
        "a reply",
        CreateComment(post_id=7, parent_comment_id=9, content="Yes."),
        ["  | Yes.", 'answers Jonas on LinkedIn: "Nice?"', 'under post 7: "Hello"'],
        [],
    ),
    ("a comment", CreateComment(post_id=8, content="Hi"), ["  | Hi", "under post 8"], ["answers"]),
    ("hiding", HideComment(comment=10), ['somebody: "Nice?"'], [" on "]),
    ("deleting a comment", DeleteComment(comment=11), ['ana on LinkedIn: "Nice?"'], []),
    ("a comment not read", HideComment(comment=99), ["the comment was not read"], []),
    ("an edited comment", UpdateComment(comment=9, content="Really nice"), ['"Nice?"', "  | Really nice"], []),
    ("an account", DeleteAccount(id=101), ["leaves 1 scheduled posts that were read", "  Hello"], []),
    ("another account", DeleteAccount(id=102), ["leaves 0 scheduled posts that were read"], ["  Hello"]),
    ("a label", DeleteLabel(id=5), ["id: 5"], []),
]


@pytest.mark.parametrize(("what", "call", "has", "lacks"), DETAILS)
def test_what_a_card_shows(what: str, call: Endpoint[Any], has: list[str], lacks: list[str]) -> None:
    told = "\n".join(details_of(call, SHOP))
    assert all(line in told for line in has), told
    assert not any(line in told for line in lacks), told


def test_settings_and_words_of_single_accounts_are_shown() -> None:
    targets = [{"id": 102, "settings": {"text": "Short hello", "reply_settings": "following"}}, {"id": 101}]
    call = UpdatePost.model_validate_json(json.dumps({**update().model_dump(mode="json"), "accounts": targets}))
    told = "\n".join(details_of(call, SHOP))
    assert "on X (Fern) instead:\n  | Short hello" in told and "settings for X (Fern): reply_settings following" in told
    assert "settings for LinkedIn" not in told


END = "here it ends"
LONG = f"{'long words ' * 30}{END}"
FAR = f"https://example.com/{'a' * 300}/{END.replace(' ', '-')}"


@pytest.mark.parametrize(
    ("account", "settings"),
    [
        (103, {"caption": LONG}),
        (103, {"title": LONG}),
        (103, {"link": FAR}),
        (107, {"title": LONG}),
        (105, {"website_card": {"uri": FAR}}),
        (105, {"website_card": {"uri": "https://example.com", "title": LONG}}),
        (105, {"website_card": {"uri": "https://example.com", "description": LONG}}),
        (102, {"reply": {"in_reply_to_tweet_id": "9" * 200 + END}}),
    ],
)
def test_settings_are_shown_to_their_end(account: int, settings: dict[str, Any]) -> None:
    """A person decides on what they see: nothing that the public reads or follows is cut off."""
    targets = [{"id": account, "settings": settings}]
    call = UpdatePost.model_validate_json(json.dumps({**update().model_dump(mode="json"), "accounts": targets}))
    told = "\n".join(details_of(call, SHOP))
    assert END in told.replace("-", " ")


@pytest.mark.parametrize(
    "call",
    [
        update(content=(ContentItem(text="Hi", media=(FAR,)),)),
        update(content=(ContentItem(text="Hi", media=(1,), cover_image=Cover(thumbnail=FAR)),)),
        CreateComment(post_id=7, content="Hi", media=(FAR,)),
        UpdateComment(comment=9, content="Hi", media=(FAR,)),
        UpdateComment(comment=9, media=(FAR,)),
        UpdatePostAutoPlug(post=7, enabled=True, reply_text=LONG),
        UploadMediaFromUrl(workspace_id=11, urls=(FAR,)),
    ],
)
def test_addresses_and_words_of_all_calls_are_shown_to_their_end(call: Endpoint[Any]) -> None:
    assert END in "\n".join(details_of(call, SHOP)).replace("-", " ")


def test_a_post_that_is_deleted_is_shown_with_all_it_holds() -> None:
    content = [
        {"text": "Hello", "media": [{"id": 9, "name": "mugs.jpg"}], "cover_image": {"thumbnail": FAR}},
        {"text": "First", "is_first_comment": True},
    ]
    rows = [row(102, settings={"text": LONG, "reply_settings": "following"}), row(101, settings={"link": FAR})]
    told = "\n".join(details_of(DeletePost(id=7), facts(posts={7: post(content=content, platforms=rows)})))
    for words_ in ("first comment:\n  | First", "media: mugs.jpg", "on X instead:", "reply_settings following", END):
        assert words_ in told, told
    assert told.count(END.replace(" ", "-")) == 2


def test_parts_that_an_edit_takes_away_are_counted() -> None:
    two = facts(posts={7: post(content=[{"text": "Hello"}, {"text": "and more"}])})
    assert [line for line in details_of(update(), two) if "taken away" in line] == ["1 further part(s) are taken away"]
    assert not [line for line in details_of(update(), SHOP) if "taken away" in line]
    unread = details_of(update(), facts(posts={}))
    assert unread and not [line for line in unread if "taken away" in line]


def test_a_first_comment_that_waits_and_repeats_that_end_are_shown() -> None:
    first = ContentItem(text="First", is_first_comment=True, first_comment_delay=30)
    told = details_of(update(content=(ContentItem(text="Hello"), first)), SHOP)
    assert "first comment goes out 30 minutes later" in told
    told = details_of(update(repeatable=False), facts(posts={7: post(repeatable=True)}))
    assert "repeats no more" in told


UNDO: list[tuple[Endpoint[Any], Any, str]] = [
    (
        update(),
        post(),
        "taken off the schedule or moved; then it is not to be taken back for certain",
    ),
    (update("publish_now"), None, "Once published it is not to be taken back for certain"),
    (update("publish_now"), post(platforms=[row(101), row(104)]), "on Instagram only by hand in the app"),
    (update("publish_now"), post(platforms=[row(104), row(108)]), "on Instagram and Threads only by hand"),
    (update("draft"), post(), "The draft as it was is kept"),
    (update("draft"), SCHEDULED, "It stays as a draft"),
    (DeletePost(id=7), post(), "A new draft can be made of the copy"),
    (CreateComment(post_id=7, content="Hi"), None, "delete_comment"),
    (UpdateComment(comment=9, content="Hi"), None, "edit_comment"),
    (HideComment(comment=9), None, "no unhide"),
    (DeleteComment(comment=9), None, "its text stays in the run's folder"),
    (DeleteLabel(id=5), None, "cannot be undone in PostSyncer"),
    (UpdatePostAutoPlug(post=7, enabled=True), None, ""),
]


@pytest.mark.parametrize(("call", "stands", "says"), UNDO)
def test_what_a_card_says_of_undoing(call: Endpoint[Any], stands: Any, says: str) -> None:
    told = undo_note(call, call.route.effect, stands)
    assert says in told and bool(says) == bool(told)


MOVED = facts(posts={7: SCHEDULED})
TITLES: list[tuple[Endpoint[Any], Facts, str]] = [
    (update("publish_now"), known(), 'Publish now on LinkedIn (Fern): "Hello"'),
    (update(), known(), 'Schedule on LinkedIn (Fern) for Tue 10 Mar 2026 09:00 Europe/Berlin: "Hello"'),
    (update(schedule_for=None), known(), 'Schedule on LinkedIn (Fern) for the next free slot: "Hello"'),
    (update(workspace_id=99), known(), 'Schedule on LinkedIn (Fern) for an unknown time: "Hello"'),
    (
        update(),
        MOVED,
        "Move post 7 on LinkedIn (Fern) from Thu 5 Mar 2026 10:00 Europe/Berlin to Tue 10 Mar 2026 09:00 Europe/Berlin:"
        ' "Hello"',
    ),
    (
        update(schedule_for=ScheduleFor(date="2026-03-05", time="10:00", timezone="Europe/Berlin")),
        MOVED,
        'Change scheduled post 7 on LinkedIn (Fern) for Thu 5 Mar 2026 10:00 Europe/Berlin: "Hello"',
    ),
    (
        update(),
        facts(posts={7: post(status="SCHEDULED", scheduled_at="soon")}),
        'Change scheduled post 7 on LinkedIn (Fern) for Tue 10 Mar 2026 09:00 Europe/Berlin: "Hello"',
    ),
    (update("draft"), MOVED, 'Take post 7 off the schedule: "Hello"'),
    (update("draft"), known(), 'Edit draft 7 on LinkedIn (Fern): "Hello"'),
    (update("draft"), facts(), 'Edit draft 7 on LinkedIn (Fern): "Hello"'),
    (update("draft", accounts=()), known(), 'Edit draft 7 on the default account: "Hello"'),
    (update("draft", content=(ContentItem(media=(1,)),)), known(), "Edit draft 7 on LinkedIn (Fern): (no text)"),
    (DeletePost(id=7), known(), 'Delete post 7: "Hello" (draft, LinkedIn)'),
    (DeletePost(id=7), facts(posts={7: post(platforms=[])}), 'Delete post 7: "Hello" (draft, no account)'),
    (DeletePost(id=8), known(), "Delete post 8: not read"),
    (DeleteAccount(id=101), known(), "Disconnect account 101: LinkedIn (Fern)"),
    (DeleteAccount(id=999), known(), "Disconnect account 999: account 999"),
    (
        CreateComment(post_id=7, parent_comment_id=9, content="Yes."),
        known(),
        'Reply to comment 9 "Nice?": "Yes."',
    ),
    (CreateComment(post_id=7, parent_comment_id=10, content="Yes."), known(), 'Reply to comment 10 (no text): "Yes."'),
    (CreateComment(post_id=7, content="Hi"), known(), 'Comment on post 7: "Hi"'),
    (UpdateComment(comment=9, content="Yes."), known(), 'Edit comment 9: "Yes."'),
    (DeleteComment(comment=9), known(), 'Delete comment 9: "Nice?"'),
    (HideComment(comment=10), known(), "Hide comment 10: (no text)"),
    (DeleteMedia(media_id=501), SHOP, "Delete media 501: mugs.jpg"),
    (DeleteMedia(media_id=502), SHOP, "Delete media 502: unknown"),
    (DeleteLabel(id=5), SHOP, 'Delete label 5 "Launch"'),
    (DeleteLabel(id=99), SHOP, "Delete label 99"),
    (UpdateLabel(id=5, name="Start", color="#112233"), SHOP, 'Change label 5 "Launch": name Start, color #112233'),
    (CreateLabel(workspace_id=11, name="Kiln", color="#112233"), SHOP, "Create label: workspace_id 11, name Kiln"),
    (ListAccounts(), SHOP, "List accounts"),
    (UploadMediaFromUrl(workspace_id=11, urls=("https://a.example/b.jpg",)), SHOP, "Import https://a.example/b.jpg"),
]


@pytest.mark.parametrize(("call", "about", "title"), TITLES)
def test_what_a_call_is_called(call: Endpoint[Any], about: Facts, title: str) -> None:
    assert title_of(call, about).startswith(title)
    assert len(title_of(call, about)) <= max(160, len(title))


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (DeletePost(id=7), "post 7"),
        (UpdatePostAutoPlug(post=7, enabled=True), "post 7"),
        (DeleteComment(comment=9), "comment 9"),
        (CreateComment(post_id=7, parent_comment_id=9, content="Yes."), "comment 9"),
        (DeleteLabel(id=5), "label 5"),
        (DeleteMedia(media_id=501), "media 501"),
        (DeleteFolder(folder_id=31), "folder 31"),
        (DeleteAccount(id=101), "account 101"),
        (CreateLabel(workspace_id=11, name="Kiln", color="#112233"), "CreateLabel"),
    ],
)
def test_what_a_call_is_about(call: Endpoint[Any], name: str) -> None:
    assert named(call) == name


def test_the_texts_that_the_public_would_read() -> None:
    thread = update(content=(ContentItem(text="One"), ContentItem(media=(1,)), ContentItem(text="Two")))
    assert texts_of(thread) == ("One", "Two")
    own = {"accounts": [{"id": 102, "settings": {"text": "Short", "reply_settings": "following"}}, {"id": 101}]}
    variants = UpdatePost.model_validate_json(json.dumps(update().model_dump(mode="json") | own))
    assert {"Hello", "Short"} < set(texts_of(variants))
    assert texts_of(CreateComment(post_id=7, content="Hi")) == ("Hi",)
    assert texts_of(DeletePost(id=7)) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"scheduled_at": "2026-03-10 09:00 AM"}, {"scheduled_at": "2026-03-10T09:00:00"}, True),
        ({"scheduled_at": "2026-03-10 09:00 AM"}, {"scheduled_at": "2026-03-10 10:00 AM"}, False),
        ({"scheduled_at": "2026-03-10T09:00:00+01:00"}, {"scheduled_at": "2026-03-10T09:00:00+02:00"}, False),
        ({"scheduled_at": "2026-03-10T09:00:00Z"}, {"scheduled_at": "2026-03-10 09:00 AM"}, False),
        ({"content": [_cover({"thumbnail": {"id": 5, "url": "a"}})]}, {"content": [_cover({"thumbnail": 5})]}, True),
        ({"content": [_cover({"thumbnail": 5})]}, {"content": [_cover({"thumbnail": 6})]}, False),
        ({"content": [_cover({"thumbnail": 5})]}, {"content": [_cover(None)]}, False),
        ({"updated_at": "2026-03-01 10:00"}, {"updated_at": "2026-03-02 10:00"}, True),
        ({"status": "DRAFT"}, {"status": "SCHEDULED"}, False),
        ({"labels": []}, {}, False),
        ({"repeatable": True}, {}, False),
        ({"platforms": [row(102)]}, {}, False),
    ],
)
def test_what_makes_another_version_of_a_post(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert (post_version(post(**one)) == post_version(post(**other))) == same


def test_a_time_is_read_in_its_own_zone_or_the_workspaces() -> None:
    zone = ZoneInfo("America/New_York")
    bare = ScheduleFor(date="2026-03-10", time="09:00")
    assert due_instant(update(schedule_for=bare), zone) == datetime(2026, 3, 10, 13, tzinfo=UTC)
    assert due_instant(update(), zone) == DUE and due_instant(update("publish_now"), zone) is None
