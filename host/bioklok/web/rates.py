"""How often somebody may try to get in: after a few failures a wait that grows, never a lock.

A failure counts for the person it was about and for the address it came from. Nobody can shut a
child out for good: a wait is a quarter of an hour at most, a link or passkey is not counted for the
person, and a browser in which this person signed in before ("my own device") has a count of its own
(OWASP, Authentication: device cookies).

Counted in memory, in each process: what it protects costs 50 ms a try anyway, several workers only
multiply the free tries by their number, and a table of who failed when would be one more thing to
keep about children.
"""

import ipaddress
import math
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

_MOST_KEYS = 20_000
_LONGEST_S = 900


@dataclass(frozen=True)
class Count:
    """What is counted: `key`, how many failures are free, and after how long they are forgotten."""

    key: str
    free: int
    forgotten_s: int = 3600


def for_person(school_id: str, person_id: str) -> Count:
    """Count tries at one person's account from browsers that are not known."""
    return Count(f"person {school_id}/{person_id[:40]}", 5)


def for_browser(digest: str) -> Count:
    """Count tries from a browser that its person has said is their own."""
    return Count(f"browser {digest}", 5)


def for_address(address: str) -> Count:
    """Count tries from an address. A whole school can be behind one, so many are free."""
    return Count(f"address {_network(address)}", 100, 900)


class Rates:
    """Failures of late. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def start(self, counts: Iterable[Count], now_s: float) -> int:
        """Begin a try: return 0, and count it as failed until `succeeded`; or how many seconds to
        wait, which counts nothing."""
        counts = list(counts)
        with self._lock:
            wait_s = max((self._wait_s(one, now_s) for one in counts), default=0.0)
            if wait_s > 0:
                return math.ceil(wait_s)
            for one in counts:
                n, _ = self._known(one, now_s)
                self._failures[one.key] = (n + 1, now_s)
                self._failures.move_to_end(one.key)
            while len(self._failures) > _MOST_KEYS:
                self._failures.popitem(last=False)
            return 0

    def succeeded(self, counts: Iterable[Count]) -> None:
        """End a try well: persons and browsers begin anew, an address gets its try back."""
        with self._lock:
            for one in counts:
                n, last_s = self._failures.get(one.key, (0, 0.0))
                if n <= 1 or not one.key.startswith("address "):
                    self._failures.pop(one.key, None)
                else:
                    self._failures[one.key] = (n - 1, last_s)

    def _known(self, count: Count, now_s: float) -> tuple[int, float]:
        n, last_s = self._failures.get(count.key, (0, now_s))
        return (0, now_s) if now_s - last_s >= count.forgotten_s else (n, last_s)

    def _wait_s(self, count: Count, now_s: float) -> float:
        n, last_s = self._known(count, now_s)
        if n < count.free:
            return 0.0
        delay_s: int = min(2 ** min(n - count.free, 20), _LONGEST_S)
        return last_s + delay_s - now_s


def client_address(peer: str, forwarded: str | None, proxies: Iterable[str]) -> str:
    """Return where a request comes from.

    `forwarded` (X-Forwarded-For) is believed as far as our own proxies wrote it: the last address
    in it that is none of theirs.
    """
    ours = set(proxies)
    if peer not in ours or not forwarded:
        return peer
    heard = [one.strip() for one in forwarded.split(",")][-20:]
    return next((one for one in reversed(heard) if one not in ours), peer)


def _network(address: str) -> str:
    """An address as it is counted: of IPv6 the half that a household or a phone gets (/64)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network(f"{found}/64", strict=False))
    return str(found)
