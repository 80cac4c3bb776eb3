"""What holds for every route: who gets in, what changes, what is refused, and the headers of every answer."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from starlette.routing import Route

from agent.gate.decisions import ROLES, Person
from agent.web.app import ROUTES
from agent.web.routing import FORM_BYTES
from tests.web.routes import ACTIONS, PAGES, STREAM, WAYS, Way
from tests.web.serving import Served, Visitor, served

#: The largest file that PostSyncer takes, and its form.
LARGEST = 502 * 1024 * 1024
HEADERS = {
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
ODD_QUERIES = (
    "",
    "?number=1&post=1&confirm=1&text=x&token=x&page=2",
    "?page=99999999999999999999&day=x&month=2026-13&week=x&account=x&run=..&from=-1&zone=..&q=%00%E2%80%AE",
)
#: All that a role may do, whatever else it may not.
#: `/policy/check` judges words and sends nothing.
FOR_VIEWERS = {"/login", "/logout", "/theme", "/policy/check"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="module")
def stranger(site: Served) -> Iterator[Visitor]:
    with Visitor(site.url) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def olive(site: Served) -> Iterator[Visitor]:
    with site.somebody() as visitor:
        yield visitor


def state(site: Served) -> Callable[[], tuple[object, ...]]:
    """What must not move: the journal, the flag, the service's log of accepted writes."""
    store, box = site.site.house.store, site.site.house.sandbox_state
    return lambda: site.there(lambda: (store.last_row, store.stopped, len(box.effects())))


def send(visitor: httpx.Client, way: Way, **more: object) -> httpx.Response:
    """One request; of an endless answer only the head."""
    with visitor.stream(way.method, way.path, **more) as answer:  # type: ignore[arg-type]
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            return answer
        answer.read()
        return answer


def check_headers(answer: httpx.Response) -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "server" not in answer.headers


def test_every_route_is_declared_with_a_role_and_one_method() -> None:
    assert {type(route) for route in ROUTES} <= {Route, *Route.__subclasses__()}
    assert all(way.role in ROLES for way in WAYS)
    assert all(0 < way.most <= LARGEST for way in ACTIONS if not way.open)
    assert {way.path for way in ACTIONS if way.role == "viewer"} <= FOR_VIEWERS
    for route in ROUTES:
        assert isinstance(route, Route) and len((route.methods or set()) - {"HEAD"}) == 1


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_nobody_gets_in_without_a_session(site: Served, stranger: Visitor, way: Way) -> None:
    now = state(site)
    before = now()
    answer = send(stranger, way, data={"token": "x"} if way.method == "POST" else None)
    check_headers(answer)
    if way.open:
        assert answer.status_code in {200, 403}
    else:
        assert (answer.status_code, answer.headers.get("location")) in {(303, "/login"), (401, None)}
        assert (answer.status_code == 303) == (way.method == "GET")
        part = send(stranger, way, headers={"HX-Request": "true"})
        assert (part.status_code, part.headers.get("hx-redirect")) == (401, "/login")
        check_headers(part)
    assert "set-cookie" not in answer.headers
    assert now() == before


@pytest.mark.parametrize("way", PAGES, ids=str)
def test_looking_changes_nothing(site: Served, olive: Visitor, way: Way) -> None:
    now = state(site)
    before = now()
    for query in ODD_QUERIES:
        answer = send(olive, Way("GET", way.path + query, way.role, 0))
        check_headers(answer)
        assert answer.status_code < 500, answer.text
        assert olive.head(way.path + query).status_code == answer.status_code
    assert now() == before


