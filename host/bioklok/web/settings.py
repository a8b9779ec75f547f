"""What the dashboard needs to know; the command line fills it in."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bioklok.feeds import Fetcher, fetch_outside
from bioklok.store import default_database_url
from bioklok.web.texts import DEFAULT_LANGUAGE

_HOUR_S, _DAY_S = 3600, 24 * 3600


@dataclass(frozen=True)
class Sessions:
    """How long somebody stays signed in, in seconds.

    idle_s       without a request, for everybody: a working day
    own_idle_s   for a student who said "this is my own device": a rhythm is looked at once a week,
                 and who has to type a password each time stops looking. Not for adults: what they
                 see is another person's.
    longest_s    whatever is done meanwhile
    renew_s      a session in use is written at most this often
    """

    idle_s: int = 12 * _HOUR_S
    own_idle_s: int = 30 * _DAY_S
    longest_s: int = 90 * _DAY_S
    renew_s: int = _HOUR_S


@dataclass(frozen=True)
class Oidc:
    """A sign-in service that speaks OpenID Connect, as the school has registered this host there.

    `claim`: which claim of the ID token is `oidc_subject` of an account. `name`: on the button.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str = "sub"
    name: str = "Entree"


@dataclass(frozen=True)
class Settings:
    """`allowed_hosts`: names under which the dashboard may be asked for, so that a foreign name
    that points to this computer (DNS rebinding) does not reach the pages.

    https    whether browsers reach it over TLS, by itself or through a proxy
    proxies  addresses of proxies whose X-Forwarded-For is believed
    clock    gives the time, Unix seconds UTC
    most_body_bytes  longest request body that is read
    fetch_feed       asks a timetable's server
    """

    database_url: str = field(default_factory=default_database_url)
    language: str = DEFAULT_LANGUAGE
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    https: bool = False
    proxies: tuple[str, ...] = ()
    clock: Callable[[], float] = time.time
    sessions: Sessions = field(default_factory=Sessions)
    oidc: Oidc | None = None
    most_body_bytes: int = 2 << 20
    fetch_feed: Fetcher = fetch_outside

    @property
    def session_cookie(self) -> str:
        """The cookie of a session. With `__Host-` no other server of the domain can set it."""
        return "__Host-bioklok" if self.https else "bioklok"

    @property
    def visitor_cookie(self) -> str:
        """The cookie of somebody who is not signed in yet: what their forms are bound to."""
        return "__Host-bioklok-door" if self.https else "bioklok-door"

    @property
    def language_cookie(self) -> str:
        """The cookie of a language that somebody chose with the link above a page."""
        return "__Host-bioklok-language" if self.https else "bioklok-language"

    @property
    def scheme(self) -> str:
        """What addresses begin with, as browsers see them."""
        return "https" if self.https else "http"
