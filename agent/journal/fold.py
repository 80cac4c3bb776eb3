"""Records to state: the same records always give the same state, with no request."""

from collections.abc import Callable, Iterable
from datetime import datetime

from agent.api.endpoint import Effect
from agent.journal import records as r
from agent.journal.known import Known
from agent.journal.mirror import MIRRORS
from agent.journal.subjects import SYNCS, object_id_of
from agent.journal.views import CardView, EffectView, Spent, TurnView


class RunState:
    """A run as its records tell it. `apply` is the only thing that changes it."""

    def __init__(self, run: str, load: Callable[[str], str]) -> None:
        self.run = run
        self._load = load
        self.seq = 0
        self.opened: r.Opened | None = None
        self.opened_at: datetime | None = None
        self.goals: list[r.Goal] = []
        self.prompted: r.Prompted | None = None
        self.turns: list[TurnView] = []
        self.history: list[r.Told | TurnView] = []
        self.compacted: r.Compacted | None = None
        self.greeted = 0
        self.halted = False
        self.proposed: dict[tuple[int, int], r.Proposed] = {}
        self.requests = 0
        self.warned = False
        self.news: list[r.Decided] = []
        self.untold: list[r.Replied] = []
        self._same: dict[tuple[str, str], int] = {}
        self.cards: dict[int, CardView] = {}
        self.effects: dict[str, EffectView] = {}
        self.judged: dict[str, r.Judged] = {}
        self.tasks: dict[int, r.Task] = {}
        #: Keys of effects that a task was ever about.
        self.tasked: set[str] = set()
        self.expected: dict[str, r.Expected] = {}
        self.watched: dict[str, r.Watched] = {}
        self.drafts: dict[int, r.DraftLeft] = {}
        self.drafts_gone: dict[int, str] = {}
        self.allowed_again: list[r.StandingAllowed] = []
        self.revoked_here: list[r.StandingRevoked] = []
        self.questions: dict[int, r.Asked] = {}
        self.replies: dict[int, r.Replied] = {}
        self.said: r.Said | None = None
        self.stopped: r.Stopped | None = None
        self.gave_up: r.GaveUp | None = None
        self.deferred: r.Deferred | None = None
        self.scanned: r.Scanned | None = None
        self.closed: r.Closed | None = None
        self.known = Known()
        self.reads: dict[tuple[str, str], int] = {}
        self.syncs: dict[tuple[str, int], datetime] = {}
        self.spent = Spent()
        self.reserved: r.Reserved | None = None
        self.model_failures = 0
        self.failed_turns: list[r.ModelFailed] = []
        self.failed_reads: dict[tuple[str, str], r.ReadFailed] = {}
        self.last_at: datetime | None = None
        #: The latest time of any record: a clock that stands before it jumped back.
        self.clock_at: datetime | None = None

    def load(self, text: str) -> str:
        """A text that may be kept by hash."""
        return self._load(text)

    @property
    def goal_text(self) -> str:
        """The current goal with the answers given to questions since."""
        if not self.goals:
            return ""
        answers = [
            reply.text for number, reply in self.replies.items() if self.questions[number].turn >= self._goal_turn
        ]
        return "\n".join([self.goals[-1].text, *answers])

    def of_this_goal(self, key: str) -> bool:
        """Whether an effect's key was made for the current goal of a conversation."""
        return len(self.goals) < 2 or int(key.split(".")[1]) >= self._goal_turn

    @property
    def open_cards(self) -> list[CardView]:
        """Cards that wait for a decision."""
        return [card for card in self.cards.values() if card.state == "open"]

    @property
    def open_questions(self) -> list[r.Asked]:
        """Questions without an answer."""
        return [asked for number, asked in self.questions.items() if number not in self.replies]

    @property
    def asking(self) -> list[r.Asked]:
        """Open questions of the current goal, which waits for them; those of earlier goals only stay in the queue."""
        return [asked for asked in self.open_questions if asked.turn >= self._goal_turn]

    @property
    def in_doubt(self) -> list[EffectView]:
        """Effects whose outcome reading has to tell, and no person has been asked about."""
        asked = {task.key for task in self.tasks.values()}
        return [view for view in self.effects.values() if view.in_doubt and view.intent.key not in asked]

    @property
    def unfollowed(self) -> list[str]:
        """Keys of applied writes to posts whose follow-up is still to be done."""
        return [
            key
            for key, view in self.effects.items()
            if view.state == "applied" and not view.followed and view.intent.operation in POST_WRITES
        ]

    def unsent(self) -> list[tuple[CardView, r.CardPart]]:
        """Approved parts that have no settled effect yet."""
        return [
            (view, part)
            for view in self.cards.values()
            if view.state == "approved"
            for part in view.parts
            if part.key not in self.effects or self.effects[part.key].state == "not_sent"
            if not (part.key in self.effects and self.effects[part.key].settled_by_person)
        ]

    def same_calls(self, call: r.ToolCall) -> int:
        """How often this very call was answered for the current goal."""
        return self._same.get((call.name, call.arguments), 0)

    def fold(self, entries: "Iterable[tuple[int, datetime, r.AnyRecord]]") -> "RunState":
        """Apply (seq, at, record) in order."""
        for seq, at, record in entries:
            self.apply(seq, at, record)
        return self

    def apply(self, seq: int, at: datetime, record: r.AnyRecord) -> None:
        """Take in the next record."""
        self.seq, self.last_at = seq, at
        self.clock_at = max(self.clock_at or at, at)
        handler = getattr(self, f"_{record.kind}")
        handler(record, at)

    _goal_turn = 0

    def _opened(self, record: r.Opened, at: datetime) -> None:
        self.opened, self.opened_at = record, at

    def _goal(self, record: r.Goal, at: datetime) -> None:
        self.goals.append(record)
        self.said = self.gave_up = self.closed = self.stopped = self.deferred = None
        self.halted = False
        self.model_failures = 0
        self.warned = False
        self._same.clear()
        self._goal_turn = len(self.turns) + 1
        self.spent = Spent(since=at)

    def _prompted(self, record: r.Prompted, _at: datetime) -> None:
        self.prompted = record.model_copy(
            update={"system": self._load(record.system), "tools": self._load(record.tools)}
        )

    def _reserved(self, record: r.Reserved, _at: datetime) -> None:
        self.reserved = record
        self.spent.turns += 1

    def _turn(self, record: r.Turn, _at: datetime) -> None:
        view = TurnView(record)
        self.turns.append(view)
        self.history.append(view)
        self.reserved = None
        self.model_failures = 0
        self.spent.tokens += record.prompt_tokens + record.completion_tokens
        self.spent.money += record.money

    def _model_failed(self, record: r.ModelFailed, _at: datetime) -> None:
        self.model_failures += 1
        self.failed_turns.append(record)
        if self.reserved is not None:
            self.spent.money += self.reserved.money
        self.reserved = None

    def _repaired(self, _record: r.Repaired, _at: datetime) -> None:
        self.spent.repairs += 1

    def _told(self, record: r.Told, _at: datetime) -> None:
        self.history.append(record)
        self.warned = self.warned or record.warning
        if record.goal:
            self.greeted = record.goal
            self.news.clear()
        if record.replies:
            self.untold.clear()

    def _compacted(self, record: r.Compacted, _at: datetime) -> None:
        self.compacted = record

    def _judged(self, record: r.Judged, _at: datetime) -> None:
        self.judged[record.key] = record

    def _proposed(self, record: r.Proposed, _at: datetime) -> None:
        self.proposed[(record.turn, record.call)] = record

    def _followed(self, record: r.Followed, _at: datetime) -> None:
        self.effects[record.key].followed = True

    def _read(self, record: r.Read, at: datetime) -> None:
        self._count_request()
        if record.key.endswith(MIRRORS):
            return
        about = object_id_of(record.arguments) if record.operation in SYNCS else 0
        self.known.read(record.operation, self._load(record.body), key=record.key, about=about, at=at)
        key = (record.operation, record.arguments)
        self.reads[key] = self.reads.get(key, 0) + 1
        self.failed_reads.pop(key, None)
        if record.operation in SYNCS:
            self.syncs[(record.operation, about)] = at

    def _read_failed(self, record: r.ReadFailed, _at: datetime) -> None:
        self._count_request()
        self.failed_reads[(record.operation, record.arguments)] = record

    def _count_request(self) -> None:
        self.requests += 1
        self.spent.requests += 1

    def _answered(self, record: r.Answered, _at: datetime) -> None:
        view = self.turns[record.turn - 1]
        view.answers[record.call] = record.text
        call = view.turn.calls[record.call]
        self._same[(call.name, call.arguments)] = self.same_calls(call) + 1

    def _own(self, key: str) -> None:
        """Raises ValueError for an effect of another run."""
        if key.partition(".")[0] != self.run:
            raise ValueError(f"{key} is no effect of run {self.run}")

    def _card(self, record: r.Card, _at: datetime) -> None:
        for part in record.parts:
            self._own(part.key)
        self.cards[record.number] = CardView(record, record.parts)
        self.spent.cards += 1
        self.closed = None

    def _decided(self, record: r.Decided, at: datetime) -> None:
        view = self.cards[record.card]
        view.decision, view.decided_at = record, at
        view.state = "rejected" if record.decision == "reject" else "approved"
        view.parts = record.parts or view.parts
        self.news.append(record)
        self.spent.since = at
        self.halted = self.halted or self.stopped is not None or self.gave_up is not None
        self.stopped = self.gave_up = self.deferred = self.closed = None

    def _voided(self, record: r.Voided, _at: datetime) -> None:
        self.cards[record.card].state = "void"
        self.cards[record.card].says = record.says
        self.closed = None

    def _intent(self, record: r.Intent, _at: datetime) -> None:
        self._own(record.key)
        self._count_request()
        self.closed = None
        old = self.effects.get(record.key)
        if old is None:
            self.effects[record.key] = EffectView(record)
        else:
            old.intent, old.outcome, old.attempts = record, None, record.attempt

    def _outcome(self, record: r.Outcome, _at: datetime) -> None:
        view = self.effects[record.key]
        if view.outcome is not None and (view.outcome.state in {"applied", "rejected"} or view.settled_by_person):
            return
        if record.attempt < view.intent.attempt and record.state != "applied":
            return  # a late word about an attempt that reading settled: it says nothing of the one that followed
        view.outcome = record
        view.was_unknown = view.was_unknown or record.state == "unknown"
        view.failures += record.state == "not_sent" and record.status not in {401, 429}
        if record.state == "applied":
            self._learn_effect(view.intent, record)
        if view.intent.card is not None:
            self._card_done(self.cards[view.intent.card])

    def _learn_effect(self, intent: r.Intent, outcome: r.Outcome) -> None:
        if Effect(intent.effect) is Effect.DESTRUCTIVE and intent.operation.startswith("Delete"):
            self.known.forget(intent.operation, object_id_of(intent.arguments))
        elif outcome.body:
            self.known.learn(intent.operation, self._load(outcome.body))

    def _card_done(self, view: CardView) -> None:
        found = [self.effects.get(part.key) for part in view.parts]
        if all(one is not None and (one.state in {"applied", "rejected"} or one.settled_by_person) for one in found):
            view.state = "done"

    def _standing_allowed(self, record: r.StandingAllowed, _at: datetime) -> None:
        self.allowed_again.append(record)

    def _standing_revoked(self, record: r.StandingRevoked, _at: datetime) -> None:
        self.revoked_here.append(record)

    def _looked(self, record: r.Looked, _at: datetime) -> None:
        self.effects[record.key].looks.append(record.at)

    def _task(self, record: r.Task, _at: datetime) -> None:
        self.tasks[record.number] = record
        self.tasked.add(record.key)

    def _task_closed(self, record: r.TaskClosed, _at: datetime) -> None:
        self.tasks.pop(record.number)
        self.closed = None

    def _expected(self, record: r.Expected, _at: datetime) -> None:
        self.expected[record.key] = record

    def _watched(self, record: r.Watched, _at: datetime) -> None:
        self.watched[record.key] = record

    def _draft_left(self, record: r.DraftLeft, _at: datetime) -> None:
        self.drafts[record.number] = record

    def _draft_gone(self, record: r.DraftGone, _at: datetime) -> None:
        self.drafts_gone[record.number] = record.how

    def _asked(self, record: r.Asked, _at: datetime) -> None:
        self.questions[record.number] = record
        self.closed = None

    def _replied(self, record: r.Replied, at: datetime) -> None:
        self.replies[record.number] = record
        self.untold.append(record)
        self.spent.since = at
        self.closed = None

    def _said(self, record: r.Said, _at: datetime) -> None:
        self.said = record

    def _stopped(self, record: r.Stopped, _at: datetime) -> None:
        self.stopped = record
        self.closed = None

    def _resumed(self, record: r.Resumed, at: datetime) -> None:
        if record.trusts_clock:
            self.clock_at = at
        if self.gave_up is not None:
            self.spent = Spent()
        self.spent.since = at
        self.stopped = self.gave_up = self.deferred = self.closed = None
        # A run that wakes by itself does not lift what a person halted.
        self.halted = self.halted and not record.who
        self.model_failures = 0

    def _deferred(self, record: r.Deferred, _at: datetime) -> None:
        self.deferred = record
        self.closed = None

    def _gave_up(self, record: r.GaveUp, _at: datetime) -> None:
        self.gave_up = record

    def _scanned(self, record: r.Scanned, _at: datetime) -> None:
        self.scanned = record

    def _closed(self, record: r.Closed, _at: datetime) -> None:
        self.closed = record


#: Writes to posts after which the queue of drafts and the echo are looked after.
POST_WRITES = frozenset({"CreatePost", "UpdatePost", "DeletePost"})


def outcome_of(state: RunState) -> r.RunOutcome:
    """The run's outcome from its records: the first that fits (DESIGN section 4)."""
    if state.stopped is not None:
        return "stopped"
    if state.deferred is not None:
        return "deferred"
    if state.gave_up is not None:
        return "failed_safe"
    if state.asking:
        return "asked"
    if state.open_cards or state.tasks:
        return "held"
    applied = any(view.state == "applied" for key, view in state.effects.items() if state.of_this_goal(key))
    writes = [key for key, one in state.judged.items() if Effect(one.effect).writes and state.of_this_goal(key)]
    refused = state.said is not None and state.said.refused
    if not applied and (refused or (writes and all(_came_to_nothing(state, key) for key in writes))):
        return "refused"
    return "done"


def _came_to_nothing(state: RunState, key: str) -> bool:
    """Whether a write was denied by the policy, refused by the service, or could not be sent."""
    if state.judged[key].verdict == "deny":
        return True
    view = state.effects.get(key)
    return view is not None and view.state in {"rejected", "not_sent"}
