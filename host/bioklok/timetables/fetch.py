"""Fetch one feed over HTTPS: bounded in time and size, and from nowhere but where it was checked.

The host's name is resolved once, and the connection goes to an address that was looked at: a name
that changes its answer between check and use (DNS rebinding) gains nothing. No redirects, no
cookies, no proxies, also none of the environment. Errors name the host alone: see `address`.
"""

import http.client
import io
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bioklok.errors import BioklokFailure
from bioklok.timetables.address import HTTPS_PORT, AccessToken, FeedAddress
from bioklok.timetables.reach import Resolver, is_public, resolve, resolve_within

PIECE_BYTES = 65_536
_GONE = {401, 403, 404, 410}
_PAGES = ("text/html", "application/xhtml")  # a page to sign in at, or an error


@dataclass(frozen=True)
class FetchLimits:
    """`bytes` of the body, also after unpacking; `total_s` from name to last byte."""

    bytes: int = 2_000_000
    total_s: float = 20.0


@dataclass(frozen=True)
class Network:
    """How the world is reached. `INTERNET` is the only one that the product uses; another is for
    tests, which serve from this machine under a certificate of their own."""

    resolver: Resolver = resolve
    may_reach: Callable[[str], bool] = is_public
    tls: Callable[[], ssl.SSLContext] = field(default=ssl.create_default_context)
    port: int = HTTPS_PORT


INTERNET = Network()
_USUAL = FetchLimits()


class _Clock:
    """What is left of the time for one fetch."""

    def __init__(self, total_s: float) -> None:
        self._ends_at = time.monotonic() + total_s

    def left_s(self) -> float:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Incoming(io.RawIOBase):
    """A socket's bytes, each wait of which ends with the time of the whole fetch.

    A socket's own timeout begins anew with each byte, so that a slow sender would hold us forever.
    """

    def __init__(self, connection: ssl.SSLSocket, clock: _Clock) -> None:
        self._connection = connection
        self._clock = clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._connection.settimeout(self._clock.left_s())
        return self._connection.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Stand in for the socket where http.client asks for a file."""
        return io.BufferedReader(self)


def fetch(
    address: FeedAddress,
    limits: FetchLimits = _USUAL,
    *,
    token: AccessToken | None = None,
    network: Network = INTERNET,
) -> bytes:
    """Return the body at an address.

    Raises BioklokFailure in one line that names the host alone, where there is no safe way to it,
    it does not prove who it is, redirects, refuses, sends too much, too slowly, or a page.
    """
    clock = _Clock(limits.total_s)
    try:
        with _connected(address, network, clock) as connection:
            connection.settimeout(clock.left_s())
            connection.sendall(_request(address, token))
            return _body(address, _Incoming(connection, clock), limits)
    except TimeoutError:
        raise _failed(address, f"took more than {limits.total_s:g} seconds") from None
    except ssl.SSLCertVerificationError:
        raise _failed(address, "does not prove with its certificate who it is") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise _failed(address, "did not answer as it should") from None


def _failed(address: FeedAddress, what: str, next_: str = "try again later") -> BioklokFailure:
    return BioklokFailure(f"the timetable at {address.shown()} was not fetched: it {what}; {next_}")


def _connected(address: FeedAddress, network: Network, clock: _Clock) -> ssl.SSLSocket:
    try:
        found = resolve_within(network.resolver, address.host, network.port, clock.left_s())
    except TimeoutError:
        raise
    except OSError:
        raise _failed(address, "has no address on the network", "check the link") from None
    # One that is not public is enough: who answers so is not to be trusted with the others either.
    if not found or not all(network.may_reach(one) for one in found):
        raise _failed(address, "is not on the public internet", "check the link")
    plain = _first_that_answers(found, network.port, clock)
    try:
        context = network.tls()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        plain.settimeout(clock.left_s())
        return context.wrap_socket(plain, server_hostname=address.host)
    except BaseException:
        plain.close()
        raise


def _first_that_answers(found: Sequence[str], port: int, clock: _Clock) -> socket.socket:
    last = OSError("no address")
    for number, ip in enumerate(found[:4]):
        # Not all of the time for the first: it may be one that this network cannot route to.
        share_s = clock.left_s() / (min(len(found), 4) - number)
        try:
            return socket.create_connection((ip, port), timeout=share_s)
        except OSError as error:
            last = error
    raise last


def _request(address: FeedAddress, token: AccessToken | None) -> bytes:
    lines = [
        f"GET {address.target()} HTTP/1.1",
        f"Host: {address.host}",
        "User-Agent: bioklok",
        "Accept: text/calendar, application/json;q=0.9, */*;q=0.1",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    if token is not None:
        lines.append(f"Authorization: {token.header()}")
    return "".join(f"{one}\r\n" for one in [*lines, ""]).encode("ascii")


def _body(address: FeedAddress, incoming: _Incoming, limits: FetchLimits) -> bytes:
    answer = http.client.HTTPResponse(incoming, method="GET")  # type: ignore[arg-type]
    try:
        answer.begin()
        _check_head(address, answer)
        unpacking = _Unpacking(address, answer.getheader("Content-Encoding", ""))
        body = bytearray()
        received = 0
        while piece := answer.read(PIECE_BYTES):
            received += len(piece)
            body += unpacking.piece(piece, limits.bytes + 1 - len(body))
            if max(received, len(body)) > limits.bytes:
                raise _failed(address, f"sent more than {limits.bytes} bytes", "tell the school")
        if answer.length or not unpacking.is_whole:
            raise _failed(address, "stopped before its end")
        return bytes(body)
    finally:
        answer.close()


def _check_head(address: FeedAddress, answer: http.client.HTTPResponse) -> None:
    if answer.status in _GONE:
        raise _failed(address, "does not know this link any more", "ask for a new one")
    if 300 <= answer.status < 400:
        raise _failed(address, "sends on to another address", "ask for a new link")
    if answer.status != 200:
        raise _failed(address, f"answered with status {answer.status}")
    # Loosely: publishers write text/calendar, text/plain, octet-stream or nothing.
    if answer.getheader("Content-Type", "").strip().lower().startswith(_PAGES):
        raise _failed(address, "sent a page and no timetable", "ask for a new link")


class _Unpacking:
    """What turns pieces as they were sent into pieces of the body, never more than asked for."""

    def __init__(self, address: FeedAddress, encoding: str) -> None:
        name = encoding.strip().lower()
        self._address = address
        self._unpacking = None
        if name in ("gzip", "x-gzip", "deflate"):  # sent although it was not asked for
            self._unpacking = zlib.decompressobj(wbits=15 if name == "deflate" else 31)
        elif name not in ("", "identity"):
            raise _failed(address, "packed its answer in a way that was not asked for")

    def piece(self, sent: bytes, most: int) -> bytes:
        if self._unpacking is None:
            return sent
        try:
            return self._unpacking.decompress(sent, max(most, 1))
        except zlib.error:
            raise _failed(self._address, "did not answer as it should") from None

    @property
    def is_whole(self) -> bool:
        return self._unpacking is None or self._unpacking.eof
