"""Jobs files: what is wrong is named with file, line and the nearest name."""

from pathlib import Path

import pytest

from agent.errors import SettingsError
from agent.journal import records as r
from agent.night.jobs import load_jobs
from agent.settings import data_folder

GOOD = """\
jobs:
  - name: hours
    goal: Draft "We open at nine." for LinkedIn
    workspace: 11
    at: 9:00
    limits: {turns: 5, money: 0.2}
"""


def load(folder: Path, text: str) -> object:
    path = folder / "jobs.yaml"
    path.write_text(text, encoding="utf-8")
    return load_jobs(path)


def test_a_job_as_people_write_it(tmp_path: Path) -> None:
    (tmp_path / "jobs.yaml").write_text(GOOD)
    [job] = load_jobs(tmp_path / "jobs.yaml").jobs
    assert (job.workspace, job.at, job.time.hour) == ("11", "09:00", 9)
    limits = job.limits.over(r.Limits(turns=40, money=3.0, cards=7))
    assert (limits.turns, limits.money, limits.cards) == (5, 0.2, 7)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("goal:", "gaol:", ("jobs.yaml, line 3", "goal")),
        ("turns: 5", "turn: 5", ("line 6", "turns")),
        ("turns: 5", "turns: 0", ("line 6", "turns")),
        ("at: 9:00", "at: 25:00", ("line 5", "22:00")),
        ("at: 9:00", "at: nine", ("line 5", "22:00")),
        ("name: hours", "name: ../../hours", ("line 2", "name")),
        ("workspace: 11", "workspace: true", ("line 4", "workspace")),
        ('goal: Draft "We open at nine." for LinkedIn', "goal: ' '", ("line 3", "goal")),
        ("at: 9:00", "at: 9:00\n    days: [mondy]", ("line 6", "monday")),
        ("at: 9:00", "at: 9:00\n    policy: nowhere.yaml", ("hours", "nowhere.yaml")),
        ("jobs:", "side_by_side: 0\njobs:", ("line 1", "side_by_side")),
        (GOOD, "jobs: []", ("jobs",)),
        (GOOD, "[]", ("mapping",)),
        (GOOD, "jobs: {", ("not valid YAML",)),
        (GOOD, GOOD + GOOD.partition("\n")[2], ("hours", "name of its own")),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, words: tuple[str, ...], tmp_path: Path) -> None:
    assert old in GOOD
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert all(word in str(caught.value) for word in words), caught.value


def test_a_file_that_is_not_there_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="psa init"):
        load_jobs(tmp_path / "jobs.yaml")


def test_the_file_to_start_from_loads() -> None:
    [job] = load_jobs(data_folder("policies") / "start" / "jobs.yaml").jobs
    assert job.at == "22:00"
