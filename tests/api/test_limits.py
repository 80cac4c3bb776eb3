"""The rate budget: never too much, never too little, first come first served, people before agents."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.api.limits import WINDOW_S, Headers, MemoryBudget, RateBudget, SqliteBudget, fingerprint, next_slot
from agent.errors import SettingsError

NOW = 1_772_445_600.0
LIMIT, SHARE = 60, 50

Make = Callable[..., RateBudget]


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Makes empty budgets of one kind; the keyword arguments are the figures."""
    path = tmp_path_factory.mktemp("budget") / "budget.db"
    opened: list[SqliteBudget] = []
    keys = itertools.count()

    def memory(limit: int = LIMIT, for_people: int = LIMIT - SHARE) -> RateBudget:
        return MemoryBudget(limit, for_people)

    def sqlite(limit: int = LIMIT, for_people: int = LIMIT - SHARE) -> RateBudget:
        opened.append(SqliteBudget(path, f"key {next(keys)}", limit=limit, for_people=for_people))
        if len(opened) > 1:
            opened.pop(0).close()
        return opened[-1]

    yield memory if request.param == "memory" else sqlite
    for budget in opened:
        budget.close()


def fullest(slots: list[float]) -> int:
    """The most slots that any 60 seconds hold."""
    ordered = sorted(slots)
    first = best = 0
    for last, at in enumerate(ordered):
        while at - ordered[first] >= WINDOW_S:
            first += 1
        best = max(best, last - first + 1)
    return best


@dataclass
class Ask:
    """Some requests at one moment, `after` seconds behind the ones before."""

    after: float
    people: bool
    count: int


asks = st.lists(
    st.builds(Ask, st.sampled_from([0.0, 0.001, 1.0, 9.5, 30.0, 59.99, 60.0, 61.0]), st.booleans(), st.integers(1, 40)),
    max_size=12,
)


@pytest.mark.slow
@given(asks)
@settings(max_examples=50)
def test_no_sixty_seconds_hold_more_than_the_limit(make: Make, plan: list[Ask]) -> None:
    budget, now = make(), NOW
    people: list[float] = []
    agents: list[float] = []
    for ask in plan:
        now += ask.after
        for _ in range(ask.count):
            at = budget.reserve(now, person=ask.people)
            assert at >= now
            (people if ask.people else agents).append(at)
    assert fullest(people + agents) <= LIMIT
    assert fullest(agents) <= SHARE
    assert agents == sorted(agents)


@pytest.mark.slow
@given(asks)
@settings(max_examples=50)
def test_what_is_said_to_be_left_can_be_sent_at_once(make: Make, plan: list[Ask]) -> None:
    budget, now = make(), NOW
    for ask in plan:
        now += ask.after
        for _ in range(ask.count):
            budget.reserve(now, person=ask.people)
    left = budget.left(now)
    granted = [budget.reserve(now, person=True) for _ in range(left + 1)]
    assert [at == now for at in granted] == [True] * left + [False]


def test_agents_leave_the_last_ten_of_a_minute_to_people(make: Make) -> None:
    budget = make()
    agents = [budget.reserve(NOW, person=False) for _ in range(200)]
    assert [at == NOW for at in agents] == [True] * 50 + [False] * 150
    assert budget.left(NOW) == 10
    assert [budget.reserve(NOW + 1, person=True) for _ in range(10)] == [NOW + 1] * 10
    assert budget.left(NOW + 1) == 0
    assert NOW + 60 < budget.reserve(NOW + 1, person=True) < NOW + 61.2
    assert budget.reserve(NOW + 1, person=False) >= agents[-1]


@pytest.mark.slow
def test_the_whole_share_is_used_while_work_waits(make: Make) -> None:
    budget = make()
    slots = [budget.reserve(NOW, person=False) for _ in range(3000)]
    minutes = (slots[-1] - NOW) / WINDOW_S + 1
    assert len(slots) / (minutes * SHARE) >= 0.98
    assert fullest(slots) == SHARE


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0.001, 4), st.booleans()), min_size=70, max_size=110))
@settings(max_examples=15)
def test_what_reaches_the_service_late_is_counted_when_it_does(
    make: Make, delays: list[tuple[float, float, bool]]
) -> None:
    """Each request leaves some time after its slot and arrives some time after that: no minute sees too many."""
    budget = make()
    waiting = [(budget.reserve(NOW, person=person), late, way, person) for late, way, person in delays]
    under_way: list[tuple[float, float, bool]] = []
    reached: list[float] = []
    while waiting:
        waiting.sort()
        slot, late, way, person = waiting.pop(0)
        now = slot + late
        for answered, at, someone in sorted(one for one in under_way if one[0] <= now):
            budget.arrived(at, answered, person=someone)
            under_way.remove((answered, at, someone))
        at = budget.take(slot, now, person=person)
        assert at >= now
        if at > now:
            waiting.append((at, 0.0, way, person))
            continue
        reached.append(now + way / 2)
        under_way.append((now + way, at, person))
    assert fullest(reached) <= LIMIT


