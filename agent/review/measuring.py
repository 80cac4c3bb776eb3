"""Reading the numbers of everything there is: for the pages, and as the snapshot that a night takes.

The service tells totals as they stand and no ranges of dates, so that a line over days is made of such readings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent.api.accounts import ListAccounts
from agent.api.analytics import GetAnalyticsAccount, GetAnalyticsSummary
from agent.api.types import Account
from agent.api.workspaces import ListWorkspaces
from agent.assembly import House
from agent.errors import ApiError, Forbidden, Halted, NotFound
from agent.gate.mirroring import read_posts
from agent.journal import records as r
from agent.journal.run import Run
from agent.reports.words import counted

#: The channel of runs that read numbers.
NUMBERS = "numbers"
#: Accounts that one pass reads; those that were read the longest time ago come first.
MOST_ACCOUNTS = 100
#: A night takes the next snapshot after this.
AGAIN = timedelta(hours=20)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class NumbersRead:
    """How many accounts were read; `left` were not: too many for one pass, or the service refused them."""

    run: str
    accounts: int
    left: int

    @property
    def says(self) -> str:
        """In one sentence."""
        left = f"; {self.left} left for another time" if self.left else ""
        return f"The numbers of {counted(self.accounts, 'account')} were read{left}."


async def read_numbers(
    house: House, who: str, *, person: bool, notice: Callable[[str], None] = lambda _: None
) -> NumbersRead:
    """Read all totals, and each account with its publications. Raises PsaError; what was read stays."""
    run = house.open_run("person" if person else "unattended", who, channel=NUMBERS)
    run.add(r.Goal(number=1, text="Read the numbers of all accounts", by=who))
    run.flush()
    try:
        told = await _read(house, run, person, notice)
    except ApiError as error:
        run.add(r.GaveUp(says=str(error)), r.Closed(outcome="failed_safe"))
        run.flush()
        raise
    except BaseException:
        run.add(r.GaveUp(says="It was cut short."), r.Closed(outcome="failed_safe"))
        run.flush()
        raise
    run.add(r.Closed(outcome="done"))
    run.flush()
    return told


async def _read(house: House, run: Run, person: bool, notice: Callable[[str], None]) -> NumbersRead:
    async def answer(
        number: int, call: ListWorkspaces | ListAccounts | GetAnalyticsSummary | GetAnalyticsAccount
    ) -> object:
        found: object = await house.gate.read(run, f"{run.id}.0.0.{number}", call, person=person)
        run.flush()
        return found

    if run.store.stopped and not person:
        raise Halted
    await answer(0, ListWorkspaces())
    await answer(1, ListAccounts())
    await answer(2, GetAnalyticsSummary())
    await read_posts(house.client, run, f"{run.id}.0.0", 1, person=person)  # the newest: their words and times
    run.flush()
    accounts = _longest_ago(house, run)
    read = 0
    for number, account in enumerate(accounts[:MOST_ACCOUNTS], 3):
        notice(f"reading numbers: account {number - 2} of {len(accounts)}")
        try:
            await answer(number, GetAnalyticsAccount(account=account.id))
            read += 1
        except (NotFound, Forbidden):
            run.flush()
    return NumbersRead(run.id, read, len(accounts) - read)


def _longest_ago(house: House, run: Run) -> list[Account]:
    """The accounts that the run has read, those whose numbers are oldest first."""
    last = {one.object: one.at for one in house.store.ledger.overview.measured(house.service, "account")}
    return sorted(run.state.known.accounts.values(), key=lambda one: (last.get(one.id, _NEVER), one.id))


def snapshot_due(house: House) -> bool:
    """Whether the last reading of all totals is so old that a night takes the next."""
    last = house.store.ledger.overview.measured(house.service, "all")
    return not last or house.clock.now() - last[0].at >= AGAIN
