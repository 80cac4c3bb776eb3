"""The numbers of a night: read once, after the jobs, so that the pages can draw lines over days."""

from collections.abc import Callable

from agent.assembly import House
from agent.errors import PsaError
from agent.review.measuring import read_numbers, snapshot_due


async def snapshot(house: House, who: str, notice: Callable[[str], None]) -> None:
    """Read all numbers where that was not done lately. What goes wrong is noticed; the next night takes its own."""
    if not snapshot_due(house):
        return
    try:
        notice((await read_numbers(house, who, person=False, notice=notice)).says)
    except PsaError as error:
        notice(f"not all numbers were read: {error.message}")
