"""Addresses: https only, nothing before the host, no port, and never a machine of one's own network."""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlsplit

from agent.policy.entities import links
from agent.policy.rules.case import Case
from agent.policy.rules.rule import Found, Params, Stricter, rule

_SCHEME = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9+.-]{1,20})://")
_OTHER_SCHEME = re.compile(r"(?i)(?<![a-z0-9])(?!https://)[a-z][a-z0-9+.-]{1,20}://\S{0,200}")
_WHOLE = re.compile(r"(?i)https://\S+")
_NUMERIC = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)(?:\.(?:0[xX][0-9a-fA-F]*|[0-9]+)){0,3}\.?")
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class LinkParams(Params):
    """`hosts` are endings that never lead out: names of private networks, and services that answer with any address."""

    hosts: Annotated[tuple[str, ...], Stricter("more")]


@rule("link.safe", LinkParams, unsafe_on_draft=True)
def check_links(case: Case, params: LinkParams) -> Iterable[Found]:
    """Every link in a text, and every address the service would fetch."""
    for where, text in case.strings:
        for address in dict.fromkeys(_addresses(text)):
            problem = address_problem(address, params.hosts)
            if problem:
                yield Found(
                    f"An address in {where} {problem}.",
                    evidence=address[:200],
                    passes="use a public https:// address, without user, password or port",
                )


def _addresses(text: str) -> Iterator[str]:
    """The addresses in a text; one that is all of a text is taken whole, however odd it looks."""
    if _WHOLE.fullmatch(text):
        yield text
    elif "://" in text:
        yield from (match[0] for match in _OTHER_SCHEME.finditer(text))
    if "." in text or "://" in text:
        for link in links(text, "twitter"):
            if link.text[:7].lower() != "http://":
                yield link.text


@lru_cache(maxsize=1024)
def address_problem(address: str, hosts: tuple[str, ...]) -> str:
    """What is wrong with an address (with or without scheme), as the end of a sentence; empty where nothing is."""
    scheme = _SCHEME.match(address)
    if scheme and scheme[1].lower() != "https":
        return f"is {scheme[1].lower()}, not https"
    rest = address[scheme.end() :] if scheme else address
    try:
        parts = urlsplit(f"https://{rest}")
        port = parts.port
    except ValueError:
        return "cannot be read"
    authority = parts.netloc
    if "@" in authority or "\\" in rest:
        return "has a user or password before its host"
    if port is not None or authority.endswith(":"):
        return "names a port"
    return _host_problem(parts.hostname or "", hosts)


def _host_problem(host: str, hosts: tuple[str, ...]) -> str:
    host = unicodedata.normalize("NFKC", host).replace("。", ".").casefold().rstrip(".")
    if ":" in host:
        return _address_problem(host)
    if _NUMERIC.fullmatch(host):
        plain = re.fullmatch(r"(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}", host)
        return _address_problem(host) if plain else "hides a numeric address"
    if "." not in host:
        return "leads to a machine of a private network"
    if any(host == ending or host.endswith(f".{ending}") for ending in hosts):
        return "leads to a machine of a private network"
    try:
        ascii_host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return "has a host that cannot be read"
    return "" if _NAME.fullmatch(ascii_host) else "has a host that cannot be read"


def _address_problem(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "has a host that cannot be read"
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inside(address)
        if inner is not None:
            address = inner
        elif address.is_reserved or address.is_site_local:
            return "leads to a machine of a private network"
    public = address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
    return "" if public else "leads to a machine of a private network"


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    isatap = (int(address) >> 32) & 0xFDFFFFFF == 0x5EFE  # private inside of a public network
    if address in _NAT64 or isatap or int(address) >> 32 == 0:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
