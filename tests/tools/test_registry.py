"""From a model's call to a view: nothing breaks it, and every refusal says what would fit."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.tools.desk import Desk, Need, Parts, Said, Unfit
from agent.tools.registry import TOOLS, offered, parse
from agent.tools.schema import View, plain_schema
from tests.tools.helpers import facts

REFUSALS = [
    ("draft_posts", "{}", 'There is no tool "draft_posts". Did you mean "draft_post"?'),
    ("wipe\u202eeverything", "{}", 'There is no tool "wipe\\u202eeverything". Use the tools you were given.'),
    ("get_post", "", "post is missing: a number such as 12."),
    ("get_post", "[12]", 'The arguments of get_post must be one object such as {"post": 12}.'),
    ("get_post", "{post: 12}", 'Send one object such as {"post": 12}.'),
    ("get_post", '{"post":12', "The arguments of get_post are not valid JSON (EOF"),
    ("get_post", '{"post":true}', "post: a number such as 12 is expected, not true."),
    ("get_post", '{"post":"12"}', 'post: a number such as 12 is expected, not "12".'),
    ("get_post", '{"post":12.5}', "post: a number such as 12 is expected, not 12.5."),
    ("get_post", '{"post":0}', "post: a number above 0 is expected."),
    ("get_post", '{"post":99999999999999999999}', "post: a number below 9007199254740992 is expected."),
    ("get_post", '{"post":null}', "post: a number such as 12 is expected, not null."),
    ("get_post", '{"post":7,"posts":[1]}', '"posts" is no field of get_post. Did you mean "post"? Its fields: post.'),
    ("delete_posts", '{"posts":7}', "posts: a list of ids, for example [12, 15] is expected, not 7."),
    ("delete_posts", '{"posts":[]}', "posts: at least 1 of them is expected."),
    ("delete_posts", '{"posts":["all"]}', 'posts[0]: a number such as 12 is expected, not "all".'),
    ("edit_post", '{"post":7,"thread":"two"}', 'thread: a list of texts, for example ["one", "two"] (texts of'),
    ("edit_post", '{"post":7,"media":["http://a.b"]}', "media[0]: a number such as 12 or an https address is expected"),
    ("edit_post", '{"post":7,"media":501}', "media: a list, each a number such as 12 or an https address"),
    ("edit_post", '{"post":7,"variants":{"101":"x"}}', "variants: a list of objects with the fields account, text"),
    (
        "edit_post",
        '{"post":7,"variants":[{"acount":1}]}',
        '"acount" is no field of variants[0]. Did you mean "account"?',
    ),
    ("edit_post", '{"post":7,"repeat":{"times":2,"every":1,"unit":"day"}}', "repeat.unit: one of minutes, hours, days"),
    ("edit_post", '{"post":7,"settings":{"104":"REELS"}}', 'settings.104: an object is expected, not "REELS".'),
    ("edit_post", '{"post":7,"no_repeat":"yes"}', 'no_repeat: true or false is expected, not "yes".'),
    ("edit_post", '{"post":7,"text":"\\ud800"}', "are not valid JSON"),
    ("edit_post", '{"post":7,"text":"\ud800"}', "half of a surrogate pair is no text"),
    ("find_posts", '{"status":"PUBLISHED"}', "status: one of draft, scheduled, published, failed is expected"),
    ("find_posts", '{"due_from":"1 March"}', 'due_from: a text (YYYY-MM-DD) is expected, not "1 March".'),
    ("find_posts", '{"limit":500}', "limit: a number of 50 or less is expected."),
    ("create_label", '{"workspace_id":11,"name":""}', "name: a text of at least 1 characters is expected."),
    ("finish", '{"said":"' + "x" * 500_000 + '"}', "longer than 400000 characters"),
]


@pytest.mark.parametrize(("name", "arguments", "words"), REFUSALS)
def test_a_refusal_says_what_would_fit(name: str, arguments: str, words: str) -> None:
    with pytest.raises(Unfit) as caught:
        parse(name, arguments)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(("name", "arguments", "words"), REFUSALS)
def test_no_refusal_speaks_of_python(name: str, arguments: str, words: str) -> None:
    with pytest.raises(Unfit) as caught:
        parse(name, arguments)
    for word in ("tuple", "Input should", "pydantic", "NoneType", "dict", "constrained"):
        assert word not in str(caught.value)


def test_many_problems_are_counted() -> None:
    with pytest.raises(Unfit, match=r"\(3 more problems\.\)"):
        parse("draft_post", '{"a":1,"b":2,"c":3}')


def test_views_are_frozen_and_hold_tuples() -> None:
    view = parse("delete_posts", '{"posts":[1,2]}')
    assert view == parse("delete_posts", ' {"posts" : [1, 2]}')
    assert hash(view) == hash(parse("delete_posts", '{"posts":[1,2]}'))


def test_calls_without_arguments() -> None:
    for arguments in ("", " ", "{}", "null"):
        if arguments == "null":
            with pytest.raises(Unfit):
                parse("list_labels", arguments)
        else:
            assert parse("list_labels", arguments).tool == "list_labels"


# -- whatever a model sends --------------------------------------------------------------------------------------------

NAMES = sorted({name for view in TOOLS.values() for name in view.model_fields})
SCALARS = st.none() | st.booleans() | st.integers(-5, 300) | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["2026-03-01", "2026-03-01 10:00", "https://example.com/a", "#3b82f6", "schedule"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
CALLS = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), VALUES, max_size=5)


@pytest.mark.slow
@given(st.sampled_from(sorted(TOOLS)) | st.text(max_size=12), st.text(max_size=60) | CALLS.map(json.dumps))
@settings(max_examples=300, deadline=None)
def test_parse_gives_a_view_or_a_refusal(name: str, arguments: str) -> None:
    try:
        assert isinstance(parse(name, arguments), View)
    except Unfit as unfit:
        assert 0 < len(str(unfit)) < 1500
        str(unfit).encode()


def _fitting(node: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that mostly fit a schema."""
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if "anyOf" in node:
        return st.one_of(*[_fitting(kind) for kind in node["anyOf"]])
    if "properties" in node:
        required = {name: _fitting(node["properties"][name]) for name in node.get("required", ())}
        return st.fixed_dictionaries(
            required,
            optional={name: _fitting(inner) for name, inner in node["properties"].items() if name not in required},
        )
    match node.get("type"):
        case "integer":
            return st.sampled_from([11, 12, 101, 102, 104, 1])
        case "boolean":
            return st.booleans()
        case "array":
            return st.lists(_fitting(node.get("items", {})), min_size=1, max_size=3)
        case "object":
            return st.dictionaries(st.sampled_from(["101", "104", "x"]), CALLS, max_size=2)
        case _:
            return st.sampled_from(
                ["2026-03-01", "2026-08-01 10:00", "https://example.com/a", "#3b82f6", "Hello", "é", " "]
            )


