"""A home with one student, Noor, and a browser in which she is signed in. No tests here."""

from bioklok.office.accounts import make_link
from bioklok.store import open_store
from bioklok.web import Settings, create_app
from fastapi.testclient import TestClient
from support.doors import csrf_in
from support.synthetic import DEVICE_ID, Info, utc_s

HOME_PAGE = "/me/weeks"
WEEK = "/me/weeks/2026-W47"
API = "/api/v1/students/noor/weeks/2026-W47"
START = utc_s("2026-11-15T06:00")


def serve(tmp_path, made, name="Noor", **settings):
    url = f"sqlite:///{tmp_path / 'b.sqlite'}"
    settings.setdefault("clock", lambda: utc_s("2026-11-23T12:00"))
    with open_store(url) as store:
        store.commit_pages(Info(), made, 1000)
        store.ensure_student("noor", name)
        store.open_journal(Info())
        store.assign(DEVICE_ID, "noor")
        times = {
            "started_utc_s": utc_s("2026-11-23T10:00"),
            "ended_utc_s": utc_s("2026-11-23T10:01"),
        }
        store.log_session(Info(), **times, frames=1, bytes=1, pages_new=1, epochs_new=1)
    app = create_app(Settings(database_url=url, **settings))
    return signed_in(app, "noor")


def signed_in(app, student):
    """A browser at home, in which a student has followed their link."""
    client = TestClient(app, base_url="http://127.0.0.1")
    store = app.state.store
    page = f"/link/{make_link(store, student, int(app.state.settings.clock()))}"
    filled = {"csrf": csrf_in(client.get(page).text)}
    assert client.post(page, data=filled, follow_redirects=False).status_code == 303
    return client
