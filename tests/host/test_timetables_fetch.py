"""Fetching a feed from a real HTTPS server on this machine, kind and unkind; and whom we reach."""

import gzip
import inspect
import socket
import ssl
import threading
import traceback
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import trustme
from bioklok.errors import BioklokFailure
from bioklok.timetables.address import AccessToken, feed_address
from bioklok.timetables.fetch import INTERNET, FetchLimits, Network, fetch
from bioklok.timetables.reach import is_public, resolve
from support.https_server import Answer, Server

HOST = "elo.somtoday.nl"
SECRET = "58405be0-0000-4aba-be66-000000000000"
PATH = f"/services/webdav/calendarfeed/{SECRET}"
ADDRESS = feed_address(f"https://{HOST}{PATH}")
CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
SOON = FetchLimits(bytes=100_000, total_s=0.15)
PATIENT = FetchLimits(bytes=100_000, total_s=20.0)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert(HOST)


@pytest.fixture(scope="module")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def serve(
    trusting: ssl.SSLContext, certificate: trustme.LeafCert
) -> Iterator[Callable[..., tuple[Server, Network]]]:
    servers = []

    def start(
        answer: Answer | bytes, given: trustme.LeafCert | None = certificate
    ) -> tuple[Server, Network]:
        say = answer if callable(answer) else lambda connection, _: connection.sendall(answer)
        servers.append(Server(say, given))

        return servers[-1], Network(
            resolver=lambda _host, _port: ["127.0.0.1"],
            may_reach=lambda ip: ip == "127.0.0.1",
            tls=lambda: trusting,
            port=servers[-1].port,
        )

    yield start
    for server in servers:
        server.close()


def ok(body: bytes = CALENDAR, *heads: str, status: str = "200 OK", length: bool = True) -> bytes:
    lines = [f"HTTP/1.1 {status}", *heads]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode() + body


def refused(network: Network, limits: FetchLimits = PATIENT) -> str:
    with pytest.raises(BioklokFailure) as failure:
        fetch(ADDRESS, limits, network=network)
    everything = "".join(traceback.format_exception(failure.value))
    assert SECRET not in everything
    assert "\n" not in str(failure.value)
    return str(failure.value)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        ok(),
        ok(CALENDAR, "Content-Type: text/calendar; charset=utf-8"),
        ok(CALENDAR, "Content-Type: application/octet-stream"),
        ok(length=False),
        CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(CALENDAR), CALENDAR),
        ok(gzip.compress(CALENDAR), "Content-Encoding: gzip"),
        ok(zlib.compress(CALENDAR), "Content-Encoding: deflate"),
    ],
)
def test_a_feed_is_fetched(serve, answer: bytes) -> None:
    _, network = serve(answer)
    assert fetch(ADDRESS, PATIENT, network=network) == CALENDAR


def test_what_is_asked(serve, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server, network = serve(ok())
    fetch(ADDRESS, PATIENT, network=network)
    fetch(ADDRESS, PATIENT, token=AccessToken("s3cret-token"), network=network)
    plain, with_token = (one.decode().split("\r\n") for one in server.requests)
    assert plain[:2] == [f"GET {PATH} HTTP/1.1", f"Host: {HOST}"]
    assert "Accept-Encoding: identity" in plain
    assert not [line for line in plain if line.lower().startswith(("cookie", "auth", "referer"))]
    assert [line for line in with_token if line not in plain] == [
        "Authorization: Bearer s3cret-token"
    ]


def drip(head: bytes, piece: bytes) -> Answer:
    """Send a little, for as long as anybody listens."""

    def answer(connection: ssl.SSLSocket, stopped: threading.Event) -> None:
        connection.sendall(head)
        while not stopped.wait(0.005):
            connection.sendall(piece)

    return answer


def flood(head: bytes, piece: bytes) -> Answer:
    def answer(connection: ssl.SSLSocket, stopped: threading.Event) -> None:
        connection.sendall(head)
        while not stopped.is_set():
            connection.sendall(piece)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        drip(b"", b"H"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"a"),
        drip(CHUNKED, b"1\r\na\r\n"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        lambda _connection, stopped: stopped.wait(),
    ],
)
def test_who_is_slow_is_left(serve, answer: Answer) -> None:
    _, network = serve(answer)
    assert "took more than 0.15 seconds" in refused(network, SOON)


def test_who_never_greets_is_left(serve) -> None:
    _, network = serve(ok(), None)
    assert "took more than" in refused(network, SOON)


