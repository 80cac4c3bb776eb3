"""The digest of a call: any change of what would be sent changes it, nothing else does. Calls survive being written."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent.api.catalogue import parse
from agent.api.endpoint import Endpoint, LocalFile, canonical
from agent.api.folders import UpdateFolder
from agent.api.labels import UpdateLabel
from agent.api.media import UploadMediaFile
from agent.api.networks import SETTINGS
from agent.api.posts import AccountTarget, ContentItem, CreatePost, ScheduleFor, UpdatePost

ORIGIN, INSTANT = "https://postsyncer.test/api/v1", "2026-03-26T11:30:00Z Africa/Addis_Ababa"

ids = st.integers(1, 2**53)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
urls = st.sampled_from(["https://a.test/1.png", "https://b.test/ü?x=1"])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any choice of these fields: what is left out stays absent."""
    return st.fixed_dictionaries({}, optional=fields)


items = some(
    text=texts | st.none(), media=st.lists(ids | urls, max_size=3).map(tuple), is_first_comment=st.booleans()
).map(lambda fields: ContentItem(**fields))
network_settings = st.one_of(
    some(text=texts | st.none(), reply_settings=texts).map(lambda fields: SETTINGS["twitter"](**fields)),
    some(caption=texts).map(lambda fields: SETTINGS["instagram"](**fields)),
    some(privacyStatus=texts, notifySubscribers=st.booleans()).map(lambda fields: SETTINGS["youtube"](**fields)),
)
accounts = st.builds(AccountTarget, id=ids) | st.builds(AccountTarget, id=ids, settings=network_settings)
times = st.builds(
    ScheduleFor,
    date=st.dates().map(str),
    time=st.times().map(lambda moment: f"{moment:%H:%M}"),
    timezone=st.sampled_from(["UTC", "Africa/Addis_Ababa"]),
)
post_fields: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "workspace_id": ids,
        "content": st.lists(items, min_size=1, max_size=3).map(tuple),
        "schedule_type": st.sampled_from(["draft", "schedule", "publish_now"]),
    },
    optional={
        "schedule_for": times | st.none(),
        "accounts": st.lists(accounts, max_size=3).map(tuple),
        "labels": st.lists(ids, max_size=3).map(tuple),
        "campaign_id": ids | st.none(),
        "repeatable": st.booleans(),
        "repeatable_times": st.integers(1, 9) | st.none(),
        "repeatable_gap_unit": st.sampled_from(["minutes", "days"]) | st.none(),
    },
)
creates = post_fields.map(lambda fields: CreatePost(**fields))
calls: st.SearchStrategy[Endpoint[Any]] = st.one_of(
    creates,
    st.tuples(ids, post_fields).map(lambda both: UpdatePost(id=both[0], **both[1])),
    some(name=st.sampled_from(["a", "ü"]), parent_id=ids | st.none()).map(lambda f: UpdateFolder(folder_id=1, **f)),
    st.builds(UpdateLabel, id=ids, name=texts.filter(bool), color=st.sampled_from(["#ff0000", "#00ff00"])),
)


def digest(call: Endpoint[Any]) -> str:
    return call.request().digest(ORIGIN, INSTANT)


@pytest.mark.slow
@given(calls)
def test_a_call_survives_being_written_and_read(call: Endpoint[Any]) -> None:
    again = parse(call.route.name, call.model_dump_json())
    assert again.request() == call.request()
    assert digest(again) == digest(call)
    assert again.model_dump_json() == call.model_dump_json()
    assert call.request().body == canonical(call.body())


@given(calls, calls)
def test_two_calls_have_one_digest_only_if_they_send_the_same(one: Endpoint[Any], other: Endpoint[Any]) -> None:
    assert (digest(one) == digest(other)) == (one.request() == other.request())


@given(post_fields, post_fields)
@settings(max_examples=60)
def test_any_single_field_changes_the_digest(fields: dict[str, Any], others: dict[str, Any]) -> None:
    before = digest(CreatePost(**fields))
    for name in {*fields, *others}:
        if fields.get(name, "absent") == others.get(name, "absent"):
            continue
        changed = {key: value for key, value in fields.items() if key != name}
        if name in others:
            changed[name] = others[name]
        elif name in {"workspace_id", "content", "schedule_type"}:
            continue
        assume(CreatePost(**changed).body() != CreatePost(**fields).body())
        assert digest(CreatePost(**changed)) != before
        assert digest(CreatePost(**fields)) == before


@given(post_fields, st.data())
def test_the_order_in_which_fields_were_given_does_not_matter(fields: dict[str, Any], data: st.DataObject) -> None:
    shuffled = {name: fields[name] for name in data.draw(st.permutations(list(fields)))}
    assert digest(CreatePost(**shuffled)) == digest(CreatePost(**fields))


@given(creates, st.sampled_from(["https://other.test/api/v1", "http://postsyncer.test/api/v1", ""]), texts)
def test_service_and_instant_are_part_of_it(call: CreatePost, origin: str, instant: str) -> None:
    assume(instant != INSTANT)
    request = call.request()
    marks = {request.digest(o, i) for o in (ORIGIN, origin) for i in (INSTANT, instant)}
    assert len(marks) == 4


FILE = {"path": "/a/b.png", "name": "b.png", "mime": "image/png", "size": 3, "sha256": "ab" * 32}


def test_of_a_file_counts_what_is_sent() -> None:
    before = digest(UploadMediaFile(workspace_id=1, file=LocalFile.model_validate(FILE)))
    for change in ({"name": "c.png"}, {"mime": "image/gif"}, {"size": 4}, {"sha256": "cd" * 32}):
        changed = UploadMediaFile(workspace_id=1, file=LocalFile.model_validate({**FILE, **change}))
        assert digest(changed) != before, change
    moved = UploadMediaFile(workspace_id=1, file=LocalFile.model_validate({**FILE, "path": "/elsewhere/b.png"}))
    assert digest(moved) == before
    assert digest(UploadMediaFile(workspace_id=1, file=moved.file, folder_id=2)) != before
    assert digest(UploadMediaFile(workspace_id=2, file=moved.file)) != before


def test_the_verb_and_the_path_are_part_of_it() -> None:
    body: dict[str, Any] = {"workspace_id": 1, "content": (ContentItem(text="a"),), "schedule_type": "draft"}
    made: list[Endpoint[Any]] = [CreatePost(**body), UpdatePost(id=1, **body), UpdatePost(id=2, **body)]
    assert len({digest(call) for call in made}) == 3
    assert len({call.request().body for call in made}) == 1


def test_a_digest_of_yesterday_is_still_the_digest_of_today() -> None:
    """Journals keep digests: a change of the canonical form would void every open card."""
    call = CreatePost(workspace_id=12, content=(ContentItem(text="Grüße"),), schedule_type="draft")
    assert call.request().body == '{"content":[{"text":"Grüße"}],"schedule_type":"draft","workspace_id":12}'.encode()
    assert digest(call) == "26767b161cecced4403e3630cfc3b955958db17b5bbec0bc7459ab7dd69e56e5"
