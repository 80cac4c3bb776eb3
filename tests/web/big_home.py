"""A home of a year: ten thousand runs, two thousand open cards, each a real card with another number."""

from datetime import timedelta
from pathlib import Path

from agent.journal import records as r
from agent.journal.run import Run
from tests.house import NOW, call, finish, home_in

RUNS, CARDS = 10_000, 2_000
TEXT = "Three new glazes this week: sea green, oat and a blue that nobody here can name yet. #pottery"


async def fill(home: Path, runs: int = RUNS, cards: int = CARDS) -> None:
    """Runs without effects, and in the last ones a waiting promotion each."""
    async with home_in(home) as there:
        draft = call("draft_post", workspace_id=11, accounts=[101, 102], text=TEXT)
        first = await there.run(f"Draft “{TEXT}” for LinkedIn and X", [[draft], finish()])
        post = next(iter(first.state.drafts.values())).post
        goal = f"Schedule post {post} for next Tuesday 9:00"
        model = await there.run(goal, [[call("schedule_post", post=post, at="2026-12-01 09:00")], finish()])
        store = there.house.store
        records = [entry.record for entry in store.read(model.id)]
        for place in range(runs):
            run = store.new_run()
            kept = [_renamed(record, model, run, 0) for record in records if isinstance(record, r.Opened | r.Goal)]
            if place >= runs - cards:
                number = store.new_items(1)
                kept += [_renamed(record, model, run, number) for record in records if isinstance(record, r.Card)]
            kept.append(r.Closed(outcome="held" if place >= runs - cards else "done"))
            store.append(run, 0, kept, NOW - timedelta(seconds=runs - place))


def _renamed(record: r.AnyRecord, model: Run, run: str, number: int) -> r.AnyRecord:
    """The record as another run's."""
    if isinstance(record, r.Card):
        parts = tuple(part.model_copy(update={"key": part.key.replace(model.id, run, 1)}) for part in record.parts)
        return record.model_copy(update={"number": number, "parts": parts})
    return record
