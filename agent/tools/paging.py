"""Walking through a paged list while completing: each page is a fresh read."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from agent.api.endpoint import Endpoint
from agent.api.types import Page
from agent.tools.desk import Desk, Need
from agent.tools.lookup import fresh

T = TypeVar("T")

#: No tool follows a list further than this: a minute holds 60 requests.
MOST_PAGES = 10


class Walk(Generic[T]):
    """The new items of each page, or the Need for the next page; then `seen` counts items, `cut` tells of more."""

    def __init__(self, desk: Desk, page: Callable[[int], Endpoint[Page[T]]]) -> None:
        self._desk = desk
        self._page = page
        self._ids: set[Any] = set()
        self.cut = False

    @property
    def seen(self) -> int:
        """How many different items came by."""
        return len(self._ids)

    def __iter__(self) -> Iterator[Need | list[T]]:
        for number in range(1, MOST_PAGES + 1):
            page = fresh(self._page(number), self._desk)
            if isinstance(page, Need):
                yield page
                return
            # New items shift the pages while we read: an item may come twice, and a page without news is the end.
            news = [item for item in page.data if getattr(item, "id", None) not in self._ids]
            self._ids.update(getattr(item, "id", None) for item in news)
            yield news
            if not news or _is_last(page, number):
                return
        self.cut = True


def _is_last(page: Page[Any], number: int) -> bool:
    if page.last_page is not None:
        return number >= page.last_page
    return page.has_next is False
