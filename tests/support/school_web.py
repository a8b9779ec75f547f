"""A school behind the pages: people, a week of minutes, lessons, and browsers that are signed in.

Oost: Noor (student, a week of data), Sem (student, nothing), Pa (Noor's parent), Max (mentor of
both), Ada (administrator), Eva (parent and mentor of nobody). West: Wil (student).
"""

import re
from dataclasses import dataclass
from datetime import date

from bioklok.office.consenting import answer
from bioklok.school.consent import Answer
from bioklok.school.people import Role, mentor_tie, parent_tie
from bioklok.store import Store, open_store
from bioklok.web import Settings, create_app
from fastapi.testclient import TestClient
from starlette.responses import Response
from support.school import MONDAY, lesson, snapshot
from support.synthetic import DEVICE_ID, Info, school_week, utc_s

WEEK = "2026-W47"
NOW = utc_s("2026-11-23T08:00")
SEPTEMBER = utc_s("2026-09-01T09:00")
PEOPLE = (
    ("noor", "Noor", {Role.STUDENT}, date(2014, 5, 1)),
    ("sem", "Sem", {Role.STUDENT}, date(2014, 6, 1)),
    ("pa", "Pa de Vries", {Role.PARENT}, None),
    ("max", "Max Mentor", {Role.MENTOR}, None),
    ("ada", "Ada Beheer", {Role.ADMINISTRATOR}, None),
    ("eva", "Eva", {Role.PARENT, Role.MENTOR}, None),
)


@dataclass
class Clock:
    """The time that the app is told."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class House:
    """An app over a database with schools in it."""

    url: str
    store: Store
    app: object
    clock: Clock

    def browser(self, person_id: str | None, school: str = "oost") -> "Browser":
        client = TestClient(
            self.app, "http://127.0.0.1", follow_redirects=False, raise_server_exceptions=True
        )
        if person_id is not None:
            given = self.store.of(school).issue("session", person_id, 10**8, now_s=SEPTEMBER)
            client.cookies.set("bioklok", given)
        return Browser(client)


@dataclass
class Browser:
    """Somebody's browser; `post` fills in the token of a page as the page itself has it."""

    client: TestClient
    token: str = ""

    def get(self, address: str, **more: object) -> Response:
        return self.client.get(address, **more)

    def csrf(self) -> str:
        if not self.token:
            from bioklok.web import csrf

            self.token = csrf.token(self.client.cookies.get("bioklok"))
        return self.token

    def post(self, address: str, /, **fields: object) -> Response:
        return self.client.post(address, data={"csrf": self.csrf(), **fields})

    def api(self, method: str, address: str, **more: object) -> Response:
        headers = {"X-CSRF": self.csrf()} if self.client.cookies.get("bioklok") else {}
        return self.client.request(method, f"/api/v1{address}", headers=headers, **more)


def fill(store: Store) -> None:
    """Put the two schools into an empty database."""
    store.of("oost").add_school("Oost College")
    store.of("west").add_school("West College")
    oost, west = store.of("oost"), store.of("west")
    west.add_person("wil", "Wil", {Role.STUDENT}, born=date(2014, 5, 1))
    for person_id, name, roles, born in PEOPLE:
        oost.add_person(person_id, name, roles, born=born)
    person = {one: oost.account(one).person for one, *_ in PEOPLE}
    oost.add_tie(parent_tie(person["pa"], person["noor"], SEPTEMBER))
    for student in ("noor", "sem"):
        oost.add_tie(mentor_tie(person["max"], person[student], oost.ties(student), SEPTEMBER))
    answer(oost, person["pa"], "noor", Answer.AGREES, SEPTEMBER)
    answer(oost, person["noor"], "noor", Answer.AGREES, SEPTEMBER)
    oost.hand_out(DEVICE_ID, "noor", "blauw 1")
    oost.open_journal(Info())
    oost.commit_pages(Info(), school_week(), NOW - 600)
    times = {"started_utc_s": NOW - 600, "ended_utc_s": NOW - 590}
    oost.log_session(Info(), **times, frames=1, bytes=1, pages_new=1, epochs_new=1)
    with oost.desk("noor") as desk:
        desk.add_snapshot(snapshot(taken="2026-11-16 00:00"))


def house(tmp_path: object, **settings: object) -> House:
    """Return an app over a database of its own with both schools."""
    url = f"sqlite:///{tmp_path}/b.sqlite"
    clock = Clock()
    with open_store(url) as store:
        fill(store)
    app = create_app(Settings(database_url=url, clock=clock, **settings))
    return House(url, app.state.store, app, clock)


def links(html: str) -> list[str]:
    """Return the addresses within the house that a page links to."""
    found = re.findall(r'<a [^>]*href="([^"]+)"', html)
    return [one.replace("&amp;", "&") for one in found if one.startswith("/")]


__all__ = [
    "MONDAY",
    "NOW",
    "PEOPLE",
    "WEEK",
    "Browser",
    "Clock",
    "House",
    "fill",
    "house",
    "lesson",
    "links",
]
