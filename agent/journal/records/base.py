"""What all records are."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Base of all records."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(Record):
    """Budgets of one goal; `money` in US dollars, `seconds` of wall time."""

    turns: int = 40
    tokens: int = 400_000
    money: float = 1.0
    requests: int = 400
    seconds: int = 1200
    cards: int = 25
