"""A school in a real database: made step by step, so that a run that was cut off goes on."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

from bioklok.errors import BioklokFailure
from bioklok.office import consenting
from bioklok.office.intake import Intake
from bioklok.office.settings import Settings, keep_settings, settings_of
from bioklok.reports.week import week_from_pages
from bioklok.school.consent import Answer
from bioklok.school.days import week_of
from bioklok.school.people import Role, parent_tie
from bioklok.store import Store

from benchmarks.load.pages import MINUTES, VARIANTS, WEEKS, ZONE, Info, six_weeks

SCHOOL = "load"
BATCH = 48  # pages a commit: a day of one device, what a sync brings in about a second
YEAR_WEEKS = 52
_DAY_S = 86_400

Report = Callable[[int, int], None]


def student_id(n: int) -> str:
    return f"s{n:04}"


def device_id(n: int) -> str:
    return f"{n + 1:016x}"


def began(monday: date) -> int:
    """When everybody said yes: before the first of the six weeks."""
    first = monday - timedelta(weeks=WEEKS + 1)
    return int(datetime.combine(first, datetime.min.time(), ZONE).timestamp())


def make_people(home: Store, n_students: int, monday: date, report: Report) -> Store:
    """Make the school, its students with a parent each, consent, a Bioklok, and weekly figures."""
    store = home.of(SCHOOL)
    if SCHOOL not in {one.id for one in store.schools()}:
        store.add_school("Load")
        settings: Settings = settings_of(store)
        keep_settings(store, None, replace(settings, oldest_text=1))
    there = {one.id for one in store.accounts()}
    at = began(monday)
    figures = week_from_pages(six_weeks(monday, 0), "s", week_of(monday - timedelta(weeks=1)))
    for n in range(n_students):
        if f"done{n}" not in there:
            with suppress(BioklokFailure):  # made before it was cut off
                store.add_person(
                    student_id(n), f"Student {n}", {Role.STUDENT}, born=date(2013, 5, 4)
                )
            with suppress(BioklokFailure):
                store.add_person(f"p{n}", f"Parent {n}", {Role.PARENT})
            _enrol(store, n, at)
            _put_year(store, n, monday, figures.to_dict(), at)
            store.add_person(f"done{n}", "-", {Role.MENTOR})
        report(n + 1, n_students)
    return store


def _enrol(store: Store, n: int, at: int) -> None:
    student, parent = store.account(student_id(n)).person, store.account(f"p{n}").person
    if not store.ties(student.id):
        store.add_tie(parent_tie(parent, student, at))
    for by in (parent, student):
        consenting.answer(store, by, student.id, Answer.AGREES, at)
    store.hand_out(device_id(n), student.id, f"Bioklok {n}")


def _put_year(store: Store, n: int, monday: date, figures: dict[str, object], at: int) -> None:
    with store.desk(student_id(n)) as desk:
        for back in range(WEEKS + 1, YEAR_WEEKS + 1):
            week = week_of(monday - timedelta(weeks=back))
            desk.put_weekly(week, {**figures, "week": week, "made_at_utc_s": at}, at)


def bring_in(store: Store, n: int, monday: date, received_utc_s: int) -> int:
    """Bring in what is missing of a student's six weeks, as a hub does; return how many pages."""
    made = six_weeks(monday, n % VARIANTS)
    info = Info(device_id(n), len(made))
    intake = Intake(store, lambda: float(received_utc_s))
    first = intake.open_journal(info)
    new = 0
    for start in range(first, len(made), BATCH):
        new += len(intake.commit_pages(info, made[start : start + BATCH], received_utc_s))
    if new:
        counts = {"frames": 3 * new, "bytes": 540 * new, "pages_new": new, "epochs_new": 30 * new}
        store.log_session(
            info, started_utc_s=received_utc_s, ended_utc_s=received_utc_s + 60, **counts
        )
    return new


def n_missing(store: Store, n_students: int) -> int:
    """Return how many students do not have all of their minutes yet."""
    return sum(store.n_epochs(device_id(n)) < MINUTES for n in range(n_students))
