"""Who is at the door: the session behind a request, and what it lets somebody open.

A session is a ticket in the database (`store.access`): it can be taken away at any moment, and the
database has only its digest. The cookie is "school.secret". Pages and API ask `signed` or `needs`;
whoever is not let in hears the same as about a page that does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bioklok.errors import NotFound
from bioklok.school.people import Role
from bioklok.store import Account, Store
from bioklok.store.access import SESSION, school_of
from bioklok.store.school_tables import Ticket
from bioklok.web import csrf
from bioklok.web.csrf import csrf_field, form
from bioklok.web.headers import SCRIPT_POLICY
from bioklok.web.pages import render
from bioklok.web.settings import Settings
from bioklok.web.texts import LANGUAGES, Texts, choose, texts_in

__all__ = ["SignInNeeded", "Signed", "csrf_field", "form", "needs", "now_of", "page", "signed"]

# A session that somebody began on what they said is their own device.
OWN_DEVICE = "own: "


class SignInNeeded(Exception):
    """Nobody is signed in: pages lead to the sign-in page, the API answers 401."""


@dataclass(frozen=True)
class Signed:
    """Somebody who is signed in: who, their school's store with them as its viewer, the session.

    `csrf`: the token that their forms and the X-CSRF header hold.
    """

    account: Account
    store: Store
    ticket: Ticket
    csrf: str = field(repr=False)

    def has(self, *roles: Role) -> bool:
        """Say whether they have one of these roles at the school."""
        return not self.account.person.roles.isdisjoint(roles)


def now_of(request: Request) -> int:
    """Return the time of this request, Unix seconds UTC."""
    return int(request.app.state.settings.clock())


def signed_or_none(request: Request) -> Signed | None:
    """Return who is signed in; None: nobody. Looked up once a request."""
    if not hasattr(request.state, "signed"):
        request.state.signed = _look(request)
    found: Signed | None = request.state.signed
    return found


def signed(request: Request) -> Signed:
    """FastAPI dependency: who is signed in. Raises SignInNeeded.

    Under /api/ a request that could change something has to bring the token in its X-CSRF header
    (HTTPException 403); a page's form is checked by `form`.
    """
    found = signed_or_none(request)
    if found is None:
        raise SignInNeeded
    if request.method not in csrf.SAFE and request.url.path.startswith("/api/"):
        csrf.check(request, request.headers.get(csrf.HEADER))
    return found


def needs(*roles: Role) -> Callable[[Request], Signed]:
    """Return a dependency: who is signed in and has one of these roles; to others it is a 404."""

    def with_role(request: Request) -> Signed:
        found = signed(request)
        if not found.has(*roles):
            raise HTTPException(404)
        return found

    return with_role


def _look(request: Request) -> Signed | None:
    settings: Settings = request.app.state.settings
    given = csrf.ticket_in(request.cookies.get(settings.session_cookie))
    if given is None:
        return None
    now_utc_s = now_of(request)
    store: Store = request.app.state.store.of(school_of(given))
    try:
        with store.at_once() as asked:
            ticket = asked.ticket(given, SESSION, now_utc_s)
            if ticket is None or ticket.person_id is None:
                return None
            account = asked.account(ticket.person_id)
    except NotFound:
        return None
    if account.ended_utc_s is not None:
        return None
    _renew(store, ticket, account, settings, now_utc_s)
    return Signed(account, store.of(store.school_id, account.id), ticket, csrf.token(given))


def _renew(
    store: Store, ticket: Ticket, account: Account, settings: Settings, now_utc_s: int
) -> None:
    rule = settings.sessions
    if now_utc_s - (ticket.seen_at_utc_s or ticket.created_at_utc_s) < rule.renew_s:
        return
    own = ticket.label.startswith(OWN_DEVICE)
    until = now_utc_s + _idle_s(account, settings, own)
    store.seen(ticket, now_utc_s, min(until, ticket.created_at_utc_s + rule.longest_s))


def _idle_s(account: Account, settings: Settings, own_device: bool) -> int:
    student = Role.STUDENT in account.person.roles
    rule = settings.sessions
    return rule.own_idle_s if student and own_device else rule.idle_s


def begin(  # noqa: PLR0917
    request: Request,
    response: Response,
    store: Store,
    account: Account,
    label: str,
    own_device: bool = False,
) -> None:
    """Sign somebody in: a new session, and the one this browser had before is over.

    `label`: the browser in words, for the list of sessions. On a device that is not the student's
    own the browser forgets the cookie when it is closed.
    """
    settings: Settings = request.app.state.settings
    _revoke(request)
    _forget(response, settings, settings.visitor_cookie)
    if account.language is not None:  # another may have chosen above a page of this browser
        _forget(response, settings, settings.language_cookie)
    own = own_device and Role.STUDENT in account.person.roles
    given = store.issue(
        SESSION,
        account.id,
        _idle_s(account, settings, own),
        (OWN_DEVICE if own else "") + label,
        now_of(request),
    )
    response.set_cookie(
        settings.session_cookie,
        given,
        max_age=settings.sessions.longest_s if own else None,
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )


def end(request: Request, response: Response) -> None:
    """Sign this browser out: its session is over, also where somebody copied the cookie."""
    settings: Settings = request.app.state.settings
    _revoke(request)
    for name in (settings.session_cookie, settings.visitor_cookie, settings.language_cookie):
        _forget(response, settings, name)


def _revoke(request: Request) -> None:
    found = signed_or_none(request)
    if found is not None:
        found.store.revoke(found.ticket.digest)
    request.state.signed = None


def _forget(response: Response, settings: Settings, name: str) -> None:
    response.delete_cookie(name, path="/", secure=settings.https, httponly=True, samesite="lax")


def texts_of(request: Request) -> Texts:
    """Return the words for this request: as its address asks, else as this browser was last asked,
    else as the person chose, else as the browser prefers."""
    settings: Settings = request.app.state.settings
    found = signed_or_none(request)
    asked = (
        request.query_params.get("lang"),
        request.cookies.get(settings.language_cookie),
        found.account.language if found else None,
    )
    known = next((one for one in asked if one in LANGUAGES), None)
    return texts_in(choose(known, request.headers.get("accept-language"), settings.language))


def forget_language(request: Request, response: Response) -> None:
    """What was chosen above a page no longer counts: somebody chose for good."""
    settings: Settings = request.app.state.settings
    _forget(response, settings, settings.language_cookie)


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page for whoever is signed in, or for nobody, in their language.

    The template has `t`, `signed` (or None), `csrf` (the hidden field), `other_language` (a link)
    and `values`.
    """
    texts = texts_of(request)
    values.setdefault("csrf", csrf_field(request))
    values["other_language"] = _in_other_language(request, texts)
    html = render(template, texts, signed=signed_or_none(request), **values)
    headers = {"Content-Language": texts.language, "Vary": "Accept-Language, Cookie"}
    answer = HTMLResponse(html, status, headers)
    if request.query_params.get("lang") == texts.language:
        settings: Settings = request.app.state.settings
        answer.set_cookie(
            settings.language_cookie,
            texts.language,
            path="/",
            secure=settings.https,
            httponly=True,
            samesite="lax",
        )
    return answer


def _in_other_language(request: Request, texts: Texts) -> dict[str, str] | None:
    """Return the link to this page in the other language; None where it answers a form: what was
    filled in, or is shown once, would be gone."""
    if request.method not in csrf.SAFE:
        return None
    name = next(one for one in LANGUAGES if one != texts.language)
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    return {"name": name, "address": f"?{urlencode([*kept, ('lang', name)])}"}


def allow_script(response: Response) -> None:
    """Let this page load scripts of ours: for passkeys alone."""
    response.headers["Content-Security-Policy"] = SCRIPT_POLICY
