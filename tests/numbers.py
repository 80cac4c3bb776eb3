"""Calls of the tools for numbers, in the form that the tools have now: the one place to change with them."""

from collections.abc import Mapping
from typing import Any

from tests.house import call

Calls = list[tuple[str, Mapping[str, Any]]]


def read_posts(*posts: int) -> Calls:
    """The call that reads the numbers of posts."""
    return [call("get_numbers", posts=list(posts))]


def read_accounts(*accounts: int) -> Calls:
    """Calls that read the numbers of accounts."""
    return [call("get_numbers", account=account) for account in accounts]


def read_everything() -> Calls:
    """A call that reads the numbers of all workspaces."""
    return [call("get_numbers")]


def refresh_posts(*posts: int) -> Calls:
    """The call that asks for a refresh of posts' numbers."""
    return [call("sync_numbers", posts=list(posts))]
