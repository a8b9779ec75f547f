"""Which addresses on the network may be reached: those of the public internet alone."""

import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue

Resolver = Callable[[str, int], Sequence[str]]

# Not in `is_global` of every Python that this runs on, or global but not a host of its own.
_REFUSED_V4 = [ip_network(one) for one in ("192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4")]
# 6to4, Teredo and the rest of 2001::/23, and documentation: they lead to others, or nowhere.
_REFUSED_V6 = [ip_network(one) for one in ("2002::/16", "2001::/23", "2001:db8::/32", "3fff::/20")]
# What is handed out (RFC 4291, section 2.4): mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96 and
# 64:ff9b:1::/48), unique local, link-local and multicast addresses are outside it.
_GIVEN_OUT = ip_network("2000::/3")


def is_public(address: str) -> bool:
    """Say whether an IP address is a host on the public internet, not on a network near us."""
    try:
        found = ip_address(address)
    except ValueError:  # also those with a zone: fe80::1%eth0
        return False
    if isinstance(found, IPv4Address):
        return found.is_global and not any(found in one for one in _REFUSED_V4)
    return _is_public_v6(found)


def _is_public_v6(found: IPv6Address) -> bool:
    if found.scope_id is not None or found not in _GIVEN_OUT or not found.is_global:
        return False
    return not any(found in one for one in _REFUSED_V6)


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of a host, as the system finds them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def resolve_within(resolver: Resolver, host: str, port: int, timeout_s: float) -> Sequence[str]:
    """Resolve a host in a limited time, which the system's resolver does not know.

    Raises OSError where there is none, TimeoutError where it takes longer. The thread that waits
    ends by itself when the system gives up.
    """
    answers: SimpleQueue[Sequence[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(host, port))
        except OSError as error:
            answers.put(error)
        except UnicodeError:  # of a label that is too long
            answers.put(OSError("no such name"))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        found = answers.get(timeout=max(timeout_s, 0.001))
    except Empty:
        raise TimeoutError from None
    if isinstance(found, OSError):
        raise found
    return found
