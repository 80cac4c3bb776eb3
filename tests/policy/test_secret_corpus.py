"""Ten shapes of real keys and ten harmless posts: what our rule finds, beside detect-secrets.

No key stands in this file: each is put together from letters drawn at random, so that no scanner of sources stumbles.
"""

import base64
import random
import string
from urllib.parse import quote

import pytest
from detect_secrets.core.scan import scan_line
from detect_secrets.settings import default_settings, transient_settings

from tests.policy.helpers import draft, knowing, said

_CHANCE = random.Random(20)
_ALNUM = string.ascii_letters + string.digits
_HEX = string.hexdigits[:16]


def drawn(count: int, letters: str = _ALNUM) -> str:
    return "".join(_CHANCE.choice(letters) for _ in range(count))


def _signed() -> str:
    parts = (b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"' + drawn(12).encode() + b'"}')
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), drawn(43)])


KEYS = {
    "PostSyncer": f"{drawn(4, '123456789')}|{drawn(48)}",
    "OpenAI": "sk-" + "proj-" + drawn(48),
    "AWS": "AK" + "IA" + drawn(16, string.ascii_uppercase + string.digits),
    "GitHub": "gh" + "p_" + drawn(36),
    "Slack": "xo" + "xb-" + f"{drawn(12, string.digits)}-{drawn(12, string.digits)}-{drawn(24)}",
    "Stripe": "sk" + "_live_" + drawn(24),
    "Google": "AI" + "za" + drawn(35),
    "a signed web token": _signed(),
    "Telegram bot": f"{drawn(9, '123456789')}:{drawn(35)}",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----\n" + drawn(64),
}
HARMLESS = [
    "Our spring collection is here: twelve pieces, four glazes, shipped from Berlin. #ceramics #handmade",
    "Die Werkstatt öffnet am Samstag um 9:00. Kommt vorbei! https://fernandclay.example/studio",
    "Order 4711-0815 is on its way: track it with DHL, number 00340434161094042557.",
    "Version 3.12.4 is out; the checksum starts with d41d8cd98f00b204.",
    "The secret to a good glaze? Patience. The key is a slow kiln.",
    "Password night at the pub: say “fern” and get a pint for 4 euros.",
    "Watch it again: https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    "AAAAAAAAAAaaaaaaaaaah, what a morning!!! 🎉🎉 #MondayMotivation",
    "Use the code SPRING2027SAVE20NOW at the till until Sunday.",
    "Supercalifragilisticexpialidocious, Donaudampfschifffahrtsgesellschaftskapitän and other words for the weekend",
]
#: The detectors of detect-secrets that know a shape by name.
NAMED = [
    {"name": f"{name}Detector"}
    for name in (
        *("AWSKey", "AzureStorageKey", "Artifactory", "BasicAuth", "Cloudant", "DiscordBotToken", "GitHubToken"),
        *("GitLabToken", "IbmCloudIam", "IbmCosHmac", "JwtToken", "Mailchimp", "Npm", "OpenAI", "PrivateKey"),
        *("PypiToken", "SendGrid", "Slack", "Softlayer", "SquareOAuth", "Stripe", "TelegramBotToken", "TwilioKey"),
    )
]


def found_by_us(text: str) -> bool:
    return said("text.secret", draft(text)) == "deny"


def found_by_names(text: str) -> bool:
    with transient_settings({"plugins_used": NAMED}):
        return any(True for line in text.splitlines() for _ in scan_line(line))


def found_by_default(text: str) -> bool:
    with default_settings():
        return any(True for line in text.splitlines() for _ in scan_line(f'text = "{line}"'))


@pytest.mark.parametrize("name", KEYS)
def test_every_shape_is_found_wherever_it_stands(name: str) -> None:
    assert found_by_us(KEYS[name])
    assert found_by_us(f"Look at this: {KEYS[name]}, and keep it.")
    assert found_by_us(f"#new ({KEYS[name]})")


@pytest.mark.parametrize("text", HARMLESS)
def test_no_harmless_post_is_taken_for_a_key(text: str) -> None:
    assert not found_by_us(text)


def test_detect_secrets_finds_no_shape_that_we_miss_and_fewer() -> None:
    theirs = [name for name, key in KEYS.items() if found_by_names(f"Look at this: {key} and keep it.")]
    assert len(theirs) < len(KEYS)


def test_the_entropy_of_prose_tells_nothing() -> None:
    """Why we guess by no entropy: the defaults of detect-secrets take harmless posts for keys."""
    alarms = [text for text in HARMLESS if found_by_default(text)]
    assert alarms, "detect-secrets has got better: look again"


@pytest.mark.parametrize("name", KEYS)
def test_an_exact_value_is_found_in_every_spelling(name: str) -> None:
    key = KEYS[name]
    facts = knowing(secrets=(key,))
    spellings = (key, base64.b64encode(key.encode()).decode(), key.encode().hex(), quote(key, safe=""))
    for spelling in spellings:
        assert said("text.secret", draft(f"See {spelling}."), facts) == "deny"
