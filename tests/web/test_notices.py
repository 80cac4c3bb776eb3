"""What a team is told: new cards and the morning report, on a receiver of this machine."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent.errors import SettingsError
from agent.notify import Notifier
from agent.settings import Settings
from tests.web.receiver import webhook
from tests.web.serving import served

ROOT = Path(__file__).parents[2]


def psa(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "agent", *words],
        cwd=ROOT,
        env={"PSA_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=50,
    )


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_message_goes_everywhere_and_what_failed_is_named_without_its_address() -> None:
    with webhook() as (there, good), webhook(status=500) as (broken, bad):
        notifier = Notifier([good, bad, "json://127.0.0.1:1/secret-9f8e7d6c5b4a"])
        failed = await notifier.send(
            "Two wait\u202e", ["<b>card 3</b>: it's \u200bhere", "http://127.0.0.1:8790/review/3"]
        )
    (told,) = there.messages
    assert told["path"] == "/team"
    assert told["title"] == "Two wait\\u202e"
    assert told["message"] == "<b>card 3</b>: it's \\u200bhere\nhttp://127.0.0.1:8790/review/3"
    assert broken.messages
    assert [one.partition(":")[0] for one in failed] == [
        "It could not be told to JSON (PSA_NOTIFY, entry 2)",
        "It could not be told to JSON (PSA_NOTIFY, entry 3)",
    ]
    assert "9f8e7d6c5b4a" not in "".join(failed)


def test_an_address_that_is_none_is_named_by_its_place() -> None:
    with pytest.raises(SettingsError) as told:
        Notifier(["json://127.0.0.1/x", "nonsense-9f8e7d6c5b4a"])
    assert "PSA_NOTIFY, entry 2" in str(told.value)
    assert "9f8e7d6c5b4a" not in str(told.value)


@pytest.mark.slow
def test_new_cards_of_any_process_are_told_with_their_page(tmp_path: Path) -> None:
    with webhook() as (hook, address):
        settings = Settings(psa_notify=(SecretStr(address),), psa_pages="https://agent.example.com/")
        with served(tmp_path, settings):
            done = psa(tmp_path, "run", 'Schedule "We open at nine." for LinkedIn and X tomorrow at 10:00')
            assert done.returncode == 0, done.stderr
            (told,) = hook.wait(1)
    assert told["title"] == "PostSyncer agent: 1 new for you"
    assert told["message"].startswith("card ")
    assert "https://agent.example.com/review/" in told["message"]


JOBS = """
jobs:
  - name: early
    goal: 'Draft "Good morning." for LinkedIn'
    at: "06:00"
    workspace: Fern & Clay
"""


@pytest.mark.slow
def test_the_morning_report_is_told(tmp_path: Path) -> None:
    (tmp_path / "jobs.yaml").write_text(JOBS)
    with webhook() as (hook, address):
        done = psa(tmp_path, "night", "--quiet", "--now", "2026-11-24T09:00Z", PSA_NOTIFY=address)
    assert done.returncode == 0, done.stderr
    (told,) = hook.messages
    assert told["title"].startswith("PostSyncer agent, night of ")
    assert "1 job: 1 done." in told["message"]
    assert told["message"].endswith("Look and decide: http://127.0.0.1:8790/")


@pytest.mark.slow
def test_a_night_whose_message_fails_is_done_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "jobs.yaml").write_text(JOBS)
    done = psa(tmp_path, "night", "--quiet", "--now", "2026-11-24T09:00Z", PSA_NOTIFY="json://127.0.0.1:1/x")
    assert done.returncode == 0, done.stderr
    assert "could not be told to JSON (PSA_NOTIFY, entry 1)" in done.stderr
    done = psa(tmp_path, "night", "--quiet", PSA_NOTIFY="nonsense")
    assert done.returncode == 7
    assert "PSA_NOTIFY, entry 1" in done.stderr
