"""The report: everything from the journal, told once, in a zone that is named, and never broken by anybody's text."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.cells import cell_len

from agent.api.catalogue import OPERATIONS
from agent.api.endpoint import Effect
from agent.errors import ModelUnavailable
from agent.journal import records as r
from agent.journal.fold import RunState
from agent.journal.run import Run
from agent.planner.scripted import ScriptedModel, Step
from agent.planner.wire import ModelReply, OnText
from agent.progress import progress_line
from agent.report import RunReport, keep_report, markdown, report_of
from agent.reports.blocks import Block, Code, Facts, Heading, Item, Items, Line, Note, Row, Table, Title, Words
from agent.reports.markdown import markdown_of
from agent.reports.reading import about
from agent.reports.story import story_of
from agent.reports.terminal import NARROWEST, WIDEST, Screen, terminal_text
from agent.settings import data_folder
from agent.templates import Templates
from agent.text import one_line
from tests.house import NOW, Home, call, finish, home_in
from tests.numbers import read_accounts, read_everything, read_posts, refresh_posts

TEMPLATES = Templates(data_folder("prompts"))
#: Of the shop's posts: published with numbers given (glazes, cold brew), published, a draft.
GLAZES, BREW, GIFTS, DRAFT = 1014, 1013, 1002, 1004
HOURS = 3600.0


class Pausing(ScriptedModel):
    """A scripted model before whose answers time goes by."""

    def __init__(self, home: Home, steps: list[Step], pauses: Mapping[int, float]) -> None:
        super().__init__(steps)
        self._home, self._pauses = home, pauses

    async def complete(self, body: bytes, on_text: OnText | None = None) -> ModelReply:
        self._home.box.advance(self._pauses.get(len(self.requests) + 1, 0))
        return await super().complete(body, on_text)


async def asked(home: Home, goal: str, steps: list[Step], pauses: Mapping[int, float] | None = None) -> Run:
    """A run with time to spare. `pauses` are seconds before a turn."""
    run = home.house.open_run("attended", "ana", limits=r.Limits(seconds=10**7))
    run.add(r.Goal(number=1, text=goal, by="ana"))
    run.flush()
    model = Pausing(home, steps, pauses or {})
    await home.house.planner(model).advance(run)
    model.assert_complete()
    return run


def shown(told: RunReport, width: int = 100, **screen: Any) -> str:
    return terminal_text(story_of(told), Screen(width=width, **screen))


def section(text: str, heading: str) -> str:
    """The part of a terminal's text under a heading."""
    return text.partition(f"\n{heading}\n")[2].partition("\n\n")[0]


# -- a whole run ------------------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_a_run_is_told_in_the_order_people_ask(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        new = max(one["id"] for one in home.box.export()["posts"]) + 1
        steps: list[Step] = [
            [call("draft_post", workspace_id=11, accounts=[101, 102], text="The kiln is warm again.")],
            [call("schedule_post", post=new, at="2026-12-01 09:00"), call("get_post", post=999999)],
            finish("One waits.", "The video is not in the library."),
        ]
        run = await asked(home, "Schedule “The kiln is warm again.” for Tuesday 9:00, and look at 999999", steps)
        told = home.report(run)
    draft = told.drafts[0]
    assert (draft.post, draft.text, draft.gone) == (new, "The kiln is warm again.", "")
    assert draft.networks == ("LinkedIn (Fern & Clay)", "X (Fern & Clay)")
    card = told.cards[0]
    assert (card.zone, card.decide) == ("Europe/Berlin", f"psa review approve {card.number}")
    assert [(one.operation, one.status) for one in told.failed] == [("GetPost", 404)]
    text = shown(told)
    headings = ["What was done", "Waits for you", "What failed", "In the planner's words (not checked)", "What it cost"]
    places = [text.index(f"\n{heading}\n") for heading in headings]
    assert places == sorted(places)
    assert "Read     2 workspaces, 11 accounts and 1 post\n" in text
    assert f"draft {new}  on LinkedIn (Fern & Clay), X (Fern & Clay): “The kiln is warm again.”" in text
    assert "for Tue 1 Dec 2026 09:00 Europe/Berlin" in " ".join(text.split())
    assert "decide before  Tue 1 Dec 2026 08:58 Europe/Berlin" in text
    assert f"decide         psa review approve {card.number}" in text
    assert "not read  post 999999: PostSyncer has no such object" in text
    assert "│ The video is not in the library." in text
    assert re.search(r"\d+ requests|Requests  \d+ to http", text)


