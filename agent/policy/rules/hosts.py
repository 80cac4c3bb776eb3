"""Where links lead: lists of hosts, what a query carries, tracking parameters, and pictures from raw addresses."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import Field

from agent.api.posts import PostFields, settings_of
from agent.journal.findings import Verdict
from agent.policy.provenance import host_of, texts_of_post, tokens_of
from agent.policy.public import fetched, linked, public_addresses
from agent.policy.rules.case import Case
from agent.policy.rules.links import address_problem
from agent.policy.rules.rule import (
    POST_EFFECTS,
    AtMost,
    Example,
    Found,
    Params,
    Plain,
    Rewriting,
    ShownParams,
    Stricter,
    rule,
)

_SHORTEST = 20  # shorter values say too little to tell chance from words
_LONG_PATH = 40


def tokens_in_ours(case: Case) -> frozenset[str]:
    """What stands already in the draft of ours that an update changes: it was judged when it was written (`kept`)."""
    if case.post is None or case.post.id not in case.facts.ours:
        return frozenset()
    return frozenset[str]().union(*(tokens_of(text) for text in texts_of_post(case.post)))


class HostParams(Params):
    """Hosts with everything below them: `own` are free, `denied` never go out but where the person typed them.

    `unknown` is the verdict on all others that neither the goal nor what was out before names.
    """

    own: Annotated[tuple[str, ...], Example("example.com")] = ()
    denied: Annotated[tuple[str, ...], Stricter("more")]
    unknown: Plain


@rule("link.hosts", HostParams)
def check_hosts(case: Case, params: HostParams) -> Iterable[Found]:
    """Shorteners hide where a link leads; a host that nobody named is looked at. See `tokens_in_ours`."""
    facts = case.facts
    stood = tokens_in_ours(case)
    for host, (where, address) in case.hosts.items():
        typed = facts.decided or facts.sources.trusts(f"host:{host}")
        if _below(host, params.denied):
            yield Found(
                f"An address in {where} is of a host on the list of denied ones.",
                evidence=f'address: "{address[:200]}"',
                passes="use the address that it leads to",
                verdict=Verdict.HOLD if typed and params.verdict is Verdict.DENY else None,
            )
        elif not typed and f"host:{host}" not in stood and not _below(host, (*params.own, *_trusted_above(case, host))):
            yield Found(
                f"An address in {where} is of a host that neither the goal nor the configuration names.",
                evidence=f'address: "{address[:200]}"',
                passes="leave the address out, or the person names it in the goal",
                verdict=params.unknown,
            )


def _below(host: str, hosts: Iterable[str]) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def _trusted_above(case: Case, host: str) -> Iterator[str]:
    """The hosts above this one that are trusted: what lies below a host of ours is ours."""
    labels = host.split(".")
    above = (".".join(labels[at:]) for at in range(1, len(labels) - 1))
    return (one for one in above if case.facts.sources.trusts(f"host:{one}"))


class QueryParams(Params):
    """`bytes` of a query and fragment at most; `entropy` in bits a sign, of values of 20 signs and more."""

    bytes: AtMost
    entropy: Annotated[float, Field(strict=True, ge=0), Stricter("lower")]


@rule("link.query", QueryParams)
def check_query(case: Case, params: QueryParams) -> Iterable[Found]:
    """An address can carry data out; one that the person typed, or that was out before, carries theirs."""
    if case.facts.decided:
        return
    for where, address in case.addresses:
        if address in case.facts.goal:
            continue
        problem = _carries(address, params.bytes, params.entropy)
        if problem:
            yield Found(
                f"An address in {where} {problem}.",
                evidence=address[:200],
                passes="use the address without its query",
            )


@lru_cache(maxsize=1024)
def _carries(address: str, most: int, entropy: float) -> str:
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
    except ValueError:
        return ""  # `link.safe` tells
    query = parts.query + (f"#{parts.fragment}" if parts.fragment else "")
    if len(query.encode()) > most:
        return f"has a query of more than {most} bytes"
    values = [unquote(value.partition("=")[2] or value) for value in re.split(r"[&;#]", query)]
    values += [step for step in parts.path.split("/") if len(step) >= _LONG_PATH and "-" not in step]
    if any(len(value) >= _SHORTEST and _bits(value) > entropy for value in values):
        return "has a value in it that looks like data"
    return ""


def _bits(value: str) -> float:
    """Shannon entropy in bits a sign."""
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())


class TrackingParams(Params):
    """`names` of query parameters that are taken off; `*` stands for any ending. `verdict` allow leaves them."""

    verdict: Rewriting
    names: Annotated[tuple[str, ...], Stricter("more")]


@rule("link.tracking", TrackingParams, effects=POST_EFFECTS)
def check_tracking(case: Case, params: TrackingParams) -> Iterable[Found]:
    """Only off addresses that we wrote: never off what the person typed, nor after a person decided."""
    facts = case.facts
    if case.fields is None or facts.decided or facts.mode == "person":
        return
    changes: dict[str, str] = {}
    for _, address in case.addresses:
        shorter = without_tracking(address, params.names)
        if shorter != address and address not in facts.goal and not any(address in words for words in facts.quoted):
            changes[address] = shorter
    if not changes:
        return
    instead = _replaced(case.call.model_dump(mode="json"), changes)
    yield Found(
        "Tracking parameters are taken off an address.",
        evidence="\n".join(f"{old} → {new}" for old, new in changes.items()),
        passes="the address goes without them; what the person types in the goal stays as it is",
        instead=type(case.call).model_validate_json(json.dumps(instead)),
    )


@lru_cache(maxsize=1024)
def without_tracking(address: str, names: tuple[str, ...]) -> str:
    """An address without these parameters of its query; all else stays byte for byte."""
    head, mark, rest = address.partition("?")
    if not mark:
        return address
    query, hash_sign, fragment = rest.partition("#")
    kept = [one for one in query.split("&") if not _tracks(one.partition("=")[0], names)]
    if len(kept) == len(query.split("&")):
        return address
    return head + (f"?{'&'.join(kept)}" if kept else "") + hash_sign + fragment


def _tracks(name: str, names: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name.casefold(), one) for one in names)


def _replaced(value: Any, changes: dict[str, str]) -> Any:
    """Plain data with these addresses replaced, the longest first, so that none is found inside another."""
    if isinstance(value, str):
        for old in sorted(changes, key=len, reverse=True):
            value = re.sub(rf"{re.escape(old)}(?![\w=&%/-])", lambda _, new=changes[old]: new, value)  # type: ignore[misc]
        return value
    if isinstance(value, dict):
        return {key: _replaced(inner, changes) for key, inner in value.items()}
    return [_replaced(inner, changes) for inner in value] if isinstance(value, list) else value


class PunycodeParams(ShownParams):
    """Nothing to set but whether it is shown."""


@rule("link.punycode", PunycodeParams)
def show_punycode(case: Case, _params: PunycodeParams) -> Iterable[Found]:
    """A host in another script, in both spellings."""
    for host, (where, _) in case.hosts.items():
        if not host.isascii() or "xn--" in host:
            own, ascii_form = _spellings(host)
            yield Found(f"A host in {where} is written in letters beyond ASCII.", evidence=f"{own} is {ascii_form}")


def _spellings(host: str) -> tuple[str, str]:
    try:
        ascii_form = host if host.isascii() else host.encode("idna").decode()
        return ascii_form.encode().decode("idna"), ascii_form
    except UnicodeError:
        return host, "unreadable"


class MediaParams(Params):
    """Nothing to set but the verdict."""


@rule("media.raw", MediaParams)
def check_raw(case: Case, _params: MediaParams) -> Iterable[Found]:
    """A picture by its address is fetched when the post goes out: what is there then, nobody has seen."""
    if case.facts.decided:
        return
    link_cards = set(_link_cards(case))
    for where, address in public_addresses(case.call):
        if (where, address) not in link_cards:
            yield Found(
                f"The media in {where} is an address, not an item of the library.",
                evidence=address[:200],
                passes="import it first (import_media), and use the item's id",
            )


def _link_cards(case: Case) -> Iterator[tuple[str, str]]:
    if isinstance(case.call, PostFields):
        for target in case.everybody:
            entry = case.call.accounts[target.place]  # type: ignore[index]  # a target stands for an entry
            yield from linked(f"accounts.{target.place}.settings", settings_of(entry))


class ResolvedParams(Params):
    """`unknown` is the verdict where a host has no address, or could not be looked up."""

    hosts: Annotated[tuple[str, ...], Stricter("more"), Example("cdn.example.com")] = ()
    unknown: Plain


@rule("media.resolved", ResolvedParams, unsafe_on_draft=True)
def check_resolved(case: Case, params: ResolvedParams) -> Iterable[Found]:
    """After DNS: what the service fetches lies on public machines, by every address that its host has."""
    for host in dict.fromkeys(host_of(address) for _, address in fetched(case.call)):
        if host not in case.facts.resolved:
            continue
        found = case.facts.resolved[host]
        private = [one for one in found if address_problem(f"https://{_bracketed(one)}", params.hosts)]
        if private:
            yield Found(
                "The host of an address that would be fetched leads to a machine of a private network.",
                evidence=f"{host} is {', '.join(private)}",
                passes="use a file on a public machine",
            )
        elif not found:
            yield Found(
                "The host of an address that would be fetched could not be found.",
                evidence=host,
                passes="use an address that can be found",
                verdict=params.unknown,
            )


def _bracketed(address: str) -> str:
    return f"[{address.partition('%')[0]}]" if ":" in address else address
