"""Addresses that never leave, and files from allowed folders only."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.api.comments import CreateComment
from agent.api.endpoint import LocalFile
from agent.api.media import UploadMediaFile, UploadMediaFromUrl
from tests.policy.helpers import BERLIN, PUBLISHED, draft, findings, knowing, said, target


def in_text(address: str) -> str:
    return said("link.safe", draft(f"See {address} for more."))


def as_media(address: str) -> str:
    call = UploadMediaFromUrl(workspace_id=BERLIN, urls=(address,))
    return said("link.safe", call)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com",
        "https://example.com/",
        "https://www.example.com/a/b.html?q=1&r=2#top",
        "HTTPS://Example.COM/A",
        "https://acme.example/beta",
        "https://münchen.de/straße",
        "https://xn--mnchen-3ya.de/",
        "https://例え.jp/",
        "https://example.com.",
        "https://8.8.8.8/a.png",
        "https://[2606:4700::1111]/a.png",
        "https://example.com/@user:pw",
        "https://localhost.example.com/",
        "https://a_b.example.com/",
        "https://example.com/?next=http",
    ],
)
def test_public_https_passes(address: str) -> None:
    assert in_text(address) == "allow"
    assert as_media(address.replace("HTTPS", "https")) == "allow"


@pytest.mark.parametrize(
    "text", ["Read example.com and mind the gap.", "At 9:30 a.m. e.g. here", "No address", "a:b://"]
)
def test_words_and_bare_domains_pass(text: str) -> None:
    assert said("link.safe", draft(text)) == "allow"


@pytest.mark.parametrize(
    "address",
    [
        "https://user@example.com/",
        "https://user:pw@example.com/",
        "https://example.com@evil.example/",
        "https://example.com:443/",
        "https://example.com:8080/a",
        "https://example.com:/a",
        "https://localhost/",
        "https://LOCALHOST/",
        "https://localhost./",
        "https://app.localhost/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://router.lan/",
        "https://nas.home.arpa/",
        "https://intranet/",
        "https://wiki.corp/",
        "https://127.0.0.1.nip.io/",
        "https://lvh.me/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://127.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://017700000001/",
        "https://127.0.0.1./",
        "https://0/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.1.1/admin",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://192.0.2.1/",
        "https://198.18.0.1/",
        "https://224.0.0.1/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "https://010.8.8.8/",
        "https://8.8.8.08/",
        "https://8.8.8.999/",
        "https://[4000::1]/",
        "https://１２７.０.０.１/",
        "https://①②⑦.⓪.⓪.①/",
        "https://127。0。0。1/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b::10.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[fc00::1]/",
        "https://[ff02::1]/",
        "https://[2001:db8::1]/",
        "https://[fec0::1]/",
        "https://[2a00::5efe:10.0.0.1]/",
        "https://[2a00::200:5efe:10.0.0.1]/",
        "https://127%2e0%2e0%2e1/",
        "https://example.com\\@127.0.0.1/",
        "https://exa%mple.com/",
        "https://-bad-.example/",
    ],
)
def test_what_is_not_public_denies(address: str) -> None:
    assert as_media(address) == "deny"


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com",
        "HTTP://example.com/a",
        "see (http://example.com)",
        "ftp://example.com/a",
        "file:///etc/passwd",
        "gopher://example.com/1",
        "https://localhost/admin and more",
        "https://user:pw@example.com",
        "first https://example.com then https://192.168.0.1/x",
        "https://example.com:8443/x",
        "https://[::1]/x",
        "https://2130706433/x",
        "http://169.254.169.254/latest",
    ],
)
def test_texts_are_searched(text: str) -> None:
    [*found] = findings("link.safe", draft(f"Look: {text}"))
    assert found and all(finding.verdict.word == "deny" and not finding.later for finding in found)


@pytest.mark.parametrize(
    "call",
    [
        draft("A.", target("twitter", text="http://example.com")),
        draft("A.", target("facebook", link="https://10.0.0.1/")),
        draft("A.", target("bluesky", website_card={"uri": "https://intranet/"})),
        draft(None, content=[{"text": "A.", "media": ["https://10.0.0.1/a.png"]}]),
        draft(None, content=[{"text": "A.", "cover_image": {"thumbnail": "https://10.0.0.1/a.png"}}]),
        CreateComment(post_id=PUBLISHED, content="http://example.com"),
        CreateComment(post_id=PUBLISHED, media=("https://10.0.0.1/a.png",)),
    ],
)
def test_every_field_with_an_address_is_looked_at(call: Any) -> None:
    assert said("link.safe", call) == "deny"


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_every_spelling_of_an_address_is_judged_alike(address: ipaddress.IPv4Address) -> None:
    a, b, c, d = address.packed
    number = int(address)
    public = address.is_global and not address.is_multicast and not address.is_reserved
    assert as_media(f"https://{address}/") == ("allow" if public else "deny")
    parts = (f"{a}.{number & 0xFFFFFF}", f"0{a:o}.{b}.{c}.{d}", f"0x{a:x}.{b}.{c}.{d}")
    for hidden in (number, hex(number), f"0{number:o}", *parts):
        assert as_media(f"https://{hidden}/") == "deny"
    for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}", f"2002:{a:02x}{b:02x}:{c:02x}{d:02x}::"):
        if not public:
            assert as_media(f"https://[{wrapped}]/") == "deny"


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_address_can_be_judged(rest: str) -> None:
    address = "https://" + "".join(rest.split())
    if len(address) > 8:
        assert as_media(address.encode("utf-8", "replace").decode()) in {"allow", "deny"}


# -- files -----------------------------------------------------------------------------------------------------------


def upload(path: str, name: str = "mug.png", folders: tuple[str, ...] = ("/home/ana/uploads", "/srv/media")) -> str:
    file = LocalFile(path=path, name=name, mime="image/png", size=10, sha256="0" * 64)
    return said("media.path", UploadMediaFile(workspace_id=BERLIN, file=file), knowing(folders_allowed=folders))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/ana/uploads/mug.png", "allow"),
        ("/home/ana/uploads/2026/mug.png", "allow"),
        ("/srv/media/mug.png", "allow"),
        ("/home/ana/uploads", "deny"),
        ("/home/ana/uploads/", "deny"),
        ("/home/ana/uploads-old/mug.png", "deny"),
        ("/home/ana/.env", "deny"),
        ("/home/ana/uploads/.env", "deny"),
        ("/home/ana/uploads/.git/config", "deny"),
        ("/home/ana/uploads/../.env", "deny"),
        ("/home/ana/uploads/./mug.png", "deny"),
        ("/home/ana/uploads//mug.png", "deny"),
        ("/home/ana/uploads/mug.png\0.txt", "deny"),
        ("uploads/mug.png", "deny"),
        ("", "deny"),
        ("/etc/passwd", "deny"),
    ],
)
def test_paths(path: str, expected: str) -> None:
    assert upload(path) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("mug.png", "allow"), ("", "deny"), (".env", "deny"), ("a/b.png", "deny"), ("a\\b", "deny")]
)
def test_names(name: str, expected: str) -> None:
    assert upload("/srv/media/mug.png", name) == expected


def test_folders() -> None:
    assert upload("/srv/media/mug.png", folders=()) == "deny"
    assert upload("/srv/media/mug.png", folders=("",)) == "deny"
    assert upload("/home/ana/.psa/uploads/mug.png", folders=("/home/ana/.psa/uploads",)) == "allow"
    assert said("media.path", UploadMediaFromUrl(workspace_id=BERLIN, urls=("https://example.com/a",))) == "allow"
