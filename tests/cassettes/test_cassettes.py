"""The wire as recorded: the same goal sends byte for byte the same requests, and no secret stands in any file."""

from pathlib import Path

import pytest

from agent.journal.fold import outcome_of
from tests.cassettes.play import FOLDER, GOALS, as_json, bodies, cassette, play

pytestmark = pytest.mark.anyio

OUTCOMES = {
    "sandbox-offline-draft": ("done", ["CreatePost"]),
    "sandbox-offline-schedule": ("held", ["CreatePost"]),
    "sandbox-offline-delete": ("held", []),
    "sandbox-offline-upload": ("done", ["UploadMediaFile", "CreatePost"]),
}


@pytest.mark.parametrize("name", GOALS)
async def test_a_recorded_goal_plays_again(name: str, tmp_path: Path) -> None:
    with cassette(name, record=False):
        run = await play(tmp_path, GOALS[name])
    outcome, sent = OUTCOMES[name]
    assert outcome_of(run.state) == outcome
    assert [view.intent.operation for view in run.state.effects.values()] == sent


async def test_two_plays_give_the_same_journal(tmp_path: Path) -> None:
    name = "sandbox-offline-schedule"
    told = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        with cassette(name, record=False):
            told.append(as_json(await play(folder, GOALS[name])))
    assert told[0] == told[1]


CANARY_TOKEN, CANARY_KEY = "77|canaryT0kenCanaryT0kenCanary", "sk-canary-3f9c2b7d1e"


async def test_no_secret_reaches_journal_mirror_or_report(tmp_path: Path) -> None:
    name = "sandbox-offline-draft"
    with cassette(name, record=False):
        await play(tmp_path, GOALS[name], token=CANARY_TOKEN, model_key=CANARY_KEY)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert CANARY_TOKEN.encode() not in content and CANARY_KEY.encode() not in content, path


@pytest.mark.parametrize("name", GOALS)
def test_no_cassette_holds_a_credential(name: str) -> None:
    text = bodies(name).lower()
    for word in ("authorization", "bearer", "cookie", "1|sandbox", "x-amz-", "api-key"):
        assert word not in text


def test_every_cassette_is_played() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(GOALS)
