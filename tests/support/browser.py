"""A real browser before a real server, and people who really sign in. No tests here.

The server is uvicorn on a free port, the browser the Chromium of this computer, driven by
Playwright. Where one of them is missing the tests skip and say so; `BIOKLOK_CHROMIUM` names another
browser.
"""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from biocore.decision import ABOVE_USUAL
from biocore.lamp import FOCUS
from biocore.page import PageBuilder
from bioklok.office import accounts
from bioklok.web import access_table as table
from support.asked import ASKED
from support.school_web import MONDAY, WEEK, Browser, House, house, lesson
from support.synthetic import JOURNAL_ID, Info, utc_s

NEEDED = "no browser tests here: pip install playwright axe-playwright-python"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--disable-lcd-text"]
FLAGS += [
    "--lang=nl",
    "--font-render-hinting=none",
    "--hide-scrollbars",
    "--disable-background-networking",
]
PASSWORD = "koe springt over maan"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
PARTS = ["rhythm", "sleep times", "light", "presses", "reflection", "strips"]

# Person -> their role in the access table.
VISITORS = {
    "nobody": "",
    "noor": table.STUDENT,
    "sem": table.STUDENT,
    "pa": table.PARENT,
    "max": table.MENTOR,
    "eva": f"{table.PARENT}, {table.MENTOR}",
    "ada": table.ADMINISTRATOR,
}
BEGINNERS = ("nobody", "sem", "eva")  # nothing has happened to them yet: what pages say then


def chromium() -> str | None:
    """Return the browser of this computer, None where there is none."""
    named = os.environ.get("BIOKLOK_CHROMIUM")
    found = [named] if named else [shutil.which(one) for one in CHROMIUM]
    return next((one for one in found if one and Path(one).is_file()), None)


