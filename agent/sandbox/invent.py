"""Invented facts of the networks, the same for the same seed: native ids, public addresses and numbers."""

import hashlib
from datetime import datetime

from agent.sandbox.rows import AccountRow, Counts, Publication

_CODE = "abcdefghijkmnopqrstuvwxyz234567"
#: Public address of a post per network; `{user}` and `{id}` are filled in.
_ADDRESS = {
    "twitter": "https://x.com/{user}/status/{id}",
    "facebook": "https://www.facebook.com/{user}/posts/{id}",
    "instagram": "https://www.instagram.com/p/{id}/",
    "tiktok": "https://www.tiktok.com/@{user}/video/{id}",
    "youtube": "https://www.youtube.com/watch?v={id}",
    "pinterest": "https://www.pinterest.com/pin/{id}/",
    "threads": "https://www.threads.net/@{user}/post/{id}",
    "telegram": "https://t.me/{user}/{id}",
    "linkedin": "https://www.linkedin.com/feed/update/{id}/",
    "bluesky": "https://bsky.app/profile/{user}/post/{key}",
    "mastodon": "https://social.example/@{user}/{id}",
}


def appearance(seed: int, target_id: int, nth: int, account: AccountRow, at: datetime) -> Publication:
    """The nth appearance of a post on an account, with the kind of id and address its network gives."""
    number = _number(f"{seed}/{target_id}/{nth}")
    key = code(f"{seed}/{target_id}/{nth}", 13)
    native = {
        "linkedin": f"urn:li:share:{number}",
        "bluesky": f"at://did:plc:{code(f'{seed}/{account.id}', 24)}/app.bsky.feed.post/{key}",
        "instagram": key[:11],
        "threads": key[:11],
        "youtube": key[:11],
        "telegram": str(number % 100_000),
    }.get(account.platform, str(number))
    user = account.username or f"page{account.id}"
    return Publication(at=at, native_id=native, url=_ADDRESS[account.platform].format(user=user, id=native, key=key))


def expected_counts(seed: int, target_id: int) -> Counts:
    """What a publication reaches in the end."""
    draw = list(hashlib.sha256(f"{seed}/reach/{target_id}".encode()).digest())
    impressions = 300 + draw[0] * 20 + draw[1]
    return Counts(
        impressions=impressions,
        likes=impressions * (10 + draw[2] % 40) // 1000,
        comments=draw[3] % 12,
        shares=draw[4] % 20,
        quotes=draw[5] % 5,
        saves=draw[6] % 15,
    )


def code(key: str, length: int) -> str:
    """A short code of letters and digits."""
    digest = hashlib.sha256(key.encode()).digest()
    return "".join(_CODE[byte % len(_CODE)] for byte in digest[:length])


def size_of(key: str) -> int:
    """A plausible file size in bytes."""
    return 60_000 + int.from_bytes(hashlib.sha256(key.encode()).digest()[:3]) % 900_000


def _number(key: str) -> int:
    return 10**18 + int.from_bytes(hashlib.sha256(key.encode()).digest()[:7]) % (8 * 10**17)
