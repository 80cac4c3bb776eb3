"""Secrets in any spelling, and signs that nobody sees."""

import base64
import random
import string
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.api.comments import CreateComment
from agent.api.folders import CreateFolder
from agent.api.posts import AnalyzeTwitterPost
from tests.policy.helpers import BERLIN, PUBLISHED, draft, findings, knowing, promote, said, target

SECRET = "11|HzNfjBq8Xo2vLd3T"
FACTS = knowing(secrets=(SECRET, "short"), goal="https://x.com/a/status/1")


def secret_in(text: str) -> str:
    return said("text.secret", draft(text), FACTS)


def _b64(prefix: str) -> str:
    return base64.b64encode(f"{prefix}{SECRET} and on".encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"see ({SECRET}).",
        SECRET.partition("|")[2],
        SECRET.lower(),
        SECRET[::-1],
        "\u200b".join(SECRET),
        "\u00ad".join(SECRET),
        " ".join(SECRET),
        "\n".join(SECRET),
        "".join(chr(ord(sign) + 0xFEE0) for sign in SECRET),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        _b64(""),
        _b64("x"),
        _b64("xy"),
        _b64("xyz"),
        base64.urlsafe_b64encode(f"??{SECRET}>>".encode()).decode(),
        quote(SECRET),
        quote(quote(SECRET)),
        "".join(f"%{ord(sign):02X}" for sign in SECRET),
        f"https://example.com/?q={quote(SECRET)}",
    ],
)
def test_our_own_keys_are_found(text: str) -> None:
    assert secret_in(text) == "deny"
    assert SECRET.partition("|")[2] not in str(findings("text.secret", draft(text), FACTS))


@pytest.mark.parametrize(
    "call",
    [
        draft("A.", target("twitter", text=SECRET)),
        draft(None, content=[{"text": f"A {SECRET[:9]}"}, {"text": SECRET[9:]}]),
        draft(None, content=[{"text": "A.", "media": [f"https://example.com/{SECRET}.png"]}]),
        CreateComment(post_id=PUBLISHED, content=SECRET),
        CreateFolder(workspace_id=BERLIN, name=SECRET),
        AnalyzeTwitterPost(url="https://x.com/a/status/1", question=f"Is {SECRET} a key?"),
    ],
)
def test_every_text_of_every_call_is_searched(call: Any) -> None:
    assert said("text.secret", call, FACTS) == "deny"


def test_short_secrets_are_not_looked_for() -> None:
    assert secret_in("in short, nothing") == "allow"


@settings(deadline=None)
@given(st.integers(0, 5), st.text(max_size=20), st.text(max_size=20), st.sampled_from(["\u200b", "\u2060", " ", ""]))
def test_a_secret_between_any_words_is_found(skipped: int, before: str, after: str, sign: str) -> None:
    hidden = sign.join(SECRET) if skipped % 2 else base64.b64encode(b"?" * skipped + SECRET.encode()).decode()
    text = f"{before}|{hidden}|{after}".encode("utf-8", "replace").decode()
    assert secret_in(text) == "deny"


LETTERS = string.ascii_letters + string.digits
KEY = "".join(random.Random(7).choice(LETTERS) for _ in range(48))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"7|{KEY[:40]}", "Sanctum"),
        (f"sk-proj-{KEY}", "OpenAI"),
        (f"sk_live_{KEY[:24]}", "payment"),
        ("AKIA" + "IOSFODNN7EXAMPLE", "AWS"),
        (f"ghp_{KEY[:36]}", "GitHub"),
        (f"github_pat_{KEY[:30]}", "GitHub"),
        (f"xoxb-{KEY[:24]}", "Slack"),
        (f"AIza{KEY[:35]}", "Google"),
        (f"eyJ{KEY[:10]}.eyJ{KEY[:12]}.{KEY[:20]}", "signed web token"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "private key"),
        (f"Authorization: Bearer {KEY[:30]}", "authorization header"),
        ("\u200b".join(f"sk-{KEY}"), "OpenAI"),
    ],
)
def test_shapes_of_keys(text: str, name: str) -> None:
    [finding] = findings("text.secret", draft(f"Look: {text} there"), FACTS)
    assert name in finding.says
    assert text not in finding.evidence


