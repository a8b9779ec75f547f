"""A student of whom every table holds something, on the campus. No tests here."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bioklok.office import sharing, strips
from bioklok.office.intake import Intake
from bioklok.school.people import Role, Tie
from bioklok.school.reasons import StripReason
from bioklok.school.sharing import Part
from bioklok.store import Store
from bioklok.store.access import INVITATION, SESSION
from sqlmodel import SQLModel, select
from support.campus import BEGAN, DEVICE, NOW
from support.synthetic import Info, Minute, pages

NAME = "Noor de Vries"
WORDS = "Ik was na het zwemmen het scherpst"
FEED = "https://elo.somtoday.nl/services/webdav/calendarfeed/4f1c/9b7e"
WEEK = "2026-W47"
N_MINUTES = 24 * 60


def fill(store: Store) -> list[bytes]:
    """Have noor do everything that leaves a row; return the pages that came in."""
    info = Info(DEVICE["noor"])
    intake = Intake(store, lambda: NOW)
    intake.open_journal(info)
    made = pages(NOW, [Minute(marks=n % 3 == 0) for n in range(N_MINUTES)])
    intake.commit_pages(info, made, NOW + 86_400)
    for journal in (info, Info(DEVICE["noor"], journal_id=None)):  # type: ignore[arg-type]
        store.log_session(
            journal,
            started_utc_s=NOW,
            ended_utc_s=NOW + 9,
            frames=9,
            bytes=9,
            pages_new=9,
            epochs_new=9,
        )
    noor, now = store.account("noor"), NOW + 2 * 86_400
    sharing.preview(store, noor, WEEK, [Part.RHYTHM], ["m"], now)
    sharing.share(store, noor, WEEK, [Part.RHYTHM], ["m"], now + 1)
    assert sharing.week_for(store, store.account("m"), "noor", WEEK, now + 2)
    card = strips.card(store, noor, now)
    lesson = card.lessons[0].id
    strips.ask(store, noor.person, "noor", lesson, now, form_id="f", reason=StripReason.REST)
    with store.desk("noor") as desk:
        desk.put_reflection(WEEK, {"words": WORDS}, now)
        desk.put_weekly(WEEK, {"n_epochs": 1}, now)
        desk.put_wishes({"dark_from_min": 1230})
        desk.put_course({"form": 0}, now)
        desk.put_grade(now // 900 * 900, 4)
        desk.put_feed("somtoday", "elo.somtoday.nl", FEED)
    store.put_credential("noor", "password", "password", "$argon2id$hash")
    for kind in (INVITATION, SESSION):
        store.issue(kind, "noor", 30 * 86_400, "the laptop of Noor", now)
    # Somebody can be tied to a student only as an adult; the column is there all the same.
    store.add_tie(Tie(store.school_id, "sem", "q", Role.PARENT, BEGAN, NOW))
    return made


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the school in every table."""
    found = {}
    with store._read() as session:
        for table in SQLModel.metadata.sorted_tables:
            query = select(table)
            if "school_id" in table.c:
                query = query.where(table.c.school_id == store.school_id)
            found[table.name] = [tuple(row) for row in session.execute(query)]
    return found


def told(value: object) -> Iterator[str]:
    yield value.decode("latin-1") if isinstance(value, bytes) else str(value)


def files_of(database: Path) -> dict[str, bytes]:
    """The bytes of a database file, and of what SQLite keeps beside it."""
    return {
        file.name: file.read_bytes()
        for file in database.parent.iterdir()
        if file.name.startswith(database.name) and file.is_file()
    }


def copy_of(database: Path, target: Path) -> None:
    """A copy as somebody who steals the disk would have it."""
    with closing(sqlite3.connect(database)) as a, closing(sqlite3.connect(target)) as b:
        a.backup(b)


def mentions(found: dict[str, list[tuple[Any, ...]]], who: str) -> set[str]:
    """The tables in which somebody is named by their id."""
    word = re.compile(rf"\b{who}\b", re.IGNORECASE)
    return {
        table
        for table, its in found.items()
        for row in its
        for value in row
        if isinstance(value, str) and word.search(value)
    }
