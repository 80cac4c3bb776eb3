"""What `psa policy check` takes: a draft of the journal, a text, a policy test, a call."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.api.posts import CreatePost, DeletePost, UpdatePost
from agent.api.types import Account
from agent.errors import Declined, SettingsError
from agent.gate.past import Past
from agent.policy.checking import check
from agent.policy.given import load_world
from agent.review.checking import Subject, Wish, known_of, of_draft, of_file, of_text
from agent.settings import data_folder
from tests.house import NOW, Home, call, finish, home_in
from tests.policy.helpers import PACK

pytestmark = pytest.mark.anyio

WORLD = load_world(data_folder("policies") / "tests" / "world.yaml")


def past_of(home: Home) -> Past:
    house = home.house
    return Past(house.store, house.packs, house.gate.surroundings, house.service, NOW)


def networks(subject: Subject) -> list[str]:
    assert isinstance(subject.call, UpdatePost)
    return [subject.facts.accounts[target.id].platform for target in subject.call.accounts]  # type: ignore[union-attr]


async def test_a_draft_is_judged_as_a_run_last_saw_it(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        new = max(one["id"] for one in home.box.export()["posts"]) + 1
        draft = call("draft_post", workspace_id=11, accounts=[101], text="Hi @ann @bob @cid @dee")
        await home.run("Draft “Hi @ann @bob @cid @dee” for LinkedIn", [[draft], finish()])
        home.house.open_run("attended", "ana")
        pack = home.house.packs.of("attended")
        subject = of_draft(new, past_of(home), Wish())
        assert isinstance(subject.call, UpdatePost) and subject.call.schedule_type == "draft"
        assert "run r1 last saw it (draft)" in subject.told[0]
        found = check(subject.call, subject.facts, pack, of_text=True)
        assert [(one.rule, one.later) for one in found.findings] == [("post.mentions", True)] and not found.passes
        later = of_draft(new, past_of(home), Wish(at="2026-12-01 09:00"))
        assert isinstance(later.call, UpdatePost) and later.call.schedule_type == "schedule"
        found = check(later.call, later.facts, pack, of_text=True)
        told = [(one.rule, one.verdict.word) for one in found.findings]
        assert told == [("post.mentions", "hold"), ("posts.read", "allow")] and len(found.approval) == 1
        night = of_draft(new, past_of(home), Wish(unattended=True))
        assert night.facts.mode == "unattended"
        assert home.operations() == ["CreatePost"]


async def test_a_draft_that_nobody_saw_or_that_is_out(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        published = next(one["id"] for one in home.box.export()["posts"] if one.get("status") == "published")
        await home.run(f"Look at post {published}", [[call("get_post", post=published)], finish()])
        with pytest.raises(Declined, match="No run of this home has read or made post 4711"):
            of_draft(4711, past_of(home), Wish())
        with pytest.raises(Declined, match="published"):
            of_draft(published, past_of(home), Wish())
        house = home.house
        elsewhere = Past(house.store, house.packs, house.gate.surroundings, "https://elsewhere/api", NOW)
        with pytest.raises(Declined, match="No run"):
            of_draft(published, elsewhere, Wish())
        assert known_of(elsewhere) is None


async def test_a_text_goes_to_the_accounts_that_runs_have_read(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        assert known_of(past_of(home)) is None
        await home.run("Look around", [finish()])
        known = known_of(past_of(home))
        assert known is not None
        subject = of_text("Hello.", known, Wish(on=("x", "101")), NOW, PACK)
        assert networks(subject) == ["twitter", "linkedin"] and "last read them" in subject.told[0]
        everywhere = {one.platform for one in known.accounts.values() if one.workspace_id == 11}
        bare, pictured = (of_text("Hello.", known, Wish(media=media), NOW, PACK) for media in ((), (41,)))
        assert set(networks(pictured)) == everywhere > set(networks(bare)) and "Left out" in bare.told[1]
        thread = of_text(f"{'aa ' * 86}https://example.com/a-rather-long-address", known, Wish(on=("x",)), NOW, PACK)
        split = check(thread.call, thread.facts, home.house.packs.of("attended"), of_text=True)
        assert len(split.changes) == 2 and not split.changes[1].before
        timed = of_text("Hello.", known, Wish(on=("linkedin",), at="2026-12-01T08:00Z"), NOW, PACK)
        assert isinstance(timed.call, UpdatePost)
        assert timed.call.model_dump()["schedule_for"] == {
            "date": "2026-12-01",
            "time": "09:00",
            "timezone": "Europe/Berlin",
        }


async def test_a_text_is_judged_by_the_posts_that_the_home_knows(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        words = "The kiln is warm again. @ann"
        draft = call("draft_post", workspace_id=11, accounts=[101], text=words)
        await home.run(f"Draft “{words}” for LinkedIn", [[draft], finish()])
        pack = home.house.packs.of("attended")
        for text, rules in ((words, ["post.duplicate"]), ("Soak a dry planter. @bob", [])):
            subject = of_text(text, known_of(past_of(home)), Wish(on=("101",)), NOW, PACK)
            found = check(subject.call, subject.facts, pack, of_text=True)
            assert [one.rule for one in found.findings] == rules  # and the person's mention is theirs


def test_without_a_journal_accounts_stand_in() -> None:
    subject = of_text("Hello.", None, Wish(on=("linkedin", "X"), at="2026-12-01 09:00"), NOW, PACK)
    assert networks(subject) == ["linkedin", "twitter"] and "stand-ins" in subject.told[0]


def test_without_networks_those_that_need_media_are_left_out_of_a_plain_text() -> None:
    bare = of_text("Hello.", None, Wish(), NOW, PACK)
    assert len(networks(bare)) == 7 and check(bare.call, bare.facts, PACK, of_text=True).passes
    assert bare.told[1] == ("Left out, for want of media: Instagram, Pinterest, TikTok, YouTube. Name it with --media.")
    named = of_text("Hello.", None, Wish(on=("instagram",)), NOW, PACK)
    assert networks(named) == ["instagram"] and len(named.told) == 1
    pictured = of_text("Hello.", None, Wish(media=(41, 42)), NOW, PACK)
    assert len(networks(pictured)) == 11 and len(pictured.told) == 1
    assert pictured.call.model_dump()["content"][0]["media"] == (41, 42)
    found = {one.rule for one in check(pictured.call, pictured.facts, PACK, of_text=True).findings}
    assert "ids.read" not in found and "post.media_needed" not in found


def test_where_all_need_media_none_is_left_out() -> None:
    known = replace(WORLD, accounts={one.id: one for one in WORLD.accounts.values() if one.platform == "instagram"})
    subject = of_text("Hello.", known, Wish(), NOW, PACK)
    assert networks(subject) == ["instagram"] and len(subject.told) == 1
    assert not check(subject.call, subject.facts, PACK, of_text=True).passes


def test_an_empty_first_workspace_and_networks_nobody_knows_are_passed_over() -> None:
    strange = Account(id=301, platform="myspace", workspace_id=12)
    theirs = Account(id=302, platform="linkedin", workspace_id=12)
    known = replace(WORLD, accounts={301: strange, 302: theirs})
    assert networks(of_text("Hello.", known, Wish(), NOW, PACK)) == ["linkedin"]


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (Wish(on=("linkdin",)), 'Did you mean "linkedin"?'),
        (Wish(on=("4711",)), 'knows no account "4711"'),
        (Wish(at="tomorrow"), "is no time"),
    ],
)
def test_what_cannot_be_meant_is_told(wish: Wish, says: str) -> None:
    with pytest.raises(SettingsError, match=says.replace("?", r"\?")):
        of_text("Hello.", None, wish, NOW, PACK)


def test_accounts_of_different_workspaces_are_no_post() -> None:
    with pytest.raises(SettingsError, match="no workspace has all"):
        of_text("Hello.", WORLD, Wish(on=("101", "201")), NOW, PACK)


def test_of_two_accounts_the_one_that_works() -> None:
    expired = Account(id=100, platform="linkedin", workspace_id=11, has_expired=True)
    known = replace(WORLD, accounts={100: expired, **WORLD.accounts})
    subject = of_text("Hello.", known, Wish(on=("linkedin",)), NOW, PACK)
    assert subject.call.model_dump()["accounts"] == ({"id": 109},)


def test_files_of_each_kind() -> None:
    def subject(text: str, name: str = "-", wish: Wish | None = None) -> Subject:
        return of_file(text, name, WORLD, None, wish or Wish(), NOW, PACK)

    text = subject("Hello.\n")
    assert text.of_text and text.call.model_dump()["content"][0]["text"] == "Hello."
    delete = subject('{"operation": "DeletePost", "id": 5}')
    assert delete.call == DeletePost(id=5) and not delete.of_text
    test = "tests:\n  - {rule: post.empty, name: one, draft: {text: Hi}, expect: allow}\n"
    judged = subject(test)
    assert isinstance(judged.call, CreatePost) and judged.facts.posts == WORLD.posts and not judged.of_text
    assert subject(test, wish=Wish(unattended=True)).facts.mode == "unattended"
    assert subject(test.replace("expect", "unattended: true, expect"), "a.yaml").facts.mode == "unattended"


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        ('{"id": 5}', "a.json", 'the key "operation" is missing'),
        ('{"operation": "DeletPost", "id": 5}', "-", 'Did you mean "DeletePost"?'),
        ('{"operation": "DeletePost", "id": "x"}', "-", "it is no call in JSON"),
        ("{", "-", "it is no call in JSON"),
        ("[1]", "a.json", "it is no call in JSON"),
        ("tests: []", "a.yaml", "0 tests, where one can be checked"),
        (
            "tests:\n  - {rule: a.b, name: one, reply: {to: 4711, text: a}, expect: deny}\n",
            "-",
            "cannot be made",
        ),
        ("name: x", "a.yaml", 'unknown key "name"'),
    ],
)
def test_files_that_are_none(text: str, name: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        of_file(text, name, WORLD, None, Wish(), NOW, PACK)
    assert says in str(caught.value) and str(caught.value).startswith(name)