@pytest.mark.parametrize(
    "text",
    [
        "Ask-me-anything: our task-list is out. sk-short",
        "7|8 is a ratio; 1|2|3",
        "The bearer of good news",
        "https://example.com/2026/11/the-kiln-is-warm-again-and-open-for-everybody?utm_source=linkedin",
        "#thisisaverylonghashtagthatgoesonandonandonforever",
        "日本語のお知らせです。" * 20,
        "eyJust saying",
        KEY,
    ],
)
def test_plain_words_are_no_keys(text: str) -> None:
    assert secret_in(text) == "allow"


# -- signs that nobody sees ------------------------------------------------------------------------------------------


def shown(text: str) -> str:
    return said("text.control", draft(text))


@pytest.mark.parametrize(
    "text",
    [
        "plain\nlines\r\nand\ttabs",
        "Grüße, “quotes”, em—dash… №1 ½ ½",
        "👩\u200d💻 👨\u200d👩\u200d👧 🏳️\u200d🌈 ❤️\u200d🔥 👍🏽 1️⃣ ©️ ☺︎ 🏴\u200d☠️",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "می\u200cخواهم",
        "ශ්\u200dරී ලංකා",
        "ന്\u200d and so on",
        "שלום \u200fhello\u200e",
        "葛\U000e0100 \u2229\ufe00",
        "日本語 ኢትዮጵያ ไทย",
        "\u06dd\u0661",
    ],
)
def test_what_is_seen_or_needed_stays(text: str) -> None:
    assert shown(text) == "allow"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a\u202eb", "U+202E RIGHT-TO-LEFT OVERRIDE at 2"),
        ("a\u2066b\u2069", "U+2066 LEFT-TO-RIGHT ISOLATE at 2, U+2069"),
        ("a\u200eb", "U+200E"),
        ("a\u200bb", "U+200B ZERO WIDTH SPACE at 2"),
        ("a\u200db", "U+200D"),
        ("👩\u200dthe", "U+200D"),
        ("\u200d💻", "U+200D"),
        ("a\u200cb", "U+200C"),
        ("a\u2060b", "U+2060"),
        ("\ufeffa", "U+FEFF ZERO WIDTH NO-BREAK SPACE at 1"),
        ("a\u00adb", "U+00AD"),
        ("a\x00b", "U+0000 CONTROL CHARACTER at 2"),
        ("a\x1bb", "U+001B"),
        ("é\x9b", "U+009B"),
        ("a\rb", "U+000D"),
        ("é\rb", "U+000D"),
        ("a\U000e0041b", "U+E0041 TAG LATIN CAPITAL LETTER A"),
        ("🏴\U000e0067\U000e0062\U000e0041\U000e007f", "U+E0067"),
        ("a\ufe0f", "U+FE0F"),
        ("😀\ufe0f\ufe0e", "U+FE0E"),
        ("😀\U000e0101", "U+E0101"),
        ("a\u3164", "U+3164"),
        ("a\u034fb", "U+034F"),
    ],
)
def test_what_is_hidden_denies_a_draft(text: str, name: str) -> None:
    [finding] = findings("text.control", draft(text))
    assert (finding.verdict.word, finding.later) == ("deny", False)
    assert name in finding.evidence
    assert "content.0.text" in finding.says


def test_many_are_counted_and_every_place_is_told() -> None:
    call = promote("a" + "\u200b" * 8, target("twitter", text="b\u202e"))
    first, second = findings("text.control", call)
    assert {finding.says.split(" in ")[1] for finding in (first, second)} == {
        "content.0.text.",
        "accounts.0.settings.text.",
    }
    assert any("and 3 more" in finding.evidence for finding in (first, second))


@settings(deadline=None)
@given(st.text(alphabet=st.characters(categories=["L", "Nd", "Po", "Zs"]), max_size=60))
def test_letters_digits_and_points_pass(text: str) -> None:
    fillers = "\u115f\u1160\u3164\uffa0"
    assert shown("".join(sign for sign in text if sign not in fillers)) == "allow"


@settings(deadline=None)
@given(st.text(max_size=20), st.characters(categories=["Cc", "Cf"], exclude_characters="\t\n\r"), st.text(max_size=5))
def test_controls_between_latin_letters_never_pass(before: str, sign: str, after: str) -> None:
    if sign not in "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd":
        assert shown(f"a{sign}b") == "deny"
