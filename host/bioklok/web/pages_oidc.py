"""Signing in through the school's own service: there, and back.

What has to be kept meanwhile is in no table: `state` is a ticket (once, ten minutes), and nonce and
PKCE verifier are HMACs of it under the secret of this browser. An answer that is brought by another
browser proves nothing.
"""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bioklok.store import Store
from bioklok.store.access import school_of
from bioklok.web import csrf, door
from bioklok.web.door import now_of
from bioklok.web.entering import counts_of, end_try, let_in, site_of, start_try
from bioklok.web.oidc import NotProven, Service
from bioklok.web.pages_door import school_asked

router = APIRouter(include_in_schema=False)
_STATE, _LASTS_S = "oidc", 600
BACK = "/sign-in/service/back"


@router.get("/sign-in/service")
def to_service(request: Request, school: str = "") -> Response:
    """Lead the browser to the service."""
    service = _service(request)
    store = school_asked(request, school)
    if store is None:
        return RedirectResponse("/sign-in", 303)
    if start_try(request, counts_of(request, store, None)):
        raise HTTPException(429)
    secret = csrf.visitor(request) or csrf.new_visitor()
    state = store.issue(_STATE, None, _LASTS_S, csrf.bound(secret, "oidc mark"), now_of(request))
    nonce, verifier = _bound(secret, state)
    try:
        address = service.address(_back(request), state, nonce, verifier, now_of(request))
    except NotProven:
        return _refused(request)
    response = RedirectResponse(address, 303)
    csrf.keep_visitor(response, request.app.state.settings, secret)
    return response


@router.get(BACK)
def from_service(request: Request, state: str = "", code: str = "") -> Response:
    """Take the answer that the browser brings from the service, and let them in."""
    service = _service(request)
    secret, given = csrf.visitor(request), csrf.ticket_in(state)
    if secret is None or given is None:
        return _refused(request)
    store: Store = request.app.state.store.of(school_of(given))
    ticket = store.use(given, _STATE, now_of(request))
    if ticket is None or ticket.label != csrf.bound(secret, "oidc mark") or not code:
        return _refused(request)
    try:
        subject = service.subject(code, _back(request), *_bound(secret, given), now_of(request))
    except NotProven:
        return _refused(request)
    account = store.by_subject(subject)
    if account is None or account.ended_utc_s is not None:
        return _refused(request)
    end_try(request, counts_of(request, store, None))
    return let_in(request, store, account, "/")


def _service(request: Request) -> Service:
    service: Service | None = request.app.state.oidc
    if service is None:
        raise HTTPException(404)
    return service


def _refused(request: Request) -> Response:
    return door.page(request, "service_refused.html", 403)


def _back(request: Request) -> str:
    return site_of(request).origin + BACK


def _bound(secret: str, state: str) -> tuple[str, str]:
    """Nonce and PKCE verifier (RFC 7636, 4.1: 43 to 128 letters and digits)."""
    return csrf.bound(secret, f"nonce {state}"), csrf.bound(secret, f"verifier {state}")
