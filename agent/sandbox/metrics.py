"""Numbers of publications: they grow with the clock, and are seen as of the last refresh."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from agent.sandbox.rows import Counts, Numbers, Target

#: Half of what is still to come arrives within this time.
_HALF_LIFE = timedelta(hours=24)


def metrics_of(target: Target, now: datetime) -> dict[str, Any]:
    """A publication's numbers as the service shows them at `now`; {} if it never went out."""
    return with_rate(counts_at(target.numbers, _as_of(target.numbers, now))) if target.numbers else {}


def refresh(numbers: Numbers, now: datetime, seconds: float) -> None:
    """Order a refresh that arrives some seconds later."""
    numbers.seen_at = _as_of(numbers, now)
    numbers.refresh_at = now + timedelta(seconds=seconds)


def counts_at(numbers: Numbers, moment: datetime) -> Counts:
    """The true numbers at a moment."""
    halves = max(0.0, (moment - numbers.since) / _HALF_LIFE)
    share = 1 - 0.5**halves
    grown = {
        name: value + int(getattr(numbers.more, name) * share) for name, value in numbers.base.model_dump().items()
    }
    return Counts(**grown)


def with_rate(counts: Counts) -> dict[str, Any]:
    """Numbers with their engagement rate in percent of the impressions."""
    acted = counts.likes + counts.comments + counts.shares + counts.quotes + counts.saves
    rate = round(100 * acted / counts.impressions, 2) if counts.impressions else 0.0
    return counts.model_dump() | {"engagement_rate": rate}


def shown_numbers(targets: Iterable[Target], now: datetime) -> list[dict[str, Any]]:
    """The numbers of those publications that are out."""
    return [metrics_of(target, now) for target in targets if target.status == "PUBLISHED" and target.numbers]


def total(shown: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The sum of shown numbers; the rate is weighted by impressions, 0 without any."""
    summed = {name: sum(metrics[name] for metrics in shown) for name in Counts.model_fields}
    rate = 0.0
    if summed["impressions"]:
        rate = sum(metrics["engagement_rate"] * metrics["impressions"] for metrics in shown) / summed["impressions"]
    return summed | {"engagement_rate": round(rate, 2)}


def _as_of(numbers: Numbers, now: datetime) -> datetime:
    arrived = numbers.refresh_at is not None and numbers.refresh_at <= now
    return numbers.refresh_at if arrived and numbers.refresh_at else numbers.seen_at
