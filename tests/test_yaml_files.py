"""YAML files of people: text stays text, and every mistake is told with file, line and the nearest name."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.errors import SettingsError
from agent.yaml_files import load_yaml, nearest, parse_yaml


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Account(Closed):
    id: int
    platform: str = "twitter"


class World(Closed):
    """A little world."""

    name: str
    timezone: str = "UTC"
    accounts: tuple[Account, ...] = ()
    posts: dict[int, Account] = Field(default_factory=dict)
    hours: dict[str, str] = Field(default_factory=dict)
    since: date | None = None
    opens: str = Field(default="09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")

    @model_validator(mode="after")
    def _ids_differ(self) -> "World":
        if len({account.id for account in self.accounts}) < len(self.accounts):
            raise ValueError("two accounts have one id")
        return self


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


def read(text: str) -> World:
    return parse_yaml(text, World, "world.yaml")


def refused(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(text)
    return str(caught.value)


TEXTS = ["9:00", "09:30", "23:59:59", "no", "yes", "on", "off", "y", "n", "-3d 09:00", "+1d", "2026-03-26 10:00"]


@pytest.mark.parametrize("written", TEXTS)
def test_times_and_little_words_stay_text(written: str) -> None:
    found = read(f"name: {written}\nhours: {{monday: {written}}}\n")
    assert (found.name, found.hours) == (written, {"monday": written})
    assert type(found.name) is str


def test_a_date_is_read_where_the_model_wants_one() -> None:
    for written in ("2026-03-26", "'2026-03-26'"):
        assert read(f"name: a\nsince: {written}").since == date(2026, 3, 26)


def test_the_rest_is_plain_data() -> None:
    text = (
        "# a comment\n"
        "int: 12\nhex: 0x10\nthousand: 1_000\nreal: 1.50\nyes: true\nnothing: null\nquoted: 'null'\n"
        "folded: >\n  two\n  lines\nliteral: |\n  two\n  lines\n"
        "base: &base {a: 1, b: [x, y]}\nsame: *base\nmerged:\n  <<: *base\n  c: 3\n"
        "136: a number as key\n"
    )
    found = parse_yaml(text, Anything, "x.yaml").model_extra or {}
    assert found == {
        "int": 12,
        "hex": 16,
        "thousand": 1000,
        "real": 1.5,
        "yes": True,
        "nothing": None,
        "quoted": "null",
        "folded": "two lines\n",
        "literal": "two\nlines\n",
        "base": {"a": 1, "b": ["x", "y"]},
        "same": {"a": 1, "b": ["x", "y"]},
        "merged": {"c": 3, "a": 1, "b": ["x", "y"]},
        "136": "a number as key",
    }
    assert {type(value) for value in found.values()} == {int, float, bool, type(None), str, dict}


MISTAKES: dict[str, tuple[str, list[str]]] = {
    "unknown key": ("name: a\ntimezon: UTC\n", ["line 2", '"timezon"', 'Did you mean "timezone"?']),
    "unknown key, nothing near": ("name: a\nqqqq: 1\n", ["line 2", 'unknown key "qqqq".']),
    "unknown key inside": (
        "name: a\naccounts:\n  - id: 1\n  - id: 2\n    platfrom: x\n",
        ["line 5", '"accounts.1.platfrom"', 'Did you mean "platform"?'],
    ),
    "unknown key under a number": ("name: a\nposts:\n  7:\n    id: 1\n    mood: x\n", ["line 5", '"posts.7.mood"']),
    "wrong type": ("name: a\naccounts:\n  - id: acme\n", ["line 3", '"accounts.0.id"', "integer", "'acme'"]),
    "wrong type under a number": ("name: a\nposts:\n  7:\n    id: x\n", ["line 4", '"posts.7.id"']),
    "a word where an id belongs": (
        "name: a\nposts:\n  Harbour:\n    id: 1\n",
        ["line 3", '"posts.Harbour": an id belongs here', "`psa doctor`"],
    ),
    "a form that is wanted": ("name: a\nopens: 8:00\n", ["line 2", '"opens"', 'write it like "09:00"', "'8:00'"]),
    "no date": ("name: a\nsince: tomorrow\n", ["line 2", "a date is expected, such as 2026-12-31", "'tomorrow'"]),
    "a date of no calendar": ("name: a\n\nsince: 2026-13-31\n", ["line 3", "month must be in 1..12"]),
    "an indent too much": ("name: a\n  timezone: UTC\n", ["line 2", "Look at the indentation"]),
    "a date where a text belongs": ("name: 2026-03-26\n", ["line 1", "'2026-03-26'", "in quotes"]),
    "a number where a text belongs": ("name: 12\n", ["line 1", "'12'", "in quotes"]),
    "a list where a text belongs": ("name: [a]\n", ["line 1", '"name"', "string"]),
    "a text where a list belongs": ("name: a\naccounts: none\n", ["line 2", '"accounts"', "'none'"]),
    "missing": ("timezone: UTC\n", ["line 1", '"name" is missing']),
    "missing inside": ("name: a\naccounts:\n  - platform: x\n", ["line 3", '"accounts.0.id" is missing']),
    "rule over the whole": ("name: a\naccounts: [{id: 1}, {id: 1}]\n", ["line 1", "two accounts have one id"]),
    "no mapping": ("- a\n- b\n", ["mapping", "name, timezone"]),
    "a word": ("hello\n", ["mapping"]),
    "nothing": ("", ["world.yaml is empty.", "or delete it"]),
    "only a comment": ("# soon\n", ["world.yaml is empty."]),
    "bad YAML": ("name: a\naccounts: [1, 2\nx: y\n", ["line 3", "not valid YAML"]),
    "bad indent": ("name: a\n  b: c\n", ["line 2", "not valid YAML"]),
    "a tab": ("name: a\naccounts:\n\t- id: 1\n", ["line 3", "not valid YAML", "YAML takes no tabs"]),
    "a key twice": ("name: a\nname: b\n", ["line 2", "not valid YAML", "name"]),
    "two documents": ("name: a\n---\nname: b\n", ["line 2", "not valid YAML"]),
    "an unknown alias": ("name: *a\n", ["line 1", "not valid YAML"]),
    "a control character": ("name: a\x07\n", ["not valid YAML"]),
    "a snake that bites its tail": ("name: a\naccounts: &a [*a]\n", ["line 2", '"accounts.0"']),
    "a merge of nothing": ("name: a\n<<: 3\n", ["not valid YAML"]),
    "a mistake in what was merged": ("x: &x {mood: 1}\nname: a\nposts: {7: {id: 1, <<: *x}}\n", ["line 3", "mood"]),
    "nothing but what was merged": ("x: &x {mood: 1}\nname: a\nposts:\n  7:\n    <<: *x\n", ["line 4", "posts.7.mood"]),
    "an old version": ("%YAML 1.1\n---\nname: no\n", ['"name"']),
    "a merge of itself": ("name: a\nposts: &a {<<: *a}\n", ["not valid YAML"]),
    "a tag": ("name: !!python/object/apply:os.system ['true']\n", ['"name"']),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place(name: str) -> None:
    text, said = MISTAKES[name]
    told = refused(text)
    assert told.startswith("world.yaml")
    for words in said:
        assert words in told, told


def test_all_mistakes_are_told_at_once() -> None:
    told = refused("timezon: UTC\naccounts:\n  - id: x\n").splitlines()
    assert len(told) == 3
    assert all(line.startswith("world.yaml, line ") for line in told)


def test_a_file_is_read_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_bytes("\ufeffname: Grüße\r\ntimezone: UTC\r\n".encode())
    assert load_yaml(path, World).name == "Grüße"


@pytest.mark.parametrize("content", [None, b"name: \xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "w.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"w\.yaml cannot be read") as caught:
        load_yaml(path, World)
    assert "permissions" in caught.value.hint


@pytest.mark.parametrize(
    ("word", "said"),
    [("timezon", ' Did you mean "timezone"?'), ("TIMEZONE", ' Did you mean "timezone"?'), ("qqq", "")],
)
def test_the_nearest_name_is_offered(word: str, said: str) -> None:
    assert nearest(word, ["name", "timezone"]) == said


SIGNS = st.text(st.sampled_from(" \n\t-:?[]{},#&*!|>'\"%@`~ab19.<=\x00\u2028é"), max_size=40)


@given(SIGNS)
@example("? a\n: b\n? [x]\n: c")
@example("{a: &a {<<: *a}}")
@example("a: !!int x")
@example("a: !!binary x")
@example("a: !!set {x}")
@example("a: !!omap [x: 1]")
@example("a: 0o9\nb: 0b2\nc: 1__0\nd: .inf\ne: 1e999")
@settings(max_examples=200)
def test_no_text_does_anything_but_load_or_be_refused(text: str) -> None:
    try:
        found: Any = parse_yaml(text, Anything, "x.yaml")
    except SettingsError as error:
        assert str(error).startswith("x.yaml")
    else:
        assert isinstance(found, Anything)


def test_a_key_with_and_without_quotes_is_one_key() -> None:
    with pytest.raises(SettingsError, match="7 stands there twice, with and without quotes"):
        parse_yaml('name: a\nposts:\n  7: {id: 1}\n  "7": {id: 2}\n', World, "world.yaml")
