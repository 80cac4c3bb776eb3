"""What model turns cost, and how much all runs of the home may cost together."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.journal.ledger import Ledger

_DAY, _MONTH = timedelta(hours=24), timedelta(days=30)


@dataclass(frozen=True)
class Money:
    """Prices in US dollars per million tokens; `day` and `month` bound what all runs cost in 24 hours and 30 days."""

    prompt: float = 0.0
    completion: float = 0.0
    day: float = math.inf
    month: float = math.inf

    def of(self, prompt: int, completion: int) -> float:
        """The price of so many tokens."""
        return round((prompt * self.prompt + completion * self.completion) / 1_000_000, 6)

    def spent_up(self, ledger: Ledger, now: datetime, run: str) -> str:
        """Why no model may be asked now, and what to do about it; empty where one may."""
        for span, most, words, setting in (
            (_DAY, self.day, "24 hours", "PSA_MAX_MONEY_DAY"),
            (_MONTH, self.month, "30 days", "PSA_MAX_MONEY_MONTH"),
        ):
            cost = ledger.spent(now - span) if most < math.inf else 0.0
            if cost >= most:
                return (
                    f"The models of all runs have cost ${cost:.2f} within {words}; {setting} allows ${most:g}. "
                    f"Raise it in .env, or wait; then `psa runs resume {run}` goes on."
                )
        return ""
