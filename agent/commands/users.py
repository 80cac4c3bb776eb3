"""`psa users`: who may log in to the pages, and as what."""

import os
import sys
from pathlib import Path
from typing import TextIO

import click
from pydantic import ValidationError
from ruamel.yaml import YAML

from agent.commands.lazy import Group
from agent.commands.light import json_option, print_json, tell
from agent.errors import Declined, WrongUsage
from agent.settings import find_home
from agent.web.users import FILE, Users, hash_of, load_users


@click.group("users", cls=Group)
def users_command() -> None:
    """People who log in to the pages of `psa serve` with a password."""


@users_command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """Names and roles."""
    found = load_users(find_home(Path.cwd())).users
    if as_json:
        print_json([{"name": name, "role": user.role} for name, user in found.items()])
        return
    for name, user in found.items():
        tell(f"{name:<24} {user.role}")
    if not found:
        tell("Nobody but you, by the link that `psa serve` prints. `psa users set NAME` adds somebody.")


@users_command.command("set")
@click.argument("name")
@click.option("--role", type=click.Choice(["owner", "editor", "viewer"]), default="editor", show_default=True)
@click.option("--password-file", type=click.File(encoding="utf-8"), help="Take the password from a file (- is stdin).")
def set_command(name: str, role: str, password_file: TextIO | None) -> None:
    """Add somebody, or give them another role and password. Takes effect at once, also where they are logged in."""
    if password_file is not None:
        password = password_file.read().rstrip("\n")
    elif not sys.stdin.isatty():
        raise WrongUsage(
            "There is no terminal to ask for a password.",
            hint=f"psa users set {name} --password-file FILE takes it from a file (- is standard input).",
        )
    else:
        password = click.prompt(f"Password for {name}", hide_input=True, confirmation_prompt=True)
    home = find_home(Path.cwd())
    now = {key: user.model_dump() for key, user in load_users(home).users.items()}
    try:
        told = Users.model_validate({"users": {**now, name: {"role": role, "password": hash_of(password)}}})
    except ValidationError as error:
        raise WrongUsage(
            f"{name!r} is no name to log in with.", hint="Take letters, digits and . _ @ + - only, at most 64."
        ) from error
    _write(home, told)
    tell(f"{name} may log in as {role}.")


@users_command.command("remove")
@click.argument("name")
def remove_command(name: str) -> None:
    """Take somebody's login away. Takes effect at once, also where they are logged in."""
    home = find_home(Path.cwd())
    found = load_users(home).users
    if name not in found:
        raise Declined(f"There is no {name}.", hint="`psa users list` shows who there is.")
    _write(home, Users(users={key: user for key, user in found.items() if key != name}))
    tell(f"{name} may no longer log in.")


def _write(home: Path, users: Users) -> None:
    """The file whole or not at all, readable by its owner alone."""
    path, fresh = home / FILE, home / f".{FILE}.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        YAML().dump(users.model_dump(), file)
    fresh.replace(path)
