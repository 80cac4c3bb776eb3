"""The page of settings: what is connected and works, and no secret on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent.gate.decisions import Person
from agent.settings import Settings
from agent.web.users import User, Users, hash_of
from tests.web.serving import Served, served

KEY = "sk-9f8e7d6c5b4a39281706"
HOOK = "json://127.0.0.1:1/hook-1a2b3c4d5e6f7a8b"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home: Path = tmp_path_factory.mktemp("home")
    added = Users(users={"mia": User(role="viewer", password=hash_of("a long enough password"))})
    (home / "users.yaml").write_text(added.model_dump_json(), encoding="utf-8")
    (home / "users.yaml").chmod(0o600)
    settings = Settings(openai_api_key=SecretStr(KEY), psa_notify=(SecretStr(HOOK),))
    with served(home, settings) as running:
        with running.somebody() as visitor:
            assert "No run has read accounts yet" in visitor.page("/settings")
            assert visitor.submit("/performance/read").status_code == 303
        yield running


def test_it_tells_what_is_in_use_and_no_secret(site: Served) -> None:
    with site.somebody() as visitor:
        page = visitor.page("/settings")
        for words in ("Fern &amp; Clay", "expired", "Europe/Berlin", "mia", "viewer", "offline planner", "1 set"):
            assert words in page, words
        secrets = (KEY, HOOK, "hook-1a2b", "1|sandbox", "$argon2id$")
        assert not [secret for secret in secrets if secret in page]


def test_checks_run_at_a_press(site: Served) -> None:
    with site.somebody() as visitor:
        assert "Nothing was checked" in visitor.page("/settings")
        assert visitor.submit("/settings/check").headers["location"] == "/settings#checks"
        page = visitor.page("/settings")
        for words in (
            "may read posts",
            "(Pinterest Harbour Coffee Boards) has expired",
            "Reconnect it",
            "are free on the disk",
        ):
            assert words in page, words
        assert KEY not in page


def test_a_viewer_changes_their_colours_alone(site: Served) -> None:
    with site.somebody(Person("mia", "viewer", "web")) as visitor:
        assert "Check now" not in visitor.page("/settings")
        assert visitor.submit("/settings/check").status_code == 409
        assert visitor.submit("/theme", theme="dark").headers["location"] == "/settings"
        assert 'data-theme="dark"' in visitor.page("/settings")