@pytest.mark.anyio
async def test_one_reason_for_many_cards_is_told_once(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        new = max(one["id"] for one in home.box.export()["posts"]) + 1
        drafts = [call("draft_post", workspace_id=11, accounts=[101], text=f"The kiln, part {n}.") for n in range(4)]
        cards = [call("schedule_post", post=new + n, at=f"2026-12-0{n + 1} 09:00") for n in range(4)]
        run = await asked(home, "Schedule four posts about the kiln for next week", [drafts, cards, finish()])
        told = home.report(run)
    numbers = tuple(card.number for card in told.cards)
    reason = next(one for one in told.held_because if one.rule == "post.draft_by_default")
    assert reason.cards == numbers and reason.also == (new + 1, new + 2, new + 3)
    for text in (shown(told), markdown_of(story_of(told), TEMPLATES)):
        assert text.count("needs a person's decision") == 1
        assert text.count("can be taken off the schedule") == 1
        assert f"cards {numbers[0]} to {numbers[-1]}" in " ".join(text.split())


@pytest.mark.anyio
async def test_a_card_over_several_calls_lists_them_and_says_what_to_type(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        steps: list[Step] = [[call("delete_posts", posts=[1004, 1005, 1007])], finish()]
        told = home.report(await asked(home, "Delete the posts 1004, 1005 and 1007", steps))
    assert [reason.also for reason in told.held_because] == [(1005, 1007)]
    text = shown(told)
    assert f"psa review approve {told.cards[0].number} --confirm 3" in text
    assert "the same for 1005 and 1007" in text and "3.             Delete post 1007" in text


@pytest.mark.anyio
async def test_denials_of_one_kind_are_told_once_with_their_calls(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        steps: list[Step] = [
            [call("delete_posts", posts=[1004]), call("delete_posts", posts=[1005])],
            finish(),
        ]
        run = await home.run("Look at 1004 and 1005", steps, mode="unattended")
        told = home.report(run)
    assert len(told.denied) == 2
    text = section(shown(told), "Refused by the policy")
    for reason in told.denied_because:
        assert len(reason.calls) == 2 and text.count(f"({reason.rule})") == 1
    assert "Delete post 1004" in text and "Delete post 1005" in text


@pytest.mark.anyio
async def test_what_became_of_a_decided_card_is_told_as_it_was_decided(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        steps: list[Step] = [[call("delete_posts", posts=[1004])], finish()]
        run = await asked(home, "Delete post 1004", steps)
        await home.reviewer().approve(home.report(run).cards[0].number, "", ())
        text = shown(home.report(run))
    words = " ".join(text.split())
    assert 'done Delete post 1004: "test post please ignore" (draft, LinkedIn) (card 1, decided by ana)' in words
    assert "Waits for you" not in text and "did not go out" not in text


@pytest.mark.anyio
async def test_a_rejected_card_is_told_with_its_reason(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        steps: list[Step] = [[call("delete_posts", posts=[1004])], finish()]
        run = await asked(home, "Delete post 1004", steps)
        await home.reviewer().reject(home.report(run).cards[0].number, "still | needed", delete_draft=False)
        told = home.report(run)
    assert "rejected by ana (still | needed)" in " ".join(shown(told).split())
    assert "rejected by ana (still &#124; needed)" in markdown_of(story_of(told), TEMPLATES)


@pytest.mark.anyio
async def test_a_model_that_had_to_be_asked_again_is_told_in_one_line(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = home.house.open_run("attended", "ana")
        run.add(r.Goal(number=1, text="Look", by="ana"))
        run.flush()
        assert await home.house.planner(ScriptedModel([ModelUnavailable("gone")])).advance(run) == "failed_safe"
        run.add(r.Resumed(who="ana"), r.Reserved(turn=1, tokens=1, money=0))
        run.add(r.Turn(turn=1, reply='{"role":"assistant","content":"Hello."}', text="Hello.", tries=3))
        told = report_of(run.state)
        lines = [progress_line(run.state, run.state.turns[0].turn), progress_line(run.state, run.state.failed_turns[0])]
    assert (told.asked_again, told.model_failed) == (2, ("gone",))
    assert "Retries   the model had to be asked 2 more times; it gave no answer 1 time: gone\n" in shown(told)
    assert lines == ["again     the model was asked 3 times", "failed    the model gave no answer: gone"]


@pytest.mark.anyio
async def test_a_read_that_succeeds_later_did_not_fail(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await asked(home, "Look at 1004", [[call("get_post", post=1004)], finish()])
        read = next(key for key in run.state.reads if key[0] == "GetPost")
        failed = r.ReadFailed(
            key="r1.9.0.0", operation=read[0], arguments=read[1], error="no answer", says="No answer."
        )
        run.add(failed)
        assert [one.about for one in report_of(run.state).failed] == ["post 1004"]
        records = [entry.record for entry in home.house.store.read(run.id)]
        run.add(next(one for one in records if isinstance(one, r.Read) and one.operation == "GetPost"))
        assert report_of(run.state).failed == ()


@pytest.mark.anyio
async def test_an_older_report_is_still_read(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        told = home.report(await asked(home, "Look", [finish()])).model_dump(mode="json")
    old = [
        "run",
        "outcome",
        "goal",
        "service",
        "model",
        "effects",
        "cards",
        "denied",
        "changed",
        "waiting",
        "reads",
        "said",
        "refused",
        "why",
    ]
    old += ["turns", "tokens", "money", "requests"]
    again = RunReport.model_validate({name: told[name] for name in old})
    assert again.numbers.posts == () and shown(again).startswith("Run r1: done")


def test_a_run_without_records_is_told_too() -> None:
    text = shown(report_of(RunState("r9", lambda text: text)))
    assert text.startswith("Run r9: done") and "Read  nothing" in text


@pytest.mark.parametrize("operation", [name for name, one in OPERATIONS.items() if not one.route.effect.writes])
def test_every_read_has_plain_words(operation: str) -> None:
    fields = dict.fromkeys(OPERATIONS[operation].model_fields, 7)
    words = about(operation, json.dumps(fields | {"page": 1}))
    assert operation not in words and "{" not in words
    assert OPERATIONS[operation].route.effect in {Effect.READ, Effect.SYNC}


# -- numbers ----------------------------------------------------------------------------------------------------------


async def measured(home: Home) -> Run:
    """Numbers of four posts, a refresh of two, and later the numbers of three again."""
    steps: list[Step] = [
        [call("find_posts")],
        read_posts(GLAZES, BREW, GIFTS, DRAFT),
        refresh_posts(GLAZES, BREW),
        [*read_posts(GLAZES, BREW, GIFTS), *read_everything(), *read_accounts(101)],
        refresh_posts(GIFTS),
        finish("The cold brew did best."),
    ]
    # The refresh arrives 5 s after it was asked for, with what has come in since the world began 6 hours ago.
    return await asked(home, "How did last week go?", steps, {3: 6 * HOURS, 4: 6})


@pytest.mark.anyio
async def test_numbers_read_twice_show_the_later_ones_and_the_change(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await measured(home)
        told, known = home.report(run), run.state.known.numbers
        path = keep_report(home.house.runs, run.state, TEMPLATES)
        text = path.read_text()
    posts = {post.post: post for post in told.numbers.posts}
    glazes = posts[GLAZES]
    assert glazes.now is not None and glazes.before is not None
    assert glazes.networks == ("LinkedIn", "X", "Instagram") and glazes.zone == "Europe/Berlin"
    gained = (glazes.now.impressions or 0) - (glazes.before.impressions or 0)
    assert gained > 0
    assert known.posts[GLAZES].last.total.impressions == glazes.now.impressions
    cell = f"{glazes.now.impressions:,} (+{gained:,})"
    assert cell in text and cell in " ".join(shown(told).split())
    assert "In brackets: the change between the first and the last reading" in text
    assert "Sat 21 Nov 2026 09:00 Europe/Berlin" in text and "Fri 20 Nov 2026 08:00 America/New_York" in text


@pytest.mark.anyio
async def test_how_fresh_numbers_are_is_said_of_each_post(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        told = home.report(await measured(home))
    refresh = {post.post: post.refresh for post in told.numbers.posts}
    assert refresh == {GLAZES: "before", BREW: "before", GIFTS: "after", DRAFT: "no"}
    fresh = shown(told, 120).partition("How fresh they are:")[2].partition("\n\n")[0]
    assert f"posts {BREW} and {GLAZES}" in fresh and "Tue 24 Nov 2026 15:00 UTC, before the last reading" in fresh
    assert re.search(rf"post {GIFTS} .*these are the older", fresh) and re.search(
        rf"post {DRAFT} .*not refreshed", fresh
    )


@pytest.mark.anyio
async def test_empty_numbers_are_no_zeros(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        told = home.report(await measured(home))
    draft = next(post for post in told.numbers.posts if post.post == DRAFT)
    assert draft.now is None
    for text in (shown(told), markdown_of(story_of(told), TEMPLATES)):
        rows = [line for line in text.splitlines() if str(DRAFT) in line and " 0 " in line]
        assert "No numbers yet:" in text and "not out (draft)" in text and rows == []


@pytest.mark.anyio
async def test_charts_lie_beside_the_report_and_are_shown_in_it(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        run = await measured(home)
        path = keep_report(home.house.runs, run.state, TEMPLATES)
        text = path.read_text()
        assert text == markdown(run.state, TEMPLATES)
        images = re.findall(r"^!\[(.+)\]\((.+\.svg)\)$", text, flags=re.MULTILINE)
        assert [name for _, name in images][:2] == ["impressions.svg", "engagement-rate.svg"]
        for alt, name in images:
            ElementTree.fromstring((path.parent / name).read_text())  # noqa: S314 - our own file
            assert "; " in alt
        assert "█" in shown(report_of(run.state)) and "Impressions of the posts" in shown(report_of(run.state))


@pytest.mark.anyio
async def test_accounts_and_workspaces_have_tables_of_their_own(tmp_path: Path) -> None:
    async with home_in(tmp_path) as home:
        told = home.report(await measured(home))
    assert [one.name for one in told.numbers.accounts] == ["LinkedIn (Fern & Clay)"]
    assert [one.name for one in told.numbers.workspaces] == ["Fern & Clay", "Harbour Coffee", "all workspaces"]
    assert "the numbers of 4 posts, 1 account and 2 workspaces" in " ".join(shown(told).split())
    text = markdown_of(story_of(told), TEMPLATES)
    assert "| 101 | LinkedIn (Fern & Clay) |" in text and "| 12 | Harbour Coffee |" in text
    assert "### Posts on LinkedIn (Fern & Clay), this account alone" in text


def with_numbers(*records: r.AnyRecord) -> RunReport:
    state = RunState("r1", lambda text: text)
    for seq, record in enumerate(records, 1):
        state.apply(seq, NOW, record)
    return report_of(state)


def numbers(body: str, operation: str = "GetAnalyticsPost", arguments: str = '{"post":7}') -> r.Read:
    return r.Read(key="r1.1.0.0", operation=operation, arguments=arguments, body=body)


ZEROS = '{"impressions":0,"likes":0,"comments":0,"shares":0,"saves":0,"quotes":0,"engagement_rate":0}'


@pytest.mark.parametrize(
    ("body", "impressions"),
    [
        (f'{{"post_id":7,"total":{ZEROS},"accounts":[{{"account_id":1,"analytics":{{}}}}]}}', None),
        (f'{{"post_id":7,"total":{ZEROS},"accounts":[{{"account_id":1,"analytics":[]}}]}}', None),
        (f'{{"post_id":7,"total":{ZEROS}}}', None),
        ('{"post_id":7}', None),
        (f'{{"post_id":7,"total":{ZEROS},"accounts":[{{"account_id":[1],"analytics":{ZEROS}}}]}}', 0),
        ('{"post_id":7,"total":{"impressions":5}}', 5),
        ('{"post_id":7,"total":{"impressions":null,"likes":3}}', None),
        ('{"post_id":7,"total":{"impressions":1,"engagement_rate":NaN}}', 1),
    ],
)
def test_no_numbers_no_publication_and_a_true_zero_are_three_things(body: str, impressions: int | None) -> None:
    post = with_numbers(numbers(body)).numbers.posts[0]
    assert (post.now.impressions if post.now else None) == impressions


def test_a_number_the_service_left_out_is_a_dash() -> None:
    told = with_numbers(numbers('{"post_id":7,"total":{"likes":3}}'))
    assert re.search(r"7 +– +3 +–", shown(told, 120))


@pytest.mark.parametrize(
    ("answer", "refresh"),
    [
        ('{"post_id":7,"jobs_dispatched":1}', "before"),
        ('{"jobs_dispatched":1}', "before"),
        (
            '{"post_id":7,"jobs_dispatched":0,"skipped":true,"skip_reason":"post_owner_subscription_inactive"}',
            "skipped",
        ),
        ('{"post_id":7,"jobs_dispatched":0}', "nothing"),
    ],
)
def test_a_refresh_that_did_nothing_is_told_as_such(answer: str, refresh: str) -> None:
    sync = numbers(answer, "SyncPostAnalytics")
    told = with_numbers(sync, numbers('{"post_id":7,"total":{"impressions":5}}'))
    assert told.numbers.posts[0].refresh == refresh


def test_a_refresh_that_failed_is_told_as_such() -> None:
    failed = r.ReadFailed(
        key="r1.1.0.0", operation="SyncPostAnalytics", arguments='{"post":7}', error="server error", says="No."
    )
    assert with_numbers(failed, numbers('{"post_id":7,"total":{"likes":5}}')).numbers.posts[0].refresh == "failed"


# -- anybody's text ---------------------------------------------------------------------------------------------------

texts = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="|`*_[]()<>!#&;\\~$-+=:1. \n\r\tab\u202e\u200b\x1b\x9b\ufeff\u2028", max_size=40),
)
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
#: What a report itself puts into Markdown; all else would come out of somebody's text.
OURS = {
    *("heading", "paragraph", "bullet_list", "list_item", "blockquote", "table", "thead", "tbody", "tr", "th", "td"),
    *("strong", "code_inline", "text", "softbreak", "hardbreak", "inline"),
}


def tokens(source: str) -> list[Token]:
    parsed = PARSER.parse(source)
    return [one for token in parsed for one in (token, *(token.children or ()))]


def blocks_with(text: str, ours: str | None = None) -> list[Block]:
    """A block of each kind with this text in every place; `ours` in those that hold numbers and names of our own."""
    ours = text if ours is None else ours
    row = Row(ours, text, (text, text), (ours, ours))
    return [
        Title(text),
        Heading(text),
        Facts(((ours, text), ("Goal", text))),
        Note(f"Ours. {text}", Code(text)),
        Note(text),
        Items((Item(text, ours, (Line("call", text), Line("decide", code=Code(text)))), Item(text))),
        Table("Post", "Text", ("Networks", "Went out"), ("Likes", "Saves"), (row, row)),
        Words((text, *text.splitlines(), text)),
    ]


@given(texts)
def test_any_text_stays_text_in_markdown(text: str) -> None:
    found = tokens(markdown_of(blocks_with(text), TEMPLATES))
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in found}
    assert kinds <= OURS
    cells = [token for token in found if token.type == "td_open"]
    assert len(cells) == 2 * 6
    quotes = [place for place, token in enumerate(found) if token.type == "blockquote_open"]
    assert len(quotes) == 1


@given(texts)
def test_a_markdown_table_has_one_count_of_columns(text: str) -> None:
    source = markdown_of(blocks_with(text)[6:7], TEMPLATES)
    assert {line.count("|") for line in source.splitlines() if line.startswith("|")} == {7}
    assert len(source.strip().splitlines()) == 4


@given(texts)
def test_markdown_says_just_the_text(text: str) -> None:
    found = tokens(markdown_of([Items((Item(text, head="note"),))], TEMPLATES))
    words = "".join(token.content for token in found if token.type in {"text", "text_special"})
    assert words.removeprefix("note").removeprefix(":").strip() == one_line(text, 1000).strip()


@given(texts, st.integers(20, 140), st.sampled_from(["utf-8", "ascii", "latin-1", "cp1252", "cp437", "no-such"]))
def test_any_text_fits_any_terminal(text: str, width: int, encoding: str) -> None:
    told = terminal_text(blocks_with(text, ours="15,200"), Screen(width=width, encoding=encoding))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2028\u2029\ufeff]", told)
    most = max(NARROWEST, min(width, WIDEST))
    assert [line for line in told.splitlines() if cell_len(line) > most] == []
    if encoding != "no-such":
        told.encode(encoding)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Fern & Clay", "Fern & Clay"),
        ("post.draft_by_default", "post.draft_by_default"),
        ("4.14 %", "4.14 %"),
        ("a | b", "a &#124; b"),
        ("*bold* _so_ ~~no~~", r"\*bold\* \_so\_ \~\~no\~\~"),
        ("`code`", r"\`code\`"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("&lt; stays", "&amp;lt; stays"),
        ("![x](http://evil.example/a.png)", r"!\[x\](http://evil.example/a.png)"),
        ("# no heading", r"\# no heading"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("two\n\nparagraphs", "two paragraphs"),
        ("right \u202e left", r"right \\u202e left"),
        ("$x$ maths", r"\$x\$ maths"),
    ],
)
def test_markdown_is_escaped_where_it_must_and_stays_readable(text: str, source: str) -> None:
    assert markdown_of([Note(text)], TEMPLATES) == f"{source}\n"


@pytest.mark.parametrize(
    ("command", "source"),
    [
        ("psa review approve 3", "`psa review approve 3`"),
        ("psa review approve 3 --confirm 'a`b'", "``psa review approve 3 --confirm 'a`b'``"),
        ("`whole`", "`` `whole` ``"),
    ],
)
def test_commands_are_code_whatever_is_in_them(command: str, source: str) -> None:
    assert markdown_of([Note("x", Code(command))], TEMPLATES) == f"x {source}\n"


@pytest.mark.anyio
async def test_a_post_full_of_markup_leaves_the_report_whole(tmp_path: Path) -> None:
    nasty = "Hi | there\n# Head `x` <script>alert(1)</script> ![i](http://evil.example/x.png) \u202e"
    async with home_in(tmp_path) as home:
        run = await measured(home)
        post = run.state.known.posts[GLAZES]
        content = (post.content[0].model_copy(update={"text": nasty}), *post.content[1:])
        run.state.known.posts[GLAZES] = post.model_copy(update={"content": content})
        run.add(r.Said(goal=1, text=f"{nasty}\n\n| a | b |\n|---|---|\n| c | d |\n\n<!-- hidden"))
        text = markdown(run.state, TEMPLATES)
        path = keep_report(home.house.runs, run.state, TEMPLATES)
        pictures = [file.read_text() for file in path.parent.glob("*.svg")]
        told = shown(report_of(run.state), colour=True)
    kinds = [token.type for token in tokens(text)]
    assert not {"html_inline", "html_block", "link_open", "fence", "code_block"} & set(kinds)
    images = [token for token in tokens(text) if token.type == "image"]
    assert images and all(str(image.attrs["src"]).endswith(".svg") for image in images)
    assert all("/" not in str(image.attrs["src"]) for image in images)
    for picture in pictures:
        ElementTree.fromstring(picture)  # noqa: S314 - our own file
        assert "<script" not in picture
    assert not re.search(r"\x1b(?!\[[0-9;]*m)|\u202e|[\x80-\x9f]", told)


# -- the terminal -----------------------------------------------------------------------------------------------------


def ranked() -> Table:
    rows = tuple(
        Row(
            str(number),
            f"A post with quite some text, number {number}",
            ("LinkedIn", "Tue 1 Dec 2026 09:00 UTC"),
            ("15,200 (+120)", "7"),
        )
        for number in (1, 2)
    )
    return Table("Post", "Text", ("Networks", "Went out"), ("Impressions", "Likes"), rows)


def test_a_wide_terminal_aligns_figures_a_narrow_one_tells_each_row() -> None:
    wide = terminal_text([ranked()], Screen(width=100)).splitlines()
    assert wide[0].endswith("Impressions  Likes") and wide[1].endswith("15,200 (+120)      7")
    assert wide[2] == "        LinkedIn · Tue 1 Dec 2026 09:00 UTC"
    assert len({cell_len(line) for line in (wide[0], wide[1], wide[3])}) == 1
    narrow = terminal_text([ranked()], Screen(width=40)).splitlines()
    assert narrow[0] == "  1     A post with quite some text, nu…"
    assert "        Impressions 15,200 (+120)   Likes 7" in narrow or "        Impressions 15,200 (+120)" in narrow
    assert max(map(cell_len, narrow)) <= 40


def test_without_colour_there_is_no_escape_and_with_colour_there_is() -> None:
    blocks: list[Block] = [Title("Run r1: done"), Heading("Numbers")]
    assert "\x1b" not in terminal_text(blocks, Screen())
    assert "\x1b[1m" in terminal_text(blocks, Screen(colour=True))


def test_a_terminal_without_block_characters_gets_others() -> None:
    told = terminal_text([Title("Run r1"), Words(("“Quoted” – said…",))], Screen(encoding="ascii"))
    assert told == 'Run r1\n------\n  | "Quoted" - said...\n'
