"""The demo's school: what the devices measured, among people who share, or do not.

A school of its own, `demoschool`: students of clearly different kinds, their parents, a mentor, an
administrator, a timetable for each class. Making it again changes nothing. Whoever serves the demo
gets a link for each of those at whose pages there is something to see.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from bioklok.errors import NotFound
from bioklok.office import accounts, consenting
from bioklok.office.settings import keep_settings, settings_of
from bioklok.school.consent import Answer
from bioklok.school.days import local_day, utc_s_at
from bioklok.school.people import Role
from bioklok.school.timetable import Lesson, Snapshot
from bioklok.settings import DEFAULT_TIMEZONE
from bioklok.store import Store

SCHOOL = "demoschool"
STUDENT, RECORDED, IMPORTED = "mila", "robin", "jip"
MENTOR, PARENT, ADMINISTRATOR = "mulder", "jansen", "beheer"
# Who is of which kind of `simulator.student.KINDS`.
KIND_OF = {
    "sanne": "early",
    "daan": "late",
    "fleur": "short sleeper",
    "bram": "irregular",
    "lotte": "ill",
    "thijs": "hardly wears it",
}
ZONE = ZoneInfo(DEFAULT_TIMEZONE)
_ENROLLED = utc_s_at(date(2019, 1, 7), clock_time(9), ZONE)  # before the first recorded minute


@dataclass(frozen=True)
class _Pupil:
    """A student: class, and parents by id."""

    id: str
    name: str
    born: date
    group: str
    parents: tuple[str, ...]
    see: str  # what is worth seeing on their pages


# Mila and Robin are of one home; Fleur's parents live apart.
_PUPILS = (
    _Pupil(STUDENT, "Mila", date(2014, 5, 4), "1a", (PARENT,), "the usual week, shared with him"),
    _Pupil(
        "sanne", "Sanne", date(2014, 9, 21), "1a", ("bakker",), "early, and sharp in the morning"
    ),
    _Pupil("daan", "Daan", date(2012, 2, 11), "3b", ("peters",), "late, and sharp after school"),
    _Pupil(
        "fleur", "Fleur", date(2012, 11, 2), "3b", ("visser", "smit"), "short nights, all of them"
    ),
    _Pupil("bram", "Bram", date(2014, 1, 30), "1a", ("dekker",), "no two nights alike"),
    _Pupil("lotte", "Lotte", date(2012, 7, 8), "3b", ("postma",), "Wednesday and Thursday in bed"),
    _Pupil("thijs", "Thijs", date(2013, 12, 19), "1a", ("kuiper",), "too little data, as it says"),
    _Pupil(RECORDED, "Robin", date(2014, 5, 4), "1a", (PARENT,), "a real night, of 21 March 2019"),
    _Pupil(
        IMPORTED, "Jip", date(2012, 4, 17), "3b", ("kuiper",), "a real week of another recorder"
    ),
)
STUDENTS = tuple(one.id for one in _PUPILS)
_GROWN_UPS = (
    (MENTOR, "Mees Mulder", Role.MENTOR, "who shared what, and what waits for an answer"),
    (PARENT, "Jo Jansen", Role.PARENT, "of Mila and Robin: consent, and nothing shared"),
    ("visser", "Karin Visser", Role.PARENT, "lives apart from Erik; Fleur shares with her"),
    ("smit", "Erik Smit", Role.PARENT, "lives apart from Karin, and sees nothing of that"),
    (ADMINISTRATOR, "Bo Beheer", Role.ADMINISTRATOR, "people, devices, rules, and nobody's rhythm"),
    ("bakker", "Anouk Bakker", Role.PARENT, ""),
    ("peters", "Ruud Peters", Role.PARENT, ""),
    ("dekker", "Hanna Dekker", Role.PARENT, ""),
    ("postma", "Sjoerd Postma", Role.PARENT, ""),
    ("kuiper", "Els Kuiper", Role.PARENT, ""),
)

# Lessons of a day, for three days in turn; two classes.
_LESSONS = {
    "1a": (
        ("NE", "WI", "EN", "BI", "TE", "MU"),
        ("GS", "WI", "LO", "LO", "NE", "AK"),
        ("EN", "AK", "NE", "TE", "WI", "BI"),
    ),
    "3b": (
        ("WI", "NA", "DU", "NE", "FA", "SK"),
        ("EN", "EC", "WI", "GS", "LO", "LO"),
        ("SK", "NE", "FA", "EN", "NA", "WI"),
    ),
}
_STARTS = ((8, 30), (9, 20), (10, 30), (11, 20), (12, 10), (13, 20))  # as the usual bell rings
_WEEKS_AHEAD = 3
_WEEK_S = 7 * 24 * 3600


def open_school(home: Store, monday: date) -> Store:
    """Return the demo's school, made where there is none. monday: of the virtual week."""
    store = home.of(SCHOOL)
    now_utc_s = int(time.time())
    try:
        store.school()
    except NotFound:
        store.add_school("Demoschool")
        _keep_rules(store)
    for one, name, role, _ in _GROWN_UPS:
        _ensure(store, one, name, role)
    for pupil in _PUPILS:
        _ensure(store, pupil.id, pupil.name, Role.STUDENT, pupil.born)
        _consent(store, pupil)
        _tie_mentor(store, pupil.id, now_utc_s)
        _keep_timetable(store, pupil, monday, now_utc_s)
    return store


