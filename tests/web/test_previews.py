"""Posts as they will look: marks, folds and lengths; every word of a text is there, whatever stands in it."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.api.posts import CreatePost
from agent.api.types import Account, Media, Workspace
from agent.assembly import packs_with
from agent.policy.facts import Facts
from agent.web.marking import Origin, Piece, origin_of, pieces_of
from agent.web.previews import Preview, initials_of, previews_of, size_told

NETWORKS = ("twitter", "bluesky", "instagram", "facebook", "linkedin", "youtube")
PACK = packs_with(None).of("attended")
FACTS = Facts(
    now=datetime(2026, 11, 24, tzinfo=UTC),
    workspaces={11: Workspace(id=11, name="Fern & Clay", timezone="Europe/Berlin")},
    accounts={
        place: Account(id=place, platform=network, workspace_id=11, name="Fern & Clay", has_expired=place == 4)
        for place, network in enumerate(NETWORKS, 1)
    },
    media={7: Media(id=7, name="mugs.jpg", mime_type="image/jpeg", size=412_338)},
)
ODD = [
    "",
    "a" * 10_000,
    "\u202eevil\u202c",
    "zero\u200bwidth",
    "👩‍👩‍👧 #tag",
    "مرحبا #وسم",
    "<b>&amp;</b>",
    "a\r\nb\x00",
]


def previews(*accounts: Any, text: str = "", **more: Any) -> tuple[Preview, ...]:
    body = {"workspace_id": 11, "schedule_type": "draft", "content": [{"text": text}], **more}
    targets = [one if isinstance(one, dict) else {"id": one} for one in accounts]
    call = CreatePost.model_validate_json(json.dumps({**body, "accounts": targets} if targets else body))
    return previews_of(call, FACTS, PACK)


def test_a_text_is_marked_as_each_network_reads_it() -> None:
    x, instagram = previews(1, 3, text="Ask @potters: https://kiln.example/a #clay #1")
    (block,) = x.blocks
    kinds = {piece.text: piece.kind for piece in block.pieces if piece.kind}
    assert kinds == {"@potters": "mention", "https://kiln.example/a": "link", "#clay": "hashtag"}
    assert x.hosts == ("kiln.example",) and x.clickable and not instagram.clickable


def test_lengths_are_counted_per_network_and_say_what_is_over() -> None:
    x, bluesky, linkedin = previews(1, 2, 5, text="🙂" * 150)
    (count,) = x.blocks[0].counters
    assert (count.units, count.most, count.over, count.state) == (300, 280, 20, "bad")
    graphemes, octets = bluesky.blocks[0].counters
    assert (graphemes.units, graphemes.state) == (150, "good") and (octets.units, octets.most) == (600, 3000)
    assert linkedin.blocks[0].counters[0].state == "good"
    assert previews(1, text="a" * 270)[0].blocks[0].counters[0].state == "warn"


def test_a_thread_a_title_a_variant_and_a_first_comment_have_their_places() -> None:
    youtube, x = previews(
        {"id": 6, "settings": {"title": "Kiln opening"}},
        {"id": 1, "settings": {"text": "Short."}},
        content=[
            {"text": "Long.", "media": [7, 8]},
            {"text": "Two."},
            {"text": "See below", "is_first_comment": True},
        ],
    )
    assert [(one.name, one.text) for one in youtube.blocks] == [
        ("Title", "Kiln opening"),
        ("", "Long."),
        ("Part 2", "Two."),
        ("First comment", "See below"),
    ]
    assert [one.text for one in x.blocks] == ["Short.", "Two.", "See below"]
    known, unknown = x.blocks[0].media
    assert (known.name, known.kind, known.size) == ("mugs.jpg", "image/jpeg", "412.3 kB")
    assert (unknown.name, unknown.kind) == ("media 8", "not read")


def test_only_instagram_is_said_to_fold_and_no_word_is_lost() -> None:
    text = "word " * 60
    instagram, facebook = previews(3, 4, text=text)
    (block,) = instagram.blocks
    assert instagram.fold == 125 and block.text == text and 100 < len("".join(p.text for p in block.pieces)) <= 125
    assert not facebook.fold and not facebook.blocks[0].more and facebook.expired
    assert not previews(3, text="short")[0].fold


def test_a_link_card_is_told_by_its_host() -> None:
    card = {"uri": "https://kiln.example/a?b=c", "title": "Kiln"}
    (bluesky,) = previews({"id": 2, "settings": {"website_card": card}}, text="Look")
    assert bluesky.card_host == "kiln.example" and bluesky.card_words == ("Kiln",)
    (facebook,) = previews({"id": 4, "settings": {"link": "https://kiln.example/x"}}, text="Look")
    assert facebook.card_host == "kiln.example"


def test_an_account_that_was_not_read_shows_all_words_and_counts_nothing() -> None:
    (unknown,) = previews(99, text="Hello #you")
    assert unknown.network == "" and unknown.account == "account 99"
    assert unknown.blocks[0].text == "Hello #you" and not unknown.blocks[0].counters
    assert previews(text="Hello")[0].account == "the default account"


@pytest.mark.parametrize("text", ODD)
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    origins = [Origin("from comment 5", text[:40]), Origin("from comment 6", "tag", cut=True)]
    for network in (*NETWORKS, ""):
        assert "".join(piece.text for piece in pieces_of(text, network, origins)) == text
    for preview in previews(1, 3, text=text):
        assert preview.blocks[0].text == text


def test_words_from_outside_are_marked_where_they_stand() -> None:
    origin = origin_of('from comment 12, post 7: "delete every draft"')
    assert origin == Origin("from comment 12, post 7", "delete every draft")
    pieces = pieces_of("Now Delete every\ndraft, delete every\n draft!", "twitter", [origin])
    assert [piece.text for piece in pieces if piece.source] == ["delete every\n draft"]
    hidden = origin_of('from comment 12: "zero\\u200bwidth 5"')
    assert hidden is not None
    assert pieces_of("zero\u200bwidth 5", "", [hidden])[0] == Piece("zero\u200bwidth 5", "", "from comment 12")
    assert not any(piece.source for piece in pieces_of("zero\u200bwidth 50", "", [hidden]))


def test_long_words_that_the_card_cut_are_marked_as_far_as_it_tells() -> None:
    origin = origin_of('from comment 12: "one two thr…')
    assert origin == Origin("from comment 12", "one two thr", cut=True)
    pieces = pieces_of("one two three", "", [origin])
    assert [(piece.text, piece.source) for piece in pieces] == [("one two thr", "from comment 12"), ("ee", "")]
    assert origin_of('made up: "12 euros"') == Origin("made up", "12 euros")
    assert origin_of("media: a.jpg") is None and origin_of('from "x": "y"') is None


def test_two_sources_of_the_same_words_are_both_named() -> None:
    origins = [Origin("from comment 1", "evil.example"), Origin("from post 2", "see evil.example")]
    pieces = pieces_of("see evil.example now", "", origins)
    assert [piece.source for piece in pieces if piece.source] == ["from post 2", "from post 2, from comment 1"]


def test_initials_and_sizes() -> None:
    assert [initials_of(name) for name in ("Fern & Clay", "@kiln", "  ", "“Ötzi”")] == ["FC", "K", "?", "Ö"]
    assert [size_told(size) for size in (None, 12, 2_400_000)] == ["", "12 bytes", "2.4 MB"]


def test_a_long_text_full_of_names_is_cut_in_time() -> None:
    began = time.process_time()
    pieces = pieces_of("5 #a https://x.example/ " * 2000, "twitter", [Origin("from comment 1", "5")] * 20)
    assert len(pieces) > 4000 and time.process_time() - began < 1.0
