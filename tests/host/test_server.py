"""Where the dashboard listens, and under which names it answers."""

import pytest
from bioklok.errors import BioklokFailure
from bioklok.web import Settings, create_app
from bioklok.web.server import address, allowed_hosts, check_port, run_server
from fastapi.testclient import TestClient


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", ""])
def test_only_this_computer_is_listened_on_while_there_is_no_sign_in(host, tmp_path):
    for start in (check_port, lambda *where: run_server(*where, f"sqlite:///{tmp_path / 'x'}")):
        with pytest.raises(BioklokFailure, match="no sign-in yet"):
            start(host, 0)
    assert list(tmp_path.iterdir()) == []


def test_an_address_of_ipv6_stands_in_brackets(tmp_path):
    assert address("::1", 8765) == "http://[::1]:8765"
    assert address("127.0.0.1", 80) == "http://127.0.0.1:80"
    url = f"sqlite:///{tmp_path / 'b.sqlite'}"
    app = create_app(Settings(database_url=url, allowed_hosts=allowed_hosts("::1")))
    with TestClient(app, "http://[::1]:8765") as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/healthz", headers={"host": "[::2]:8765"}).status_code == 400
