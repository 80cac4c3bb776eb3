"""The queue of what waits for a person, a line an item."""

from agent.clock import local
from agent.journal.ledger import Item
from agent.text import visible


def item_line(item: Item) -> str:
    """An item of the queue on one line."""
    when = f"due {local(item.due)}" if item.due else ""
    until = f"decide before {local(item.expires)}" if item.expires and item.state == "open" else ""
    state = "approved, not sent yet" if item.state == "approved" else ""
    when, until = (state, when) if state else (when, until)
    times = ", ".join(part for part in (when, until) if part)
    return f"{item.number:>4}  {item.kind:<8} {visible(item.title, newlines=False)}" + (f"  ({times})" if times else "")
