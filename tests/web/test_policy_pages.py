"""The pages of the policy: rules in force and what they did, standing permissions, a text that is checked."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent.gate.decisions import Person
from agent.journal.store import open_store
from tests.gate.test_standing import TIPS
from tests.house import call, finish, home_in
from tests.web.serving import Served, served

EDITOR, VIEWER = Person("eve", "editor", "web"), Person("vera", "viewer", "web")
OVERLAY = {
    "name": "mine",
    "standing": [{**TIPS, "until": "2099-12-31"}],
    "rules": {"post.mentions": {"most": 1}},
    "accounts": {"101": {"rules": {"post.mentions": {"verdict": "deny"}}}},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home: Path = tmp_path_factory.mktemp("home")
    (home / "policy.yaml").write_text(json.dumps(OVERLAY), encoding="utf-8")
    asyncio.run(_a_card(home))
    with served(home) as running:
        yield running


async def _a_card(folder: Path) -> None:
    async with home_in(folder) as home:
        publish = call("publish_post", post=1004)
        await home.run("Publish post 1004", [[publish], finish()])


def records(site: Served) -> int:
    with closing(open_store(site.home)) as store:
        return store.last_row


def rule_in(page: str, rule: str) -> str:
    """One rule's item of the list."""
    before, _, after = page.partition(f"<code>{rule}</code>")
    return before.rpartition("<li")[2] + after.partition("</li>")[0]


def test_rules_tell_who_changed_them_and_what_they_did(site: Served) -> None:
    with site.somebody(VIEWER) as visitor:
        page = visitor.page("/policy")
        assert "most: 3 → 1" in rule_in(page, "post.mentions") and "policy.yaml)" in rule_in(page, "post.mentions")
        assert "hold" in rule_in(page, "post.mentions") and "nothing found" in rule_in(page, "post.mentions")
        assert "1 × hold" in rule_in(page, "post.draft_by_default")
        there = rule_in(visitor.page("/policy?of=account-101"), "post.mentions")
        assert "deny" in there and "shipped: hold" in there and "for account 101" in there
        assert "deny" not in rule_in(visitor.page("/policy?of=account-102&mode=unattended"), "post.mentions")
        one = visitor.page("/policy/rules/post.mentions")
        assert "Changed by" in one and "account 101" in one and "a lower figure is stricter" in one
        for path in ("/policy?of=account-9", "/policy?of=<b>", "/policy/rules/none.such"):
            assert visitor.get(path).status_code == 409


def test_an_editor_revokes_and_an_owner_gives_back(site: Served) -> None:
    with site.somebody(VIEWER) as viewer, site.somebody(EDITOR) as editor, site.somebody() as owner:
        assert "weekday tips" in viewer.page("/policy/standing") and "Revoke" not in viewer.page("/policy/standing")
        assert viewer.submit("/policy/standing/revoke", name="weekday tips").status_code == 409
        reason = "<script>alert(1)</script>\u202e too many"
        assert editor.submit("/policy/standing/revoke", name="weekday tips", reason=reason).status_code == 303
        page = editor.page("/policy/standing")
        assert "taken back by eve" in page and "&lt;script&gt;" in page and "<script>alert" not in page
        assert "\u202e" not in page and "Give it back" not in page and "Only an owner gives it back" in page
        assert editor.submit("/policy/standing/revoke", name="weekday tips").status_code == 409
        assert editor.submit("/policy/standing/allow", name="weekday tips").status_code == 409
        assert "Give it back" in owner.page("/policy/standing")
        assert owner.submit("/policy/standing/allow", name="weekday tips").status_code == 303
        assert "weekday tips is in force again." in owner.page("/policy/standing")
        for name in ("", "none such", "x" * 10_000):
            assert owner.submit("/policy/standing/revoke", name=name).status_code == 409
        assert owner.submit("/policy/standing/revoke", name="weekday tips", reason="x" * 201).status_code == 409


def test_a_text_is_checked_and_nothing_is_sent(site: Served) -> None:
    before = records(site)
    with site.somebody(VIEWER) as visitor:
        answer = visitor.submit("/policy/check", text="Hello @ana @bob <b>x</b>", on="account-101", at="", mode="")
        assert answer.status_code == 200 and "deny" in answer.text and "post.mentions" in answer.text
        assert "&lt;b&gt;x&lt;/b&gt;" in answer.text and "<b>x</b>" not in answer.text
        long = visitor.submit(
            "/policy/check", text="\u200b\u202e" + "x" * 10_000, on="", at="2099-12-01T09:00", mode=""
        )
        assert long.status_code == 200 and "too many" in long.text
        assert (
            "No rule holds it"
            in visitor.submit("/policy/check", text="Glazes, all of them.", on="", at="", mode="").text
        )
        for wrong in (
            {"text": " "},
            {"text": "x" * 100_001},
            {"text": "a", "on": "account-9"},
            {"text": "a", "at": "x"},
        ):
            assert visitor.submit("/policy/check", **wrong).status_code == 409
    assert records(site) == before
