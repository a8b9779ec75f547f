"""The address of a feed: a credential. Who has it reads a child's timetable.

Only addresses of a known form pass, so that nobody can have the host fetch something else. The
text is matched by one pattern that leaves no room for two readings, instead of being taken apart.
"""

import re
from dataclasses import dataclass

from bioklok.errors import BioklokFailure

MAX_ADDRESS_CHARS = 500
HTTPS_PORT = 443

_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_PATH = r"/[A-Za-z0-9._~/-]*"
_QUERY = r"[A-Za-z0-9._~=&%-]+"
_ADDRESS = re.compile(
    rf"(?i:https|webcal|webcals)://([A-Za-z0-9.-]{{1,253}})(?::{HTTPS_PORT})?"
    rf"({_PATH})(?:\?({_QUERY}))?"
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label has letters alone: no address of numbers, in whatever way of writing it.
_HOST = re.compile(rf"(?:{_LABEL}\.)+[a-z]{{2,24}}")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{8,500}")


@dataclass(frozen=True)
class Source:
    """A form of address that may be fetched: patterns of the whole host and the whole path.

    They are ours, or made by `own_source`: no school writes patterns.
    """

    name: str
    host: str
    path: str
    has_query: bool = False


SOURCES = (
    Source(
        "Somtoday",
        rf"(?:{_LABEL}-)?elo\.somtoday\.nl",
        rf"/services/webdav/calendarfeed/{_UUID}(?:/{_UUID})?",
    ),
    Source("Somtoday", r"api\.somtoday\.nl", rf"/rest/v1/icalendar/stream/{_UUID}/{_UUID}"),
    Source("Magister", r"calendar\.magister\.net", r"/api/icalendar/feeds/[A-Za-z0-9-]{16,64}"),
)


class FeedAddress:
    """An https address that was checked. Its repr, str and errors name the host alone.

    `secret()` gives the whole of it, to be sealed at rest and to fetch; for nothing else.
    """

    __slots__ = ("__target", "host")

    def __init__(self, host: str, target: str) -> None:
        """Take a host and a path with its query, both checked: use `feed_address`."""
        self.host = host
        self.__target = target

    def shown(self) -> str:
        """Return what may be shown of it: the host."""
        return self.host

    def secret(self) -> str:
        """Return the whole address. Never log or show it."""
        return f"https://{self.host}{self.__target}"

    def target(self) -> str:
        """Return path and query, as they are asked for. As secret as the whole."""
        return self.__target

    def __repr__(self) -> str:
        return f"<FeedAddress at {self.host}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FeedAddress) and self.secret() == other.secret()

    def __hash__(self) -> int:
        return hash(self.secret())

    def __reduce__(self) -> str:
        raise TypeError("a feed's address is sealed with its secret(), never pickled")


class AccessToken:
    """A bearer token (RFC 6750), which its repr and str hide. Raises BioklokFailure: it is none."""

    __slots__ = ("__token",)

    def __init__(self, token: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise BioklokFailure("this is no access token: copy it again, whole and without blanks")
        self.__token = token

    def header(self) -> str:
        """Return the value of the Authorization header. Never log or show it."""
        return f"Bearer {self.__token}"

    def __repr__(self) -> str:
        return "<AccessToken>"

    def __reduce__(self) -> str:
        raise TypeError("an access token is never pickled")


def feed_address(text: str, own: tuple[Source, ...] = ()) -> FeedAddress:
    """Return the address that a person gave, checked: webcal becomes https, the host lower case.

    `own` are the school's own sources. Raises BioklokFailure, without the address, where it is not
    https, or no address of a known form.
    """
    given = text.strip()
    match = _ADDRESS.fullmatch(given) if len(given) <= MAX_ADDRESS_CHARS else None
    if match is None:
        raise BioklokFailure(
            "this is no address of a timetable: copy the whole link, which begins with "
            "https:// or webcal://, from Somtoday or Magister"
        )
    host, path, query = match[1].lower(), match[2], match[3]
    _check_host(host)
    if any(one in ("", ".", "..") for one in path.split("/")[1:-1]) or path.endswith(("/.", "/..")):
        raise BioklokFailure("this address has a path that leads elsewhere: copy the link again")
    for source in (*SOURCES, *own):
        if re.fullmatch(source.host, host) and re.fullmatch(source.path, path):
            if query is not None and not source.has_query:
                break
            return FeedAddress(host, path if query is None else f"{path}?{query}")
    raise BioklokFailure(
        f"timetables are not fetched from {host} in this form: give the link that Somtoday or "
        "Magister shows, or let the school add its own host"
    )


def own_source(host: str, path_start: str) -> Source:
    """Return the source that a school adds: one host, and how the path of every feed begins.

    Raises BioklokFailure where the host is none, or the path does not begin and end with a slash.
    """
    name = host.strip().lower()
    _check_host(name)
    if not re.fullmatch(r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*", path_start):
        raise BioklokFailure("the start of a feed's path looks like /calendars/: with both slashes")
    return Source("school", re.escape(name), re.escape(path_start) + _PATH[1:], has_query=True)


def appointments_address(portal: str, from_utc_s: int, until_utc_s: int) -> FeedAddress:
    """Return where a student's appointments are on a Zermelo portal: `oost` of oost.zportal.nl.

    Raises BioklokFailure where that is no portal's name.
    """
    name = portal.strip().lower()
    if not re.fullmatch(_LABEL, name) or name.startswith("xn--"):
        raise BioklokFailure("this is no Zermelo portal: give the NAME of https://NAME.zportal.nl")
    query = f"user=~me&start={int(from_utc_s)}&end={int(until_utc_s)}&valid=true"
    return FeedAddress(f"{name}.zportal.nl", f"/api/v3/appointments?{query}")


def _check_host(host: str) -> None:
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise BioklokFailure(
            "this is no host's name: numbers and names of one word are not fetched"
        )
    if any(label.startswith("xn--") for label in host.split(".")):
        raise BioklokFailure("hosts with other than plain letters are not fetched: they look alike")
