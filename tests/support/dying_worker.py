"""A process that is killed while it works: says on stdout what it was told is stored.

    python dying_worker.py URL pages|strips FIRST

pages   commits pages of noor's device from sequence FIRST on, four at a time; says "page N" of each
strips  gives noor strips one by one and asks for and takes back lessons; says "grant N", "asked ID"
"""

import sys
from contextlib import suppress
from dataclasses import replace

from bioklok.office import strips
from bioklok.office.intake import Intake
from bioklok.school.strips import NotPossible
from bioklok.store import Store, open_store
from support.campus import DEVICE, NOW, SCHOOL, lessons
from support.school import at
from support.synthetic import Info, Minute, pages

AT_ONCE = 4
FIRST_MINUTE = at("2026-09-07T08:00")
PAGE_S = 1800
MOST = 20_000  # more than 60 lives of 0.4 s come to on a fast computer


def page(sequence: int) -> bytes:
    """The page that noor's device has at this place."""
    start = FIRST_MINUTE + PAGE_S * sequence
    marks = 0 if sequence % 3 else 1
    return pages(start, [Minute(marks=marks)] * 30, sequence=sequence, journal_id=5)[0]


def say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def commit(store: Store, first: int) -> None:
    received = FIRST_MINUTE + PAGE_S * MOST
    info = Info(DEVICE["noor"], 5)
    intake = Intake(store, lambda: received)
    intake.open_journal(replace(info, next=MOST, n_pages=MOST))
    for start in range(first, MOST, AT_ONCE):
        made = [page(n) for n in range(start, start + AT_ONCE)]
        intake.commit_pages(info, made, received)
        for n in range(start, start + AT_ONCE):
            say(f"page {n}")


def enter(store: Store, first: int) -> None:
    noor, administrator = store.account("noor").person, store.account("a").person
    all_lessons = lessons()
    for n in range(first, MOST):
        strips.give_more(store, administrator, "noor", 1, f"g{n}", NOW)
        say(f"grant {n}")
        lesson = all_lessons[n % len(all_lessons)].id
        asked = strips.ask(store, noor, "noor", lesson, NOW, form_id=f"f{n}")
        say(f"asked {asked.request_id}")
        with suppress(NotPossible):  # a request from before a kill holds that lesson
            strips.withdraw(store, noor, "noor", asked.request_id, NOW)


def main() -> None:
    url, what, first = sys.argv[1:]
    with open_store(url) as home:
        store = home.of(SCHOOL)
        (commit if what == "pages" else enter)(store, int(first))


if __name__ == "__main__":
    main()