def last_monday(now_utc_s: int) -> date:
    """Return the Monday of the week before this one, at the school."""
    today = local_day(now_utc_s, ZONE)
    return today - timedelta(days=today.weekday() + 7)


def sign_in_links(home: Store, address: str) -> list[tuple[str, str]]:
    """Return who it is and, under what is worth seeing there, a link that signs in."""
    store, now_utc_s = home.of(SCHOOL), int(time.time())
    people = [(one.id, one.name, Role.STUDENT, one.see) for one in _PUPILS]
    people += [one for one in _GROWN_UPS if one[3]]
    return [
        (
            f"{name}, {role.value}",
            f"{see}\n{address}/link/{accounts.make_link(store, one, now_utc_s)}",
        )
        for one, name, role, see in people
    ]


# -- people ----------------------------------------------------------------------------------------


def _ensure(store: Store, person_id: str, name: str, role: Role, born: date | None = None) -> None:
    try:
        store.account(person_id)
    except NotFound:
        accounts.add_member(store, None, person_id, name, [role], born)


def _consent(store: Store, pupil: _Pupil) -> None:
    """The parents say yes, and the child; once, whatever they say afterwards."""
    for parent in pupil.parents:
        accounts.tie(store, None, parent, pupil.id, Role.PARENT, _ENROLLED)
    with store.reading(pupil.id) as desk:
        has_spoken = bool(desk.consents())
    if not has_spoken:
        for by in (*pupil.parents, pupil.id):
            person = store.account(by).person
            consenting.answer(store, person, pupil.id, Answer.AGREES, _ENROLLED)


def _tie_mentor(store: Store, student_id: str, now_utc_s: int) -> None:
    """A mentor's tie is for a school year: the demo may be run in another one."""
    ties = store.ties(student_id)
    if not any(one.adult_id == MENTOR for one in ties):
        ties = [accounts.tie(store, None, MENTOR, student_id, Role.MENTOR, now_utc_s - 2 * _WEEK_S)]
    if not any(one.adult_id == MENTOR and one.holds(now_utc_s) for one in ties):
        accounts.tie(store, None, MENTOR, student_id, Role.MENTOR, now_utc_s)


def _keep_rules(store: Store) -> None:
    """Two strips a week, half an hour before; a long press reaches to the next morning."""
    settings = settings_of(store)
    rules = replace(settings.rules, per_week=2, notice_s=30 * 60, press_days_ahead=1)
    keep_settings(store, None, replace(settings, rules=rules))


# -- lessons ---------------------------------------------------------------------------------------


def _keep_timetable(store: Store, pupil: _Pupil, monday: date, now_utc_s: int) -> None:
    """Snapshots of the virtual week, of the week before this one, and of those from today on."""
    before, this = last_monday(now_utc_s), last_monday(now_utc_s) + timedelta(days=7)
    with store.desk(pupil.id) as desk:
        known = {one.from_utc_s for one in desk.snapshots()}
        if not known:
            for first in sorted({monday, before}):
                taken_utc_s = utc_s_at(first - timedelta(days=3), clock_time(16), ZONE)
                desk.add_snapshot(_snapshot(pupil, taken_utc_s, first, 1))
        if _midnight(this) not in known:
            desk.add_snapshot(_snapshot(pupil, now_utc_s, this, _WEEKS_AHEAD))


def _snapshot(pupil: _Pupil, taken_at_utc_s: int, monday: date, n_weeks: int) -> Snapshot:
    last = monday + timedelta(weeks=n_weeks)
    days = [monday + timedelta(days=n) for n in range(7 * n_weeks)]
    lessons = [one for day in days if day.isoweekday() < 6 for one in _lessons_of(pupil.group, day)]
    return Snapshot(
        SCHOOL, pupil.id, taken_at_utc_s, _midnight(monday), _midnight(last), tuple(lessons)
    )


def _lessons_of(group: str, day: date) -> Sequence[Lesson]:
    subjects = _LESSONS[group][day.weekday() % len(_LESSONS[group])]
    made = []
    for (hour, minute), subject in zip(_STARTS, subjects, strict=True):
        start_utc_s = utc_s_at(day, clock_time(hour, minute), ZONE)
        lesson_id = f"{day}-{hour:02}{minute:02}"
        made.append(Lesson(start_utc_s, start_utc_s + 50 * 60, subject, lesson_id))
    return made


def _midnight(day: date) -> int:
    return utc_s_at(day, clock_time(), ZONE)
