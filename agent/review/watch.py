"""Reading back what should be out by now, post by post: told once each, a task where a person is needed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent.api.posts import GetPost
from agent.errors import ApiError, Busy, NotFound, PsaError
from agent.gate.door import Gate
from agent.gate.followup import open_task
from agent.gate.watching import LOOK_AFTER, Seen, look_at
from agent.journal import records as r
from agent.journal.fold import outcome_of
from agent.journal.lease import lease
from agent.journal.ledger import Awaited
from agent.journal.run import Listener, Run
from agent.journal.store import Store

#: Who closes a task of a late post that came out after all.
WATCH = "psa watch"
#: What a person can do about each state that needs one.
_NEXT = {
    "partly": "Mend what it says; then send it again: it is drafted for the accounts that failed alone, as a new card.",
    "failed": "Mend what it says; then send it again: it is drafted anew for these accounts, as a new card.",
    "late": "Wait or look in PostSyncer; it is looked at again. Do not post it twice: it may still go out.",
    "gone": "If nobody of you deleted it, draft it anew; a copy of its text stands in the run's journal.",
}


@dataclass(frozen=True)
class Found:
    """What the watch found of one post; `news` where it had not been told before. `state` is `waiting` or a WatchState.

    `unread` posts could not be read now and are looked at again.
    """

    post: int
    run: str
    due: datetime
    state: str
    says: str
    news: bool = True
    task: int | None = None
    #: Its record in the run's journal.
    seq: int = 0


class Watch:
    """One look at all posts of a home that should be out."""

    def __init__(
        self, gate: Gate, store: Store, *, person: bool = True, listener: Callable[[Run], Listener] | None = None
    ) -> None:
        """`person` says that somebody waits for it: it then draws on the share of the rate limit kept for people."""
        self._gate = gate
        self._store = store
        self._person = person
        self._listener = listener

    def due(self) -> list[Awaited]:
        """Posts that should be out by now and are not known to be."""
        return self._store.ledger.awaited(self._gate.client.origin, self._gate.clock.now() - LOOK_AFTER)

    async def look(self) -> list[Found]:
        """Read each of them once. Raises ApiError where the service cannot be read at all."""
        found: list[Found] = []
        for awaited in self.due():
            try:
                found.append(await self._one(awaited))
            except Busy as error:
                found.append(_unread(awaited, error))
            except ApiError as error:
                if not found:
                    raise
                found.append(_unread(awaited, error))
        return found

    async def _one(self, awaited: Awaited) -> Found:
        with lease(self._store, awaited.run):
            run = Run.load(self._store, awaited.run, self._gate.clock)
            if self._listener is not None:
                run.listeners.append(self._listener(run))
            rested = run.state.closed is not None
            expected = run.state.expected[awaited.key]
            try:
                read = GetPost(id=awaited.post)
                post = await self._gate.read(run, f"{awaited.key}.watch", read, person=self._person)
            except NotFound:
                post = None
            finally:
                run.flush()
            seen = look_at(expected, awaited.due, post, self._gate.facts(run))
            found = self._note(run, awaited, seen)
            if rested and run.state.closed is None:
                run.add(r.Closed(outcome=outcome_of(run.state)))
            run.flush()
        return found

    def _note(self, run: Run, awaited: Awaited, seen: Seen) -> Found:
        """Write what was seen, once; open a task for what a person has to do, close that of a post that came out."""
        last = run.state.watched.get(awaited.key)
        news = seen.state is not None and (last is None or (last.state, last.says) != (seen.state, seen.says))
        task, seq = None, 0
        if seen.state is not None and news:
            run.add(
                r.Watched(
                    key=awaited.key,
                    post=awaited.post,
                    state=seen.state,
                    says=seen.says,
                    failed=seen.failed,
                    due=seen.due,
                )
            )
            seq = run.state.seq
            task = self._tasks(run, awaited, seen)
        says = seen.says or f"Post {awaited.post} is being published."
        return Found(awaited.post, run.id, awaited.due, seen.state or "waiting", says, news, task, seq)

    def _tasks(self, run: Run, awaited: Awaited, seen: Seen) -> int | None:
        tasks = run.state.tasks.values()
        open_now = [task for task in tasks if task.key == awaited.key and task.next == _NEXT["late"]]
        for task in open_now if seen.state != "late" else []:
            run.add(r.TaskClosed(number=task.number, who=WATCH, how=seen.says))
        next_step = _NEXT.get(seen.state or "")
        if next_step is None or (seen.state == "late" and open_now):
            return None
        open_task(run, awaited.key, seen.says, f"Open post {awaited.post} in PostSyncer.", next_step)
        return max(run.state.tasks)


def _unread(awaited: Awaited, error: PsaError) -> Found:
    return Found(awaited.post, awaited.run, awaited.due, "unread", f"Post {awaited.post}: {error.message}", news=False)
