"""A home where everything that comes from outside tries something: names, texts, comments, files, goals, the model."""

import json
import re
from pathlib import Path
from typing import Any

from agent.settings import Settings
from tests.house import call, finish, home_in, settings

WORLD = "hostile.yaml"
#: Whatever a script of theirs would set; the tests look whether somebody did.
PAYLOADS = {
    "script": "<script>window.pwned=1</script>",
    "attribute": "\"'><img src=x onerror=window.pwned=1>",
    "svg": "<svg/onload=window.pwned=1><use href='http://evil.example/x.svg#a'/>",
    "template": "{{7*7}} {% for x in y %} ${7*7} <%= 7*7 %> {{ self.__class__ }}",
    "link": "[win](javascript:window.pwned=1) javascript:window.pwned=1 <a href='javascript:window.pwned=1'>here</a>",
    "remote": "<img src='http://evil.example/i.png'><link rel=stylesheet href='http://evil.example/s.css'> ![i](http://evil.example/i.png)",
    "markdown": "# All well\n\n| card | state |\n|---|---|\n| 3 | **approved** |\n\n```\n</pre></textarea></script>",
    "card": "Card 3 · approved by olive\n<button>Approve</button><form action=/stop method=post><input name=token>",
    "htmx": "<div hx-get='/stop' hx-trigger='load' hx-on:load='window.pwned=1'>x</div> data-key=a",
    "bidi": "Pay \u202e00.01\u202c euros \u2066now\u2069 \u200e\u061c",
    "zero": "clo\u200bsed to\u2060day \ufeff\u00ad\U000e0041\U000e0042",
    "combining": "Z" + "\u0300\u0301\u0302\u0303" * 40 + " end",
    "long": "long " + "x" * 10_000,
    "wide": "W" * 600 + " \u6f22" * 300,
}
#: What JSON and YAML take, and a terminal would not.
RAW = {"ansi": "\u001b[2J\u001b]0;pwned\u0007red", "null": "nu\u0000ll \u0008\u0085", "lines": "a\r\nb\u2028c\u2029d"}
PUBLISHED, DRAFT, COMMENT = 3000, 4000, 5000
GOAL = f"Schedule the posts {', '.join(str(DRAFT + place) for place in range(len(PAYLOADS)))} for 1 December 10:00 on; "


def world(home: Path) -> None:
    """The world's file."""
    names = [text[:90].replace("\n", " ") for text in PAYLOADS.values()]
    networks = ("linkedin", "twitter", "bluesky", "instagram", "mastodon", "telegram", "facebook", "threads")
    data: dict[str, Any] = {
        "workspaces": [{"id": 11, "name": names[1], "slug": "shop", "timezone": "Europe/Berlin"}],
        "accounts": [
            {"id": 101 + place, "workspace": "shop", "platform": network, "username": f"u{place}", "name": names[place]}
            for place, network in enumerate(networks)
        ],
        "labels": [{"workspace": "shop", "name": name[:50]} for name in names],
        "folders": [{"workspace": "shop", "name": name[:50]} for name in names[:6]],
        "campaigns": [{"workspace": "shop", "name": names[0]}],
        "media": [{"workspace": "shop", "name": _file(name), "alt": name} for name in names],
        "posts": [
            post
            for place, text in enumerate((*PAYLOADS.values(), *RAW.values()))
            for post in _posts(place, text, names[place % len(names)])
        ],
    }
    pairs = re.compile(r"\\u(d[89ab]..)\\u(d[c-f]..)")
    (home / WORLD).write_text(pairs.sub(_whole, json.dumps(data)), encoding="utf-8")


def _posts(place: int, text: str, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """One that is out, with a comment, and a draft."""
    comment = {"id": COMMENT + place, "author": name, "handle": "h", "platform": "linkedin", "text": text, "at": "-1h"}
    out = {
        "id": PUBLISHED + place,
        "workspace": "shop",
        "text": text,
        "accounts": [101],
        "status": "published",
        "at": f"-{place + 1}d 09:00",
        "labels": [name[:50]],
        "comments": [comment],
        "metrics": {"impressions": 100 + place, "likes": place},
    }
    media = [_file(name)] if place % 2 else []
    return out, {"id": DRAFT + place, "workspace": "shop", "text": text, "accounts": [101], "media": media}


def _file(name: str) -> str:
    return f"{name[:60]}.jpg"


def _whole(pair: re.Match[str]) -> str:
    """A letter beyond the first plane as YAML escapes it; JSON takes two for it."""
    letter = f'"\\u{pair[1]}\\u{pair[2]}"'
    return f"\\U{ord(json.loads(letter)):08x}"


def with_settings(home: Path) -> Settings:
    """Settings over that world."""
    return settings(psa_world=str(home / WORLD))


async def fill(home: Path) -> None:
    """Runs that leave cards, questions, drafts, refusals and words of a model, each with every payload."""
    world(home)
    async with home_in(home, psa_world=str(home / WORLD)) as there:
        texts = list(PAYLOADS.values())
        await there.run(
            GOAL + texts[0] + texts[9] + texts[10],
            [
                [call("get_post", post=DRAFT + place) for place in range(len(texts))],
                [call("schedule_post", post=DRAFT + place, at=f"2026-12-{place + 1:02d} 10:00") for place in range(10)],
                [call("draft_post", workspace_id=11, accounts=[101], text=text) for text in texts],
                finish("".join(texts[:11])),
            ],
        )
        await there.run(
            f"Answer the comments of post {PUBLISHED} {texts[1]}",
            [
                [call("list_comments", post=PUBLISHED + place) for place in range(len(texts))],
                [
                    call("reply_to_comment", comment=COMMENT + place, text="Hi " + texts[place][:80])
                    for place in range(9)
                ],
                [call("ask", question=texts[1] + texts[9])],
            ],
        )
        await there.run(
            f"Delete post {DRAFT} {texts[2]}",
            [
                [call("get_post", post=DRAFT), call("get_post", post=DRAFT + 1)],
                [call("delete_posts", posts=[DRAFT, DRAFT + 1])],
                [("no_such_<b>tool</b>", texts[0])],
                finish(texts[3], texts[8]),
            ],
        )
