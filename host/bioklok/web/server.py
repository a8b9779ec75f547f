"""Serves the dashboard on this machine."""

import errno
import socket

import uvicorn

from bioklok.errors import BioklokFailure
from bioklok.web.app import create_app
from bioklok.web.settings import Settings


def check_port(host: str, port: int) -> None:
    """Raise BioklokFailure where the port cannot be listened on: before any long work."""
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
    """Serve until Ctrl-C."""
    allowed = {"127.0.0.1", "localhost", host}
    app = create_app(Settings(database_url=database_url, allowed_hosts=tuple(sorted(allowed))))
    try:
        uvicorn.run(app, host=host, port=port, log_level="warning")
    except KeyboardInterrupt:
        return
