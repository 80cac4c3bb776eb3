"""Whose words a post holds: what the person quoted, or what stood there before, no rule rewrites."""

from collections.abc import Sequence

from agent.policy.facts import Facts
from agent.policy.rules.case import Case
from agent.text import even


def cut_quotes(facts: Facts, before: str, after: Sequence[str]) -> bool:
    """Whether words that the person quoted stand in a text, and in none of those that replace it."""
    was = even(before)
    quotes = [quote for words in facts.quoted if (quote := even(words)) and quote in was]
    return bool(quotes) and any(not any(quote in even(text) for text in after) for quote in quotes)


def stood_before(case: Case, text: str) -> bool:
    """Whether a text of an update stands in the post as it was read: this call does not write it."""
    return case.post is not None and text in [item.text for item in case.post.content]


def theirs(case: Case, text: str) -> bool:
    """Whether a text is a person's: their own call or decision, mostly words they quoted, a post they wrote."""
    facts = case.facts
    if facts.mode == "person" or facts.decided:
        return True
    if case.post is not None and case.post.id not in facts.ours and stood_before(case, text):
        return True
    was = even(text)
    quotes = {quote for words in facts.quoted if (quote := even(words)) and quote in was}
    return 2 * sum(len(quote) for quote in quotes) > len(was)
