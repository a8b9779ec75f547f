"""Whether all that a database holds is what may stand there, whoever put it there. No tests."""

import json
import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import date

from bioklok.errors import BioklokFailure
from bioklok.office.reflection import MOST_LETTERS, read
from bioklok.office.settings import FIRST_YEAR, LAST_YEAR, settings_of
from bioklok.office.wearing import check, wishes_at
from bioklok.school.days import checked_week
from bioklok.school.ledger import Account as Strips
from bioklok.school.people import Role
from bioklok.store import Account, Desk, Store
from bioklok.store.access import EXPORT, HUB, INVITATION, LINK, SESSION
from bioklok.timetables.address import feed_address
from sqlalchemy import text
from support.school_web import NOW

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_LINE, _LABEL = 80, 40
_MOST_TEXT = 400_000  # of a timetable or of a school's decisions
_UNSEEN = ("Cc", "Cs")
_ABOUT_PEOPLE = {"person", "tie", "device", "credential"}


def complaints(home: Store, tables: Collection[str]) -> list[str]:
    """Return what is wrong in these tables of a database, in all its schools; nothing: []."""
    found = list(_columns(home, tables))
    for school in home.schools():
        store = home.of(school.id)
        try:
            found += [f"{school.id}: {one}" for one in _of_school(store, set(tables))]
        except (BioklokFailure, ValueError, KeyError) as error:
            found.append(f"{school.id}: what is stored cannot be read: {error!r}")
    return found


def _columns(home: Store, tables: Collection[str]) -> Iterator[str]:
    """Of every text in every row: no NUL and nothing that is no letter, and an end."""
    with home.engine.connect() as connection:
        for name in tables:
            for row in connection.execute(text(f'SELECT * FROM "{name}"')):
                for column, value in row._mapping.items():
                    if isinstance(value, str) and not _is_plain(value, _MOST_TEXT):
                        yield f"{name}.{column}: {value[:80]!r}"


def _of_school(store: Store, changed: set[str]) -> Iterator[str]:
    if "school" in changed:
        yield from _settings(store)
    if "ticket" in changed:
        yield from _tickets(store)
    if changed & _ABOUT_PEOPLE:
        people = {one.id: one for one in store.accounts()}
        yield from _ties(store, people)
        yield from _devices(store, set(people))
        for one in people.values():
            yield from _account(one)
            for way in store.credentials(one.id):
                if way.kind not in ("password", "passkey"):
                    yield f"a way to sign in {way.kind!r}"
    if changed - _ABOUT_PEOPLE - {"school", "ticket"}:
        for student in store.accounts(Role.STUDENT):
            with store.reading(student.id) as desk:
                yield from _papers(desk)


def _ties(store: Store, people: dict[str, Account]) -> Iterator[str]:
    for tie in store.ties():
        if not {tie.adult_id, tie.student_id} <= set(people):
            yield f"a tie of nobody: {tie}"
        elif tie.role not in people[tie.adult_id].person.roles or tie.role not in (
            Role.PARENT,
            Role.MENTOR,
        ):
            yield f"a tie that cannot be: {tie}"


def _devices(store: Store, people: set[str]) -> Iterator[str]:
    for device in store.devices():
        if not re.fullmatch("[0-9a-f]{16}", device.device_id):
            yield f"a device {device.device_id!r}"
        if device.student_id is not None and device.student_id not in people:
            yield f"a device of nobody: {device.student_id!r}"
        if not _is_plain(device.label, _LABEL):
            yield f"a label {device.label!r}"


def _tickets(store: Store) -> Iterator[str]:
    for kind in (HUB, EXPORT, INVITATION, LINK, SESSION):
        for ticket in store.tickets(kind):
            if ticket.expires_at_utc_s <= ticket.created_at_utc_s or (
                kind in (HUB, EXPORT) and not _is_plain(ticket.label, _LINE)
            ):
                yield f"a ticket {kind} {ticket.label!r}"


def _settings(store: Store) -> Iterator[str]:
    kept = settings_of(store)
    numbers = (kept.rules.notice_s, kept.rules.late_answer_s, kept.retention.raw_days)
    if min(numbers) < 0 or kept.retention.raw_days < 1:
        yield f"numbers of the rules {numbers}"
    days = [one for period in kept.rules.periods for one in (period.first, period.last)]
    days += [one for first, last, _ in kept.bell.exceptions for one in (first, last)]
    days += [one for other in kept.overrides for one in (other.first, other.last)]
    if not all(FIRST_YEAR <= day.year <= LAST_YEAR for day in days):
        yield f"days of the rules {days}"
    for hours in (kept.bell.hours, *(hours for _, _, hours in kept.bell.exceptions)):
        if not hours or any(one.end <= one.start or one.start.tzinfo for one in hours):
            yield f"lesson hours {hours}"
    names = [one.name for one in (*kept.rules.periods, *kept.overrides)]
    if not all(_is_plain(name, _LINE) and name for name in names):
        yield f"names in the rules {names}"


def _account(one: Account) -> Iterator[str]:
    person = one.person
    if not _ID.fullmatch(one.id) or not one.name.strip() or not _is_plain(one.name, _LINE):
        yield f"an account {one.id!r} {one.name!r}"
    if not person.roles or one.language not in (None, "nl", "en"):
        yield f"an account with {person.roles} {one.language!r}"
    if person.born is not None and (
        Role.STUDENT not in person.roles
        or not date(1900, 1, 1) <= person.born <= date(2105, 12, 31)
    ):
        yield f"born {person.born} with {person.roles}"


def _papers(desk: Desk) -> Iterator[str]:
    desk.events(), desk.looks(), desk.reason_notes()
    check(wishes_at(desk), NOW)
    for year in desk.years():
        ledger = desk.ledger(year)
        ledger.requests()
        if any(n < 0 for (which, _), n in ledger.accounts().items() if which != Strips.ISSUED):
            yield f"a strip card below zero: {ledger.accounts()}"
    for snapshot in desk.snapshots():
        if any(not re.fullmatch(r"[^\W_]{0,12}", one.subject) for one in snapshot.lessons):
            yield f"subjects {[one.subject for one in snapshot.lessons][:5]}"
    feed = desk.feed()
    if feed is not None and feed[0].kind == "ical":
        feed_address(feed[1])
    for week in desk.weeks():
        checked_week(week)
        cards = read(desk.reflection(week))
        for written in (cards.noticed_words, cards.experiment_words, cards.looking_back):
            if not _is_plain(written, MOST_LETTERS):
                yield f"a card {written[:80]!r}"
        if desk.weekly(week) is not None:
            json.dumps(desk.weekly(week))


def _is_plain(value: str, most: int) -> bool:
    return len(value) <= most and not any(
        unicodedata.category(one) in _UNSEEN and one != "\n" for one in value
    )
