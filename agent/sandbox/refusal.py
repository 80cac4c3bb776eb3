"""Answers that are not a success, in the service's own words."""

from typing import Any


class Refusal(Exception):
    """The request is answered with an error and changes nothing. Never leaves the box."""

    def __init__(self, status: int, message: str, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message}
        if errors:
            self.body["errors"] = errors


def not_found() -> Refusal:
    """404: absent, or in a workspace the token cannot see."""
    return Refusal(404, "Not found.")


def invalid(errors: dict[str, list[str]]) -> Refusal:
    """422 with field errors; the message is the first of them."""
    first = next(iter(errors.values()))[0]
    return Refusal(422, first, errors)


def wrong(field: str, message: str) -> Refusal:
    """422 about one field; `{}` in the message is the field's name in words."""
    return invalid({field: [message.format(words(field))]})


def words(field: str) -> str:
    """A field's name as it stands in messages: `workspace_id` is `workspace id`."""
    return field.replace("_", " ")
