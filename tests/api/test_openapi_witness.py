"""An independent witness: the reconstructed openapi.yaml against our declarations, route by route and field by field.

The sandbox's answers stand before the same witness in tests/sandbox/test_answers.py.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from agent.api.catalogue import OPERATIONS
from agent.api.networks import SETTINGS
from agent.api.types import Page
from tests.sandbox.witness import DOC, WITNESSES, Witnessed

#: Where we differ from the witness on purpose: ours is stricter, or leaves out what only one client or the skill names.
ALLOWED = {
    "ListComments.platform: unsent": "the skill's name for provider; the documentation's name is sent",
    "ListComments.source: enum": "SOCIAL and INTERNAL are the only documented values",
    "ListFolders.root: enum": "true and 1 mean the same; true is sent",
    "CreateComment.parent_comment_id: null": "absence says the same",
    "CreateComment.content: null": "absence says the same",
    "UpdateComment.content: null": "an empty string stores null",
    "UploadMediaFromUrl.folder_id: null": "absence says the same",
    "CreateFolder.parent_id: null": "absence says the same",
    "CreatePost.repeatable: null": "absence says the same",
    "UpdatePost.repeatable: null": "false clears, absence keeps",
    "UpdatePost.workspace_id: required": "we always send the full body, so that nothing is left to the service",
    "UpdatePost.content: required": "as above",
    "UpdatePost.schedule_type: required": "as above",
    "CreatePost.schedule_for.date: required": "half a time would silently mean the next free slot",
    "CreatePost.schedule_for.time: required": "as above",
    "UpdatePost.schedule_for.date: required": "as above",
    "UpdatePost.schedule_for.time: required": "as above",
    "CreatePost.accounts.settings: any": "one closed model per network, compared by itself below",
    "UpdatePost.accounts.settings: any": "as above",
    "CreateCampaign.workspace_id: required": "as labels; the paths are inferred",
    "CreateCampaign.name: required": "as labels",
    "CreateCampaign.id: unsent": "read-only",
    "UpdateCampaign.name: required": "nothing else of a campaign can be changed",
    "UpdateCampaign.id: unsent": "it is in the path",
    "instagram.title: unsent": "Facebook's alone",
    "instagram.link: unsent": "Facebook's alone",
    "youtube.video_type: enum": "the two values that were seen",
    "bluesky.website_card.uri: required": "a card without an address is none",
}


OURS = {name[0].lower() + name[1:]: operation for name, operation in OPERATIONS.items()}
DECLARED = [pytest.param(WITNESSES[name], id=name) for name in WITNESSES if name in OURS]


def blank(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def test_every_operation_has_exactly_one_declaration() -> None:
    assert set(WITNESSES) - set(OURS) == {"hideCommentViaPost"}
    assert set(OURS) - set(WITNESSES) == set()
    assert OURS["hideComment"].route.also == WITNESSES["hideCommentViaPost"].verb
    assert WITNESSES["hideCommentViaPost"].node["deprecated"] is True


@pytest.mark.parametrize("witness", DECLARED)
def test_verb_path_ability_and_host(witness: Witnessed) -> None:
    route = OURS[witness.name].route
    assert (route.verb, blank(route.path)) == (witness.verb, blank(witness.path))
    assert route.ability == witness.ability
    assert len(route.path_fields) == len(witness.named("path"))
    assert route.upload == ("servers" in DOC["paths"][witness.path])


def choices(node: dict[str, Any], defs: dict[str, Any]) -> list[dict[str, Any]]:
    """The alternatives of a schema, with references and allOf resolved."""
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        return choices(defs[name], defs)
    for key in ("anyOf", "oneOf"):
        if key in node and "properties" not in node:
            return [found for part in node[key] for found in choices(part, defs)]
    if "allOf" in node:
        merged: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        for part in node["allOf"]:
            for found in choices(part, defs):
                merged["properties"] |= found.get("properties", {})
                merged["required"] += found.get("required", [])
        return [merged]
    kinds = node.get("type")
    if isinstance(kinds, list):
        return [node | {"type": kind} for kind in kinds]
    return [node]


def kinds(alternatives: list[dict[str, Any]]) -> set[str]:
    found = set()
    for item in alternatives:
        if "type" in item:
            found.add(item["type"])
        elif "const" in item or "enum" in item:
            found.add("string")
    return found


def values(alternatives: list[dict[str, Any]]) -> set[str]:
    found = {item["const"] for item in alternatives if "const" in item}
    return found | {value for item in alternatives for value in item.get("enum", ()) if value is not None}


def differences(where: str, ours: dict[str, Any], theirs: dict[str, Any], defs: dict[str, Any]) -> Iterator[str]:
    """How our schema of a value differs from the witness's: `field: what`. Raises AssertionError where it is looser."""
    mine, other = choices(ours, defs), choices(theirs, DOC["components"]["schemas"])
    objects = [item for item in mine if item.get("type") == "object"]
    if len(objects) > 1:
        yield f"{where}: any"
        return
    missing = kinds(other) - kinds(mine)
    assert kinds(mine) <= kinds(other), f"{where} is looser: {kinds(mine)} against {kinds(other)}"
    yield from (f"{where}: {kind}" for kind in missing)
    yield from limits(where, mine, other)
    for my_items, their_items in zip(arrays(mine), arrays(other), strict=True):
        yield from differences(where, my_items, their_items, defs)
    if objects:
        theirs_object = next(item for item in other if item.get("type") == "object")
        yield from fields(where, objects[0], theirs_object, defs)


