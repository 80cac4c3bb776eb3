"""Walking through a list page by page, whatever happens to it meanwhile."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from agent.api.endpoint import Endpoint
from agent.api.types import Page

T = TypeVar("T")

#: No list is followed further than this.
MAX_PAGES = 100


async def pages(
    send: Callable[[Endpoint[Page[T]]], Awaitable[Page[T]]], first: Endpoint[Page[T]], most: int = MAX_PAGES
) -> AsyncIterator[tuple[T, ...]]:
    """The items of each page that no earlier page had, by id, from the page that `first` names.

    New items shift the pages while we read (an item is then seen twice) and a broken service may answer the same page
    for ever: a page without anything new ends the walk, as do the last page and `most` pages.
    """
    seen: set[Any] = set()
    start = getattr(first, "page", 1)
    number = start if isinstance(start, int) else 1
    for turn in range(most):
        page = await send(first.model_copy(update={"page": number}) if turn else first)
        fresh = tuple(item for item in page.data if _key(item) not in seen)
        seen.update(_key(item) for item in fresh)
        if fresh:
            yield fresh
        if not fresh or _is_last(page, number) or "page" not in type(first).model_fields:
            return
        number += 1


async def every(
    send: Callable[[Endpoint[Page[T]]], Awaitable[Page[T]]], first: Endpoint[Page[T]], most: int = MAX_PAGES
) -> tuple[T, ...]:
    """All items of a list."""
    return tuple([item async for page in pages(send, first, most) for item in page])


def _is_last(page: Page[T], number: int) -> bool:
    if page.last_page is not None:
        return number >= page.last_page
    return page.has_next is False


def _key(item: object) -> object:
    return getattr(item, "id", None)
