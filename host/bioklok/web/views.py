"""How a page is answered: its language, its links, where a form leads, dates and times in words."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from bioklok.errors import BioklokFailure
from bioklok.reports.week import monday_of, weeks_with_data
from bioklok.school.days import local_day
from bioklok.school.people import Role
from bioklok.school.timetable import Lesson
from bioklok.store import Account
from bioklok.web import door
from bioklok.web.door import Signed, form, needs, now_of, texts_of
from bioklok.web.problems import NoSuchPage
from bioklok.web.texts import Texts

Mentor = Annotated[Signed, Depends(needs(Role.MENTOR))]
Parent = Annotated[Signed, Depends(needs(Role.PARENT))]
Adult = Annotated[Signed, Depends(needs(Role.MENTOR, Role.PARENT))]
Administrator = Annotated[Signed, Depends(needs(Role.ADMINISTRATOR))]
Filled = Annotated[FormData, Depends(form)]

__all__ = [
    "Administrator",
    "Adult",
    "Filled",
    "Mentor",
    "Parent",
    "Student",
    "clean_address",
    "now_of",
    "page",
    "student",
    "texts_of",
]


_is_student = needs(Role.STUDENT)


def student(request: Request) -> Signed:
    """Dependency: the student who is signed in. A week in the address that has not begun, and of
    which nothing is kept, is not there (NoSuchPage)."""
    found = _is_student(request)
    week = request.path_params.get("week")
    if week is not None and not _has_begun(request, week, found.account):
        with found.store.at_once() as store:
            if week not in weeks_with_data(store, found.account.id, found.account.timezone):
                raise NoSuchPage("that week has not begun")
    return found


def _has_begun(request: Request, week: str, account: Account) -> bool:
    return week_or_missing(week) <= local_day(now_of(request), account.person.zone)


Student = Annotated[Signed, Depends(student)]


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page whose links from week to week end at the one that has begun."""
    found = door.signed_or_none(request)
    after = values.get("after")
    if found and after and not _has_begun(request, after, found.account):
        values["after"] = None
    return door.page(request, template, status, **values)


def clean_address(request: Request) -> None:
    """Dependency of all pages: an address with a NUL in it is nobody's. Raises NoSuchPage."""
    if "\0" in request.scope["path"] or "%00" in request.url.query:
        raise NoSuchPage("no such address")


def to(address: str) -> RedirectResponse:
    """Lead on to a page after a form, so that loading it again sends nothing twice."""
    return RedirectResponse(address, 303)


def week_or_missing(week: str) -> date:
    """Return the Monday of a week in an address. Raises NoSuchPage."""
    try:
        return monday_of(week)
    except BioklokFailure as error:
        raise NoSuchPage(str(error)) from None


def chosen_day(text: str | None) -> tuple[date, ...]:
    """Return the day that an address asks to see from close by; none for another text."""
    try:
        return (date.fromisoformat(text),) if text else ()
    except ValueError:
        return ()


def local(utc_s: int, timezone: str) -> datetime:
    """Return a moment as the clock shows it there."""
    return datetime.fromtimestamp(utc_s, UTC).astimezone(ZoneInfo(timezone))


def moment(utc_s: int | None, timezone: str, texts: Texts, now_utc_s: int | None = None) -> str:
    """Say a moment: day and time; "not yet" for none. now_utc_s: its year too if not this one."""
    if utc_s is None:
        return texts("not_yet")
    this_year = None if now_utc_s is None else local(now_utc_s, timezone).year
    return texts.moment(local(utc_s, timezone), this_year)


def lesson_line(lesson: Lesson | None, timezone: str, texts: Texts) -> str:
    """Say a lesson by its day, its times and the subject's code."""
    if lesson is None:
        return texts("no_lesson")
    start, end = (local(one, timezone) for one in (lesson.start_utc_s, lesson.end_utc_s))
    return f"{texts.moment(start)}-{end:%H:%M} {lesson.subject}"


def week_line(week: str, texts: Texts) -> str:
    """Say a week by its number and its first and last day."""
    monday = monday_of(week)
    sunday = monday + timedelta(days=6)
    first, last = texts.short_date(monday), texts.short_date(sunday)
    number = monday.isocalendar().week
    return texts("week_line", number=number, first=first, last=last, year=sunday.year)