def arrays(alternatives: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item["items"] for item in alternatives if item.get("type") == "array"]


def limits(where: str, mine: list[dict[str, Any]], other: list[dict[str, Any]]) -> Iterator[str]:
    if values(other):
        assert values(mine) <= values(other), f"{where}: {values(mine)} against {values(other)}"
    if values(mine) != values(other):
        yield f"{where}: enum"
    for name in ("maxLength", "maxItems", "maximum"):
        bound = [item[name] for item in other if name in item]
        if bound:
            assert {item[name] for item in mine if name in item} == set(bound), f"{where}: {name}"
    for name in ("minLength", "minItems", "minimum"):
        bound = [item[name] for item in other if name in item]
        if bound:
            assert min(item[name] for item in mine if name in item) >= min(bound), f"{where}: {name}"


def fields(where: str, ours: dict[str, Any], theirs: dict[str, Any], defs: dict[str, Any]) -> Iterator[str]:
    mine, other = ours.get("properties", {}), theirs.get("properties", {})
    assert set(mine) <= set(other), f"{where}: the witness does not know {set(mine) - set(other)}"
    yield from (f"{where}.{name}: unsent" for name in sorted(set(other) - set(mine)))
    required, asked = set(ours.get("required", ())), set(theirs.get("required", ()))
    assert asked <= required, f"{where} is looser: {asked - required} are required"
    yield from (f"{where}.{name}: required" for name in sorted(required - asked))
    for name, schema in mine.items():
        yield from differences(f"{where}.{name}", schema, other[name], defs)


def field_differences(witness: Witnessed) -> Iterator[str]:
    operation = OURS[witness.name]
    route = operation.route
    schema = operation.model_json_schema()
    sent = {*route.query_fields, *route.body_fields}
    ours = {
        "properties": {name: schema["properties"][name] for name in sent},
        "required": [name for name in schema.get("required", ()) if name in sent],
    }
    parameters = witness.named("query")
    theirs: dict[str, Any] = {
        "properties": {name: item["schema"] for name, item in parameters.items()},
        "required": [name for name, item in parameters.items() if item.get("required")],
    }
    if route.verb != "GET" and witness.body:
        theirs = choices(witness.body, DOC["components"]["schemas"])[0]
    if route.file_field:
        assert route.file_field in theirs["required"]
        theirs = {
            "properties": {name: node for name, node in theirs["properties"].items() if name != route.file_field},
            "required": [name for name in theirs["required"] if name != route.file_field],
        }
    yield from fields(operation.__name__, ours, theirs, schema.get("$defs", {}))


def settings_differences(network: str) -> Iterator[str]:
    shared = {"instagram": "SettingsMeta", "facebook": "SettingsMeta"}
    schema = SETTINGS[network].model_json_schema()
    name = shared.get(network, f"Settings{network.capitalize()}")
    theirs = DOC["components"]["schemas"].get(name, {})
    assert theirs or network == "mastodon"
    yield from fields(network, schema, theirs, schema.get("$defs", {}))


@pytest.mark.parametrize("witness", DECLARED)
def test_query_and_body_fields(witness: Witnessed) -> None:
    assert set(field_differences(witness)) - set(ALLOWED) == set()


@pytest.mark.parametrize("network", sorted(SETTINGS))
def test_network_settings(network: str) -> None:
    assert set(settings_differences(network)) - set(ALLOWED) == set()


def test_the_table_of_allowed_differences_holds_nothing_else() -> None:
    operations = {found for name in OURS for found in field_differences(WITNESSES[name])}
    networks = {found for network in SETTINGS for found in settings_differences(network)}
    assert operations | networks == set(ALLOWED)


def test_networks_are_those_of_the_witness() -> None:
    assert set(SETTINGS) == set(DOC["components"]["schemas"]["Platform"]["enum"])


