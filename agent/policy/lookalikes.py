"""What letters look like: one spelling for names and words that a reader cannot tell apart. Pure.

A small table of the letters of Cyrillic, Greek and Armenian that look like Latin ones, and of the pairs and digits that
do (after the confusables of Unicode report 39): names on networks and hosts are Latin, and ours are what is imitated.
"""

import unicodedata
from functools import lru_cache

#: Each letter with the one it looks like.
_LOOKS = """
    аa вb еe ёe іi їi ѕs јj кk мm нh оo рp сc тt уy хx һh ԁd ԛq ԝw гr пn ьb зe эe ґr ӏl
    αa βb εe ηn ιi κk νv οo ρp τt υu χx ωw γy μu σo օo սu հh ոn ցg զq քp տs
    0o 1l 5s 3e |l ıi łl ɡg ɑa ℓl
"""
_LIKE = {ord(pair[0]): pair[1] for pair in _LOOKS.split()}
_OTHER_LETTERS = {letter: like for letter, like in _LIKE.items() if letter > 127}
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


@lru_cache(maxsize=1024)
def skeleton(name: str) -> str:
    """What a name looks like: equal for names that a reader cannot tell apart."""
    plain = _bare(name).translate(_LIKE).replace("i", "l")
    for pair, one in _PAIRS:
        plain = plain.replace(pair, one)
    return plain


def reads_as(word: str) -> str:
    """A word as it is compared with others: one width and case, no marks, letters that look like Latin ones as these.

    A word of another script stays a word of its own: it is the same wherever it stands.
    """
    return word.casefold() if word.isascii() else _bare(word).translate(_OTHER_LETTERS)


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