@pytest.mark.parametrize("way", [way for way in ACTIONS if not way.open], ids=str)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),  # no token
        ({"X-Token": "x"}, 403),
        ({"X-Token": "another session's"}, 403),
        ({"X-Token": "own", "Origin": "https://evil.example"}, 403),
        ({"X-Token": "own", "Origin": "http://127.0.0.1:1"}, 403),
        ({"X-Token": "own", "Origin": "null"}, 403),
        ({"X-Token": "own", "Origin": "null", "Sec-Fetch-Site": "same-site"}, 403),
        ({"X-Token": "own", "Origin": ""}, 403),
        ({"X-Token": "own", "Host": "evil.example"}, 421),
        ({"X-Token": "own", "Host": ""}, 421),
    ],
)
def test_only_forms_of_the_session_change(
    site: Served, olive: Visitor, way: Way, headers: dict[str, str], status: int
) -> None:
    now = state(site)
    before = now()
    if headers.get("X-Token") == "own":
        headers = {**headers, "X-Token": site.token(olive)}
    elif headers.get("X-Token", "").startswith("another"):
        with site.somebody() as other:
            headers = {"X-Token": site.token(other)}
    answer = olive.post(way.path, headers=headers)
    assert answer.status_code == status
    check_headers(answer)
    assert now() == before
    assert olive.get("/").status_code == 200  # still logged in


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_no_other_method_is_answered(site: Served, olive: Visitor, way: Way) -> None:
    token = {"X-Token": site.token(olive)}
    mine = {known.method for known in WAYS if known.path == way.path}
    for method in {"GET", "POST", "PUT", "OPTIONS"} - mine:
        answer = olive.request(method, way.path, headers=token)
        # A page whose address holds a number takes any word there, and finds nothing.
        assert answer.status_code in ({404, 405, 409} if method == "GET" else {405}), (method, way.path)
        check_headers(answer)


@pytest.mark.parametrize("way", [way for way in ACTIONS if way.path not in FOR_VIEWERS], ids=str)
def test_a_lower_role_may_not(site: Served, way: Way) -> None:
    now = state(site)
    before = now()
    for role in [name for name, rank in ROLES.items() if rank < ROLES[way.role]]:
        with site.somebody(Person("vera", role, "web")) as vera:
            answer = vera.post(way.path, headers={"X-Token": site.token(vera)})
            assert answer.status_code == 409
            assert f"needs the role {way.role}; vera is {role}" in answer.text
    assert now() == before


@pytest.mark.parametrize("way", [way for way in ACTIONS if way.most <= FORM_BYTES], ids=str)
def test_a_body_over_the_cap_is_refused(site: Served, olive: Visitor, way: Way) -> None:
    token = {"X-Token": site.token(olive)}
    body = b"text=" + b"x" * (FORM_BYTES + 1)
    form = {"Content-Type": "application/x-www-form-urlencoded", **token}
    whole = olive.post(way.path, content=body, headers=form)
    assert whole.status_code == 413
    check_headers(whole)
    pieces = olive.post(way.path, content=(body[at : at + 65536] for at in range(0, len(body), 65536)), headers=form)
    assert pieces.status_code == 413
    assert olive.get("/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../app.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/static/..%2f..%2fapp.py",
        "/static/vendor",
        "/static//etc/passwd",
        "/static/%00",
        "/static/nothing.css",
    ],
)
def test_nothing_but_our_own_files_is_served(site: Served, stranger: Visitor, path: str) -> None:
    request = stranger.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = stranger.send(request)
    assert answer.status_code in {400, 401, 404, 303}, path
    assert "import" not in answer.text and "root:" not in answer.text


@pytest.mark.parametrize("path", ["/loginx", "/login/", "/login/../stop", "//login", "/LOGIN", "/static", "/;/login"])
def test_what_looks_like_the_login_is_behind_it(stranger: Visitor, path: str) -> None:
    request = stranger.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = stranger.send(request)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/login")
    check_headers(answer)


def test_a_page_that_is_not_there_says_so(olive: Visitor) -> None:
    answer = olive.get("/nothing")
    assert answer.status_code == 404 and "There is no such page." in answer.text
    check_headers(answer)


def test_the_stream_is_a_stream(olive: Visitor) -> None:
    with olive.stream("GET", STREAM) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        check_headers(answer)
