"""What seldom happens, and has to come out right all the same: odd dates, odd names, odd files of the home."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.api.endpoint import Effect
from agent.api.labels import UpdateLabel
from agent.api.types import Account, Analysis, Comment
from agent.errors import SettingsError
from agent.journal.mirror import MirrorPost
from agent.journal.records import StandingUse
from agent.policy.authors import author_of
from agent.policy.facts import StandingKnown
from agent.policy.gathering import Ownership, sources_in
from agent.policy.mirror import mirror_of
from agent.policy.occurrences import further
from agent.policy.pack import Pack, load_pack
from agent.policy.places import in_words
from agent.policy.provenance import Source, hosts_in
from agent.policy.rules.case import Case
from agent.policy.rules.shown import likely_language
from agent.policy.standing import NOT_USED, permitted, still_holds
from agent.policy.testing import load_tests, run_test
from tests.policy.helpers import (
    ACCOUNT,
    FACTS,
    NETWORK_LIMITS,
    NOW,
    OURS,
    PACK,
    POLICIES,
    draft,
    findings,
    knowing,
    promote,
    publish,
    said,
)

LINKEDIN = ACCOUNT["linkedin"]
PERMISSION = (
    "{name: tips, accounts: [109], label: 5, between: ['09:00', '18:00'], days: [mon-fri], per_day: 2,"
    " until: 2026-12-31, signed: Ana}"
)


def laid_over(folder: Path, text: str, *, own: bool = True) -> Pack:
    path = folder / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    return load_pack([POLICIES / "default.yaml", path], NETWORK_LIMITS, home=path if own else None)


@pytest.mark.parametrize(
    ("user", "author"),
    [({"name": " Mia  K. "}, "linkedin:mia k."), ({"name": " "}, ""), ({"id": 4, "name": "Mia"}, "postsyncer:4")],
)
def test_an_author_of_whom_only_a_name_is_told(user: dict[str, Any], author: str) -> None:
    assert author_of(Comment(id=1, platform="linkedin", user=user)) == author


def test_posts_that_do_not_count_and_zones_that_nobody_knows() -> None:
    row = {"status": "SCHEDULED", "accounts": (LINKEDIN,), "due": "2026-12-01 09:00", "workspace": 77}
    posts = [MirrorPost.model_validate({"id": key, **row}) for key in (1, 2)]
    mirror = mirror_of(posts, {77: "Mars/Olympus"}, NOW, NOW)
    account = Account(id=LINKEDIN, platform="linkedin", workspace_id=77)
    at = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # without a zone that is known, times are read in UTC
    span = at - timedelta(hours=1), at + timedelta(hours=1)
    assert [(one.post, one.at) for one in mirror.times(account, *span)] == [(1, at), (2, at)]
    assert [one.post for one in mirror.without(frozenset({1})).times(account, *span)] == [2]


def test_no_plan_is_followed_to_the_end_of_the_calendar() -> None:
    first = datetime(9990, 1, 1, 9, 0)  # noqa: DTZ001 - a wall-clock time has no zone
    assert [one.at.year for one in further(first, 100, 12, "months", ZoneInfo("UTC"))][-1] == 9997
    assert [one.at.year for one in further(first, 100, 24 * 365, "hours", ZoneInfo("UTC"))][-1] == 9997


def test_an_analysed_thread_is_from_outside_and_other_answers_say_nothing() -> None:
    analysis = Analysis.model_validate({"answer": "They love it.", "tweet": {"text": "Buy it at 3:00"}})
    assert list(sources_in(analysis, Ownership())) == [
        Source("an analysed thread", "outside", "They love it."),
        Source("an analysed post", "outside", "Buy it at 3:00"),
    ]
    bare = Analysis.model_validate({"answer": "They love it."})
    assert len(list(sources_in(bare, Ownership()))) == 1
    assert list(sources_in({"no": "answer of ours"}, Ownership())) == []


def test_a_name_that_no_host_can_have_is_none() -> None:
    assert list(hosts_in(f"＄{'ø' * 64}。com and ＄ø。com")) == [("ø.com", "ø.com")]


def test_a_label_is_renamed_before_any_post_was_read() -> None:
    rename = UpdateLabel(id=5, name="start", color="#aabbcc")
    [note] = findings("organise.touched", rename, knowing(posts={}))
    assert note.verdict.word == "allow" and "no post was read" in note.says


def test_a_host_that_is_no_spelling_of_another_alphabet_is_taken_as_it_stands() -> None:
    own = knowing(accounts={**FACTS.accounts, 101: Account(id=101, platform="twitter", username="аpple.com")})
    assert said("text.confusable", promote("See https://xn--0.com/a"), own) == "allow"
    assert said("text.confusable", promote("See https://xn--pple-43d.net/a"), own) == "hold"
    assert said("text.confusable", promote("See https://xn--0.xn--pple-43d.net/a"), own) == "hold"


def test_a_date_that_no_calendar_has_names_no_day_of_the_goal() -> None:
    facts = knowing(goal="Schedule post 500")
    assert said("origin.figures", promote("Come on 1 December.", at="2026-12-01 09:00"), facts) == "allow"
    assert said("origin.figures", promote("Come on 1 December.", at="2026-13-01 09:00"), facts) == "hold"


def test_scripts_that_name_a_language_and_others_that_do_not() -> None:
    texts = {"el": "Ανοίγουμε", "ru": "Мы открыты", "ko": "열었습니다", "ja": "開いています", "zh": "我们开门"}
    assert {key: likely_language(text) for key, text in texts.items()} == {key: key for key in texts}
    assert likely_language("\u0531\u0532\u0533 \u0534\u0535\u0536 éé") == ""  # Armenian: no rule knows it
    assert likely_language("Ça, c'est à nous: une tasse pour les amis et la table.") == "fr"


def test_a_list_of_words_may_hold_signs_that_are_no_words(tmp_path: Path) -> None:
    pack = laid_over(tmp_path, "rules:\n  words.blocked:\n    words: ['!!', cheap]\n")
    assert said("words.blocked", promote("Wow!! Fine."), pack=pack) == "allow"
    assert said("words.blocked", promote("Cheap!!"), pack=pack) != "allow"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"standing:\n  - {PERMISSION}\n  - {PERMISSION}\n", "a name of its own"),
        (f"standing:\n  - {PERMISSION.replace('[mon-fri]', '[someday]')}\n", "write days as"),
        (f"standing:\n  - {PERMISSION.replace('18:00', '25:00')}\n", "two times in quotes"),
        (f"standing:\n  - {PERMISSION.replace('18:00', '08:00')}\n", "ends before it begins"),
    ],
)
def test_a_standing_permission_that_cannot_be_meant_is_refused(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=says):
        laid_over(tmp_path, text)


def test_a_standing_permission_counts_in_the_homes_own_file_alone_and_in_the_hash(tmp_path: Path) -> None:
    text = f"standing:\n  - {PERMISSION}\n"
    with pytest.raises(SettingsError, match="nowhere else"):
        laid_over(tmp_path, text, own=False)
    pack = laid_over(tmp_path, text)
    assert [one.name for one in pack.standing] == ["tips"]
    assert pack.hash != laid_over(tmp_path, text.replace("per_day: 2", "per_day: 1")).hash != PACK.hash


@pytest.mark.parametrize(
    ("minute", "scheduled", "published"),
    [
        ("2026-12-01 10:00", True, True),
        ("2026-12-01 18:00", True, False),
        ("2026-12-01 08:59", True, False),
        ("2026-12-01 23:59", True, False),
        ("2026-12-02 00:00", False, False),
        ("2026-12-02 10:00", False, False),
    ],
)
def test_a_permission_holds_for_the_day_and_hours_it_was_looked_at_for(
    minute: str, scheduled: bool, published: bool
) -> None:
    now = datetime.fromisoformat(minute).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    use = StandingUse(
        name="tips",
        accounts=(LINKEDIN,),
        label=5,
        between=("09:00", "18:00"),
        days=("tue",),
        per_day=2,
        links=False,
        mentions=False,
        until="2026-12-31",
        signed="Ana",
        unattended=False,
        due=NOW,
        zone="Europe/Berlin",
        day="2026-12-04",
        sent_on="2026-12-01",
    )
    assert still_holds(use, promote("A."), now) is scheduled
    assert still_holds(use, publish("A."), now) is published


def test_a_permission_is_not_used_for_a_time_that_no_calendar_has(tmp_path: Path) -> None:
    pack = laid_over(tmp_path, f"standing:\n  - {PERMISSION}\n")
    facts = knowing(standing=StandingKnown())
    labelled = facts.posts[OURS].model_copy(update={"labels": (FACTS.labels[5],)})
    facts = replace(facts, posts={**facts.posts, OURS: labelled})
    noted = {}
    for at in ("2026-12-01 09:00", "2026-13-01 09:00"):
        case = Case(promote("A.", at=at, labels=[5]), facts, Effect.OUTBOUND, pack.networks)
        noted[at] = [note.rule for note in permitted(case, pack.standing, (), pack.publishing_words)[1]]
    assert noted == {"2026-12-01 09:00": [NOT_USED], "2026-13-01 09:00": []}


def test_an_account_has_its_own_limits_or_its_networks(tmp_path: Path) -> None:
    pack = laid_over(tmp_path, "accounts:\n  101:\n    limits: {text: 25000, reason: Premium, read: 2026-11-26}\n")
    assert pack.limits_of(101, "twitter").text.value == 25000
    assert pack.limits_of(102, "twitter").text.value == 280


def test_figures_of_a_test_that_the_rule_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "tests:\n  - {rule: post.mentions, name: odd, draft: {text: Hi}, figures: {most: no}, expect: allow}\n",
        encoding="utf-8",
    )
    [(where, test)] = load_tests([path])
    with pytest.raises(SettingsError, match="do not fit"):
        run_test(where, test, FACTS, PACK)


def test_a_video_whose_length_no_limit_bounds() -> None:
    media = next(iter(FACTS.media.values())).model_copy(update={"id": 50, "mime_type": "video/mp4", "size": 5})
    facts = knowing(media={**FACTS.media, 50: media})
    call = draft(None, "telegram", content=[{"text": "Look.", "media": [50]}])
    assert said("media.fits", call, facts) == "allow"


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ("The text in content.0.text is mostly in capitals.", "The text is mostly in capitals."),
        ("The text in content.2.text is mostly emoji.", "Part 3 is mostly emoji."),
        ("A placeholder stands in content.1.text.", "A placeholder stands in part 2."),
        ("Words in content stand in comment 90.", "Words in the comment stand in comment 90."),
        ("The text in content is mostly in capitals.", "The text is mostly in capitals."),
        ("There is nothing but a link in content.10.text.", "There is nothing but a link in part 11."),
        (
            "A blocked word stands in accounts.1.settings.caption.",
            "A blocked word stands in the caption of its own that account no. 2 has.",
        ),
        ("The contents of content.text are ours.", "The contents of content.text are ours."),
        ("The text is 61 over on twitter: 341 of 280.", "The text is 61 over on X: 341 of 280."),
        ("linkedin takes no post without media.", "LinkedIn takes no post without media."),
        ("add a picture, or leave tiktok out", "add a picture, or leave TikTok out"),
        ("There is no first comment on bluesky.", "There is no first comment on Bluesky."),
        ("A link leads to a page on twitter.com, in threads", "A link leads to a page on twitter.com, in threads"),
    ],
)
def test_places_are_told_in_words(says: str, told: str) -> None:
    assert in_words(says) == told
