"""A student's say over their data: who looked, consent, a copy of everything, and away with it."""

from collections.abc import Sequence
from itertools import groupby, islice
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bioklok.errors import NotFound
from bioklok.office import consenting, privacy, sharing
from bioklok.office.consenting import SCHOOL
from bioklok.school.consent import WITHDRAWAL_EFFECTS, Answer, ConsentEvent, Reason
from bioklok.school.looks import Look
from bioklok.school.people import decides_alone
from bioklok.store import Store
from bioklok.web import words
from bioklok.web.door import Signed
from bioklok.web.forms import Form
from bioklok.web.pages import week_html
from bioklok.web.texts import Texts
from bioklok.web.views import Filled, Student, moment, now_of, page, texts_of, to, week_line

router = APIRouter()
_LOOKS_SHOWN = 200  # lines


@router.get("/me/data")
def data(request: Request, signed: Student) -> Response:
    """Who looked, what was said about consent, and what one can do with the data."""
    return _data(request, signed)


@router.get("/me/data/stop")
def stop(request: Request, signed: Student) -> Response:
    """What a stop does, in words, before it is said."""
    return page(request, "stop.html", **stopping(request, "/me/data/consent", "/me/data"))


@router.post("/me/data/consent")
def consent(request: Request, signed: Student, filled: Filled) -> Response:
    """Say yes, or stop."""
    form = Form(filled)
    said = form.choice("answer", Answer)
    if said is None:
        return _data(request, signed, form)
    consenting.answer(signed.store, signed.account.person, signed.account.id, said, now_of(request))
    return to("/me/data")


@router.post("/me/data/export")
def export(request: Request, signed: Student, filled: Filled) -> Response:
    """Hand over everything that is kept of oneself, as one ZIP file."""
    zipped = privacy.export_zip(signed.store, signed.account.id, now_of(request), week_html)
    name = f"bioklok-{signed.account.id}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(zipped, media_type="application/zip", headers=headers)


@router.post("/me/data/erase")
def erase(request: Request, signed: Student, filled: Filled) -> Response:
    """Erase everything that is kept of oneself, for good."""
    form = Form(filled)
    if not form.is_ticked("sure"):
        form.errors["sure"] = "error_sure"
        return _data(request, signed, form)
    privacy.erase(signed.store, signed.account.person, signed.account.id, now_of(request))
    return to("/")


def stopping(request: Request, action: str, back: str) -> dict[str, Any]:
    """Return the values of the page that says what a stop does."""
    texts = texts_of(request)
    effects = [texts(words.EFFECTS[one]) for one in WITHDRAWAL_EFFECTS]
    return {"effects": effects, "action": action, "back": back}


def said_line(word: ConsentEvent, name: str, timezone: str, texts: Texts, now_utc_s: int) -> str:
    """Say who said what about consent, when, and to which text."""
    return texts(
        "said_line",
        time=moment(word.at_utc_s, timezone, texts, now_utc_s),
        name=name,
        answer=texts(words.ANSWERS[word.answer]),
        version=word.text_version,
    )


def name_of(store: Store, person_id: str) -> str:
    """Return the name of somebody, their id where they are no longer there."""
    try:
        return store.account(person_id).name
    except NotFound:
        return person_id


def _data(request: Request, signed: Signed, form: Form | None = None) -> Response:
    texts, store, student = texts_of(request), signed.store, signed.account
    now_utc_s = now_of(request)
    said = consenting.words(store, student.person, student.id, now_utc_s)
    verdict = consenting.verdict(store, student.id, now_utc_s)
    own = [one for one in said if one.by_id == student.id]
    has_agreed = bool(own) and own[-1].answer is Answer.AGREES
    # Their yes is there and counts no more: see school/consent.py.
    is_anew = has_agreed and verdict.reason in (Reason.NO_STUDENT, Reason.NEW_TEXT)
    looks = sharing.who_looked(store, student, now_utc_s)
    zone = student.timezone
    return page(
        request,
        "data.html",
        422 if form else 200,
        is_school=store.school().kind == SCHOOL,
        verdict=texts("consent_anew" if is_anew else words.VERDICTS[verdict.reason]),
        has_said_yes=has_agreed and not is_anew,
        is_alone=decides_alone(student.person, now_utc_s),
        said=[
            said_line(one, name_of(store, one.by_id), zone, texts, now_utc_s)
            for one in reversed(said)
        ],
        looks=[
            _look_line(list(one), store, zone, texts, now_utc_s)
            for _, one in islice(groupby(looks, _at_once), _LOOKS_SHOWN)
        ],
        errors=form.errors if form else {},
    )


def _at_once(look: Look) -> tuple[str, str | None, int]:
    """What one line tells of: all that somebody saw of a week in the same minute."""
    return look.viewer_id, look.week, look.at_utc_s // 60


def _look_line(
    looks: Sequence[Look], store: Store, timezone: str, texts: Texts, now_utc_s: int
) -> str:
    first = looks[0]
    line = texts(
        "look_line",
        time=moment(first.at_utc_s, timezone, texts, now_utc_s),
        name=name_of(store, first.viewer_id),
        what=", ".join(dict.fromkeys(texts(words.LOOKS[one.what]) for one in reversed(looks))),
    )
    return line if first.week is None else f"{line} ({week_line(first.week, texts)})"
