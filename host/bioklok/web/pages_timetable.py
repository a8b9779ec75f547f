"""Where a student's lessons come from: a feed's address, a Zermelo token, or a file.

The address of a feed opens somebody's whole timetable: it is sealed, and never shown again.
"""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from bioklok.errors import BioklokFailure
from bioklok.feeds import refresh, take_file, use_ical
from bioklok.feeds import use_zermelo as keep_zermelo
from bioklok.office.consenting import NoConsent
from bioklok.web.door import Signed
from bioklok.web.forms import Form
from bioklok.web.views import Filled, Student, lesson_line, moment, now_of, page, texts_of, to

router = APIRouter(include_in_schema=False)
_ADDRESS_LETTERS = 500
_SHOWN = 30


@router.get("/me/timetable")
def timetable(request: Request, signed: Student) -> Response:
    """What is known of the lessons to come, and from where."""
    return _timetable(request, signed)


@router.post("/me/timetable/feed")
def use_feed(request: Request, signed: Student, filled: Filled) -> Response:
    """Take over the address of an iCalendar feed, and read it."""
    form = Form(filled)
    address = form.text("address", _ADDRESS_LETTERS, is_needed=True)
    now_utc_s = now_of(request)
    return _use(
        request,
        signed,
        form,
        "address",
        lambda: use_ical(signed.store, signed.account, address, now_utc_s),
    )


@router.post("/me/timetable/zermelo")
def use_zermelo(request: Request, signed: Student, filled: Filled) -> Response:
    """Take over a Zermelo portal and token, and read it."""
    form = Form(filled)
    portal = form.text("portal", is_needed=True)
    token = form.text("token", _ADDRESS_LETTERS, is_needed=True)
    now_utc_s = now_of(request)
    return _use(
        request,
        signed,
        form,
        "token",
        lambda: keep_zermelo(signed.store, signed.account, portal, token, now_utc_s),
    )


@router.post("/me/timetable/file")
def use_file(request: Request, signed: Student, filled: Filled) -> Response:
    """Take over the lessons in an iCalendar file."""
    form = Form(filled)
    file = filled.get("file")
    if not isinstance(file, UploadFile) or not file.size:
        form.errors["file"] = "error_needed"
        return _timetable(request, signed, form)
    try:
        take_file(signed.store, signed.account, file.file.read(), now_of(request))
    except NoConsent:
        form.errors["file"] = "error_consent"
        return _timetable(request, signed, form, 409)
    except BioklokFailure:
        form.errors["file"] = "error_timetable"
        return _timetable(request, signed, form)
    return to("/me/timetable")


@router.post("/me/timetable/forget")
def forget(request: Request, signed: Student, filled: Filled) -> Response:
    """Ask the feed no longer. What was known of the lessons stays until its time is over."""
    with signed.store.desk(signed.account.id) as desk:
        desk.drop_feed()
    return to("/me/timetable")


def _use(
    request: Request, signed: Signed, form: Form, field: str, take_over: Callable[[], None]
) -> Response:
    if form.is_good:
        try:
            take_over()
        except NoConsent:
            form.errors[field] = "error_consent"
            return _timetable(request, signed, form, 409)
        except BioklokFailure:
            form.errors[field] = "error_feed"
    if not form.is_good:
        return _timetable(request, signed, form)
    get = request.app.state.settings.fetch_feed
    refresh(signed.store, signed.account, now_of(request), get)
    return to("/me/timetable")


def _timetable(
    request: Request, signed: Signed, form: Form | None = None, status: int = 422
) -> Response:
    texts = texts_of(request)
    now_utc_s = now_of(request)
    with signed.store.reading(signed.account.id) as desk:
        feed = desk.feed()
        known = desk.snapshots(now_utc_s)
    zone = signed.account.timezone
    lessons = [one for one in known[-1].lessons if one.end_utc_s > now_utc_s] if known else []
    return page(
        request,
        "timetable.html",
        status if form else 200,
        host=feed[0].host if feed else None,
        fetched=moment(feed[0].fetched_at_utc_s, zone, texts) if feed else None,
        has_failed=bool(feed and feed[0].failure),
        lessons=[lesson_line(one, zone, texts) for one in lessons if one.is_lesson][:_SHOWN],
        n_shown=_SHOWN,
        errors=form.errors if form else {},
    )
