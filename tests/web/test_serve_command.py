"""`psa serve` and `psa users` as commands: where it may listen, TLS, how it ends, who may log in."""

import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner, Result

from agent.cli import psa
from agent.errors import SettingsError
from agent.web.serving import Address, check_address, listen
from agent.web.users import FILE, load_users
from agent.web.wire import Wire
from tests.web.serving import ANY_PORT, Served, Visitor, served
from tests.web.test_logging_in import PASSWORD, log_in, write_users

ROOT = Path(__file__).parents[2]
ALL = "0.0.0.0"  # noqa: S104
ELSEWHERE = (ALL, "::", "192.0.2.7", "agent.example.com", "127.0.0.1.example.com", "localhost.", "", "*")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that nobody signed, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    out = ("-nodes", "-days", "2", "-keyout", str(key), "-out", str(cert))
    subprocess.run(["openssl", "req", "-x509", *curve, *out, *subject], check=True, capture_output=True)
    return cert, key


# -- where it listens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ELSEWHERE)
def test_others_reach_it_only_with_tls_and_a_password(
    tmp_path: Path, certificate: tuple[Path, Path], host: str
) -> None:
    with pytest.raises(SettingsError, match="--tls-cert"):
        check_address(Address(host), tmp_path)
    with pytest.raises(SettingsError, match="psa users set"):
        check_address(Address(host, 8790, (), *certificate), tmp_path)
    write_users(tmp_path)
    with pytest.raises(SettingsError, match="psa users set"):
        check_address(Address(host, 8790, (), *certificate), tmp_path)
    write_users(tmp_path, olga="owner")
    check_address(Address(host, 8790, (), *certificate), tmp_path)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_reaches_it_without(tmp_path: Path, host: str) -> None:
    check_address(Address(host), tmp_path)


