"""What a school decides: strips, lesson hours, holidays of its own, how long things are kept."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from bioklok.office.settings import keep_settings, settings_of
from bioklok.school.days import Region
from bioklok.school.strip_rules import Agreement
from bioklok.web.door import Signed
from bioklok.web.forms import Form
from bioklok.web.rules_text import as_texts, from_form
from bioklok.web.views import Administrator, Filled, page, texts_of, to

router = APIRouter()
_AGREEMENT = {
    Agreement.MENTOR: "agreement_mentor",
    Agreement.AUTOMATIC: "agreement_automatic",
}
_REGIONS = {
    Region.NOORD: "region_noord",
    Region.MIDDEN: "region_midden",
    Region.ZUID: "region_zuid",
}


@router.get("/school/rules")
def rules(request: Request, signed: Administrator) -> Response:
    """The school's decisions as they stand."""
    return _rules(request, signed, None)


@router.post("/school/rules")
def keep(request: Request, signed: Administrator, filled: Filled) -> Response:
    """Keep the school's decisions; they hold from now on."""
    form = Form(filled)
    settings = from_form(form, settings_of(signed.store))
    if settings is None:
        return _rules(request, signed, form)
    keep_settings(signed.store, signed.account.person, settings)
    return to("/school/rules?kept=yes")


def _rules(request: Request, signed: Signed, form: Form | None) -> Response:
    texts = texts_of(request)
    values = as_texts(settings_of(signed.store))
    if form is not None:
        values = {name: form.given(name) for name in values}
    return page(
        request,
        "rules.html",
        422 if form else 200,
        values=values,
        agreements=[(one.value, texts(key)) for one, key in _AGREEMENT.items()],
        regions=[(one.value, texts(key)) for one, key in _REGIONS.items()],
        errors=form.errors if form else {},
        is_kept=form is None and request.query_params.get("kept") == "yes",
    )
