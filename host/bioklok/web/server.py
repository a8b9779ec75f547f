"""Serves the dashboard on this machine."""

import errno
import ipaddress
import socket

import uvicorn

from bioklok.errors import BioklokFailure
from bioklok.web.app import create_app
from bioklok.web.settings import Settings


def _in_address(host: str) -> str:
    """A host as it stands in an address and in a Host header: IPv6 in brackets (RFC 3986)."""
    return f"[{host}]" if ":" in host else host


def address(host: str, port: int) -> str:
    """Return the dashboard's address."""
    return f"http://{_in_address(host)}:{port}"


def allowed_hosts(host: str) -> tuple[str, ...]:
    """Return the names under which a dashboard that listens on `host` may be asked for."""
    return tuple(sorted({"127.0.0.1", "localhost", _in_address(host)}))


def _check_host(host: str) -> None:
    try:
        is_ours = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_ours = False
    if not is_ours:
        raise BioklokFailure(
            f"{host} is not of this computer alone, and there is no sign-in yet: "
            "choose 127.0.0.1, ::1 or localhost with --host"
        )


def check_port(host: str, port: int) -> None:
    """Raise BioklokFailure where the port cannot be listened on: before any long work.

    Nor on an address that other computers reach: there is no sign-in yet.
    """
    _check_host(host)
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


def run_server(host: str, port: int, database_url: str) -> None:
    """Serve until Ctrl-C. Raises BioklokFailure for an address that other computers reach."""
    _check_host(host)
    app = create_app(Settings(database_url=database_url, allowed_hosts=allowed_hosts(host)))
    try:
        uvicorn.run(app, host=host, port=port, log_level="warning")
    except KeyboardInterrupt:
        return
