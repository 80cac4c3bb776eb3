"""A goal's words before they are journaled: not empty, of a length that is read, without the person's own keys."""

from collections.abc import Sequence

from agent.errors import WrongUsage

#: Characters of one goal.
MOST_GOAL = 20_000


def goal_text(text: str) -> str:
    """The goal as it will be journaled. Raises WrongUsage that says what is wrong and what to do."""
    words = text.strip()
    if not words:
        raise WrongUsage(
            "The goal is empty.", hint="Say what you want, for example: psa run 'Draft \"…\" for LinkedIn'."
        )
    if len(words) > MOST_GOAL:
        raise WrongUsage(
            f"The goal has {len(words)} characters; {MOST_GOAL} at most are read.",
            hint="Put long material into a file of the uploads folder, or shorten it.",
        )
    return words


def refuse_secrets(text: str, secrets: Sequence[str]) -> None:
    """Raises WrongUsage where the text holds one of the person's own keys: what people type is journaled."""
    if any(secret in text for secret in secrets):
        raise WrongUsage("The goal holds one of your own keys.", hint="Leave it out: goals are journaled.")
