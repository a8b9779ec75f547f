"""What the host does by itself: strips, timetables, weekly figures, keeping no longer than said.

A job is done once for each time that it is due, whoever asks and however often: programs take turns
(`store.turns`), and when a job came to its end is noted. One that failed stays due. Nothing is sent
to anybody.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bioklok.errors import BioklokFailure, NotFound
from bioklok.feeds import Fetcher, fetch_outside, refresh
from bioklok.office.consenting import SCHOOL, NoConsent, verdict
from bioklok.office.results import line_of
from bioklok.office.retention import retention
from bioklok.office.sharp_hours import keep_course
from bioklok.office.strips import settle_all
from bioklok.office.weekly import make_weekly
from bioklok.school.days import local_day, utc_s_at, week_of
from bioklok.store import Account, Store
from bioklok.store.turns import turn

SETTLE, TIMETABLES, SHARP = "settle", "timetables", "sharp"
WEEKLY, RETENTION = "weekly", "retention"
NAMES = (SETTLE, TIMETABLES, WEEKLY, RETENTION, SHARP)

SETTLE_EVERY_S = 15 * 60
TIMETABLES_EVERY_S = 4 * 3600
FRIDAY, WEEKLY_AT = 4, time(15)  # an hour before the weekly moment (school.md, Rules, 3)
RETENTION_AT = time(3)
SHARP_AT = time(4)


@dataclass(frozen=True)
class Done:
    """What became of one job of one school; `failure`: in one line, "" for none."""

    school_id: str
    job: str
    result: str = ""
    failure: str = ""


def due_since(job: str, now_utc_s: int, zone: ZoneInfo) -> int:
    """Return when the job was last due; Unix seconds, in local time at the school where it says
    a time of the day."""
    if job == SETTLE:
        return now_utc_s // SETTLE_EVERY_S * SETTLE_EVERY_S
    if job == TIMETABLES:
        return now_utc_s // TIMETABLES_EVERY_S * TIMETABLES_EVERY_S
    today = local_day(now_utc_s, zone)
    if job == WEEKLY:
        friday = today - timedelta(days=(today.weekday() - FRIDAY) % 7)
        return _last(friday, WEEKLY_AT, timedelta(days=7), now_utc_s, zone)
    at = SHARP_AT if job == SHARP else RETENTION_AT
    return _last(today, at, timedelta(days=1), now_utc_s, zone)


def _last(day: date, at: time, every: timedelta, now_utc_s: int, zone: ZoneInfo) -> int:
    found = utc_s_at(day, at, zone)
    return found if found <= now_utc_s else utc_s_at(day - every, at, zone)


def is_due(store: Store, job: str, now_utc_s: int) -> bool:
    """Say whether a job of the store's school is to be done now.

    At home, where whoever runs the host decides, there are no strips, and nothing is deleted.
    """
    school = store.school()
    if school.kind != SCHOOL and job in (SETTLE, RETENTION):
        return False
    ended = store.jobs().get(job)
    return ended is None or ended.ended_utc_s < due_since(job, now_utc_s, ZoneInfo(school.timezone))


def weeks_due(store: Store, now_utc_s: int) -> list[str]:
    """Return the weeks of which the weekly job makes figures: that of the last Friday, as far as
    it came, and the one before, which is whole by then."""
    zone = ZoneInfo(store.school().timezone)
    friday = datetime.fromtimestamp(due_since(WEEKLY, now_utc_s, zone), zone).date()
    return [week_of(friday - timedelta(days=7)), week_of(friday)]


def run_due(
    store: Store,
    clock: Callable[[], float],
    names: Collection[str] = NAMES,
    *,
    get: Fetcher = fetch_outside,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Done]:
    """Do what is due now for all schools, once; yield what was done.

    A job that fails is told as such and stays due; the others go on. Raises BioklokFailure where
    the database cannot be used at all.
    """
    for school in store.schools():
        of_school = store.of(school.id)
        for name in (one for one in NAMES if one in names):
            if is_stopping():
                return
            done = run_one(of_school, name, clock, get)
            if done is not None:
                yield done


def run_one(
    store: Store, name: str, clock: Callable[[], float], get: Fetcher = fetch_outside
) -> Done | None:
    """Do one job of the store's school, where it is due and nobody else does it; None: it was not.

    Raises BioklokFailure where the database cannot be used.
    """
    now_utc_s = int(clock())
    if not is_due(store, name, now_utc_s):
        return None
    with turn(store, name, now_utc_s) as is_ours:
        # Who had the turn before us may have done it just now.
        if not is_ours or not is_due(store, name, now_utc_s):
            return None
        try:
            result = _run(store, name, now_utc_s, get)
        except BioklokFailure as failure:
            return Done(store.school_id, name, failure=str(failure))
        store.note_job(name, now_utc_s, result)
        return Done(store.school_id, name, result)


def _run(store: Store, name: str, now_utc_s: int, get: Fetcher) -> str:
    if name == SETTLE:
        return line_of(entries=settle_all(store, now_utc_s))
    if name == TIMETABLES:
        return _refresh_all(store, now_utc_s, get)
    if name == RETENTION:
        kept = retention(store, now_utc_s)
        return kept.counts(months_waiting=not store.make_coming_months(now_utc_s))
    students = [one.id for one in store.students()]
    if name == SHARP:
        failed = sum(not sharp_of(store, one, now_utc_s) for one in students)
        return line_of(students=len(students) - failed, failed=failed)
    weeks = weeks_due(store, now_utc_s)
    failed = sum(not weekly_of(store, one, weeks, now_utc_s) for one in students)
    return line_of(students=len(students) - failed, failed=failed)


def sharp_of(store: Store, student_id: str, now_utc_s: int) -> bool:
    """Follow a student's estimator over the pages that came; as `weekly_of`."""
    return _made_of(store, student_id, now_utc_s, lambda one: keep_course(store, one, now_utc_s))


def weekly_of(store: Store, student_id: str, weeks: Collection[str], now_utc_s: int) -> bool:
    """Make a student's figures of these weeks, again where they were made: the same comes out.

    Of somebody who is gone, or without consent, none are made. Return False where what is stored
    cannot be read.
    """

    def figures(account: Account) -> None:
        for week in weeks:
            make_weekly(store, account, week, now_utc_s)

    return _made_of(store, student_id, now_utc_s, figures)


def _made_of(
    store: Store, student_id: str, now_utc_s: int, make: Callable[[Account], None]
) -> bool:
    try:
        account = store.account(student_id)
        if verdict(store, student_id, now_utc_s).since_utc_s is None:
            return True
    except NotFound:
        return True
    try:
        make(account)
    except NoConsent:  # somebody said stop while it was made
        return True
    except BioklokFailure:
        return False
    return True


def _refresh_all(store: Store, now_utc_s: int, get: Fetcher) -> str:
    problems = [refresh(store, store.account(one.id), now_utc_s, get) for one in store.students()]
    failed = sum(one is not None for one in problems)
    return line_of(students=len(problems) - failed, failed=failed)
