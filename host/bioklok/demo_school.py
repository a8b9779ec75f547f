"""The demo's school: what the devices measured, once more, among people who share and agree.

The same devices are synced into a school of their own, `demoschool`: with a parent's consent and
the child's, a mentor, an administrator, a timetable. Running it again changes nothing. Whoever
serves the demo gets a link for each of its people.
"""

import time
from collections.abc import Sequence
from datetime import date, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from bioklok.errors import NotFound
from bioklok.office import accounts, consenting, sharing
from bioklok.school.consent import Answer
from bioklok.school.days import local_day, utc_s_at
from bioklok.school.people import Role
from bioklok.school.sharing import Part
from bioklok.school.timetable import Lesson, Snapshot
from bioklok.settings import DEFAULT_TIMEZONE
from bioklok.store import Account, Store

SCHOOL = "demoschool"
STUDENT, RECORDED = "mila", "robin"
MENTOR, PARENT, ADMINISTRATOR = "mulder", "jansen", "beheer"
ZONE = ZoneInfo(DEFAULT_TIMEZONE)
_ENROLLED = utc_s_at(date(2019, 1, 7), clock_time(9), ZONE)  # before the first recorded minute
_PEOPLE = (
    (STUDENT, "Mila", Role.STUDENT),
    (RECORDED, "Robin", Role.STUDENT),
    (PARENT, "Jo Jansen", Role.PARENT),
    (MENTOR, "Mees Mulder", Role.MENTOR),
    (ADMINISTRATOR, "Bo Beheer", Role.ADMINISTRATOR),
)
_BORN = date(2014, 5, 4)
# Monday to Friday, four lessons, as a first-year class may have them.
_LESSONS = (("NE", "WI", "EN", "BI"), ("GS", "WI", "LO", "LO"), ("EN", "AK", "NE", "TE"))
_STARTS = (clock_time(8, 30), clock_time(9, 20), clock_time(10, 30), clock_time(11, 20))
_WEEKS_AHEAD = 3


def open_school(home: Store, monday: date) -> Store:
    """Return the demo's school, made where there is none. monday: of the virtual week."""
    store = home.of(SCHOOL)
    try:
        store.school()
    except NotFound:
        store.add_school("Demoschool")
        for person_id, name, role in _PEOPLE:
            born = _BORN if role is Role.STUDENT else None
            accounts.add_member(store, None, person_id, name, [role], born)
        for student_id in (STUDENT, RECORDED):
            accounts.tie(store, None, PARENT, student_id, Role.PARENT, _ENROLLED)
            for by in (PARENT, student_id):
                person = store.account(by).person
                consenting.answer(store, person, student_id, Answer.AGREES, _ENROLLED)
    now_utc_s = int(time.time())
    for student_id in (STUDENT, RECORDED):
        # A mentor's tie is for a school year: the demo may be run in another one.
        if not any(
            tie.adult_id == MENTOR and tie.holds(now_utc_s) for tie in store.ties(student_id)
        ):
            accounts.tie(store, None, MENTOR, student_id, Role.MENTOR, now_utc_s)
        _keep_timetable(store, student_id, monday, now_utc_s)
    return store


def share_week(store: Store, week: str) -> None:
    """Let Mila share rhythm and nights with her mentor, after a look at what he will see."""
    mila = store.account(STUDENT)
    now_utc_s = int(time.time())
    if sharing.shared_with(store, mila, now_utc_s).get(MENTOR):
        return
    parts = [Part.RHYTHM, Part.SLEEP_TIMES]
    sharing.preview(store, mila, week, parts, [MENTOR], now_utc_s)
    sharing.share(store, mila, week, parts, [MENTOR], now_utc_s)


def sign_in_links(home: Store, address: str) -> list[tuple[str, str]]:
    """Return who it is and a link that signs in, of each of the school's people."""
    store, now_utc_s = home.of(SCHOOL), int(time.time())
    return [
        (
            _described(store.account(person_id)),
            f"{address}/link/{_link(store, person_id, now_utc_s)}",
        )
        for person_id, _, _ in _PEOPLE
    ]


def _described(account: Account) -> str:
    return f"{account.name} ({', '.join(sorted(account.person.roles))})"


def _link(store: Store, person_id: str, now_utc_s: int) -> str:
    return accounts.make_link(store, person_id, now_utc_s)


def _keep_timetable(store: Store, student_id: str, monday: date, now_utc_s: int) -> None:
    """One snapshot of the virtual week, and one of the weeks from today on."""
    today = local_day(now_utc_s, ZONE)
    this_monday = today - timedelta(days=today.weekday())
    with store.desk(student_id) as desk:
        known = desk.snapshots()
        if not known:
            taken = utc_s_at(monday - timedelta(days=3), clock_time(16), ZONE)
            desk.add_snapshot(_snapshot(student_id, taken, monday, 1))
        if not any(one.from_utc_s == _midnight(this_monday) for one in known):
            desk.add_snapshot(_snapshot(student_id, now_utc_s, this_monday, _WEEKS_AHEAD))


def _snapshot(student_id: str, taken_at_utc_s: int, monday: date, n_weeks: int) -> Snapshot:
    last = monday + timedelta(weeks=n_weeks)
    days = [monday + timedelta(days=n) for n in range(7 * n_weeks)]
    lessons = [one for day in days if day.isoweekday() < 6 for one in _lessons_of(day)]
    return Snapshot(
        SCHOOL, student_id, taken_at_utc_s, _midnight(monday), _midnight(last), tuple(lessons)
    )


def _lessons_of(day: date) -> Sequence[Lesson]:
    subjects = _LESSONS[day.weekday() % len(_LESSONS)]
    made = []
    for start, subject in zip(_STARTS, subjects, strict=True):
        start_utc_s = utc_s_at(day, start, ZONE)
        made.append(Lesson(start_utc_s, start_utc_s + 50 * 60, subject, f"{day}-{start:%H%M}"))
    return made


def _midnight(day: date) -> int:
    return utc_s_at(day, clock_time(), ZONE)
