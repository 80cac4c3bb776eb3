"""The queue of what waits for a person, a line an item."""

from agent.clock import moment_or_local
from agent.journal.ledger import Item
from agent.text import visible


def item_line(item: Item) -> str:
    """An item of the queue on one line; times are in the zone that the card's due time is meant in."""
    due = moment_or_local(item.due, item.zone) if item.due else ""
    notes = [
        "approved, not sent yet" if item.state == "approved" else "",
        f"due {due}" if due and due not in item.title else "",
        f"decide before {moment_or_local(item.expires, item.zone)}" if item.expires and item.state == "open" else "",
        f"card {item.waits_as} is about it" if item.waits_as is not None else "",
    ]
    told = ", ".join(note for note in notes if note)
    return f"{item.number:>4}  {item.kind:<8} {visible(item.title, newlines=False)}" + (f"  ({told})" if told else "")
