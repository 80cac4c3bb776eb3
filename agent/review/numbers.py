"""Numbers and times as people type them: `3`, `3-7`, `3,5,8`; `2026-12-01 09:00`."""

from datetime import datetime

from agent.errors import WrongUsage


def numbers(words: tuple[str, ...]) -> list[int]:
    """Queue numbers from words, in order, each once. Raises WrongUsage for what is no number."""
    found: list[int] = []
    for word in ",".join(words).split(","):
        text = word.strip()
        if not text:
            continue
        first, dash, last = text.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise WrongUsage(f'"{text}" is no number of the queue.', hint="Write 3, 3-7 or 3,5,8.")
        low, high = int(first), int(last) if dash else int(first)
        if high - low > 1000:
            raise WrongUsage(f'"{text}" names too many.', hint="Name at most a thousand.")
        found.extend(number for number in range(low, high + 1) if number not in found)
    if not found:
        raise WrongUsage("No number was named.", hint="`psa review list` shows them.")
    return found


def numbers_and_words(words: tuple[str, ...]) -> tuple[list[int], str]:
    """Queue numbers, and what follows them in words; a word that begins with a digit is meant as a number."""
    told = next((at for at, word in enumerate(words) if at and not word.strip()[:1].isdigit()), len(words))
    return numbers(words[:told]), " ".join(words[told:]).strip()


def wall_time(text: str) -> str:
    """A wall-clock time as calls take it: `YYYY-MM-DD HH:MM`. Raises WrongUsage for what is none."""
    try:
        moment = datetime.strptime(text.strip().replace("T", " "), "%Y-%m-%d %H:%M")  # noqa: DTZ007 - the zone is the workspace's
    except ValueError as error:
        raise WrongUsage(
            f"--at {text!r} is no date and time.",
            hint="Write it like --at '2026-12-01 09:00', in the workspace's zone.",
        ) from error
    return f"{moment:%Y-%m-%d %H:%M}"
