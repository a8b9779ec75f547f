"""Serves the dashboard: where it listens, over what, and under which names it answers."""

import errno
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace

import uvicorn

from bioklok.errors import BioklokFailure
from bioklok.web.app import create_app
from bioklok.web.settings import Oidc, Settings

_OIDC = "BIOKLOK_OIDC_"


@dataclass(frozen=True)
class Listening:
    """Where a dashboard listens.

    names     under which browsers ask for it, besides `host` and this computer's own
    proxy     address of the proxy before it that speaks TLS, None: there is none
    cert, key files for TLS without a proxy (PEM)
    """

    host: str = "127.0.0.1"
    port: int = 8000
    names: tuple[str, ...] = ()
    proxy: str | None = None
    cert: str | None = None
    key: str | None = None

    @property
    def https(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.proxy is not None or self.cert is not None

    @property
    def address(self) -> str:
        """Return the dashboard's address as browsers see it."""
        if self.proxy is not None:
            return f"https://{_in_address(self.names[0])}"
        name = self.names[0] if self.names else self.host
        return address(name, self.port, "https" if self.https else "http")


def _in_address(host: str) -> str:
    """A host as it stands in an address and in a Host header: IPv6 in brackets (RFC 3986)."""
    return f"[{host}]" if ":" in host else host


def address(host: str, port: int, scheme: str = "http") -> str:
    """Return an address for a browser."""
    return f"{scheme}://{_in_address(host)}:{port}"


def allowed_hosts(host: str, names: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the names under which a dashboard that listens on `host` may be asked for."""
    return tuple(sorted({"127.0.0.1", "localhost", *map(_in_address, (host, *names))}))


def _is_ours(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check(listening: Listening) -> None:
    """Raise BioklokFailure where it would not work, or not be safe: before any long work."""
    if not _is_ours(listening.host) and not listening.https:
        raise BioklokFailure(
            f"{listening.host} is not of this computer alone, and passwords do not travel in the "
            "open: choose 127.0.0.1, or give --https-proxy or --cert and --key"
        )
    if (listening.cert is None) != (listening.key is None):
        raise BioklokFailure("TLS needs both --cert and --key")
    if listening.cert is not None and listening.proxy is not None:
        raise BioklokFailure("give --https-proxy or --cert and --key, not both")
    if listening.proxy is not None and not listening.names:
        raise BioklokFailure("say under which name browsers ask for it: --name")
    if "*" in "".join(listening.names):
        raise BioklokFailure("--name is one whole name, such as bioklok.school.example")
    if listening.cert is not None and listening.key is not None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(listening.cert, listening.key)
        except OSError as error:  # ssl.SSLError is one
            raise BioklokFailure(
                f"{listening.cert} and {listening.key} cannot be used for TLS "
                f"({error.strerror or error}): give a certificate and its key as PEM"
            ) from None
    check_port(listening.host, listening.port)


def check_port(host: str, port: int) -> None:
    """Raise BioklokFailure where the port cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why = "is in use: stop the other program, or choose another with --port"
            else:
                why = f"cannot be listened on ({error.strerror})"
            raise BioklokFailure(f"port {port} on {host} {why}") from error


def oidc_from(environment: Mapping[str, str]) -> Oidc | None:
    """Return the sign-in service that the environment names; None where it names none.

    BIOKLOK_OIDC_ISSUER, _CLIENT_ID and _CLIENT_SECRET; and _CLAIM and _NAME where they differ from
    the usual. Raises BioklokFailure where some are missing.
    """
    needed = [f"{_OIDC}{name}" for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")]
    missing = [name for name in needed if not environment.get(name)]
    if len(missing) == len(needed):
        return None
    if missing:
        raise BioklokFailure(f"for signing in with the school's service also set {missing[0]}")
    found = Oidc(*(environment[name] for name in needed))
    found = replace(found, claim=environment.get(f"{_OIDC}CLAIM") or found.claim)
    return replace(found, name=environment.get(f"{_OIDC}NAME") or found.name)


def settings_for(listening: Listening, database_url: str, oidc: Oidc | None = None) -> Settings:
    """Return the settings of a dashboard that listens there."""
    return Settings(
        database_url=database_url,
        allowed_hosts=allowed_hosts(listening.host, listening.names),
        https=listening.https,
        proxies=(listening.proxy,) if listening.proxy is not None else (),
        oidc=oidc,
    )


def run_server(listening: Listening, database_url: str, oidc: Oidc | None = None) -> None:
    """Serve until Ctrl-C. Raises BioklokFailure for an address that is not safe: see `check`."""
    check(listening)
    app = create_app(settings_for(listening, database_url, oidc))
    try:
        uvicorn.run(
            app,
            host=listening.host,
            port=listening.port,
            log_level="warning",
            # Whom to believe about addresses is ours to say: see `rates.client_address`.
            proxy_headers=False,
            server_header=False,
            ssl_certfile=listening.cert,
            ssl_keyfile=listening.key,
        )
    except KeyboardInterrupt:
        return
