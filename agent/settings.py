"""Settings: read once, frozen, handed down. The only reader of the environment and of `.env`."""

import getpass
import os
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agent.errors import SettingsError

SERVICE = "https://postsyncer.com/api/v1"
UPLOADS = "https://upload.postsyncer.com/api/v1"


def _listed(value: object) -> object:
    """Words with commas between them, as the environment has them."""
    return tuple(word for part in value.split(",") if (word := part.strip())) if isinstance(value, str) else value


#: Several words in one setting. It is read as it stands, not as JSON.
Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
#: Parts of an address that are shorter than this are no secrets: hosts, ports and words.
_SHORTEST_SECRET = 12


class Settings(BaseSettings):
    """Everything a person can set, by environment variable or in the home's `.env`.

    Without POSTSYNCER_API_TOKEN the embedded sandbox is used, without PSA_MODEL the offline planner.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True)

    postsyncer_api_token: SecretStr | None = None
    postsyncer_base_url: str = SERVICE
    postsyncer_upload_url: str | None = None
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    psa_model: str | None = None
    psa_home: Path | None = None
    #: The world that a new embedded sandbox starts with: a shipped one, or a YAML file.
    psa_world: str = "shop"
    psa_language: str = "en"
    psa_features: Listed = ()
    psa_media_folders: Listed = ("uploads",)
    psa_price_in: float | None = Field(default=None, ge=0, description="US dollars per million prompt tokens")
    psa_price_out: float | None = Field(default=None, ge=0, description="US dollars per million completion tokens")
    psa_max_turns: int = Field(default=40, ge=1)
    psa_max_money: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    #: Where the morning report and new cards are told, as addresses of apprise: slack://…, tgram://…, mailto://…
    psa_notify: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_listed)] = ()
    #: Where people open the pages, for the links in what is told.
    psa_pages: str = "http://127.0.0.1:8790"
    psa_max_money_day: float = Field(default=5.0, gt=0, allow_inf_nan=False)
    psa_max_money_month: float = Field(default=60.0, gt=0, allow_inf_nan=False)
    psa_log: Literal["quiet", "info", "debug"] = "quiet"

    @property
    def sandboxed(self) -> bool:
        """Whether the embedded sandbox stands in for PostSyncer."""
        return self.postsyncer_api_token is None and self.postsyncer_base_url == SERVICE

    @property
    def uploads(self) -> str:
        """Where files are uploaded: the upload host, or beside a base URL that was changed."""
        if self.postsyncer_upload_url:
            return self.postsyncer_upload_url
        return UPLOADS if self.postsyncer_base_url == SERVICE else self.postsyncer_base_url

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never leave in a text."""
        found = (self.postsyncer_api_token, self.openai_api_key)
        values = [secret.get_secret_value() for secret in found if secret is not None]
        values += [part for address in self.psa_notify for part in _secret_parts(address.get_secret_value())]
        return tuple(value for value in values if value)


def _secret_parts(address: str) -> list[str]:
    """An address that things are told to, and what in it lets anybody else tell something there."""
    parts = [unquote(part) for part in re.split(r"[/:@?&=,]+", address)]
    long = [part for part in parts if len(part) >= _SHORTEST_SECRET and re.search(r"\d", part) and "." not in part]
    try:
        password = unquote(urlsplit(address).password or "")
    except ValueError:
        password = ""
    return [address, *long, *([password] if len(password) >= 6 else [])]


def load_settings(start: Path) -> tuple[Settings, Path]:
    """Settings and home, from the environment and the home's `.env`; `start` is the folder the command runs in.

    Raises SettingsError that names the variable.
    """
    home = find_home(start)
    dotenv = home / ".env"
    try:
        settings = Settings(_env_file=dotenv if dotenv.is_file() else None)  # type: ignore[call-arg]  # documented argument, not a field
    except ValidationError as error:
        item = error.errors()[0]
        name = str(item["loc"][0]).upper()
        raise SettingsError(
            f"{name} is not usable: {item['msg'].lower()}.", hint=f"Correct it in {dotenv} or the environment."
        ) from None
    _check(settings)
    return settings, home


def _check(settings: Settings) -> None:
    if settings.psa_model and not (settings.openai_api_key or settings.openai_base_url):
        raise SettingsError(
            "PSA_MODEL is set, but no key.", hint="Set OPENAI_API_KEY (and OPENAI_BASE_URL for another provider)."
        )
    if settings.openai_base_url and not settings.psa_model:
        raise SettingsError(
            "OPENAI_BASE_URL is set, but no model is named.", hint="Set PSA_MODEL, for example PSA_MODEL=gpt-5-mini."
        )


def find_home(start: Path) -> Path:
    """PSA_HOME, else the nearest folder upwards with a `runs/` made by psa, else `start` itself."""
    named = os.environ.get("PSA_HOME")
    if named:
        return Path(named).expanduser().resolve()
    for folder in [start.resolve(), *start.resolve().parents]:
        if (folder / "runs" / "journal.db").is_file():
            return folder
    return start.resolve()


def state_folder() -> Path:
    """The user's own state folder, where the rate budgets lie: they belong to tokens, not to homes."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "psa"


def data_folder(name: str) -> Path:
    """`prompts` or `policies`: at the top of the repository, or packed into the wheel beside the code."""
    here = Path(__file__).resolve().parent
    for folder in (here / "_data" / name, here.parent / name):
        if folder.is_dir():
            return folder
    raise SettingsError(f"The folder {name}/ is missing from the installation.", hint="Install postsyncer-agent again.")


def debugging() -> bool:
    """Whether PSA_LOG=debug asks for tracebacks, read without the other settings."""
    return os.environ.get("PSA_LOG", "").lower() == "debug"


def system_user() -> str:
    """The operating system's user, who decides on the command line."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "user"
