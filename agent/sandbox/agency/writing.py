"""The hundred posts of one client: out, failed, queued, scheduled and in the drafts."""

from collections.abc import Iterator, Sequence
from itertools import product

from agent.sandbox.agency.desk import Account, Desk, Plain
from agent.sandbox.agency.talk import hostile, note, under_post

POSTS_EACH = 100
_PAST, _AHEAD = 120, 30
_THREADED = ("twitter", "threads", "bluesky", "mastodon")
_VIDEO = ("youtube", "tiktok")
_FIRST_COMMENT = ("facebook", "linkedin", "instagram", "youtube")
_THUMBNAIL = ("youtube", "instagram", "facebook")
#: How many days ago accounts expired or began to fail.
_FELL_ILL = 25
#: How many posts of each kind come before the published ones, which fill up the hundred.
_DRAFTS, _SCHEDULED, _FAILED, _PARTLY, _THREADS = 16, 14, 3, 3, 3
_TRIALS = ("test", "TEST 2 please ignore", "asdf")
_REFUSED = ("The network refused the post: duplicate content.", "The file could not be processed by the network.")
#: Clients that left trials among their drafts, and those with a post in the queue, by number.
_UNTIDY = (0, 6, 9, 17)
_QUEUED = (2, 4)


def posts_of(desk: Desk) -> Iterator[Plain]:
    """All posts of a client."""
    texts = _texts(desk)
    made = [
        *(_draft(desk, next(texts)) for _ in range(_DRAFTS)),
        *(_trial(desk, text) for text in (_TRIALS if desk.number in _UNTIDY else ())),
        *(_scheduled(desk, next(texts), first=number == 0) for number in range(_SCHEDULED)),
        *(_failed(desk, next(texts)) for _ in range(_FAILED)),
        *(_partly_failed(desk, next(texts)) for _ in range(_PARTLY)),
        *_threads(desk),
        *([_in_queue(desk, next(texts))] if desk.number in _QUEUED else []),
    ]
    yield from made
    for number in range(POSTS_EACH - len(made)):
        yield _published(desk, next(texts), first=number == 0)


def _texts(desk: Desk) -> Iterator[tuple[str, str]]:
    """Texts without repetition, each with the thing that it is about."""
    client = desk.client
    parts = list(product(client.openings, client.things, client.endings))
    for opening, thing, ending in desk.chance.sample(parts, POSTS_EACH):
        yield f"{opening.format(thing=thing)} {ending}", thing


def _draft(desk: Desk, text: tuple[str, str]) -> Plain:
    made = _post(desk, text, _pick(desk))
    made["created"] = desk.days(1, 100)
    return made | ({"comments": [note(desk)]} if desk.likely(0.2) else {})


def _trial(desk: Desk, text: str) -> Plain:
    return {
        "workspace": desk.workspace,
        "text": text,
        "accounts": [desk.accounts[0].id],
        "created": desk.days(20, 90),
    }


def _scheduled(desk: Desk, text: tuple[str, str], *, first: bool) -> Plain:
    accounts = _pick(desk, unhealthy=True)
    made = _post(desk, text, accounts)
    made |= {"status": "scheduled", "at": desk.days(1, _AHEAD, ahead=True), "created": desk.days(1, 14)}
    if first:
        repeat: Plain = {"times": 4, "gap": 1, "unit": desk.chance.choice(("weeks", "months"))}
        made["repeat"] = repeat | ({"accounts": [accounts[0].id]} if desk.number % 3 == 0 else {})
    return made


def _failed(desk: Desk, text: tuple[str, str]) -> Plain:
    return _post(desk, text, _pick(desk)) | {"status": "failed"} | _was_due(desk, desk.chance.randint(2, 40))


def _partly_failed(desk: Desk, text: tuple[str, str]) -> Plain:
    accounts = _pick(desk, least=2)
    made = _post(desk, text, accounts)
    broken = {"status": "FAILED", "error": desk.chance.choice(_REFUSED)}
    made["accounts"][-1] |= broken
    return made | {"status": "partially_failed"} | _was_due(desk, desk.chance.randint(2, 60))


def _in_queue(desk: Desk, text: tuple[str, str]) -> Plain:
    """Queued just now; its video may still be processed, then it stays there for a while."""
    said, thing = text
    account = desk.on(_VIDEO)[0]
    return {
        "workspace": desk.workspace,
        "text": said,
        "media": [desk.videos[-1]],
        "accounts": [_target(desk, account, thing, moving=True)],
        "status": "in_queue",
        "at": "-10s",
        "wake": "+10s",
        "created": desk.days(1, 3),
    }


