"""Where a bare domain begins and stops for X, at the edges that other tests reach only by chance."""

import pytest

from agent.policy.domains import web_links
from agent.policy.rules.links import address_problem


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("-é.com", []),  # a dash leads, and nothing stands before it
        (".a.com", []),
        ("@ab.com", []),  # a mention
        ("@ßé.com", [("é.com", True)]),  # what X takes for one ends at the accent
        ("a.", []),
        ("a. com", []),
        ("é-a.com", [("é-a.com", True)]),
        ("中-a.com", [("a.com", True)]),
        ("xn--ø.de", [("xn--ø.de", False)]),  # no host can be called so
        ("b" * 64 + ".com", [("b" * 64 + ".com", False)]),
        ("a." * 130 + "com", [("a." * 130 + "com", False)]),
        ("a." * 120 + "com", [("a." * 120 + "com", True)]),
    ],
)
def test_bare_domains(text: str, found: list[tuple[str, bool]]) -> None:
    assert [(text[link.start : link.end], link.sure) for link in web_links(text)] == found


@pytest.mark.parametrize("host", ["ø" * 64 + ".com", "xn--ø.com", "a..ø.com"])
def test_a_host_that_cannot_be_written_in_ascii(host: str) -> None:
    assert address_problem(f"https://{host}/", ()) == "has a host that cannot be read"
