"""Settings as people write them: in the environment and in the home's .env."""

from pathlib import Path

import pytest

from agent.errors import SettingsError
from agent.settings import load_settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PSA_HOME", "PSA_FEATURES", "PSA_MEDIA_FOLDERS", "PSA_NOTIFY", "PSA_PAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PSA_HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("campaigns", ("campaigns",)),
        ("campaigns,auto_plug", ("campaigns", "auto_plug")),
        (" campaigns , auto_plug ,", ("campaigns", "auto_plug")),
        ("", ()),
    ],
)
def test_several_words_are_written_with_commas(
    written: str, read: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PSA_FEATURES", written)
    assert load_settings(tmp_path)[0].psa_features == read
    monkeypatch.delenv("PSA_FEATURES")
    (tmp_path / ".env").write_text(f"PSA_FEATURES={written}\nPSA_MEDIA_FOLDERS=uploads, shots\n")
    settings, _ = load_settings(tmp_path)
    assert settings.psa_features == read
    assert settings.psa_media_folders == ("uploads", "shots")


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PSA_MAX_TURNS", "many")
    with pytest.raises(SettingsError, match="PSA_MAX_TURNS is not usable"):
        load_settings(tmp_path)


def test_what_lets_others_tell_something_is_a_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slack, mail = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "mailto://maria:s%40fe99@example.com"
    monkeypatch.setenv("PSA_NOTIFY", f"{slack},{mail}")
    settings, _ = load_settings(tmp_path)
    assert {slack, mail, "TIiajkdnlazkcOXrIdevi7FQ", "s@fe99"} <= set(settings.secrets)
    assert "example.com" not in settings.secrets and "maria" not in settings.secrets
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in repr(settings)