def test_a_name_that_is_not_found_in_time_is_left(serve) -> None:
    _, network = serve(ok())
    never = threading.Event()

    def waits(_host: str, _port: int) -> Sequence[str]:
        never.wait(30)
        return []

    try:
        assert "took more than" in refused(replace(network, resolver=waits), SOON)
    finally:
        never.set()


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"a" * 100_001),
        flood(CHUNKED, b"1000\r\n" + b"a" * 4096 + b"\r\n"),
        flood(ok(b"", length=False), b"a" * 4096),
        ok(gzip.compress(b"\0" * 50_000_000), "Content-Encoding: gzip"),
        ok(gzip.compress(gzip.compress(b"\0" * 50_000_000) * 9), "Content-Encoding: gzip"),
    ],
)
def test_a_body_has_a_largest_size_also_unpacked(serve, answer: Answer | bytes) -> None:
    _, network = serve(answer)
    assert "more than 100000 bytes" in refused(network)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (ok(b"", "Location: /elsewhere", status="302 Found"), "another address"),
        (ok(b"", f"Location: https://evil.example{PATH}", status="301 Moved"), "another address"),
        (ok(b"", status="304 Not Modified"), "another address"),
        (ok(b"", status="401 Unauthorized"), "ask for a new one"),
        (ok(b"", status="404 Not Found"), "ask for a new one"),
        (ok(b"", status="500 Oops"), "status 500"),
        (ok(b"", status="206 Partial Content"), "status 206"),
        (ok(b"<html>", "Content-Type: Text/HTML; charset=utf-8"), "a page"),
        (ok(CALENDAR, "Content-Encoding: br"), "not asked for"),
        (ok(CALENDAR, "Content-Encoding: gzip"), "as it should"),
        (ok(CALENDAR)[:-4], "before its end"),
        (CHUNKED + b"ff\r\nabc", "as it should"),
        (CHUNKED + b"zz\r\nabc", "as it should"),
        (b"SSH-2.0-OpenSSH\r\n", "as it should"),
        (b"", "as it should"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n", "as it should"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", "as it should"),
    ],
)
def test_other_answers_are_refused_and_nothing_more_is_asked(
    serve, answer: bytes, why: str
) -> None:
    server, network = serve(answer)
    assert why in refused(network)
    assert server.connections == 1


def test_a_packed_answer_that_is_cut_off_is_refused(serve) -> None:
    packed = gzip.compress(bytes(range(256)) * 100)
    _, network = serve(ok(packed[:-40], "Content-Encoding: gzip"))
    assert "before its end" in refused(network)


def test_the_certificate_is_checked(serve, authority: trustme.CA) -> None:
    for certificate in (
        authority.issue_cert("other.example"),
        authority.issue_cert(HOST, not_after=datetime(2020, 1, 1, tzinfo=UTC)),
        trustme.CA().issue_cert(HOST),
    ):
        server, network = serve(ok(), certificate)
        assert "certificate" in refused(network)
        assert server.requests == []
    _, network = serve(ok())
    assert "certificate" in refused(replace(network, tls=INTERNET.tls))


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nobody = Network(lambda _host, _port: ["127.0.0.1"], lambda _ip: True, INTERNET.tls, port)
    assert "as it should" in refused(nobody)


def test_the_name_is_resolved_once_and_every_answer_is_looked_at(serve) -> None:
    server, network = serve(ok())
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    asked = []

    def changing(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return answers[len(asked) - 1]

    assert fetch(ADDRESS, PATIENT, network=replace(network, resolver=changing)) == CALENDAR
    assert asked == [(HOST, server.port)]
    mixed = replace(network, resolver=lambda _host, _port: ["127.0.0.1", "192.168.0.1"])
    assert "not on the public internet" in refused(mixed)
    assert server.connections == 1


def test_the_second_address_is_tried_where_the_first_does_not_answer(serve) -> None:
    _, network = serve(ok())
    two = replace(
        network,
        resolver=lambda _host, _port: ["127.0.0.2", "127.0.0.1"],
        may_reach=lambda _ip: True,
    )
    assert fetch(ADDRESS, PATIENT, network=two) == CALENDAR


def test_the_product_reaches_the_public_internet_alone(serve) -> None:
    assert inspect.signature(fetch).parameters["network"].default is INTERNET
    assert INTERNET.may_reach is is_public and INTERNET.resolver is resolve and INTERNET.port == 443
    context = INTERNET.tls()
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
    server, network = serve(ok())
    assert "not on the public" in refused(replace(network, may_reach=INTERNET.may_reach))
    assert server.connections == 0
    assert "no address" in refused(replace(network, resolver=_nowhere))
    assert "not on the public" in refused(replace(network, resolver=lambda _host, _port: []))
    assert not any(is_public(one) for one in resolve("localhost", 443))


def _nowhere(_host: str, _port: int) -> Sequence[str]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
