"""The administrator's office: a day's absences, when jobs ran, tokens for programs."""

import csv
import io

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from bioklok.errors import BioklokFailure
from bioklok.office import strips, tokens
from bioklok.office.results import counts_of
from bioklok.office.settings import zone_of_school
from bioklok.school.absences import AuthorisedAbsence
from bioklok.school.days import local_day
from bioklok.school.people import NotAllowed
from bioklok.web import words
from bioklok.web.door import Signed
from bioklok.web.forms import Form
from bioklok.web.problems import NoSuchPage
from bioklok.web.texts import Texts
from bioklok.web.views import Administrator, Filled, moment, now_of, page, texts_of, to

router = APIRouter()
CSV_FIELDS = ("student", "date", "hour", "status")


@router.get("/school/absences")
def absences(request: Request, signed: Administrator) -> Response:
    """Choose the day of which to hand the absences over."""
    today = local_day(now_of(request), zone_of_school(signed.store))
    return page(request, "absences.html", day=today.isoformat(), errors={})


@router.get("/school/absences.csv")
def absences_csv(request: Request, signed: Administrator) -> Response:
    """The authorised absences of one day, for the absence administration; each look is logged."""
    form = Form(FormData(request.query_params))
    asked = form.day("day")
    if asked is None:
        given = form.given("day")
        return page(request, "absences.html", 422, day=given, errors=form.errors)
    found = strips.absences(signed.store, signed.account.person, asked, now_of(request))
    headers = {"Content-Disposition": f'attachment; filename="bioklok-{asked}.csv"'}
    return Response(as_csv(found.absences), media_type="text/csv", headers=headers)


def as_csv(absences: tuple[AuthorisedAbsence, ...]) -> str:
    """Return absences as CSV (RFC 4180): student, date, lesson hour, "geoorloofd"."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CSV_FIELDS)
    writer.writerows(
        (one.student_id, one.date.isoformat(), one.hour, one.status) for one in absences
    )
    return out.getvalue()


@router.get("/school/jobs")
def jobs(request: Request, signed: Administrator) -> Response:
    """When each job last came to its end."""
    texts, zone = texts_of(request), str(zone_of_school(signed.store))
    found = [
        (
            texts(words.JOBS[one.name]),
            moment(one.ended_utc_s, zone, texts),
            _told(one.result, texts),
        )
        for _, one in sorted(signed.store.jobs().items())
        if one.name in words.JOBS
    ]
    return page(request, "jobs.html", jobs=found)


def _told(result: str, texts: Texts) -> str:
    """A job's counts in the reader's language; what an earlier version wrote stays as it is."""
    said = []
    for name, n in counts_of(result):
        word = texts(words.COUNTS[name]) if name in words.COUNTS else name
        said.append(word if name in words.SAID_ALONE else f"{word}: {texts.number(n)}")
    return ", ".join(said) or result


@router.get("/school/tokens")
def tokens_page(request: Request, signed: Administrator) -> Response:
    """The tokens of programs."""
    return _tokens(request, signed)


@router.post("/school/tokens")
def make_token(request: Request, signed: Administrator, filled: Filled) -> Response:
    """Make a token and show it, this once."""
    form = Form(filled)
    label = form.text("label", tokens.MOST_LETTERS, is_needed=True)
    purpose = form.given("purpose")
    if purpose not in tokens.PURPOSES:
        form.errors["purpose"] = "error_choose"
    if not form.is_good:
        return _tokens(request, signed, form)
    secret = tokens.make(signed.store, signed.account.person, purpose, label, now_of(request))
    return _tokens(request, signed, secret=secret)


@router.post("/school/tokens/revoke")
def revoke_token(request: Request, signed: Administrator, filled: Filled) -> Response:
    """Take a token back."""
    try:
        tokens.revoke(signed.store, signed.account.person, Form(filled).given("token"))
    except NotAllowed:
        raise
    except BioklokFailure as error:
        raise NoSuchPage(str(error)) from None
    return to("/school/tokens")


def _tokens(
    request: Request, signed: Signed, form: Form | None = None, secret: str | None = None
) -> Response:
    texts, zone = texts_of(request), str(zone_of_school(signed.store))
    purposes = [("hub", texts("token_hub")), ("export", texts("token_export"))]
    names = dict(purposes)
    found = [
        (
            one.digest,
            one.label,
            names[one.kind],
            moment(one.created_at_utc_s, zone, texts),
            moment(one.expires_at_utc_s, zone, texts),
        )
        for one in tokens.all_of(signed.store, signed.account.person)
    ]
    return page(
        request,
        "tokens.html",
        422 if form else 200,
        tokens=found,
        purposes=purposes,
        secret=secret,
        errors=form.errors if form else {},
        label=form.given("label") if form else "",
    )
