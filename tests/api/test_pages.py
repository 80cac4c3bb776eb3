"""Walking through lists: whatever the service does to its pages meanwhile, the walk ends and nothing comes twice."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.api.endpoint import Endpoint
from agent.api.labels import ListLabels
from agent.api.pages import MAX_PAGES, every, pages
from agent.api.posts import ListPosts
from agent.api.types import Label, Page, Post, read_page
from tests.api.helpers import post

pytestmark = pytest.mark.anyio


class Lists:
    """A service that answers with the ids `of(page)`, in some envelope; keeps which pages were asked for."""

    def __init__(
        self, of: Callable[[int], list[int]], envelope: Callable[[int], dict[str, Any]] = lambda _: {}
    ) -> None:
        self._of = of
        self._envelope = envelope
        self.asked: list[int] = []
        self.calls: list[Endpoint[Page[Post]]] = []

    async def send(self, call: Endpoint[Page[Post]]) -> Page[Post]:
        assert isinstance(call, ListPosts)
        number = call.page if isinstance(call.page, int) else 1
        self.asked.append(number)
        self.calls.append(call)
        rows = [post(one) for one in self._of(number)]
        return Page[Post].model_validate(read_page({"data": rows, **self._envelope(number)}))

    async def ids(self, first: ListPosts | None = None, most: int = MAX_PAGES) -> list[int]:
        return [one.id for one in await every(self.send, first or ListPosts(per_page=2), most)]


def flat(last: int) -> Callable[[int], dict[str, Any]]:
    return lambda number: {"current_page": number, "last_page": last}


def linked(last: int) -> Callable[[int], dict[str, Any]]:
    return lambda number: {"links": {"next": "/?page" if number < last else None}}


def silent(number: int) -> dict[str, Any]:
    return {"current_page": number}


def slices(ids: list[int], size: int = 2) -> Callable[[int], list[int]]:
    return lambda number: ids[(number - 1) * size : number * size]


@pytest.mark.parametrize(("envelope", "asked"), [(flat(3), [1, 2, 3]), (linked(3), [1, 2, 3]), (silent, [1, 2, 3, 4])])
async def test_all_pages_are_read_in_every_envelope(
    envelope: Callable[[int], dict[str, Any]], asked: list[int]
) -> None:
    lists = Lists(slices([9, 8, 7, 6, 5]), envelope)
    assert await lists.ids() == [9, 8, 7, 6, 5]
    assert lists.asked == asked
    assert all(isinstance(call, ListPosts) and call.per_page == 2 for call in lists.calls)


async def test_a_list_without_envelope_is_one_page() -> None:
    lists = Lists(lambda _: [3, 2, 1])
    assert await lists.ids() == [3, 2, 1]
    assert lists.asked == [1]


async def test_an_operation_without_pages_is_asked_once() -> None:
    asked = 0

    async def send(call: Endpoint[Page[Label]]) -> Page[Label]:
        nonlocal asked
        asked += 1
        return Page[Label].model_validate({"data": [{"id": 1}], "current_page": 1, "last_page": 9})

    assert [label.id for label in await every(send, ListLabels())] == [1]
    assert asked == 1


@pytest.mark.parametrize("envelope", [flat(1), flat(0), linked(1), silent])
async def test_an_empty_list_gives_no_page(envelope: Callable[[int], dict[str, Any]]) -> None:
    lists = Lists(lambda _: [], envelope)
    assert [page async for page in pages(lists.send, ListPosts())] == []
    assert lists.asked == [1]


@given(st.integers(1, 30), st.lists(st.integers(0, 1), max_size=30), st.integers(2, 5))
async def test_posts_that_come_in_meanwhile_shift_pages_but_nothing_is_lost_or_doubled(
    count: int, arrivals: list[int], size: int
) -> None:
    """Newest first: a new post pushes the last one of a page to the next page, where it is seen again."""
    ids = list(range(count, 0, -1))

    def of(number: int) -> list[int]:
        shown = slices(ids, size)(number)
        for _ in range(arrivals.pop() if arrivals else 0):
            ids.insert(0, len(ids) + 1)
        return shown

    found = await Lists(of, silent).ids(ListPosts(per_page=size))
    assert found == list(range(count, 0, -1))


@pytest.mark.parametrize("envelope", [silent, flat(10**6), linked(10**6)])
async def test_a_service_that_repeats_itself_is_left(envelope: Callable[[int], dict[str, Any]]) -> None:
    lists = Lists(lambda _: [2, 1], envelope)
    assert await lists.ids() == [2, 1]
    assert lists.asked == [1, 2]


async def test_a_list_without_end_is_read_to_the_cap() -> None:
    lists = Lists(lambda number: [number], flat(10**6))
    assert len(await lists.ids()) == MAX_PAGES
    assert await Lists(lambda number: [number], silent).ids(most=3) == [1, 2, 3]


async def test_a_walk_may_begin_further_on() -> None:
    lists = Lists(slices([9, 8, 7, 6, 5]), flat(3))
    assert await lists.ids(ListPosts(per_page=2, page=2)) == [7, 6, 5]
    assert lists.asked == [2, 3]


async def test_only_what_is_wanted_is_asked_for() -> None:
    lists = Lists(slices([9, 8, 7, 6, 5]), flat(3))
    async for page in pages(lists.send, ListPosts(per_page=2)):
        assert [one.id for one in page] == [9, 8]
        break
    assert lists.asked == [1]
