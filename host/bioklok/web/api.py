"""The API, /api/v1: everything a page can do, for programs. Errors are problem+json (RFC 9457).

Signed in by the session's cookie; what changes something needs the X-CSRF header, whose value
`GET /api/v1/session` tells. Or `Authorization: Bearer school.secret`, a token for one purpose.
"""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.openapi.utils import get_openapi

from bioklok.errors import NotFound
from bioklok.office import sharing
from bioklok.reports.week import build_week
from bioklok.web import api_adults, api_me, api_school, api_sync, api_wrist
from bioklok.web.api_doors import Anybody
from bioklok.web.api_models import Id, Problem, SessionOut, WeekName, WeekOut
from bioklok.web.api_week import shown_week
from bioklok.web.problems import MEDIA_TYPE
from bioklok.web.views import clean_address, now_of, week_or_missing

VERSION = "1"
_PROBLEMS = (400, 401, 403, 404, 409, 413, 422, 429, 503)
router = APIRouter(
    prefix="/api/v1",
    dependencies=[Depends(clean_address)],
    responses={
        status: {"model": Problem, "content": {MEDIA_TYPE: {}}, "description": "problem"}
        for status in _PROBLEMS
    },
)


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> dict[str, Any]:
    """This API in OpenAPI."""
    return schema(request.app.state.settings.session_cookie)


@router.get("/session", tags=["session"])
def session(signed: Anybody) -> SessionOut:
    """Who is signed in, and the value of the X-CSRF header."""
    person = signed.account.person
    return SessionOut(
        school=person.school_id,
        id=person.id,
        name=signed.account.name,
        roles=sorted(person.roles),
        csrf=signed.csrf,
    )


@router.get("/students/{student_id}/weeks/{week}", tags=["weeks"])
def week_json(request: Request, signed: Anybody, student_id: Id, week: WeekName) -> WeekOut:
    """One's own week, or what is shared of somebody else's: the same 404 for all the rest."""
    week_or_missing(week)
    if sharing.is_own(signed.account, student_id):
        zone = signed.account.timezone
        with signed.store.at_once() as store:
            built = build_week(store, student_id, week, zone)
        return built.to_dict()
    shown = sharing.week_for(signed.store, signed.account, student_id, week, now_of(request))
    if shown is None:
        raise NotFound("nothing here")
    return shown_week(shown)


for _part in (api_me, api_wrist, api_adults, api_school, api_sync):
    router.include_router(_part.router)


def schema(cookie: str) -> dict[str, Any]:
    """Return the OpenAPI document."""
    made = get_openapi(title="Bioklok", version=VERSION, description=__doc__, routes=router.routes)
    made.setdefault("components", {})["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": cookie},
        "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF"},
        "token": {"type": "http", "scheme": "bearer"},
    }
    made["security"] = [{"session": [], "csrf": []}, {"token": []}]
    return made
