"""The people of a home: `users.yaml`, with a role and an argon2 hash of the password each."""

from pathlib import Path
from typing import Annotated, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from agent.errors import SettingsError
from agent.gate.decisions import Person
from agent.yaml_files import load_yaml

FILE = "users.yaml"
SHORTEST = 12
_HASHER = PasswordHasher()
#: Compared with where there is no such user, so that both take as long.
_NOBODY = _HASHER.hash("nobody has this password")

Role = Literal["owner", "editor", "viewer"]
Name = Annotated[str, StringConstraints(pattern=r"^[\w.@+-]{1,64}$")]


def _hashed(password: str) -> str:
    if not password.startswith("$argon2id$"):
        raise ValueError("a password is kept as an argon2id hash: write it with `psa users set`")
    return password


class User(BaseModel):
    """One person: what they may do, and the hash of their password."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role
    password: Annotated[str, AfterValidator(_hashed)]


class Users(BaseModel):
    """What `users.yaml` holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    users: dict[Name, User] = Field(default_factory=dict)


def load_users(home: Path) -> Users:
    """The people of a home; none where there is no file. Raises SettingsError with file and line."""
    path = home / FILE
    return load_yaml(path, Users) if path.is_file() else Users()


def hash_of(password: str) -> str:
    """What is kept of a password. Raises SettingsError where it is too short."""
    if len(password) < SHORTEST:
        raise SettingsError(f"A password has at least {SHORTEST} characters.", hint="Take a longer one.")
    return _HASHER.hash(password)


def check(users: Users, name: str, password: str) -> Person | None:
    """Who logs in with this name and password; None where they are wrong. Takes as long either way."""
    user = users.users.get(name)
    try:
        _HASHER.verify(user.password if user else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return Person(name, user.role, "web") if user else None
