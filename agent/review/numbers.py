"""Numbers as people type them: `3`, `3-7`, `3,5,8`."""

from agent.errors import SettingsError


def numbers(words: tuple[str, ...]) -> list[int]:
    """Queue numbers from words, in order, each once. Raises SettingsError for what is no number."""
    found: list[int] = []
    for word in ",".join(words).split(","):
        text = word.strip()
        if not text:
            continue
        first, dash, last = text.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise SettingsError(f'"{text}" is no number of the queue.', hint="Write 3, 3-7 or 3,5,8.")
        low, high = int(first), int(last) if dash else int(first)
        if high - low > 1000:
            raise SettingsError(f'"{text}" names too many.', hint="Name at most a thousand.")
        found.extend(number for number in range(low, high + 1) if number not in found)
    if not found:
        raise SettingsError("No number was named.", hint="`psa review list` shows them.")
    return found
