"""Which texts a run has read, and whose each is: the texts of every object, as sources of words (`provenance.py`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.api.types import Account, Analysis, Campaign, Comment, Folder, Label, Media, Post, Workspace
from agent.policy.authors import by_us
from agent.policy.provenance import Kind, Source, hosts_in, texts_of_post
from agent.text import seen


@dataclass(frozen=True)
class Ownership:
    """What tells ours from theirs: drafts of our runs, those of them in which something was found, those in which words
    from outside were, posts that the goal names, and the accounts."""

    ours: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()
    borrowed: frozenset[int] = frozenset()
    named: frozenset[int] = frozenset()
    accounts: Mapping[int, Account] | None = None


def sources_in(thing: Any, own: Ownership) -> Iterator[Source]:
    """The texts of something that was read."""
    match thing:
        case Comment():
            yield from _comment(thing, own)
        case Post():
            yield from _post(thing, own)
        case Analysis():
            yield Source("an analysed thread", "outside", seen(thing.answer))
            if thing.tweet is not None and thing.tweet.text:
                yield Source("an analysed post", "outside", seen(thing.tweet.text))
        case Media():
            yield from _named("media", thing.id, thing.name, thing.alt)
        case Label() | Folder() | Campaign():
            yield from _named(type(thing).__name__.lower(), thing.id, thing.name)
        case Account():
            yield from _account(thing)
        case Workspace():
            yield from _own_name(f"workspace {thing.id}", thing.name)


def _comment(comment: Comment, own: Ownership) -> Iterator[Source]:
    if by_us(comment, own.accounts or {}):
        return
    origin = f"comment {comment.id}"
    yield Source(origin, "outside", seen(comment.content or ""))
    user = comment.user or {}
    for name in (user.get("name"), user.get("username")):
        if isinstance(name, str) and name:
            yield Source(f"the author of {origin}", "outside", seen(name))
    if isinstance(user.get("username"), str):
        yield Source(f"the author of {origin}", "outside", f"@{seen(user['username']).lstrip('@')}")


def _post(post: Post, own: Ownership) -> Iterator[Source]:
    origin, kind = f"post {post.id}", _kind_of(post, own)
    if kind is not None:
        yield from (Source(origin, kind, seen(text)) for text in texts_of_post(post))
    for media in (media for item in post.content for media in item.media if media.name):
        yield Source(f"media {media.id}", "outside", seen(media.name))
    for row in post.platforms:
        failure = (row.model_extra or {}).get("error")
        if isinstance(failure, str) and failure:
            yield Source(f"an error on {origin}", "outside", seen(failure))


def _kind_of(post: Post, own: Ownership) -> Kind | None:
    """None for a draft of ours in which only names or figures were found: it proves nothing, its words are ours."""
    if post.id in own.named:
        return "said"
    if post.status == "PUBLISHED":
        return "known"
    if post.id in own.ours:
        if post.id in own.borrowed:
            return "borrowed"
        return None if post.id in own.doubtful else "ours"
    return "outside"


def _named(kind: str, key: int, *names: str | None) -> Iterator[Source]:
    """A name that a person gave, or a file brought along."""
    yield from (Source(f"{kind} {key}", "outside", seen(name)) for name in names if name)


def _account(account: Account) -> Iterator[Source]:
    origin = f"account {account.id}"
    if account.username:
        handle = seen(account.username).lstrip("@")
        yield Source(origin, "known", f"@{handle}")
        if "." in handle:
            yield Source(origin, "known", f"https://{handle}")
    yield from _own_name(origin, account.name)


def _own_name(origin: str, name: str | None) -> Iterator[Source]:
    """A name of ours; one that is long, or holds an address, was meant for more than a name."""
    if name:
        text = seen(name)
        short = len(text.split()) <= 6 and not hosts_in(text)
        yield Source(origin, "known" if short else "outside", text)
