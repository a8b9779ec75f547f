"""The cards of a week: what I noticed, what I want to try, how the last try went."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from bioklok.office import reflection
from bioklok.office.consenting import NoConsent
from bioklok.office.reflection import MOST_LETTERS, Cards, Experiment, Noticed
from bioklok.web import words
from bioklok.web.door import Signed
from bioklok.web.forms import Form
from bioklok.web.views import (
    Filled,
    Student,
    now_of,
    page,
    texts_of,
    to,
    week_line,
    week_or_missing,
)

router = APIRouter()


@router.get("/me/weeks/{week}/cards")
def cards(request: Request, signed: Student, week: str) -> Response:
    """The cards of a week, as they stand."""
    week_or_missing(week)
    return _cards(request, signed, week, None)


@router.post("/me/weeks/{week}/cards")
def keep(request: Request, signed: Student, week: str, filled: Filled) -> Response:
    """Keep the cards; empty ones are fine."""
    week_or_missing(week)
    form = Form(filled)
    chosen = tuple(form.choices("noticed", Noticed)) if form.many("noticed") else ()
    written = Cards(
        chosen,
        form.text("noticed_words", MOST_LETTERS),
        form.maybe("experiment", Experiment),
        form.text("experiment_words", MOST_LETTERS),
        form.text("looking_back", MOST_LETTERS),
    )
    if not form.is_good:
        return _cards(request, signed, week, form, written)
    try:
        reflection.keep(signed.store, signed.account.person, week, written, now_of(request))
    except NoConsent:  # what they wrote stays on the page: they can say yes and send it again
        return _cards(request, signed, week, form, written, status=409)
    return to(f"/me/weeks/{week}/cards?kept=yes")


def _cards(  # noqa: PLR0917
    request: Request,
    signed: Signed,
    week: str,
    form: Form | None,
    written: Cards | None = None,
    status: int = 422,
) -> Response:
    texts = texts_of(request)
    kept, before = reflection.cards_of(signed.store, signed.account, week)
    return page(
        request,
        "cards.html",
        status if form else 200,
        week=week,
        title=week_line(week, texts),
        cards=written or kept,
        tried=words.experiment(before, texts),
        noticed=[(one.value, texts(key)) for one, key in words.NOTICED.items()],
        experiments=[(one.value, texts(key)) for one, key in words.EXPERIMENTS.items()],
        errors=form.errors if form else {},
        has_no_consent=status == 409,
        is_kept=form is None and request.query_params.get("kept") == "yes",
    )