def test_effects_of_reads_and_deletions_follow_the_verb() -> None:
    for operation in OPERATIONS.values():
        if operation.route.verb == "DELETE":
            assert operation.route.effect == "destructive"
        if operation.route.verb == "GET":
            assert operation.route.effect == "read"


#: Where our reading of an answer differs from the witness on purpose.
READ_ANYWAY: dict[str, str] = {
    "Label.workspace.accounts: unknown": "one model of a workspace; inside another object it names no accounts",
    "Post.workspace.accounts: unknown": "as above",
    "Post.workspace_id: unknown": "only fakes of clients show it; used where the workspace is missing",
    "Post.labels.workspace: unknown": "one model of a label; inside a post it names no workspace",
    "Post.labels.id: needed": "the documentation shows id, name and colour; without an id a label cannot be kept",
    "Campaign.id: needed": "as labels; the whole resource is inferred",
    "PostNumbers.post_id: needed": "named by the documentation",
    "AccountNumbers.account_id: needed": "as above",
    "WorkspaceTotal.workspace_id: needed": "as above",
    "Totals.workspaces.workspace_id: needed": "as above",
}


def their_answer(witness: Witnessed) -> dict[str, Any]:
    """The witness's schema of what an operation gives, without the list around it and the wrapper that we take off."""
    route = OURS[witness.name].route
    status = next(code for code in ("200", "201") if code in witness.node["responses"])
    (schema, *_) = choices(witness.answer(int(status))["schema"], DOC["components"]["schemas"])
    inner = "data" if issubclass(route.answer, Page) else route.unwrap
    node: dict[str, Any] = schema["properties"][inner] if inner else schema
    return dict(node["items"]) if issubclass(route.answer, Page) else node


def our_answer(witness: Witnessed) -> type[BaseModel]:
    answer: Any = OURS[witness.name].route.answer
    found: type[BaseModel] = answer.__pydantic_generic_metadata__["args"][0] if issubclass(answer, Page) else answer
    return found


def reading_differences(
    where: str, ours: dict[str, Any], theirs: dict[str, Any], defs: dict[str, Any]
) -> Iterator[str]:
    """Where what we read is unknown to the witness, needed though it may be missing, or of another kind."""
    mine, other = choices(ours, defs), choices(theirs, DOC["components"]["schemas"])
    strange = kinds(other) - kinds(mine) - {"null"}
    if kinds(mine) and strange and not (strange == {"integer"} and "number" in kinds(mine)):
        yield f"{where}: kind"
    for my_items, their_items in zip(arrays(mine), arrays(other), strict=False):
        yield from reading_differences(where, my_items, their_items, defs)
    my_objects, their_objects = ([item for item in found if item.get("type") == "object"] for found in (mine, other))
    if my_objects and their_objects and "replies" not in where:
        known, needed = their_objects[0].get("properties", {}), their_objects[0].get("required", ())
        for name, schema in my_objects[0].get("properties", {}).items():
            if name not in known:
                yield f"{where}.{name}: unknown"
                continue
            if name in my_objects[0].get("required", ()) and name not in needed:
                yield f"{where}.{name}: needed"
            yield from reading_differences(f"{where}.{name}", schema, known[name], defs)


def answer_differences(witness: Witnessed) -> set[str]:
    ours = our_answer(witness)
    schema = ours.model_json_schema()
    return set(reading_differences(ours.__name__, schema, their_answer(witness), schema.get("$defs", {})))


@pytest.mark.parametrize("witness", DECLARED)
def test_answers_are_read_as_the_witness_describes_them(witness: Witnessed) -> None:
    assert answer_differences(witness) - set(READ_ANYWAY) == set()


def test_the_table_of_readings_holds_nothing_else() -> None:
    assert {found for name in OURS for found in answer_differences(WITNESSES[name])} == set(READ_ANYWAY)


WITH_EXAMPLES = [pytest.param(item, id=name) for name, item in WITNESSES.items() if item.request_examples]
#: Documented examples that our declaration does not take, and why.
PARTIAL = {"updatePost", "uploadMediaFromUrl", "createFolder"}


@pytest.mark.parametrize("witness", WITH_EXAMPLES)
def test_documented_requests_are_calls(witness: Witnessed) -> None:
    """Each example is a call of ours; a partial PUT and explicit nulls, which we never send, are refused."""
    operation = OURS[witness.name]
    path = dict.fromkeys(operation.route.path_fields, 1)
    for example in witness.request_examples:
        text = json.dumps(path | example)
        if witness.name in PARTIAL:
            with pytest.raises(ValidationError):
                operation.model_validate_json(text)
        else:
            assert json.loads(operation.model_validate_json(text).request().body or b"{}") == example