@contextmanager
def open_browser() -> Iterator[Any]:
    """Open the browser for a `with` block: one process, a context for whoever comes.

    Closed before other tests run in this process: Playwright leaves its event loop running.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.skip(NEEDED)
    path = chromium()
    if path is None:
        pytest.skip("no chromium here: install it, or name one in BIOKLOK_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Site:
    """A served school, and who has signed in to it."""

    address: str
    house: House
    browser: Any
    states: dict[str, Any] = field(default_factory=dict)

    def context(self, person: str = "nobody", **more: Any) -> Any:
        """Return a new context in which this person is signed in, by a link, as at home."""
        if person not in self.states:
            self.states[person] = self._sign_in(person)
        more.setdefault("viewport", WIDE)
        made = self.browser.new_context(
            base_url=self.address,
            storage_state=self.states[person],
            locale="nl-NL",
            timezone_id="Europe/Amsterdam",
            **more,
        )
        made.set_default_timeout(20_000)
        return made

    def link(self, person: str) -> str:
        """Return the address of a link that signs somebody in, once."""
        store = self.house.store.of("oost")
        return "/link/" + accounts.make_link(store, person, int(self.house.clock.now))

    def invitation(self, person: str) -> str:
        """Return the address of an invitation."""
        store = self.house.store.of("oost")
        return "/invite/" + accounts.invite(store, None, person, int(self.house.clock.now))

    def pages(self, person: str) -> list[str]:
        """Return where this person may GET a page: every such address of the app, and one more."""
        role = VISITORS[person]
        found = [self._address(row, person) for row in table.TABLE if _is_page(row, role)]
        return [*found, "/nowhere"]

    def _address(self, row: table.Row, person: str) -> str:
        doors = {"/invite/{token}": self.invitation, "/link/{token}": self.link}
        if row.path in doors:
            return doors[row.path]("eva")
        known = ASKED.get(f"GET {row.path}")
        if known is None and "{" in row.path:
            raise AssertionError(f"write in support/asked.py how GET {row.path} is asked for")
        address = known[0] if known else row.path
        return address.replace("noor", "sem") if person == "sem" else address

    def _sign_in(self, person: str) -> Any:
        context = self.browser.new_context(base_url=self.address, locale="nl-NL")
        if person != "nobody":
            page = context.new_page()
            page.goto(self.link(person))
            page.locator("main button[type=submit]").click()
            page.wait_for_url(lambda url: "/link/" not in url)
        state = context.storage_state()
        context.close()
        return state


def _is_page(row: table.Row, role: str) -> bool:
    is_file = "." in row.path.rsplit("/", 1)[-1]
    if row.method != "GET" or row.path.startswith(table.V1) or row.path == "/healthz" or is_file:
        return False
    held = {table.SIGNED_IN, *role.split(", ")} if role else {table.ANYBODY}
    return bool(held & set(row.who.split(", ")))


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an app on a free port for a `with` block, which is given its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", server_header=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()  # the socket listens already: a browser waits until the server takes it up
    try:
        # By its name: for a number no browser makes a passkey.
        yield f"http://localhost:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@contextmanager
def open_site(folder: Path, browser: Any) -> Iterator[Site]:
    """Serve a school in which everything has happened once, for a `with` block."""
    made = house(folder)
    live(made)
    with served(made.app) as address:
        yield Site(address, made, browser)
    made.store.close()


def live(made: House) -> None:
    """Let everything happen once: the lamp, strips, cards, a shared week, devices, tokens."""
    builder, last_utc_s = PageBuilder(), utc_s("2026-11-23T12:00")
    builder.begin(JOURNAL_ID, 1, last_utc_s, 0)
    builder.append(400, 300, 2500, 150_000, 0, FOCUS << 4 | ABOVE_USUAL << 6, 0, 60)
    store = made.store.of("oost")
    store.commit_pages(Info(), [bytes(builder.close(5000))], last_utc_s + 60)
    made.clock.now = utc_s("2026-11-16T08:00")
    noor = made.browser("noor")
    _done(noor, "/me/strips", lesson=lesson(MONDAY, 9, "wi").id, form_id="f1", reason="rest")
    made.clock.now = utc_s("2026-11-23T13:00")
    noor, ada = made.browser("noor"), made.browser("ada")  # a week later one signs in again
    _done(noor, "/me/strips", lesson=lesson(MONDAY.replace(day=25), 9, "wi").id, form_id="f2")
    _done(noor, f"/me/weeks/{WEEK}/cards", noticed=["outside"], experiment="same_bed")
    for person in ("max", "pa"):
        chosen = {"part": PARTS, "viewer": [person]}
        _done(noor, f"/me/weeks/{WEEK}/sharing/preview", **chosen)
        _done(noor, f"/me/weeks/{WEEK}/sharing", **chosen)
    _done(ada, "/school/tokens", label="hub op zolder", purpose="hub")
    _done(ada, "/school/hubs", label="hub in de gang")
    for seconds, result in enumerate(("The connection to the device was lost.", "no such words")):
        times = {"started_utc_s": last_utc_s + seconds, "ended_utc_s": last_utc_s + seconds}
        told = dict.fromkeys(("frames", "bytes", "pages_new", "epochs_new"), 0)
        store.log_session(Info(), **times, **told, result=result)
    _done(ada, "/school/devices", device="ab" * 8, label="blauw 2", student="sem")


def _done(browser: Browser, address: str, **fields: object) -> None:
    answer = browser.post(address, **fields)
    assert answer.status_code in (200, 303), (address, answer.status_code)
    assert not answer.headers.get("location", "").startswith("/sign-in"), address


@dataclass
class Tour:
    """A walk through pages in one tab; `wrong` collects what must not be."""

    page: Any
    person: str
    wrong: list[tuple[object, ...]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.wrong.append((self.page.url, str(error))))
        self.page.on("requestfailed", self._failed)
        self.page.on("console", self._said)

    def through(self, addresses: list[str]) -> Iterator[str]:
        """Open one page after the other. Where one leads on to another of them it is left out."""
        for address in addresses:
            answer = self.page.goto(address)
            if answer.request.redirected_from is not None:
                continue
            expected = {200}
            if address.startswith(("/nowhere", "/sign-in/service")):
                expected = {404}
            elif self.person in BEGINNERS:  # no child, nothing shared with them
                expected = {200, 404}
            if answer.status not in expected:
                self.wrong.append((address, answer.status))
            elif answer.status == 200 or address.startswith("/nowhere"):
                self.seen.append(address)
                yield address

    def told(self) -> str:
        """Return what is wrong, a line each."""
        return "\n".join(" ".join(map(str, one)) for one in self.wrong)

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # left before its icon had come
            self.wrong.append((self.page.url, request.url, request.failure))

    def _said(self, said: Any) -> None:
        # The browser says of a page that is not there that it is not there.
        is_asked_for = "404" in said.text and said.location["url"] == self.page.url
        if said.type in ("error", "warning") and not is_asked_for:
            self.wrong.append((self.page.url, said.text))
