"""One's own account: where one is signed in, and the ways to sign in.

Ways to sign in are changed within a quarter of an hour after signing in alone, so that a phone
that was left open cannot be made somebody else's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bioklok.office.accounts import BROWSER
from bioklok.store.access import SESSION
from bioklok.store.school_tables import Ticket
from bioklok.web import door, passkeys, passwords
from bioklok.web.csrf import form
from bioklok.web.door import OWN_DEVICE, Signed, now_of, signed
from bioklok.web.entering import browser_of, site_of
from bioklok.web.pages_door import text_in, wrong_password
from bioklok.web.texts import LANGUAGES, Texts

router = APIRouter(include_in_schema=False)
Filled = Annotated[FormData, Depends(form)]
SignedIn = Annotated[Signed, Depends(signed)]
FRESH_S = 900


@dataclass(frozen=True)
class SessionLine:
    """One place where somebody is signed in."""

    digest: str
    label: str
    since: str
    seen: str
    is_this: bool


@dataclass(frozen=True)
class WayLine:
    """One way to sign in."""

    id: str
    kind: str
    since: str


@router.get("/account")
def account_page(request: Request, who: SignedIn) -> Response:
    """Show where one is signed in, and how."""
    return _account(request, who)


@router.post("/account/sign-out-everywhere")
def sign_out_everywhere(request: Request, who: SignedIn, _filled: Filled) -> Response:
    """End all sessions, this one too, and forget the browsers that were one's own."""
    for kind in (SESSION, BROWSER):
        who.store.revoke_all(who.account.id, kind)
    response = RedirectResponse("/sign-in", 303)
    door.end(request, response)
    return response


@router.post("/account/sessions/{digest}/end")
def end_session(request: Request, digest: str, who: SignedIn, _filled: Filled) -> Response:
    """End one session of one's own."""
    mine = {one.digest for one in who.store.tickets(SESSION, who.account.id)}
    if digest not in mine:
        raise HTTPException(404)
    who.store.revoke(digest)
    return RedirectResponse("/account", 303)


@router.post("/account/language")
def set_language(request: Request, who: SignedIn, filled: Filled) -> Response:
    """Choose the language of the pages; anything else means: what the browser asks for."""
    chosen = text_in(filled, "language")
    who.store.set_language(who.account.id, chosen if chosen in LANGUAGES else None)
    response = RedirectResponse("/account", 303)
    door.forget_language(request, response)
    return response


@router.post("/account/password")
def set_password(request: Request, who: SignedIn, filled: Filled) -> Response:
    """Choose a password; other sessions end."""
    if not _is_fresh(request, who):
        return _account(request, who, "account_stale")
    if wrong := wrong_password(filled, who.account):
        return _account(request, who, wrong)
    passwords.keep(who.store, who.account, text_in(filled, "password"))
    who.store.revoke_all(who.account.id, SESSION, but=who.ticket.digest)
    return RedirectResponse("/account", 303)


@router.post("/account/passkeys/ask")
def ask_passkey(request: Request, who: SignedIn, _filled: Filled) -> Response:
    """Make a challenge for a new passkey, on a page with the script."""
    if not _is_fresh(request, who) or not site_of(request).has_passkeys:
        return _account(request, who, "account_stale")
    where = site_of(request), browser_of(request)
    response = door.page(
        request,
        "passkey.html",
        options=passkeys.ask_new(who.store, who.account, *where, now_of(request)),
        making=True,
        action="/account/passkeys",
        kept={},
    )
    door.allow_script(response)
    return response


@router.post("/account/passkeys")
def add_passkey(request: Request, who: SignedIn, filled: Filled) -> Response:
    """Keep a new passkey."""
    if not _is_fresh(request, who):
        return _account(request, who, "account_stale")
    where = site_of(request), browser_of(request)
    answer = text_in(filled, "passkey")
    try:
        id, body = passkeys.checked_new(who.store, who.account, *where, answer, now_of(request))
    except passkeys.NotGood:
        return _account(request, who, "passkey_failed")
    who.store.put_credential(who.account.id, id, passkeys.KIND, body)
    return RedirectResponse("/account", 303)


@router.post("/account/ways/remove")
def remove_way(request: Request, who: SignedIn, filled: Filled) -> Response:
    """Remove a way to sign in, but not the last one."""
    if not _is_fresh(request, who):
        return _account(request, who, "account_stale")
    ways = {one.id for one in who.store.credentials(who.account.id)}
    if text_in(filled, "id") not in ways:
        raise HTTPException(404)
    if len(ways) == 1:
        return _account(request, who, "account_last_way")
    who.store.drop_credential(who.account.id, text_in(filled, "id"))
    return RedirectResponse("/account", 303)


def _is_fresh(request: Request, who: Signed) -> bool:
    return now_of(request) - who.ticket.created_at_utc_s <= FRESH_S


def _account(request: Request, who: Signed, wrong: str | None = None) -> Response:
    texts = door.texts_of(request)
    now_utc_s = now_of(request)
    sessions = [
        _session(one, who, texts)
        for one in who.store.tickets(SESSION, who.account.id)
        if one.expires_at_utc_s > now_utc_s
    ]
    ways = [
        WayLine(one.id, one.kind, _moment(one.created_at_utc_s, who, texts))
        for one in who.store.credentials(who.account.id)
    ]
    return door.page(
        request,
        "account.html",
        422 if wrong else 200,
        wrong=wrong,
        sessions=sessions,
        ways=ways,
        fresh=_is_fresh(request, who),
        passkeys=site_of(request).has_passkeys,
        least=passwords.LEAST,
    )


def _session(one: Ticket, who: Signed, texts: Texts) -> SessionLine:
    seen_utc_s = one.seen_at_utc_s or one.created_at_utc_s
    return SessionLine(
        one.digest,
        one.label.removeprefix(OWN_DEVICE),
        _moment(one.created_at_utc_s, who, texts),
        _moment(seen_utc_s, who, texts),
        one.digest == who.ticket.digest,
    )


def _moment(at_utc_s: int, who: Signed, texts: Texts) -> str:
    return texts.moment(datetime.fromtimestamp(at_utc_s, who.account.person.zone))
