"""Who gets in, for how long, and how often it may be tried: on a clock of the test's own."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from agent.gate.decisions import Person
from agent.settings import Settings
from agent.web.sessions import IDLE_S, LASTS_S, LINK_LASTS_S, Sessions
from agent.web.throttle import PRINTS_EVERY_S, TRIES, TRIES_IN_S, TRIES_OF_ALL, Throttle
from agent.web.users import FILE
from tests.web.serving import PATIENCE_S, Served, Visitor, served

PASSWORD = "correct horse battery"
#: As cheap as argon2 gets, so that the tests wait for nothing.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
OLGA = Person("olga", "owner", "web")


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def write_users(home: Path, **roles: str) -> None:
    lines = [f"  {name}: {{role: {role}, password: '{CHEAP.hash(PASSWORD)}'}}" for name, role in roles.items()]
    path = home / FILE
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_text("users:\n" + "\n".join(lines) + "\n" if lines else "users: {}\n")


@pytest.fixture(scope="module")
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, seconds: Seconds) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    write_users(home, olga="owner", ed="editor", vera="viewer")
    with served(home, Settings(), seconds=seconds) as running:
        yield running


@pytest.fixture(autouse=True)
def later(seconds: Seconds) -> None:
    """Each test begins when what was tried before it counts no more."""
    seconds.now += 3600


def log_in(visitor: Visitor, name: str, password: str = PASSWORD) -> httpx.Response:
    return visitor.post("/login", data={"name": name, "password": password})


# -- sessions ----------------------------------------------------------------------------------------------------------


def test_a_session_ends_after_half_an_hour_without_use_and_after_twelve_hours_in_all(
    site: Served, seconds: Seconds
) -> None:
    with site.somebody() as visitor:
        seconds.now += IDLE_S - 1
        assert visitor.get("/").status_code == 200
        seconds.now += IDLE_S - 1
        assert visitor.get("/").status_code == 200
        seconds.now += IDLE_S
        assert visitor.get("/").status_code == 303
    with site.somebody() as visitor:
        for _ in range(int(LASTS_S // 1200) - 1):
            seconds.now += 1200
            assert visitor.get("/").status_code == 200
        seconds.now += 1200
        assert visitor.get("/").status_code == 303


def test_a_page_left_open_does_not_keep_its_session(site: Served, seconds: Seconds) -> None:
    with site.somebody() as visitor, visitor.stream("GET", "/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"
        for _ in range(2):
            seconds.now += IDLE_S / 2 - 1
            assert visitor.get("/", headers={"HX-Request": "true", "X-By-Itself": "1"}).status_code == 200
            with visitor.stream("GET", "/events") as again:
                assert again.status_code == 200
        seconds.now += 2
        assert visitor.get("/", headers={"HX-Request": "true", "X-By-Itself": "1"}).status_code == 401
        site.there(site.site.events.wake)
        assert list(lines) == [""]  # the stream is over


def test_logging_out_ends_the_session_and_its_streams(site: Served) -> None:
    with site.somebody() as visitor, site.somebody() as other:
        cookie = visitor.cookies[site.site.cookie]
        with visitor.stream("GET", "/events") as stream, other.stream("GET", "/events") as others:
            lines = stream.iter_lines()
            assert next(lines) == "retry: 1000"
            answer = visitor.submit("/logout")
            assert (answer.status_code, answer.headers["location"]) == (303, "/login")
            assert list(lines) == [""]
            assert next(others.iter_lines()) == "retry: 1000"
        with Visitor(site.url) as thief:
            thief.cookies.set(site.site.cookie, cookie)
            assert thief.get("/").status_code == 303
        assert other.get("/").status_code == 200


def test_every_login_has_a_session_of_its_own(site: Served) -> None:
    """An id that somebody planted, or had before, is worth nothing afterwards."""
    with Visitor(site.url) as visitor:
        visitor.cookies.set(site.site.cookie, "planted" * 7)
        assert log_in(visitor, "olga").status_code == 303
        planted = f"{site.site.cookie}={'planted' * 7}"
        assert httpx.get(site.url, headers={"Cookie": planted, "Accept": "text/html"}).status_code == 303
    with Visitor(site.url) as visitor:
        found = set()
        for _ in range(3):
            answer = log_in(visitor, "olga")
            (cookie,) = answer.headers.get_list("set-cookie")
            found.add(cookie.partition(";")[0])
            assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
                *("httponly", "path=/", "samesite=lax", f"max-age={int(LASTS_S)}"),
            }
        assert len(found) == 3
        assert all(len(value.partition("=")[2]) >= 43 for value in found)  # 256 bits
        old = sorted(found - {answer.headers["set-cookie"].partition(";")[0]})[0]
        assert httpx.get(site.url, headers={"Cookie": old, "Accept": "text/html"}).status_code == 303


@pytest.mark.parametrize(
    "cookie", ["psa", "=", ";;;", "a" * 9000, "psa-1=\x80", '{name}="\\"', "{name}=", "{name}={name}"]
)
def test_an_odd_cookie_is_none(site: Served, cookie: str) -> None:
    sent = cookie.replace("{name}", site.site.cookie).encode("latin-1")
    answer = httpx.get(site.url, headers=[(b"Cookie", sent), (b"Accept", b"text/html")])
    assert answer.status_code == 303


def test_a_link_is_good_for_a_quarter_of_an_hour(seconds: Seconds) -> None:
    sessions = Sessions(seconds)
    token = sessions.offer(OLGA)
    seconds.now += LINK_LASTS_S - 1
    assert sessions.redeem(token) == OLGA
    assert sessions.redeem(token) is None
    token = sessions.offer(OLGA)
    seconds.now += LINK_LASTS_S
    assert sessions.redeem(token) is None


def test_asking_for_a_page_with_a_link_uses_nothing_up(site: Served) -> None:
    """Mail scanners and previews of chats follow links."""
    link = site.link()
    with Visitor(site.url) as visitor:
        for _ in range(3):
            assert visitor.get(link).status_code == 200
        assert visitor.post("/login", data={"link": link.rpartition("=")[2]}).status_code == 303


# -- passwords ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("olga", PASSWORD + "x"),
        ("olga", PASSWORD.upper()),
        ("olga", ""),
        ("Olga", PASSWORD),
        ("olga ", PASSWORD),
        ("", ""),
        ("nobody", PASSWORD),
        ("nobody", "nobody has this password"),
        ("olga\x00", PASSWORD),
        ("users", PASSWORD),
    ],
)
def test_a_wrong_name_or_password_is_answered_alike(site: Served, name: str, password: str) -> None:
    with Visitor(site.url) as visitor:
        answer = log_in(visitor, name, password)
        assert answer.status_code == 403
        assert "Name or password is wrong." in answer.text
        assert "set-cookie" not in answer.headers


def test_tries_with_one_name_are_counted_and_the_link_works_all_the_same(site: Served, seconds: Seconds) -> None:
    with Visitor(site.url) as visitor:
        for _ in range(TRIES):
            assert log_in(visitor, "ed", "wrong").status_code == 403
        answer = log_in(visitor, "ED")
        assert answer.status_code == 429 and "Try again in 5 min." in answer.text
        assert log_in(visitor, "ed").status_code == 429  # not even with the right one
        assert log_in(visitor, "vera").status_code == 303  # others are not kept out
        assert visitor.post("/login", data={"print": "1"}).status_code == 200
        link = site.said[-1].rpartition("=")[2]
        assert visitor.post("/login", data={"link": link}).status_code == 303
        seconds.now += TRIES_IN_S
        assert log_in(visitor, "ed").status_code == 303


def test_many_tries_at_once_are_counted_too(site: Served) -> None:
    together = threading.Barrier(8)

    def tries(_number: int) -> list[int]:
        with Visitor(site.url) as visitor:
            together.wait(PATIENCE_S)
            return [log_in(visitor, "ed", "wrong").status_code for _ in range(3)]

    with ThreadPoolExecutor(8) as pool:
        statuses = [status for one in pool.map(tries, range(8)) for status in one]
    assert sorted(statuses) == [403] * TRIES + [429] * (24 - TRIES)


def test_all_names_together_are_counted_and_right_ones_are_not(seconds: Seconds) -> None:
    throttle = Throttle(seconds)
    for _ in range(3 * TRIES_OF_ALL):
        assert throttle.wait("olga") == 0
        throttle.right("olga")
    for number in range(TRIES_OF_ALL):
        assert throttle.wait(f"name {number}") == 0
        seconds.now += 1
    assert throttle.wait("one more") == TRIES_IN_S - TRIES_OF_ALL
    seconds.now += TRIES_IN_S - TRIES_OF_ALL
    assert throttle.wait("one more") == 0


def test_links_are_printed_now_and_then(site: Served, seconds: Seconds) -> None:
    """Whoever asks all the time floods no terminal, and there is always a fresh link for whoever sits there."""
    printed = len(site.said)
    with Visitor(site.url) as visitor:
        for _ in range(5):
            assert "stands in the terminal" in visitor.post("/login", data={"print": "1"}).text
        assert len(site.said) == printed + 1
        seconds.now += PRINTS_EVERY_S
        visitor.post("/login", data={"print": "1"})
    assert len(site.said) == printed + 2
    assert re.fullmatch(rf"log in: {site.url}/login\?token=[\w-]{{43}}", site.said[-1])


# -- people ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_another_role_or_password_and_a_removal_count_at_once(site: Served) -> None:
    roles = {"olga": "owner", "ed": "editor", "vera": "viewer"}
    with Visitor(site.url) as olga, Visitor(site.url) as ed, site.somebody() as local:
        assert log_in(ed, "ed").status_code == log_in(olga, "olga").status_code == 303
        assert ed.submit("/resume-all").status_code == 303
        with ed.stream("GET", "/events") as stream:
            lines = stream.iter_lines()
            assert next(lines) == "retry: 1000"
            text = (site.home / FILE).read_text()
            (site.home / FILE).write_text(re.sub(r"ed: \{role: editor", "ed: {role: viewer", text))
            site.there(site.site.events.wake)
            assert list(lines) == [""]
        assert ed.get("/").status_code == 303
        assert log_in(ed, "ed").status_code == 303
        assert ed.submit("/stop").status_code == 409
        assert olga.get("/").status_code == 200  # nobody else is touched
        write_users(site.home, olga="owner")
        assert ed.get("/").status_code == 303
        assert olga.get("/").status_code == 303  # her password was written anew
        assert log_in(ed, "ed").status_code == 403
        (site.home / FILE).write_text("users: [")
        assert log_in(olga, "olga").status_code == 403
        assert local.get("/").status_code == 200  # who came by the link is in no file
        write_users(site.home, **roles)
        assert log_in(olga, "olga").status_code == 303
