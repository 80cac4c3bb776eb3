"""Records to events: what a run does is told as it happens, the model's words as they arrive."""

from collections.abc import Sequence
from datetime import datetime

from agent.chat.events import Event, Tell
from agent.chat.telling import here
from agent.chat.words import WordStream, spoken
from agent.journal import records as r
from agent.journal.run import Listener, Run
from agent.progress import progress_line
from agent.text import visible


class Narrator:
    """Tells one face about runs; every text of its events is visible and says who speaks."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._stream = WordStream()

    def own(self, run: Run) -> Listener:
        """Listener to the conversation's own run."""

        def notice(record: r.AnyRecord, _at: datetime) -> None:
            match record:
                case r.Reserved():
                    self._stream = WordStream()
                    self._tell(Event("thinking", ""))
                case r.Turn():
                    self._turn(record)
                case r.Said():
                    self._said(record)
                case r.Goal() | r.Asked() | r.Stopped() | r.GaveUp() | r.Deferred():
                    pass  # typed by the person, or told with the outcome
                case r.Judged() if record.verdict == "hold":
                    pass  # its card tells
                case _:
                    self.step(progress_line(run.state, record))

        return notice

    def other(self, run: Run, name: str) -> Listener:
        """Listener to a run beside the conversation; its lines begin with `name`."""

        def notice(record: r.AnyRecord, _at: datetime) -> None:
            own = run.state.opened is not None and run.state.opened.mode == "person"
            if isinstance(record, r.Goal | r.Reserved) or (own and isinstance(record, r.Judged | r.Card)):
                return  # a person's own call was decided when it was typed
            self.step(name + progress_line(run.state, record), empty=name)

        return notice

    def on_text(self, piece: str) -> None:
        """Words of the model as they arrive."""
        self._words(self._stream.feed(piece))

    def end_words(self) -> None:
        """No more words of this answer will arrive."""
        self._words(self._stream.end())

    def _words(self, safe: str) -> None:
        if safe:
            self._tell(Event("words", safe))

    def _turn(self, turn: r.Turn) -> None:
        self.end_words()
        if turn.text != self._stream.text:
            self.note("The answer broke off and was asked for again. In full it says:")
            self.answer(turn.text)
            self._stream.text = turn.text

    def _said(self, said: r.Said) -> None:
        if said.text.strip() and said.text.strip() != self._stream.text.strip():
            self.answer(said.text)
        if said.refused.strip():
            self.answer(f"Not done: {said.refused}")

    def step(self, line: str, *, empty: str = "") -> None:
        """A call, or another thing that psa did; nothing where the line is `empty`."""
        if line != empty:
            self._tell(Event("step", visible(line, newlines=False)))

    def card(self, text: str, number: int) -> None:
        """An item of the queue in full."""
        self._tell(Event("card", visible(here(text)), number))

    def answer(self, text: str) -> None:
        """What the model said when it finished a goal."""
        self._tell(Event("answer", spoken(text)))

    def question(self, asked: r.Asked) -> None:
        """What the model asks the person."""
        self._tell(Event("question", spoken(asked.text), asked.number))

    def outcome(self, line: str) -> None:
        """What came of a goal."""
        self._tell(Event("outcome", visible(line, newlines=False)))

    def note(self, text: str, number: int = 0) -> None:
        """A sentence of psa's own, on one line whatever it names."""
        self._tell(Event("note", visible(here(text), newlines=False), number))

    def notes(self, lines: Sequence[str]) -> None:
        """Several lines of psa's own."""
        self._tell(Event("note", "\n".join(visible(here(line), newlines=False) for line in lines)))

    def trouble(self, text: str) -> None:
        """What went wrong, and what to do next."""
        self._tell(Event("trouble", visible(here(text), newlines=False)))
