"""A student's own pages: today, the weeks, the Bioklok on the wrist."""

from datetime import time

from biocore.reports import GRADES
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bioklok.office import consenting, grades
from bioklok.office.beside import beside
from bioklok.office.consenting import SCHOOL, NoConsent
from bioklok.office.grades import NotToday
from bioklok.office.hubs import LOW_MV
from bioklok.office.settings import zone_of_school
from bioklok.office.sharing import own_week
from bioklok.office.sharp_hours import clock_times, sharp_hours
from bioklok.office.today import today
from bioklok.office.wearing import Wishes, Wrist, decide, is_night, week_from, worn_by
from bioklok.reports.week import weeks_with_data
from bioklok.school.days import local_day, utc_s_at, week_of
from bioklok.web import pages_cards, pages_data, pages_sharing, pages_strips, words
from bioklok.web.door import Signed
from bioklok.web.forms import Form
from bioklok.web.pages import week_values
from bioklok.web.paper import MEDIA_TYPE, week_pdf
from bioklok.web.texts import Texts
from bioklok.web.views import (
    Filled,
    Student,
    chosen_day,
    clean_address,
    local,
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
    """What the lamp last said, how sharp one says one is, and where everything is."""
    return _me(request, signed, None)


@router.post("/me/sharp")
def say_sharp(request: Request, signed: Student, filled: Filled) -> Response:
    """Keep how sharp one says one is, or was earlier today."""
    form, now_utc_s, student = Form(filled), now_of(request), signed.account.person
    grade = form.whole("sharp", 1, GRADES, "error_choose")
    given = form.clock("sharp_at") if form.given("sharp_at").strip() else None
    if not form.is_good:
        return _me(request, signed, form)
    at_utc_s = now_utc_s
    if given is not None:
        at_utc_s = utc_s_at(local_day(now_utc_s, student.zone), given, student.zone)
    try:
        grades.keep(signed.store, student, grade, at_utc_s, now_utc_s)
    except NoConsent:
        return _me(request, signed, form, 409)
    except NotToday:
        form.errors["sharp_at"] = "error_sharp_at"
        return _me(request, signed, form)
    return to("/me?kept=yes")


def _me(request: Request, signed: Signed, form: Form | None, status: int = 422) -> Response:
    texts, student = texts_of(request), signed.account
    found = today(signed.store, student)
    now_utc_s = now_of(request)
    this_week = week_of(local_day(now_utc_s, student.person.zone))
    said = grades.of_today(signed.store, student.person, now_utc_s)
    return page(
        request,
        "me.html",
        status if form else 200,
        sharp=[(str(n), texts(key)) for n, key in enumerate(words.SHARP, 1)],
        sharp_given=form.given("sharp") if form else "",
        sharp_at=form.given("sharp_at") if form else "",
        said=[
            (f"{local(at, student.timezone):%H:%M}", texts(words.SHARP[grade - 1]))
            for at, grade in said.items()
        ],
        errors=form.errors if form else {},
        has_no_consent=status == 409,
        is_kept=form is None and request.query_params.get("kept") == "yes",
        lamp=words.SHAPES[found.lamp] if found else "unknown",
        lamp_word=texts(words.LAMP[found.lamp] if found else "lamp_unknown"),
        why=texts.reason(found.reason) if found else texts("today_nothing"),
        until=moment(found.until_utc_s, student.timezone, texts, now_utc_s) if found else None,
        consent=_consent(signed, texts, now_utc_s),
        week=this_week,
    )


def _consent(signed: Signed, texts: Texts, now_utc_s: int) -> str | None:
    """Say what is missing before anything is kept; None: nothing."""
    if signed.store.school().kind != SCHOOL:
        return None
    verdict = consenting.verdict(signed.store, signed.account.id, now_utc_s)
    return None if verdict.is_allowed else texts(words.VERDICTS[verdict.reason])


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
    with signed.store.at_once() as store:
        shown = own_week(store, student, week)
        there = beside(store, student, week)
    values = week_values(shown.week, texts, student.name, chosen=chosen_day(day), beside=there)
    return page(request, "week.html", **values)


@router.get("/me/weeks/{week}/report.pdf")
def week_paper(request: Request, signed: Student, week: str) -> Response:
    """A week of one's own on paper."""
    week_or_missing(week)
    student, language = signed.account, texts_of(request).language
    with signed.store.at_once() as store:
        shown = own_week(store, student, week)
        there = beside(store, student, week)
    made = week_pdf(shown.week, student, language, there)
    headers = {"Content-Disposition": f'inline; filename="bioklok-{week}.pdf"'}
    return Response(made, media_type=MEDIA_TYPE, headers=headers)


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
    """Keep lamp hours, glow, wrist, usual sleep and pause for the next sync."""
    form = Form(filled)
    wishes = _wishes(form, signed, now_of(request))
    if wishes is None:
        return _bioklok(request, signed, form)
    try:
        decide(signed.store, signed.account.person, wishes, now_of(request))
    except NoConsent:
        return _bioklok(request, signed, form, 409)
    return to("/me/bioklok?kept=yes")


def _wishes(form: Form, signed: Signed, now_utc_s: int) -> Wishes | None:
    """Read the form; None where something in it is wrong."""
    dark_from, dark_until = form.clock("dark_from"), form.clock("dark_until")
    bed, wake = (form.clock(one) if form.given(one).strip() else None for one in ("bed", "wake"))
    wrist = form.choice("wrist", Wrist)
    if form.is_good and not is_night(_minutes_of(bed), _minutes_of(wake)):
        form.errors["wake"] = "error_night"
    if dark_from is None or dark_until is None or wrist is None or not form.is_good:
        return None
    until_utc_s = 0
    if form.is_ticked("pause"):
        # One that holds already is not made longer by a change of something else.
        worn = worn_by(signed.store, signed.account)
        before = worn.wishes if worn else Wishes()
        is_paused = before.is_paused(now_utc_s)
        until_utc_s = (
            before.paused_until_utc_s if is_paused else week_from(signed.account, now_utc_s)
        )
    return Wishes(
        _minutes(dark_from),
        _minutes(dark_until),
        wrist,
        until_utc_s,
        _minutes_of(bed),
        _minutes_of(wake),
        form.is_ticked("glow"),
    )


def _bioklok(request: Request, signed: Signed, form: Form | None, status: int = 422) -> Response:
    worn = worn_by(signed.store, signed.account)
    texts, now_utc_s = texts_of(request), now_of(request)
    zone = signed.account.timezone or str(zone_of_school(signed.store))
    values: dict[str, object] = {"worn": worn, "errors": form.errors if form else {}}
    values["is_kept"] = form is None and request.query_params.get("kept") == "yes"
    values["has_no_consent"] = status == 409
    if worn is not None:
        wishes = worn.wishes
        values |= {
            "synced": moment(worn.synced_utc_s, zone, texts),
            "battery": battery_key(worn.device.battery_mv),
            "dark_from": form.given("dark_from") if form else _clock(wishes.dark_from_min),
            "dark_until": form.given("dark_until") if form else _clock(wishes.dark_until_min),
            "wrist": form.given("wrist") if form else wishes.wrist.value,
            "bed": form.given("bed") if form else _clock_of(wishes.bed_min),
            "wake": form.given("wake") if form else _clock_of(wishes.wake_min),
            "has_glow": form.is_ticked("glow") if form else wishes.has_glow,
            "is_paused": form.is_ticked("pause") if form else wishes.is_paused(now_utc_s),
            "until": moment(wishes.paused_until_utc_s, zone, texts)
            if wishes.is_paused(now_utc_s)
            else None,
        }
    return page(request, "bioklok.html", status if form else 200, **values)


def battery_key(battery_mv: int | None) -> str:
    """Return the text for a battery's voltage: one lithium cell, empty at 3.3 V under load."""
    if battery_mv is None:
        return "battery_unknown"
    if battery_mv >= 3900:
        return "battery_full"
    return "battery_good" if battery_mv >= LOW_MV else "battery_low"


def _minutes(clock: time) -> int:
    return 60 * clock.hour + clock.minute


def _minutes_of(clock: time | None) -> int | None:
    return None if clock is None else _minutes(clock)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _clock_of(minutes: int | None) -> str:
    return "" if minutes is None else _clock(minutes)


for _pages in (pages_sharing, pages_cards, pages_strips, pages_data):
    router.include_router(_pages.router)
