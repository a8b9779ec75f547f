"""What the doors share: the browser at the door, its address, counts of tries, and the way in."""

import re

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from bioklok.office.accounts import BROWSER
from bioklok.store import Account, Store
from bioklok.web import csrf, door
from bioklok.web.next_page import ours
from bioklok.web.passkeys import Site
from bioklok.web.rates import Count, Rates, client_address, for_address, for_browser, for_person
from bioklok.web.settings import Settings

_KNOWN_S = 400 * 24 * 3600  # what browsers keep a cookie at most
_BROWSERS = ("Firefox", "Edg", "OPR", "SamsungBrowser", "Chrome", "Safari")
_SYSTEMS = ("Android", "iPhone", "iPad", "CrOS", "Windows", "Macintosh", "Linux")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung", "CrOS": "Chromebook"}
_NAMES |= {"Macintosh": "Mac"}


def site_of(request: Request) -> Site:
    """Return our address as this browser sees it. The Host header was checked before."""
    settings: Settings = request.app.state.settings
    host = request.headers.get("host", "")
    name = re.sub(r":\d*$", "", host)
    return Site(name, f"{settings.scheme}://{host}")


def visitor_page(
    request: Request, template: str, status: int = 200, *, script: bool = False, **values: object
) -> HTMLResponse:
    """Return a page with a form for somebody who need not be signed in. `script`: it loads one."""
    settings: Settings = request.app.state.settings
    secret = csrf.bearer(request)
    made = None if secret else csrf.new_visitor()
    field = csrf.field_of(csrf.token(secret or made))
    response = door.page(request, template, status, csrf=field, **values)
    if made is not None:
        csrf.keep_visitor(response, settings, made)
    if script:
        door.allow_script(response)
    return response


def browser_of(request: Request) -> str:
    """Return the secret that stands for this browser; "" where it has none."""
    return csrf.bearer(request) or ""


def label_of(request: Request) -> str:
    """Return the browser in a few words, for the list of sessions: "Firefox, Android"."""
    told = request.headers.get("user-agent", "")
    found = [next((one for one in names if one in told), None) for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(_NAMES.get(one, one) for one in found if one)


def counts_of(request: Request, store: Store, person_id: str | None) -> list[Count]:
    """Return what a try of this request counts for. None: it is about nobody in particular."""
    settings: Settings = request.app.state.settings
    peer = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for")
    counts = [for_address(client_address(peer, forwarded, settings.proxies))]
    if person_id is not None:
        known = _known(request, store, person_id)
        counts.append(known or for_person(store.school_id, person_id))
    return counts


def start_try(request: Request, counts: list[Count]) -> int:
    """Begin a try: 0, or how many seconds to wait first."""
    rates: Rates = request.app.state.rates
    return rates.start(counts, request.app.state.settings.clock())


def end_try(request: Request, counts: list[Count]) -> None:
    """End a try well."""
    rates: Rates = request.app.state.rates
    rates.succeeded(counts)


def let_in(
    request: Request, store: Store, account: Account, next_: str | None, own_device: bool = False
) -> Response:
    """Sign somebody in and lead them on."""
    response = RedirectResponse(ours(next_), 303)
    door.begin(request, response, store, account, label_of(request), own_device)
    if own_device and _known(request, store, account.id) is None:
        settings: Settings = request.app.state.settings
        given = store.issue(BROWSER, account.id, _KNOWN_S, "", door.now_of(request))
        response.set_cookie(
            _cookie(settings),
            given,
            max_age=_KNOWN_S,
            path="/",
            secure=settings.https,
            httponly=True,
            samesite="lax",
        )
    return response


def _known(request: Request, store: Store, person_id: str) -> Count | None:
    given = csrf.ticket_in(request.cookies.get(_cookie(request.app.state.settings)))
    ticket = store.ticket(given, BROWSER, door.now_of(request)) if given else None
    return for_browser(ticket.digest) if ticket and ticket.person_id == person_id else None


def _cookie(settings: Settings) -> str:
    return "__Host-bioklok-known" if settings.https else "bioklok-known"
