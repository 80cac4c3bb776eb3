"""Which tests reach which line, for `mutation.py`: measured as a pytest plugin, and asked for by a mutated copy.

coverage run -m pytest -p benchmarks.reaching ...     writes reached.json
python -m benchmarks.reaching agent/gate/door.py ROOT     runs the tests that reach what differs from ROOT
"""

import difflib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

from benchmarks.mutation import TESTS

KEPT = Path("reached.json")
_TOOK: dict[str, float] = {}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What runs from here on belongs to this test."""
    measured = coverage.Coverage.current()
    assert measured is not None, "run it under coverage"
    name = item.nodeid.partition("[")[0]  # all its cases: an id of one may hold any sign
    measured.switch_context(name)
    began = time.perf_counter()
    yield
    _TOOK[name] = _TOOK.get(name, 0.0) + time.perf_counter() - began


def pytest_sessionfinish() -> None:
    """Keep the tests of each line, the quickest first."""
    measured = coverage.Coverage.current()
    assert measured is not None
    measured.stop()
    data = measured.get_data()
    found: dict[str, dict[int, list[str]]] = {}
    for path in data.measured_files():
        lines = data.contexts_by_lineno(path)
        found[str(Path(path).relative_to(Path.cwd()))] = {
            line: sorted({name for name in names if name}, key=lambda name: _TOOK.get(name, 0.0))
            for line, names in lines.items()
        }
    KEPT.write_text(json.dumps(found), encoding="utf-8")


def changed_lines(module: str, root: Path) -> list[int]:
    """The lines of the module as it was that the mutation touches, and those around them: conditions span lines."""
    old, new = (Path(base, module).read_text(encoding="utf-8").splitlines() for base in (root, Path.cwd()))
    touched = []
    for what, first, last, *_ in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            touched += range(first + 1, last + 1)
    return touched


def main() -> int:
    """Run the tests that reach the mutated lines; 0 where none of them fails."""
    module, root = sys.argv[1], Path(sys.argv[2])
    reached = json.loads(KEPT.read_text(encoding="utf-8")).get(module, {})
    names: list[str] = []
    for line in changed_lines(module, root):
        near = next((reached[str(at)] for at in range(line, max(0, line - 6), -1) if reached.get(str(at))), [])
        names += near
    chosen = list(dict.fromkeys(names))
    # What runs when a module is loaded belongs to no test: then all of them stand for it.
    return int(pytest.main(["-x", "-q", "-n", "0", "-m", "not torture", "--timeout", "60", *(chosen or TESTS)]))


if __name__ == "__main__":
    sys.exit(main())
