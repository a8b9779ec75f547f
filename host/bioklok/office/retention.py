"""Keeping nothing longer than was said (school.md, Privacy): a job, safe to run again and again."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from bioklok.errors import BioklokFailure
from bioklok.office import erasure
from bioklok.office.consenting import NoConsent, verdict
from bioklok.office.results import line_of
from bioklok.office.settings import Retention, settings_of, zone_of_school
from bioklok.office.weekly import make_weekly
from bioklok.reports.week import MARGIN, monday_of, weeks_with_data, zone_of
from bioklok.school.days import SchoolYear, local_day, utc_s_at, week_of
from bioklok.school.people import Role
from bioklok.store import Account, Store
from bioklok.store.keeping import Bounds

JOB = "retention"
_DAY_S = 86_400
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Kept:
    """What a run did, or with `dry` would do. `unreadable`: students of whom no figures could be
    made, as their key is not there or what is stored was damaged."""

    rows: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    weeks: int = 0
    accounts: int = 0
    months: int | None = 0
    unreadable: int = 0
    is_dry: bool = False

    def line(self) -> str:
        """Return the run in one line."""
        rows = ", ".join(f"{n} {name}" for name, n in sorted(self.rows.items()) if n)
        said = [
            f"{'would empty' if self.is_dry else 'emptied'} {self.pages} pages",
            f"{self.weeks} weeks' figures made",
            f"rows deleted: {rows or 'none'}",
            f"{self.accounts} accounts erased",
        ]
        if self.months:
            said.append(f"{self.months} empty months dropped")
        if self.months is None:
            said.append("empty months left to the database's owner")
        if self.unreadable:
            said.append(f"{self.unreadable} students could not be read")
        return "; ".join(said)

    def counts(self, *, months_waiting: bool = False) -> str:
        """Return the run as a job's result. months_waiting: next month's table is made tomorrow.
        Of `months_left` it says that there may be some, not how many."""
        return line_of(
            pages=self.pages,
            weeks=self.weeks,
            rows=sum(self.rows.values()),
            accounts=self.accounts,
            months=self.months or 0,
            unreadable=self.unreadable,
            months_waiting=int(months_waiting),
            months_left=int(self.months is None),
        )


def retention(store: Store, now_utc_s: int, *, dry: bool = False) -> Kept:
    """Delete what is older than the school said, after the weekly figures were made of it.

    `dry`: change nothing, and count. Raises BioklokFailure where the database cannot be used.
    """
    bounds = bounds_at(store, settings_of(store).retention, now_utc_s)
    if not dry:
        erasure.finish(store)
    n_weeks, unreadable = 0, 0
    pages, rows = store.forget_pages(bounds, None, dry), Counter[str]()
    for student in store.accounts(Role.STUDENT):
        try:
            n_weeks += _make_figures(store, student, bounds, dry)
        except BioklokFailure:
            # The promise to keep nothing longer outweighs the figures; the line says so.
            unreadable += 1
        pages += store.forget_pages(bounds, student.id, dry)
        rows.update(store.forget_papers(student.id, bounds, dry))
    rows.update(store.forget_rest(bounds, dry))
    n_accounts = _erase_closed(store, bounds, dry)
    months = 0 if dry else store.drop_empty_months(bounds.raw_utc_s)
    kept = Kept(rows, pages, n_weeks, n_accounts, months, unreadable, dry)
    if not dry:
        store.note_job(JOB, now_utc_s, kept.counts())
    return kept


def bounds_at(store: Store, kept: Retention, now_utc_s: int) -> Bounds:
    """Return before when things go. The school year begins on 1 August, at the school."""
    zone = zone_of_school(store)
    year = SchoolYear.of(local_day(now_utc_s, zone))
    return Bounds(
        raw_utc_s=now_utc_s - kept.raw_days * _DAY_S,
        look_utc_s=now_utc_s - kept.look_days * _DAY_S,
        session_utc_s=now_utc_s - kept.session_days * _DAY_S,
        year_utc_s=utc_s_at(year.first, time(), zone),
        week=week_of(year.first),
        year=year.begins,
        now_utc_s=now_utc_s,
    )


def _make_figures(store: Store, student: Account, bounds: Bounds, dry: bool) -> int:
    """Make the figures of each week of which the first minutes go now, and have not gone before.

    A week is judged with half a day on either side, so they are made before those go.
    """
    if verdict(store, student.id, bounds.now_utc_s).since_utc_s is None:
        return 0  # nothing new is made of what is kept until its time is over
    zone = zone_of(student.timezone)
    n_weeks = 0
    for week in weeks_with_data(store, student.id, student.timezone):
        monday = datetime.combine(monday_of(week), time(), zone)
        first_s = int((monday - MARGIN).timestamp())
        last_s = int((monday + _WEEK + MARGIN).timestamp())
        if first_s >= bounds.raw_utc_s or week < bounds.week:
            continue
        with store.reading(student.id) as desk:
            before = desk.weekly(week)
        received_s = store.newest_page_utc_s(student.id, first_s, last_s)
        if before is not None and (received_s or 0) <= before.get("made_at_utc_s", 0):
            continue
        n_weeks += 1
        if not dry:
            try:
                make_weekly(store, student, week, bounds.now_utc_s)
            except NoConsent:
                return n_weeks - 1  # somebody said stop while they were made
    return n_weeks


def _erase_closed(store: Store, bounds: Bounds, dry: bool) -> int:
    """Erase accounts that were closed in a past school year.

    Of an adult when no log names them any more: the student may read who looked, and has to be able
    to show whose word it was.
    """
    closed = [
        one
        for one in store.accounts()
        if one.ended_utc_s is not None and one.ended_utc_s < bounds.year_utc_s
    ]
    students = [one for one in closed if Role.STUDENT in one.person.roles]
    for student in students:
        if not dry:
            erasure.erase(store, None, student.id, bounds.now_utc_s)
    adults = [one for one in closed if Role.STUDENT not in one.person.roles]
    if adults:
        named = store.named_in_logs()
        adults = [one for one in adults if one.id not in named]
    for adult in adults:
        if not dry:
            store.erase_person(adult.id, bounds.now_utc_s)
    if adults and not dry:
        store.finish_erasures()
    return len(students) + len(adults)
