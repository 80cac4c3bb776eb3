"""Secrets: no key of ours, in whatever spelling, and nothing of the shape of a key, leaves in a call."""

import base64
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote

import regex

from agent.policy.rules.case import Case
from agent.policy.rules.rule import Found, Params, rule

#: Shorter values occur by chance.
_SHORTEST = 8
_IGNORED = frozenset({"Cc", "Cf", "Mn", "Zs", "Zl", "Zp"})
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a PostSyncer or Sanctum token", re.compile(r"(?<!\d)\d{1,10}\|[A-Za-z0-9]{32,}")),
    ("an OpenAI or Anthropic key", re.compile(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}")),
    ("a payment provider's key", re.compile(r"(?<![A-Za-z0-9])[sr]k_(?:live|test)_[A-Za-z0-9]{16,}")),
    ("an AWS key id", re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])")),
    ("a GitHub token", re.compile(r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})")),
    ("a Slack token", re.compile(r"(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("a Google key", re.compile(r"(?<![A-Za-z0-9])AIza[0-9A-Za-z_-]{35}")),
    (
        "a signed web token",
        re.compile(r"(?<![A-Za-z0-9])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}", re.ASCII),
    ),
    ("a GitLab token", re.compile(r"(?<![A-Za-z0-9])gl(?:pat|ptt|rt|dt)-[A-Za-z0-9_-]{20,}")),
    ("a Hugging Face token", re.compile(r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}")),
    ("an npm or PyPI token", re.compile(r"(?<![A-Za-z0-9])(?:npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{40,})")),
    ("a SendGrid key", re.compile(r"(?<![A-Za-z0-9])SG\.[\w-]{16,}\.[\w-]{16,}", re.ASCII)),
    ("a Telegram bot token", re.compile(r"(?<!\d)\d{8,10}:[A-Za-z0-9_-]{35}(?![\w-])", re.ASCII)),
    ("a Meta access token", re.compile(r"(?<![A-Za-z0-9])EAA[A-Za-z0-9]{60,}")),
    ("a Slack webhook", re.compile(r"hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{16,}", re.ASCII)),
    ("a Twilio key", re.compile(r"(?<![A-Za-z0-9])(?:AC|SK)[0-9a-f]{32}(?![A-Za-z0-9])")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY")),
    ("an authorization header", re.compile(r"(?i)(?<![a-z])bearer\s+[a-z0-9._~+/|-]{24,}")),
)
#: Signs that can hide in a key, or stand for its letters.
_HIDING = regex.compile(r"[\p{Cf}\p{Mn}\uff00-\uffef\U0001d400-\U0001d7ff]")
#: Every shape has one of these in it: texts without them are not searched.
_HINT = re.compile(
    r"\||[sr]k[-_]|A[KS]IA|gh[pousr]_|github_pat_|xox|AIza|eyJ|BEGIN|(?i:bearer)|gl(?:pat|ptt|rt|dt)-|hf_|npm_|pypi-"
    r"|SG\.|\d{8}:|EAA|slack\.com|AC[0-9a-f]{8}|SK[0-9a-f]{8}"
)


class SecretParams(Params):
    """Nothing to set but the verdict."""


@rule("text.secret", SecretParams, unsafe_on_draft=True)
def check_secrets(case: Case, _params: SecretParams) -> Iterable[Found]:
    """Searches all texts of a call together, so that a key in two halves is found, too."""
    texts = [text for _, text in case.strings]
    passes = "take it out; if it was shown anywhere, replace the key"
    if case.facts.secrets and texts:
        flat = _flat("".join(texts))
        spellings = _spellings(case.facts.secrets)
        for name in dict.fromkeys(name for name, spelling in spellings if spelling in flat):
            yield Found("A secret of this home stands in the call.", evidence=f"a key, {name}", passes=passes)
    for where, text in case.strings:
        for name in _shapes_in(text):
            yield Found(f"What looks like {name} stands in {where}.", evidence=name, passes=passes)


def _shapes_in(text: str) -> Iterator[str]:
    if not text.isascii() and _HIDING.search(text):
        text = _without_hidden(text)
    if _HINT.search(text):
        yield from (name for name, shape in _SHAPES if shape.search(text))


def _without_hidden(text: str) -> str:
    kept = (letter for letter in text if unicodedata.category(letter) not in {"Cf", "Mn"})
    return unicodedata.normalize("NFKC", "".join(kept))


def _flat(text: str) -> str:
    """A text in which every spelling can be found: no blanks and hidden signs, one width, one alphabet of base64."""
    flat = _folded(text)
    if "%" in flat:
        flat += "\n" + _folded(unquote(unquote(flat)))
    return flat


def _folded(text: str) -> str:
    if text.isascii():
        text = "".join(text.split())
    else:
        text = "".join(letter for letter in text if unicodedata.category(letter) not in _IGNORED)
        text = unicodedata.normalize("NFKC", text)
    return text.casefold().replace("-", "+").replace("_", "/")


@lru_cache(maxsize=8)
def _spellings(secrets: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Every spelling of every secret, folded as `_flat` folds texts."""
    return tuple(spelling for secret in secrets for spelling in _spelled(secret.strip()))


def _spelled(secret: str) -> Iterator[tuple[str, str]]:
    tail = secret.partition("|")[2]
    for value in {secret, tail} if len(tail) >= _SHORTEST else {secret}:
        if len(value) < _SHORTEST:
            continue
        yield "as it is", _folded(value)
        yield "backwards", _folded(value[::-1])
        yield "in hexadecimal", value.encode().hex()
        for skipped in range(3):
            yield "in base64", _folded(_base64_core(value.encode(), skipped))


def _base64_core(value: bytes, skipped: int) -> str:
    """The letters of base64 that depend on the value alone, when `skipped` bytes (mod 3) stand before it."""
    letters = base64.b64encode(bytes(skipped) + value).decode()
    return letters[-(-skipped * 8 // 6) : (skipped + len(value)) * 8 // 6]
