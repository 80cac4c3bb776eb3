"""Small words: counts, lists, numbers of cards."""

from collections.abc import Iterable, Sequence


def counted(count: int, noun: str) -> str:
    """`1 post`, `34 posts`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def joined(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def ranges(numbers: Iterable[int]) -> str:
    """`3 to 5 and 8`: neighbours from three on are told by their ends."""
    rows: list[list[int]] = []
    for number in sorted(set(numbers)):
        if rows and rows[-1][-1] == number - 1:
            rows[-1].append(number)
        else:
            rows.append([number])
    told = [[f"{row[0]} to {row[-1]}"] if len(row) > 2 else [str(number) for number in row] for row in rows]
    return joined([part for row in told for part in row])


def change(before: float | None, now: float | None) -> str:
    """`+120`, `-3`, `+0.4`; empty where nothing changed or one of the two is not known."""
    if before is None or now is None or before == now:
        return ""
    difference = now - before
    if not round(difference, 2):
        return ""
    return f"{difference:+,}" if isinstance(difference, int) else f"{difference:+,.2f}".rstrip("0").rstrip(".")


def figure(value: float | None) -> str:
    """`15,200`, `4.10 %` for a rate; a dash for what is not known."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f} %"
