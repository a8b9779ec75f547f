"""Where the dashboard listens, over what, and under which names it answers."""

import socket
import ssl
import threading
import urllib.request

import pytest
import trustme
import uvicorn
from bioklok.errors import BioklokFailure
from bioklok.settings import HOME
from bioklok.web import Settings, create_app
from bioklok.web.server import (
    Listening,
    address,
    allowed_hosts,
    check,
    oidc_from,
    run_server,
    settings_for,
)
from fastapi.testclient import TestClient
from support.doors import doors


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", ""])
def test_other_computers_are_answered_over_tls_alone(host, tmp_path):
    listening = Listening(host, 8000)
    for start in (check, lambda where: run_server(where, f"sqlite:///{tmp_path / 'x'}")):
        with pytest.raises(BioklokFailure, match="--https-proxy or --cert"):
            start(listening)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"cert": "x"}, "both --cert and --key"),
        ({"key": "x"}, "both --cert and --key"),
        ({"cert": "x", "key": "y", "proxy": "127.0.0.1"}, "not both"),
        ({"proxy": "127.0.0.1"}, "--name"),
        ({"proxy": "127.0.0.1", "names": ("*",)}, "one whole name"),
        ({"cert": "/nowhere/x", "key": "/nowhere/y"}, "cannot be used for TLS"),
    ],
)
def test_what_does_not_go_together_is_one_line(given, why):
    with pytest.raises(BioklokFailure, match=why):
        check(Listening(**given))


def test_a_port_in_use_is_one_line():
    other = socket.create_server(("127.0.0.1", 0))
    with other, pytest.raises(BioklokFailure, match="is in use"):
        check(Listening(port=other.getsockname()[1]))


def test_an_address_of_ipv6_stands_in_brackets(tmp_path):
    assert address("::1", 8765) == "http://[::1]:8765"
    assert address("127.0.0.1", 80) == "http://127.0.0.1:80"
    url = f"sqlite:///{tmp_path / 'b.sqlite'}"
    app = create_app(Settings(database_url=url, allowed_hosts=allowed_hosts("::1")))
    with TestClient(app, "http://[::1]:8765") as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/healthz", headers={"host": "[::2]:8765"}).status_code == 400


def test_behind_a_proxy_browsers_see_https_under_its_name():
    listening = Listening("0.0.0.0", 8000, ("bioklok.example",), proxy="10.0.0.2")
    assert listening.address == "https://bioklok.example"
    settings = settings_for(listening, "sqlite:///x")
    assert settings.https and settings.proxies == ("10.0.0.2",)
    assert "bioklok.example" in settings.allowed_hosts
    assert settings.session_cookie.startswith("__Host-")
    here = settings_for(Listening(), "sqlite:///x")
    assert not here.https and here.proxies == () and here.session_cookie == "bioklok"


def test_the_schools_service_comes_from_the_environment_whole():
    name = "BIOKLOK_OIDC_"
    whole = {f"{name}ISSUER": "https://x", f"{name}CLIENT_ID": "i", f"{name}CLIENT_SECRET": "s"}
    assert oidc_from({}) is None
    found = oidc_from(whole)
    assert (found.issuer, found.client_id, found.client_secret) == ("https://x", "i", "s")
    assert (found.claim, found.name) == ("sub", "Entree")
    assert oidc_from({**whole, f"{name}CLAIM": "uid"}).claim == "uid"
    for missing in whole:
        with pytest.raises(BioklokFailure, match=missing):
            oidc_from({key: value for key, value in whole.items() if key != missing})


def test_it_speaks_tls_with_a_certificate(tmp_path):
    ca = trustme.CA()
    made = ca.issue_cert("localhost")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made.private_key_pem.write_to_path(key)
    for blob in made.cert_chain_pems:
        blob.write_to_path(cert, append=True)
    listening = Listening("localhost", 0, cert=str(cert), key=str(key))
    check(listening)
    with doors(tmp_path, school=HOME, https=True) as home, _served(home.app, listening) as port:
        trust = ssl.create_default_context()
        ca.configure_trust(trust)
        with urllib.request.urlopen(f"https://localhost:{port}/sign-in", context=trust) as answer:
            assert answer.headers["strict-transport-security"]
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-bioklok-door=") and "Secure" in cookie
            assert "server" not in answer.headers


class _served:
    """A server on a free port for a `with` block."""

    def __init__(self, app, listening):
        self.socket = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            app,
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ssl_certfile=listening.cert,
            ssl_keyfile=listening.key,
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))

    def __enter__(self):
        # The socket listens already: a client waits until the server takes it up.
        self.thread.start()
        return self.socket.getsockname()[1]

    def __exit__(self, *_):
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()
