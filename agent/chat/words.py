"""The model's words as they come, made visible piece by piece."""

from agent.text import visible

_JOINERS = "\u200d\ufe0f"
#: What ends a line for some readers and not for others is a line's end here.
_BREAKS = str.maketrans({"\r": "\n", "\u2028": "\n", "\u2029": "\n"})


class WordStream:
    """Turns pieces of a text into safe pieces; what the next piece could still change is held back."""

    def __init__(self) -> None:
        #: All pieces so far, as they came.
        self.text = ""
        self._held = ""
        self._last = ""

    def feed(self, piece: str) -> str:
        """The next safe piece."""
        self.text += piece
        text = self._held + piece
        # a joiner shows only before another sign, and a carriage return may be the first half of a line's end
        cut = len(text.rstrip(_JOINERS + "\r"))
        self._held = text[cut:]
        return self._safe(text[:cut])

    def end(self) -> str:
        """What was held back."""
        held, self._held = self._held, ""
        return self._safe(held)

    def _safe(self, text: str) -> str:
        if not text:
            return ""
        text = text.replace("\r\n", "\n").translate(_BREAKS)
        before = self._last
        self._last = text[-1]
        return visible(before + text)[len(visible(before)) :]


def spoken(text: str) -> str:
    """A whole text of the model, as its stream would have shown it."""
    stream = WordStream()
    return stream.feed(text) + stream.end()
