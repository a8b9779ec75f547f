"""A school at whose forms anything is thrown: what was stored is compared, judged and put back.

`FormHouse(folder).throw(seed, first, last)` sends the inputs with these numbers, each made from the
seed and its number alone. An AssertionError names both: `throw(seed, n, n + 1)` sends it again.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from bioklok.errors import BioklokFailure
from bioklok.office import accounts
from bioklok.web import access_table as table
from bioklok.web import csrf
from bioklok.web.rates import Rates
from fastapi.testclient import TestClient
from sqlalchemy import event as of_engine
from starlette.responses import Response
from support import hostile_forms as forms
from support.asked import ASKED, NOON
from support.direct import Answer, Direct
from support.legal import complaints
from support.school_web import NOW, house

VISITORS = ("nobody", "noor", "sem", "pa", "max", "ada", "eva", "wil")
ROLES = {"noor": "student", "sem": "student", "wil": "student", "pa": "parent", "max": "mentor"}
ROLES |= {"ada": "administrator", "eva": "parent, mentor", "nobody": ""}
WORDS = "paard maan fiets boek"
# These hash a password or build a file: seldom, so that the others get their turn.
SLOW = {"/sign-in": 0.1, "/invite/{token}": 0.1, "/account/password": 0.1, "/me/data/export": 0.03}
SLOW |= {"/me/weeks/{week}/sharing/preview": 0.3, "/me/data/erase": 0.1}
# Of these rows nothing is stored by a form: they pass by themselves.
PASSING = ("passkey", "passkey-new", "oidc")
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"


class FormHouse:
    """The app over a database that is put back after each input that changed it."""

    def __init__(self, folder: Path) -> None:
        self.house = house(folder, fetch_feed=_no_feed)
        self.file = folder / "b.sqlite"
        self.keys = folder / "b.sqlite.keys"
        self.store = self.house.store.of("oost")
        of_engine.listen(self.store.engine, "connect", _in_a_hurry)
        self.app = Direct(self.house.app)
        self.routes = forms.form_routes(self.house.app)
        self.browsers = {who: self._browser(who) for who in VISITORS}
        self._fill()
        self._read_pages()
        self.observer = sqlite3.connect(self.file)
        self.kept = sqlite3.connect(":memory:")
        self.observer.backup(self.kept)
        self.kept_keys = {one.name: one.read_bytes() for one in self.keys.iterdir()}
        self.version = self._version()
        self.fingerprint = self._fingerprint()
        self.counts: Counter[str] = Counter()

    # -- how it stands before anything is thrown ---------------------------------------------------

    def _browser(self, who: str) -> TestClient:
        client = TestClient(self.house.app, "http://127.0.0.1", follow_redirects=False)
        if who == "nobody":
            client.cookies.set("bioklok-door", csrf.new_visitor())
        else:
            store = self.house.store.of("west" if who == "wil" else "oost")
            client.cookies.set("bioklok", store.issue("session", who, 10**8, now_s=NOW))
        return client

    def _fill(self) -> None:
        """What forms speak about: a request, a password, open invitations, links and tokens."""
        noor = self.browsers["noor"]
        for form_id, reason in (("f", "rest"), ("g", "")):
            fields = {"lesson": NOON, "form_id": form_id, "reason": reason}
            assert self._post(noor, "/me/strips", fields).status_code == 303
        cards = {"noticed_words": "ik", "experiment": "nothing", "noticed": "morning"}
        assert self._post(noor, "/me/weeks/2026-W47/cards", cards).status_code == 303
        invitation = accounts.invite(self.store, None, "eva", NOW)
        link = accounts.make_link(self.store, "pa", NOW)
        self.store.issue("hub", None, 10**8, "zolder", NOW)
        token = self.store.tickets("hub")[0].digest
        session = self.store.tickets("session", "noor")[0].digest
        chosen = {"password": WORDS, "again": WORDS}
        said = {"person": "noor", "school": "oost", "next": "/me", "own": "yes", **chosen}
        for path, address, fields in (
            ("/sign-in", "", said),
            ("/sign-in/passkey", "", {"passkey": "{}", "own": "yes", "next": "/"}),
            ("/sign-in/passkey/ask", "", said),
            ("/sign-out", "", {}),
            ("/invite/{token}", f"/invite/{invitation}", {**chosen, "passkey": ""}),
            ("/invite/{token}/passkey", f"/invite/{invitation}/passkey", {}),
            ("/link/{token}", f"/link/{link}", {"own": "yes"}),
            ("/account/sign-out-everywhere", "", {}),
            ("/account/sessions/{digest}/end", f"/account/sessions/{session}/end", {}),
            ("/account/language", "", {"language": "en"}),
            ("/account/password", "", {**chosen, "old": WORDS}),
            ("/account/passkeys/ask", "", {}),
            ("/account/passkeys", "", {"passkey": "{}"}),
            ("/account/ways/remove", "", {"id": "password"}),
            ("/school/tokens/revoke", "", {"token": token}),
            ("/me/timetable/file", "", {"file": ""}),
            ("/me/timetable/zermelo", "", {"portal": "oost", "token": "token12345"}),
        ):
            self.routes[path].add(address or path, fields.items())

    def _read_pages(self) -> None:
        """Open every page as who may, which also lets time do what it does to what is there."""
        for row in table.PAGES:
            if row.method != "GET":
                continue
            for who, client in self.browsers.items():
                if may(who, row.who):
                    address, _sent, _good = ASKED[f"GET {row.path}"]
                    forms.read_forms(self.routes, client.get(address).text)
        forms.read_forms(self.routes, self.browsers["ada"].get("/account").text)
        forms.read_forms(self.routes, self.browsers["nobody"].get("/sign-in").text)

    def _post(self, client: TestClient, address: str, fields: dict[str, str]) -> Response:
        return client.post(address, data={"csrf": _token(client), **fields})

    # -- throwing ----------------------------------------------------------------------------------

    def throw(
        self, seed: int, first: int, last: int, tell: Callable[[int, int], None] | None = None
    ) -> Counter[str]:
        """Send the inputs from `first` up to before `last`; return how many ended how."""
        for n in range(first, last):
            self._one(seed, n)
            if tell is not None and n % 50 == 0:
                tell(n + 1 - first, last - first)
        return self.counts

    def _one(self, seed: int, n: int) -> None:
        random = Random(f"{seed}:{n}")
        route = self._route(random)
        who = self._visitor(random, route)
        client = self.browsers[who]
        given = forms.one(random, route, _token(client))
        self.house.app.state.rates = Rates()
        headers = {"Content-Type": given.content_type} if given.content_type else {}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        try:
            answer = self.app.post(given.address, given.content, headers)
            self._judge(answer, who, route)
        except Exception as error:
            told = f"seed {seed}, input {n}: {who} at {given.address}, {given.kind}, "
            raise AssertionError(told + f"{given.content[:2000]!r}: {error!r}") from error

    def _route(self, random: Random) -> forms.Route:
        while True:
            route = random.choice(list(self.routes.values()))
            if random.random() < SLOW.get(route.path, 1):
                return route

    def _visitor(self, random: Random, route: forms.Route) -> str:
        allowed = [who for who in VISITORS if who != "wil" and may(who, route.who)]
        return random.choice(allowed if random.random() < 0.8 else VISITORS)

    def _judge(self, answer: Answer, who: str, route: forms.Route) -> None:
        status = answer.status_code
        self.counts[str(status)] += 1
        assert status < 500, answer.text[:500]
        assert "Traceback" not in answer.text and "<script>alert" not in answer.text
        if status >= 400:
            assert answer.headers["content-type"].startswith("text/html"), answer.headers
            assert re.search(r'<html lang="(nl|en)"', answer.text) and "<h1" in answer.text
            assert len(answer.text) < 600_000
        elif status >= 300:
            place = answer.headers["location"]
            assert re.fullmatch(r"/(?!/)[!-~]*", place), place
        was_version, self.version = self.version, self._version()
        if self.version == was_version:
            return
        rows = self._fingerprint()
        changed = [name for name, kept in rows.items() if kept != self.fingerprint[name]]
        if changed:
            assert status < 400, "it was refused, and something is stored all the same"
            assert may(who, route.who), "who may not send it has changed something"
            wrong = complaints(self.house.store, changed)
            assert wrong == [], wrong
            self.counts["stored"] += 1
        self._put_back()

    # -- the database ------------------------------------------------------------------------------

    def _version(self) -> int:
        (version,) = self.observer.execute("PRAGMA data_version").fetchone()
        return int(version)

    def _fingerprint(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row, but when a session was last seen and challenges that pass by themselves."""
        found = {}
        for (name,) in self.observer.execute(_TABLES):
            rows = self.observer.execute(f'SELECT * FROM "{name}"')
            columns = [one[0] for one in rows.description]
            kept = rows.fetchall()
            if name == "ticket":
                kind = columns.index("kind")
                passing = {columns.index(one) for one in ("seen_at_utc_s", "expires_at_utc_s")}
                kept = [
                    tuple(value for n, value in enumerate(row) if n not in passing)
                    for row in kept
                    if row[kind] not in PASSING
                ]
            found[name] = kept
        return found

    def _put_back(self) -> None:
        target = sqlite3.connect(self.file)
        target.execute("PRAGMA synchronous = OFF")
        self.kept.backup(target)
        target.close()
        for one in self.keys.iterdir():
            if one.name not in self.kept_keys:
                one.unlink()
        for name, key in self.kept_keys.items():
            file = self.keys / name
            if not file.exists() or file.read_bytes() != key:
                file.write_bytes(key)
        self.version = self._version()

    def close(self) -> None:
        """Close everything."""
        self.observer.close()
        self.kept.close()
        self.app.close()
        self.house.store.close()


def _token(client: TestClient) -> str:
    return csrf.token(client.cookies.get("bioklok") or client.cookies.get("bioklok-door"))


def may(who: str, whose: str) -> bool:
    """Say whether a visitor may use an address; `whose`: who may, as `access_table` has it."""
    if whose == table.ANYBODY:
        return True
    if whose == table.SIGNED_IN:
        return who != "nobody"
    return bool(set(whose.split(", ")) & set(ROLES[who].split(", ")))


def _in_a_hurry(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")  # nobody cuts the power here


def _no_feed(_address: object, _token: object) -> bytes:
    raise BioklokFailure("the timetable cannot be reached: try again later")
