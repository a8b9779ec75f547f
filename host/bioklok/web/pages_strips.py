"""A student's strip card: strips as strips, lessons to ask for, what became of requests."""

import secrets

from fastapi import APIRouter, Request
from starlette.responses import Response

from bioklok.office import strips
from bioklok.school.ledger import OPEN
from bioklok.school.ledger import Request as StripRequest
from bioklok.school.reasons import StripReason
from bioklok.school.strips import NotPossible
from bioklok.web import words
from bioklok.web.door import Signed
from bioklok.web.forms import Form
from bioklok.web.texts import Texts
from bioklok.web.views import Filled, Student, lesson_line, now_of, page, texts_of, to

router = APIRouter()


@router.get("/me/strips")
def card(request: Request, signed: Student) -> Response:
    """The strip card as it stands now."""
    return _card(request, signed)


@router.post("/me/strips")
def ask(request: Request, signed: Student, filled: Filled) -> Response:
    """Ask for a lesson off. The same form sent twice asks once."""
    form = Form(filled)
    reason = form.maybe("reason", StripReason)
    lesson, form_id = form.text("lesson", 200, is_needed=True), form.given("form_id")
    if not form_id.isalnum() or len(form_id) > 40:
        form.errors["lesson"] = "error_choose"
    if not form.is_good:
        return _card(request, signed, form)
    strips.ask(
        signed.store,
        signed.account.person,
        signed.account.id,
        lesson,
        now_of(request),
        form_id=form_id,
        reason=reason,
    )
    return to("/me/strips")


@router.post("/me/strips/withdraw")
def withdraw(request: Request, signed: Student, filled: Filled) -> Response:
    """Take a request back."""
    request_id = Form(filled).given("request")
    try:
        strips.withdraw(
            signed.store, signed.account.person, signed.account.id, request_id, now_of(request)
        )
    except NotPossible:
        return _card(request, signed, notice="strip_too_late", status=409)
    return to("/me/strips")


@router.post("/me/strips/reason")
def reason(request: Request, signed: Student, filled: Filled) -> Response:
    """Note what a strip is for, for oneself alone; nothing takes it back."""
    form = Form(filled)
    chosen = form.maybe("reason", StripReason)
    request_id = form.given("request")
    found = strips.card(signed.store, signed.account, now_of(request))
    if form.is_good and any(one.request_id == request_id for one in found.requests):
        strips.note_reason(signed.store, signed.account.person, request_id, chosen, now_of(request))
    return to("/me/strips")


def _card(
    request: Request,
    signed: Signed,
    form: Form | None = None,
    notice: str | None = None,
    status: int = 200,
) -> Response:
    texts = texts_of(request)
    found = strips.card(signed.store, signed.account, now_of(request))
    zone = signed.account.timezone
    return page(
        request,
        "strips.html",
        422 if form else status,
        left=found.left,
        lessons=[(one.id, lesson_line(one, zone, texts)) for one in found.lessons],
        requests=[
            (_line(one, zone, texts), found.reasons.get(one.request_id)) for one in found.requests
        ],
        reasons=[(one.value, texts(key)) for one, key in words.STRIP_REASONS.items()],
        form_id=secrets.token_hex(8),
        notice=texts(notice) if notice else None,
        errors=form.errors if form else {},
    )


def _line(one: StripRequest, zone: str, texts: Texts) -> dict[str, object]:
    return {
        "id": one.request_id,
        "lesson": lesson_line(one.lesson, zone, texts),
        "state": words.state(one, texts),
        "is_open": one.state in OPEN,
    }
