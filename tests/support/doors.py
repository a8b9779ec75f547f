"""A school with people at its doors, a clock that tests set, and browsers. No tests here."""

import re
from contextlib import contextmanager

from bioklok.office import accounts
from bioklok.school.people import Role
from bioklok.settings import HOME
from bioklok.store.access import SESSION
from bioklok.web import Settings, create_app
from fastapi.testclient import TestClient

NOW = 1_795_000_000  # November 2026
WORDS = "koe springt over maan"  # a password of ten characters and more
OTHER_WORDS = "paars paard in de wei"


class Clock:
    """The time, until a test moves it."""

    def __init__(self, now_s=NOW):
        self.now_s = now_s

    def __call__(self):
        return float(self.now_s)

    def pass_by(self, seconds):
        self.now_s += seconds


class Doors:
    """An app over a database of its own, with people of a school "oost" (or of the home)."""

    def __init__(self, url, school="oost", base="http://localhost", **settings):
        self.clock, self.base = Clock(), base
        self.app = create_app(Settings(database_url=url, clock=self.clock, **settings))
        self.home = self.app.state.store
        self.store = self.home.of(school)
        if school != HOME:
            self.store.add_school("School Oost")

    def add(self, person_id, *roles, **more):
        name = person_id.capitalize()
        return accounts.add_member(self.store, None, person_id, name, roles, **more)

    def browser(self, **more):
        more.setdefault("base_url", self.base)
        return TestClient(self.app, **more)

    def browser_with(self, **cookies):
        """A browser in which somebody has put cookies, as if this server had set them."""
        client = self.browser()
        for name, value in cookies.items():
            client.cookies.set(name, value, domain="localhost.local")
        return client

    def invited(self, person_id, words=WORDS, **fields):
        """A browser in which somebody has taken their invitation and is signed in."""
        client = self.browser()
        token = accounts.invite(self.store, None, person_id, self.clock.now_s)
        page = client.get(f"/invite/{token}")
        assert page.status_code == 200
        filled = {"csrf": csrf_in(page.text), "password": words, "again": words, **fields}
        answer = client.post(f"/invite/{token}", data=filled, follow_redirects=False)
        assert answer.status_code == 303
        return client

    def linked(self, person_id, client=None, **fields):
        """A browser in which somebody has followed a link and is signed in."""
        client = client or self.browser()
        token = accounts.make_link(self.store, person_id, self.clock.now_s)
        page = client.get(f"/link/{token}")
        filled = {"csrf": csrf_in(page.text), **fields}
        answer = client.post(f"/link/{token}", data=filled, follow_redirects=False)
        assert answer.status_code == 303
        return client

    def n_sessions(self, person_id):
        return len(self.store.tickets(SESSION, person_id))


def csrf_in(html):
    """The token in a page's forms: one and the same in each."""
    found = set(re.findall(r'name="csrf" value="([0-9a-f]*)"', html))
    assert len(found) == 1 and found != {""}, found
    return found.pop()


def sign_in(client, person, words=WORDS, *, follow_redirects=False, headers=None, **fields):
    """Fill in the sign-in page as a person does."""
    token = csrf_in(client.get("/sign-in").text)
    filled = {"csrf": token, "person": person, "password": words, **fields}
    return client.post(
        "/sign-in", data=filled, follow_redirects=follow_redirects, headers=headers or {}
    )


def is_signed_in(client):
    """Whether this browser gets to see an account page."""
    return client.get("/account", follow_redirects=False).status_code == 200


@contextmanager
def doors(tmp_path, **more):
    """Open doors for a `with` block: noor (student), pa, mila (mentor), ada (administrator)."""
    opened = Doors(f"sqlite:///{tmp_path / 'b.sqlite'}", **more)
    opened.add("noor", Role.STUDENT)
    opened.add("pa", Role.PARENT)
    opened.add("mila", Role.MENTOR)
    opened.add("ada", Role.ADMINISTRATOR)
    try:
        yield opened
    finally:
        opened.home.close()