def test_a_slot_that_was_given_up_leaves_its_room(make: Make) -> None:
    budget = make(limit=2, for_people=0)
    first = [budget.reserve(NOW, person=False) for _ in range(2)]
    assert budget.take(first[0], NOW, person=False) == NOW
    assert budget.take(first[1], NOW + 1, person=False) == NOW + 1
    budget.arrived(NOW, NOW + 5, person=False)
    waits = budget.reserve(NOW + 6, person=False)
    assert NOW + 61 < waits < NOW + 62, "the one that arrived at once makes room first"
    assert NOW + 65 < budget.reserve(NOW + 6, person=False) < NOW + 66


def test_a_queue_of_more_than_an_hour_stays_within_the_limit(make: Make) -> None:
    budget = make(limit=20, for_people=10)
    slots = [budget.reserve(NOW, person=False) for _ in range(700)]
    assert slots == sorted(slots)
    assert fullest(slots) == 10


@pytest.mark.parametrize(("limit", "for_people", "share"), [(1, 1, 1), (5, 10, 1), (10, 10, 1), (6, 0, 6)])
def test_agents_get_something_of_the_smallest_limit(make: Make, limit: int, for_people: int, share: int) -> None:
    budget = make(limit=limit, for_people=for_people)
    slots = [budget.reserve(NOW, person=False) for _ in range(4 * share)]
    assert fullest(slots) == share
    assert slots[-1] < NOW + 4 * (WINDOW_S + 1)


def test_a_clock_that_ran_ahead_does_not_stop_agents_for_long(make: Make) -> None:
    budget = make()
    for _ in range(5):
        budget.reserve(NOW + 86_400, person=False)
    assert budget.reserve(NOW, person=False) <= NOW + 5 * WINDOW_S


def test_after_a_429_nobody_sends_before_its_time(make: Make) -> None:
    budget = make()
    budget.exhausted(NOW + 20)
    budget.exhausted(NOW + 5)  # an earlier time does not open it
    assert budget.left(NOW) == 0
    assert budget.closed_until(person=True) == budget.closed_until(person=False) == NOW + 20
    assert [budget.reserve(NOW, person=person) for person in (True, False)] == [NOW + 20] * 2
    assert budget.left(NOW + 20) == 58


@pytest.mark.parametrize(
    ("remaining", "reset", "for_agents", "for_person"),
    [
        (None, 30.0, 0.0, 0.0),
        (5, None, 0.0, 0.0),
        (11, 30.0, 0.0, 0.0),
        (10, 30.0, 30.0, 0.0),
        (1, 30.0, 30.0, 0.0),
        (0, 30.0, 30.0, 30.0),
        (0, 9000.0, 60.0, 60.0),  # no window is longer than a minute
        (0, -5.0, 0.0, 0.0),
    ],
)
def test_what_the_headers_say_closes_the_budget(
    make: Make, remaining: int | None, reset: float | None, for_agents: float, for_person: float
) -> None:
    budget = make()
    budget.observe(NOW, Headers(limit=60, remaining=remaining, reset=None if reset is None else NOW + reset))
    assert budget.reserve(NOW, person=False) == NOW + for_agents
    assert budget.reserve(NOW, person=True) == NOW + for_person


def test_a_slot_is_found_fast_in_a_crowd() -> None:
    crowd = [NOW + step / 2 for step in range(120)]
    start = time.perf_counter()
    for _ in range(200):
        next_slot(crowd, NOW + 30.2, SHARE)
    assert (time.perf_counter() - start) / 200 < 0.001


def test_a_budget_outlives_its_process_and_belongs_to_one_token(tmp_path: Path) -> None:
    path = tmp_path / "state" / "budget.db"
    first = SqliteBudget(path, fingerprint("https://postsyncer.test", "1|a"))
    for _ in range(60):
        first.reserve(NOW, person=True)
    first.exhausted(NOW + 90)
    first.close()
    again = SqliteBudget(path, fingerprint("https://postsyncer.test", "1|a"))
    other = SqliteBudget(path, fingerprint("https://postsyncer.test", "2|b"))
    assert again.reserve(NOW, person=True) == NOW + 90
    assert other.reserve(NOW, person=True) == NOW
    again.close()
    other.close()


def test_a_fingerprint_shows_nothing_of_the_token() -> None:
    marks = {fingerprint(service, token) for service in ("a", "b") for token in ("1|secret", "2|secret")}
    assert len(marks) == 4
    assert not any("secret" in mark for mark in marks)


def test_a_damaged_budget_says_which_file_to_delete(tmp_path: Path) -> None:
    path = tmp_path / "budget.db"
    path.write_bytes(b"this is no database, and it is long enough to be read as one" * 20)
    with pytest.raises(SettingsError, match=r"budget\.db.*delete it"):
        SqliteBudget(path, "key")
