"""The texts of a call that the public would read, with the places they stand in."""

from collections.abc import Iterator
from typing import Any

from pydantic import MISSING

from agent.api.comments import CreateComment, UpdateComment
from agent.api.endpoint import Endpoint
from agent.api.media import UploadMediaFromUrl
from agent.api.posts import PostFields, UpdatePostAutoPlug, settings_of

#: Settings of a network that are shown as words.
_SHOWN = ("text", "caption", "description", "title")


def public_texts(call: Endpoint[Any]) -> Iterator[tuple[str, str]]:
    """Every text that people outside would read, such as `content.0.text`; none of it is empty. Pure."""
    if isinstance(call, PostFields):
        for place, item in enumerate(call.content):
            if isinstance(item.text, str) and item.text:
                yield f"content.{place}.text", item.text
        for place, target in enumerate(() if call.accounts is MISSING else call.accounts):
            yield from _settings(f"accounts.{place}.settings", settings_of(target))
    elif isinstance(call, CreateComment | UpdateComment):
        if isinstance(call.content, str) and call.content:
            yield "content", call.content
    elif isinstance(call, UpdatePostAutoPlug) and isinstance(call.reply_text, str) and call.reply_text:
        yield "reply_text", call.reply_text


def _settings(where: str, settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _SHOWN:
        value = settings.get(name)
        if isinstance(value, str) and value:
            yield f"{where}.{name}", value
    card = settings.get("website_card")
    if isinstance(card, dict):
        yield from _settings(f"{where}.website_card", card)


def public_addresses(call: Endpoint[Any]) -> Iterator[tuple[str, str]]:
    """Addresses that the service or a network would fetch for a call: pictures, covers, link cards. Pure."""
    if isinstance(call, PostFields):
        for place, item in enumerate(call.content):
            media = () if item.media is MISSING else item.media
            yield from ((f"content.{place}.media", one) for one in media if isinstance(one, str))
            if item.cover_image is not MISSING and isinstance(item.cover_image.thumbnail, str):
                yield f"content.{place}.cover_image", item.cover_image.thumbnail
        for place, target in enumerate(() if call.accounts is MISSING else call.accounts):
            yield from linked(f"accounts.{place}.settings", settings_of(target))
    elif isinstance(call, CreateComment | UpdateComment):
        media = () if call.media is MISSING else call.media
        yield from (("media", one) for one in media if isinstance(one, str))


def fetched(call: Endpoint[Any]) -> Iterator[tuple[str, str]]:
    """The addresses that are fetched for a call, by the service or by a network. Pure."""
    yield from public_addresses(call)
    if isinstance(call, UploadMediaFromUrl):
        yield from (("urls", address) for address in call.urls)


def linked(where: str, settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The addresses in a network's settings: what a post links to as a whole."""
    if isinstance(settings.get("link"), str):
        yield f"{where}.link", settings["link"]
    card = settings.get("website_card")
    if isinstance(card, dict) and isinstance(card.get("uri"), str):
        yield f"{where}.website_card.uri", card["uri"]
