"""A student's own pages: today, the weeks, the Bioklok on the wrist."""

from datetime import date, time

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bioklok.office.settings import zone_of_school
from bioklok.office.sharing import own_week
from bioklok.office.sharp_hours import clock_times, sharp_hours
from bioklok.office.today import today
from bioklok.office.wearing import Wishes, Wrist, decide, worn_by
from bioklok.reports.week import weeks_with_data
from bioklok.school.days import local_day, week_of
from bioklok.web import pages_cards, pages_data, pages_sharing, pages_strips, words
from bioklok.web.door import Signed
from bioklok.web.forms import Form
from bioklok.web.pages import week_values
from bioklok.web.views import (
    Filled,
    Student,
    clean_address,
    moment,
    now_of,
    page,
    texts_of,
    to,
    week_line,
    week_or_missing,
)

router = APIRouter(include_in_schema=False, dependencies=[Depends(clean_address)])


@router.get("/me")
def me(request: Request, signed: Student) -> Response:
    """What the lamp last said, and where everything is."""
    texts, student = texts_of(request), signed.account
    found = today(signed.store, student)
    this_week = week_of(local_day(now_of(request), student.person.zone))
    return page(
        request,
        "me.html",
        lamp=words.SHAPES[found.lamp] if found else "unknown",
        lamp_word=texts(words.LAMP[found.lamp] if found else "lamp_unknown"),
        why=texts.reason(found.reason) if found else texts("today_nothing"),
        until=moment(found.until_utc_s, student.timezone, texts) if found else None,
        week=this_week,
    )


@router.get("/me/weeks")
def weeks(request: Request, signed: Student) -> Response:
    """The weeks of which something is kept, newest first."""
    texts, student = texts_of(request), signed.account
    found = set(weeks_with_data(signed.store, student.id, student.timezone))
    with signed.store.reading(student.id) as desk:
        found |= set(desk.weeks())
    lines = [(week, week_line(week, texts)) for week in sorted(found, reverse=True)]
    return page(request, "weeks.html", weeks=lines)


@router.get("/me/weeks/{week}")
def week_page(request: Request, signed: Student, week: str, day: str | None = None) -> Response:
    """A week of one's own, all of it."""
    week_or_missing(week)
    texts, student = texts_of(request), signed.account
    shown = own_week(signed.store, student, week)
    values = week_values(shown.week, texts, student.name, _day(day))
    return page(request, "week.html", **values)


@router.get("/me/hours")
def hours(request: Request, signed: Student) -> Response:
    """When one is usually sharp, as far as that is known."""
    found = sharp_hours(signed.store, signed.account)
    times = clock_times(found) or ()
    low, high = [f"{at // 60:02}:{at % 60:02}" for at in times] or (None, None)
    return page(request, "hours.html", low=low, high=high, n_presses=found.n_presses)


@router.get("/me/bioklok")
def bioklok(request: Request, signed: Student) -> Response:
    """The Bioklok on the wrist: how it was at its last sync, and what one decides about it."""
    return _bioklok(request, signed, None)


@router.post("/me/bioklok")
def decide_bioklok(request: Request, signed: Student, filled: Filled) -> Response:
    """Keep the lamp's hours, the wrist and the pause for the next sync."""
    form = Form(filled)
    dark_from, dark_until = form.clock("dark_from"), form.clock("dark_until")
    wrist = form.choice("wrist", Wrist)
    if dark_from is None or dark_until is None or wrist is None:
        return _bioklok(request, signed, form)
    decide(
        signed.store,
        signed.account,
        Wishes(_minutes(dark_from), _minutes(dark_until), wrist, form.is_ticked("pause")),
    )
    return to(request, "/me/bioklok")


def _bioklok(request: Request, signed: Signed, form: Form | None) -> Response:
    worn = worn_by(signed.store, signed.account)
    texts = texts_of(request)
    zone = signed.account.timezone or str(zone_of_school(signed.store))
    values: dict[str, object] = {"worn": worn, "errors": form.errors if form else {}}
    if worn is not None:
        wishes = worn.wishes
        values |= {
            "synced": moment(worn.synced_utc_s, zone, texts),
            "battery": battery_key(worn.device.battery_mv),
            "dark_from": form.given("dark_from") if form else _clock(wishes.dark_from_min),
            "dark_until": form.given("dark_until") if form else _clock(wishes.dark_until_min),
            "wrist": form.given("wrist") if form else wishes.wrist.value,
            "is_paused": form.is_ticked("pause") if form else wishes.is_paused,
        }
    return page(request, "bioklok.html", 422 if form else 200, **values)


def battery_key(battery_mv: int | None) -> str:
    """Return the text for a battery's voltage: one lithium cell, empty at 3.3 V under load."""
    if battery_mv is None:
        return "battery_unknown"
    if battery_mv >= 3900:
        return "battery_full"
    return "battery_good" if battery_mv >= 3600 else "battery_low"


def _minutes(clock: time) -> int:
    return 60 * clock.hour + clock.minute


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _day(text: str | None) -> date | None:
    """Read the chosen day; an address with another text shows the week in its own order."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


for _pages in (pages_sharing, pages_cards, pages_strips, pages_data):
    router.include_router(_pages.router)
