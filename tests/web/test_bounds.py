"""Pages over a home of a year: quick, small, and never more than a screen of rows."""

import asyncio
import re
import statistics
import time
from pathlib import Path

import pytest

from agent.assembly import Choices
from tests.house import NOW, settings
from tests.web import big_home
from tests.web.serving import Served, Visitor, served
from tests.web.test_hostile_texts import addresses

MEDIAN_S, FIRST_BYTES = 0.1, 200 * 1024
#: On a machine that is busy with other tests a page may take this much longer.
BUSY = 3


def medians(site: Served, visitor: Visitor, times: int) -> dict[str, float]:
    """Seconds to the last byte of every page."""
    found = {}
    for path in addresses(site, most=1):
        took = []
        for _ in range(times):
            began = time.perf_counter()
            answer = visitor.get(path)
            took.append(time.perf_counter() - began)
            assert answer.status_code < 500, (path, answer.text[:500])
        found[path] = statistics.median(took)
    return found


@pytest.mark.torture
def test_every_page_over_ten_thousand_runs_is_quick(tmp_path: Path) -> None:
    asyncio.run(big_home.fill(tmp_path))
    with served(tmp_path, settings(), Choices(now=NOW)) as site, site.somebody() as visitor:
        found = medians(site, visitor, 9)
    print("\n".join(f"{took * 1000:6.1f} ms  {path}" for path, took in found.items()))  # noqa: T201
    assert {path: took for path, took in found.items() if took > MEDIAN_S * BUSY} == {}


def test_the_first_page_is_small(tmp_path: Path) -> None:
    """With everything it loads, over the wire, with a full screen of cards."""
    asyncio.run(big_home.fill(tmp_path, runs=60, cards=60))
    with served(tmp_path, settings(), Choices(now=NOW)) as site, site.somebody() as visitor:
        page = visitor.page("/")
        files = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
        assert files
        total = sum(_on_the_wire(visitor, path) for path in ("/", *sorted(files)))
    assert total < FIRST_BYTES, total


def _on_the_wire(visitor: Visitor, path: str) -> int:
    with visitor.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        return sum(len(piece) for piece in answer.iter_raw())