@pytest.mark.slow
@given(st.data())
@settings(max_examples=300, deadline=None)
def test_completing_gives_an_answer_or_a_refusal(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(TOOLS)))
    given_ = data.draw(_fitting(dict(plain_schema(TOOLS[name]))))
    try:
        found = parse(name, json.dumps(given_)).complete(Desk(facts(features=frozenset({"campaigns"}))))
    except Unfit:
        return
    assert isinstance(found, Need | Parts | Said)
    for call in found.calls if isinstance(found, Parts) else ():
        call.request()


# -- what is offered ---------------------------------------------------------------------------------------------------


def names(**changes: Any) -> set[str]:
    return {view.tool for view in offered(facts(**changes))}


def test_look_ups_by_address_are_offered_when_the_goal_holds_one() -> None:
    by_url = {"find_post_by_url", "find_post_by_network_id", "analyze_x_post"}
    assert names(goal="look at https://x.com/a/status/1") - names() == by_url


@pytest.mark.parametrize(
    ("feature", "tools"),
    [
        ("auto_plug", {"set_auto_plug"}),
        ("moderation", {"set_moderation"}),
        ("contacts", {"set_contact_collection"}),
        ("campaigns", {"list_campaigns", "create_campaign", "update_campaign", "delete_campaign"}),
    ],
)
def test_opt_in_parts_are_offered_when_they_are_on(feature: str, tools: set[str]) -> None:
    assert names(features=frozenset({feature})) - names() == tools


def test_every_tool_has_its_own_name_and_words() -> None:
    for name, view in TOOLS.items():
        assert view.tool == name
        assert view.__doc__
        assert len(view.__doc__) < 160