def test_a_command_that_may_not_listen_says_what_to_do(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = map(str, certificate)
    (tmp_path / "no.pem").write_text("no certificate")
    said = invoke(tmp_path, "serve", "--host", ALL)
    assert isinstance(said.exception, SettingsError) and "--tls-cert" in said.exception.hint
    for words, tells in (
        (("--tls-cert", cert), "TLS needs both files."),
        (("--tls-cert", cert, "--tls-key", str(tmp_path / "none.pem")), "There is no file"),
        (("--tls-cert", str(tmp_path / "no.pem"), "--tls-key", key), "cannot be used for TLS"),
        (("--tls-cert", key, "--tls-key", cert), "cannot be used for TLS"),
    ):
        said = invoke(tmp_path, "serve", "--port", "0", *words)
        assert isinstance(said.exception, SettingsError), said.exception
        assert tells in said.exception.message


@pytest.mark.parametrize("port", ["-1", "65536", "99999999999", "x"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    said = invoke(tmp_path, "serve", "--port", port)
    assert isinstance(said.exception, click.BadParameter)


def test_a_port_that_is_taken_and_an_address_that_is_not_ours_are_named() -> None:
    with listen(ANY_PORT) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"Port {port} on 127.0.0.1 cannot be used: Address already in use"):
            listen(Address(port=port))
    for host in ("nowhere.invalid", "a\x00b", "x" * 300, "..", "192.0.2.7"):
        with pytest.raises(SettingsError):
            listen(Address(host, 0))


# -- TLS ---------------------------------------------------------------------------------------------------------------


def test_tls(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    write_users(tmp_path, olga="owner")
    context = ssl.create_default_context(cafile=str(certificate[0]))
    address = Address("127.0.0.1", 0, ("agent.example.com",), *certificate)
    with served(tmp_path, address=address) as site, Visitor(site.url, verify=context) as visitor:
        assert site.url.startswith("https://")
        assert site.link().startswith("https://agent.example.com:")
        answer = log_in(visitor, "olga")
        assert answer.status_code == 303
        (cookie,) = answer.headers.get_list("set-cookie")
        name, _, flags = cookie.partition(";")
        assert name.startswith("__Host-psa-")
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= {part.strip().lower() for part in flags.split(";")}
        assert "domain" not in flags.lower()
        page = visitor.get("/")
        assert page.status_code == 200
        assert page.headers["strict-transport-security"] == "max-age=31536000"
        assert visitor.submit("/theme", theme="dark").headers["set-cookie"].lower().count("secure") == 1
        other = {"Host": f"agent.example.com:{site.port}", "Origin": site.url}
        assert visitor.post("/logout", headers={**other, "X-Token": site.token(visitor)}).status_code == 403
        assert visitor.get("/login", headers=other).status_code == 200
        plain = {"Origin": site.url.replace("https", "http")}
        assert visitor.post("/logout", headers={**plain, "X-Token": site.token(visitor)}).status_code == 403
        with pytest.raises(httpx.TransportError):
            httpx.get(site.url.replace("https", "http"))
        old = ssl.create_default_context(cafile=str(certificate[0]))
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = ssl.TLSVersion.TLSv1_2
        with Visitor(site.url, verify=old) as still:
            assert still.get("/login").status_code == 200


# -- ending, and clients that dawdle -----------------------------------------------------------------------------------


@contextmanager
def running(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of its own process, and its login link."""
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", "serve", "--port", "0"],
        cwd=ROOT,
        env={"PSA_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        for line in process.stdout:
            if line.startswith("log in: "):
                yield process, line.removeprefix("log in: ").strip()
                break
        else:
            raise AssertionError("it never listened")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_also_while_pages_are_open(tmp_path: Path, how: signal.Signals) -> None:
    with running(tmp_path) as (process, link):
        url, _, token = link.partition("/login?token=")
        with Visitor(url) as visitor, socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as slow:
            assert visitor.post("/login", data={"link": token}).status_code == 303
            slow.sendall(b"POST /login HTTP/1.1\r\nHost: " + url.removeprefix("http://").encode() + b"\r\n")
            with visitor.stream("GET", "/events") as first, visitor.stream("GET", "/events"):
                assert first.status_code == 200
                began = time.monotonic()
                process.send_signal(how)
                assert process.wait(10) == 5  # stopped, as `psa --help` says
                assert time.monotonic() - began < 5
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as site:
        yield site


@pytest.mark.slow
def test_a_request_that_never_comes_is_hung_up_on(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Wire, "headers_s", 0.2)
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as silent:
        assert silent.recv(10) == b""
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as dribbling:
        dribbling.sendall(b"GET /login HTTP/1.1\r\nHost: x\r\nX-A: ")
        assert dribbling.recv(10) == b""
    with site.somebody() as visitor, visitor.stream("GET", "/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"
        time.sleep(0.6)  # three looks: a stream is an answer under way
        site.there(site.site.events.wake)
        assert [next(lines), next(lines)] == ["", "retry: 1000"]


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: {host}\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {host}\r\nX-A: " + b"a" * 100_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
)
def test_a_request_that_is_none_gets_nothing(shared: Served, raw: bytes) -> None:
    host = shared.url.removeprefix("http://").encode()
    with socket.create_connection(("127.0.0.1", shared.port), timeout=10) as wire:
        wire.sendall(raw.replace(b"{host}", host))
        wire.shutdown(socket.SHUT_WR)
        said = wire.recv(4096)
    status = int(said.split()[1]) if said else 400
    assert status in {400, 401, 403, 421}, said


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("home")) as site:
        yield site


# -- users -------------------------------------------------------------------------------------------------------------


def invoke(home: Path, *words: str, typed: str = "") -> Result:
    runner = CliRunner(env={"PSA_HOME": str(home)})
    return runner.invoke(psa, list(words), input=typed, standalone_mode=False)


def test_people_are_added_listed_and_removed(tmp_path: Path) -> None:
    assert "Nobody but you" in invoke(tmp_path, "users", "list").output
    added = invoke(tmp_path, "users", "set", "olga", "--role", "owner", "--password-file", "-", typed=PASSWORD)
    assert added.exception is None and PASSWORD not in added.output
    assert invoke(tmp_path, "users", "set", "ed", "--password-file", "-", typed=PASSWORD + "\n").exception is None
    file = tmp_path / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in file.read_text() and file.read_text().count("$argon2id$") == 2
    assert invoke(tmp_path, "users", "list").output.split() == ["olga", "owner", "ed", "editor"]
    assert invoke(tmp_path, "users", "remove", "ed").exception is None
    assert list(load_users(tmp_path).users) == ["olga"]
    assert isinstance(invoke(tmp_path, "users", "remove", "ed").exception, Exception)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("name", ["", "a b", "../x", "a\nb", "x" * 65, "<b>", "a:b", "\u202eo"])
def test_a_name_to_log_in_with_is_plain(tmp_path: Path, name: str) -> None:
    said = invoke(tmp_path, "users", "set", name, "--password-file", "-", typed=PASSWORD)
    assert isinstance(said.exception, SettingsError) and "no name to log in with" in said.exception.message
    assert not (tmp_path / FILE).exists()


def test_a_short_password_is_refused(tmp_path: Path) -> None:
    said = invoke(tmp_path, "users", "set", "olga", "--password-file", "-", typed="short")
    assert isinstance(said.exception, SettingsError) and "at least 12" in said.exception.message


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("users: {olga: {role: admin, password: P}}", "role"),
        ("users: {olga: {role: owner, password: secret-in-the-clear}}", "argon2id hash"),
        ("users: {olga: {role: owner, password: '$argon2id$nonsense'}}", "argon2id hash"),
        ("users: {olga: {role: owner, password: '$2b$12$abcdefghijklmnopqrstuv'}}", "argon2id hash"),
        ("users: {olga: {role: owner}}", "password"),
        ("users: {olga: {role: owner, password: P, extra: 1}}", "extra"),
        ("people: {}", "people"),
        ("- olga", "mapping"),
        ("users: [", "not valid YAML"),
    ],
)
def test_a_file_of_users_is_read_strictly(tmp_path: Path, text: str, tells: str) -> None:
    (tmp_path / FILE).touch(0o600)
    (tmp_path / FILE).write_text(text)
    with pytest.raises(SettingsError, match=r"users\.yaml") as told:
        load_users(tmp_path)
    assert tells in str(told.value)
    assert "secret-in-the-clear" not in str(told.value)


def test_a_file_of_users_that_others_can_read_is_refused(tmp_path: Path) -> None:
    write_users(tmp_path, olga="owner")
    for mode in (0o604, 0o640, 0o602, 0o644):
        (tmp_path / FILE).chmod(mode)
        with pytest.raises(SettingsError, match="chmod 600"):
            load_users(tmp_path)