def _published(desk: Desk, text: tuple[str, str], *, first: bool) -> Plain:
    days_ago = 2 if first else desk.chance.randint(1, _PAST)
    accounts = _pick(desk, unhealthy=days_ago > _FELL_ILL)
    made = _post(desk, text, accounts) | {"status": "published"} | _was_due(desk, days_ago)
    networks = [account.network for account in accounts]
    made |= under_post(desk, networks, days_ago)
    if first and (orders := hostile(desk, networks[0])):
        made["comments"] = [*made.get("comments", []), *orders]
    if desk.likely(0.5):
        made["metrics"] = _metrics(desk)
    return made


def _threads(desk: Desk) -> Iterator[Plain]:
    """Threads where threads are known: two that are out, one in the drafts."""
    accounts = desk.on(_THREADED)
    for number in range(_THREADS if accounts else 0):
        content = [{"text": text} for text in desk.client.thread]
        made = {"workspace": desk.workspace, "content": content, "accounts": [account.id for account in accounts]}
        if number == 0:
            yield made | {"created": desk.days(1, 30)}
        else:
            yield made | {"status": "published"} | _was_due(desk, desk.chance.randint(10, _PAST))


def _pick(desk: Desk, least: int = 1, *, unhealthy: bool = False) -> list[Account]:
    """One to three accounts, no two on one network; healthy ones unless the post was made before they fell ill."""
    known = [account for account in desk.accounts if account.healthy or unhealthy]
    desk.chance.shuffle(known)
    by_network = {account.network: account for account in known}
    return list(by_network.values())[: desk.chance.randint(least, 3)]


def _post(desk: Desk, text: tuple[str, str], accounts: Sequence[Account]) -> Plain:
    """What posts of every state have: content with fitting files, accounts with settings, labels, a campaign."""
    said, thing = text
    networks = {account.network for account in accounts}
    moving = bool(networks & set(_VIDEO))
    item: Plain = {"text": said}
    if moving:
        # The last video may still be processed.
        item["media"] = [desk.chance.choice(desk.videos[:-1])]
    elif networks & {"instagram", "pinterest"} or desk.likely(0.5):
        item["media"] = desk.chance.sample(desk.pictures, desk.chance.choice((1, 1, 1, 2, 4)))
    if moving and desk.likely(0.3):
        item["cover"] = _cover(desk, networks)
    made: Plain = {
        "workspace": desk.workspace,
        "accounts": [_target(desk, account, thing, moving=moving) for account in accounts],
        "labels": desk.chance.sample(desk.labels, desk.chance.choice((0, 1, 1, 2))),
    }
    if desk.likely(0.25):
        made["campaign"] = desk.campaign
    if networks <= set(_FIRST_COMMENT) and desk.likely(0.2):
        link = {"text": f"https://{desk.client.slug}.example/more", "first_comment": True, "delay": 1}
        return made | {"content": [item, link]}
    return made | ({"content": [item]} if "cover" in item else item)


def _cover(desk: Desk, networks: set[str]) -> Plain:
    cover: Plain = {}
    if networks & set(_THUMBNAIL):
        cover["thumbnail"] = desk.chance.choice(desk.pictures)
    if "tiktok" in networks:
        cover["video_cover_timestamp_ms"] = desk.chance.randint(1, 30) * 100
    return cover


def _target(desk: Desk, account: Account, thing: str, *, moving: bool) -> Plain:
    settings: Plain = {}
    if account.network == "youtube":
        settings = {"title": thing[:1].upper() + thing[1:], "video_type": "short", "privacyStatus": "public"}
    elif account.network == "tiktok":
        settings = {"privacy_level": "PUBLIC_TO_EVERYONE", "post_mode": "DIRECT_POST"}
    elif account.network == "pinterest":
        settings = {"board_id": 800 + desk.number}
    elif account.network in {"instagram", "facebook"} and moving:
        settings = {"post_type": "REELS"}
    elif account.network == "twitter" and desk.likely(0.2):
        settings = {"text": thing[:1].upper() + thing[1:] + ".", "reply_settings": "everyone"}
    return {"account": account.id} | ({"settings": settings} if settings else {})


def _was_due(desk: Desk, days_ago: int) -> Plain:
    return {
        "at": f"-{days_ago}d {desk.clock()}",
        "created": f"-{days_ago + desk.chance.randint(1, 9)}d {desk.clock()}",
    }


def _metrics(desk: Desk) -> Plain:
    seen = desk.chance.randint(200, 20_000)
    return {
        "impressions": seen,
        "likes": seen * desk.chance.randint(5, 60) // 1000,
        "comments": desk.chance.randint(0, 30),
        "shares": desk.chance.randint(0, 40),
        "quotes": desk.chance.randint(0, 6),
        "saves": desk.chance.randint(0, 50),
    }
