"""Reading pages of the queue, and sending its forms."""

import html
import re

from tests.web.serving import Served, Visitor


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="item-(\d+)"', page)]


def words(page: str) -> str:
    """The page as somebody reads it: text nodes alone."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page)).split())


def posts(site: Served) -> dict[int, str]:
    return {one["id"]: one.get("status", "") for one in site.site.house.sandbox_state.export()["posts"]}


def sent(site: Served, operation: str) -> list[str]:
    return [str(effect) for effect in site.site.house.sandbox_state.effects() if effect["operation"] == operation]


def said(visitor: Visitor, path: str, **fields: object) -> str:
    """What a page says after a form that was taken."""
    answer = visitor.submit(path, **fields)
    assert answer.status_code == 303, words(answer.text)
    return words(visitor.page(answer.headers["location"]))


def refused(visitor: Visitor, path: str, **fields: object) -> str:
    answer = visitor.submit(path, **fields)
    assert answer.status_code == 409, answer.status_code
    return words(answer.text)
