"""The people of a home: `users.yaml`, with a role and an argon2 hash of the password each."""

import os
import stat
from pathlib import Path
from typing import Annotated, Literal

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from agent import logs
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
    try:
        kind = extract_parameters(password).type.name
    except InvalidHashError:
        kind = "none"
    if kind != "ID":
        raise ValueError("a password is kept as an argon2id hash: write it with `psa users set`")
    return password


class User(BaseModel):
    """One person: what they may do, and the hash of their password."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role
    password: Annotated[str, AfterValidator(_hashed)]


class Users(BaseModel):
    """What `users.yaml` holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    users: dict[Name, User] = Field(default_factory=dict)


def load_users(home: Path) -> Users:
    """The people of a home; none where there is no file. Raises SettingsError with file and line."""
    path = home / FILE
    if not path.is_file():
        return Users()
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SettingsError(f"{path} can be read or written by others.", hint=f"chmod 600 {path}")
    return load_yaml(path, Users)


class People:
    """The users of a home while it is served: the file is read again when it was changed."""

    def __init__(self, home: Path) -> None:
        """Raises SettingsError where the file cannot be read."""
        self._home = home
        self._log = logs.get("web")
        self._seen = self._mark()
        self._users = load_users(home)

    def now(self) -> Users:
        """Who may log in now; nobody while the file cannot be read."""
        mark = self._mark()
        if mark != self._seen:
            self._seen = mark
            try:
                self._users = load_users(self._home)
            except SettingsError as error:
                self._log.warning("nobody logs in with a password", why=error.message)
                self._users = Users()
        return self._users

    def stands(self, name: str, user: User) -> bool:
        """Whether somebody still has the role and the password that they logged in with."""
        return self.now().users.get(name) == user

    def _mark(self) -> tuple[int, ...]:
        try:
            found = (self._home / FILE).stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def hash_of(password: str) -> str:
    """What is kept of a password. Raises SettingsError where it is too short."""
    if len(password) < SHORTEST:
        raise SettingsError(f"A password has at least {SHORTEST} characters.", hint="Take a longer one.")
    return _HASHER.hash(password)


def check(user: User | None, password: str) -> bool:
    """Whether it is their password. It takes as long where there is no such user."""
    try:
        _HASHER.verify(user.password if user else _NOBODY, password)
    except (VerificationError, InvalidHashError, UnicodeError):
        return False
    return user is not None


def person_of(name: str, user: User) -> Person:
    """A user as who decides."""
    return Person(name, user.role, "web")
