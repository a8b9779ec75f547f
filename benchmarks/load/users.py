"""Users of the dashboard: each opens a page over a connection of its own, reads it, opens another.

A bare HTTP client, as it works on the same processors as the server that is measured.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Visit:
    """Who asks for what: cookie and path."""

    port: int
    cookie: str
    path: str


@dataclass(frozen=True)
class Times:
    """Seconds of each answer, in order of size, and how long all of it took."""

    seconds: tuple[float, ...]
    took_s: float

    def percentile(self, share: float) -> float:
        """Return the time within which this share of the answers came."""
        return self.seconds[min(int(share * len(self.seconds)), len(self.seconds) - 1)]

    @property
    def per_s(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.took_s


class Wrong(Exception):
    """An answer other than 200."""


class _Browser:
    """A connection that is opened when it is needed: the server closes one that waits for long."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, visit: Visit) -> float:
        """Return the seconds that an answer took, to its last byte, connecting included."""
        started = time.perf_counter()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(
            f"GET {visit.path} HTTP/1.1\r\nHost: 127.0.0.1:{visit.port}\r\n"
            f"Cookie: bioklok={visit.cookie}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        if lines[0].split()[1] != "200":
            raise Wrong(f"{visit.path}: {lines[0]}")
        length = next(one for one in lines if one.startswith("content-length:"))
        await reader.readexactly(int(length.split(":")[1]))
        return time.perf_counter() - started

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _user(visits: Sequence[Visit], read_s: float, until: float, seed: int) -> list[float]:
    random = Random(seed)
    found = []
    browser = _Browser(visits[0].port)
    await asyncio.sleep(random.uniform(0, read_s))
    n = 0
    while time.perf_counter() < until:
        found.append(await browser.get(visits[n % len(visits)]))
        n += 1
        if read_s:
            browser.close()
            await asyncio.sleep(random.uniform(0.5, 1.5) * read_s)
    browser.close()
    return found


def visit_all(users: Sequence[Sequence[Visit]], read_s: float, lasts_s: float) -> Times:
    """Let users visit for a while, each reading `read_s` on average between two pages.

    The first page of each is part of it: nothing is warmed up. Raises Wrong.
    """

    async def run() -> Times:
        started = time.perf_counter()
        work = (_user(one, read_s, started + lasts_s, n) for n, one in enumerate(users))
        found = await asyncio.gather(*work)
        took_s = time.perf_counter() - started
        return Times(tuple(sorted(one for each in found for one in each)), took_s)

    return asyncio.run(run())
