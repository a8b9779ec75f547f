"""The doors: sign-in page, invitations, links, and the way out. Without a script but for passkeys.

Opening a link does nothing by itself: programs that look through mail open links too. A page with
one button does.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from bioklok.errors import NotFound
from bioklok.office import accounts
from bioklok.settings import HOME
from bioklok.store import Account, Store
from bioklok.store.access import INVITATION, LINK, school_of
from bioklok.web import door, passkeys, passwords
from bioklok.web.csrf import form, ticket_in
from bioklok.web.door import Signed, now_of, signed
from bioklok.web.entering import (
    browser_of,
    counts_of,
    end_try,
    let_in,
    site_of,
    start_try,
    visitor_page,
)
from bioklok.web.next_page import ours, start_of

router = APIRouter(include_in_schema=False)
Filled = Annotated[FormData, Depends(form)]
SignedIn = Annotated[Signed, Depends(signed)]
_SCHOOL = "school"


@router.get("/")
def start(who: SignedIn) -> Response:
    """Lead whoever is signed in to the page with which they begin."""
    return RedirectResponse(start_of(who), 303)


# -- signing in ----------------------------------------------------------------------------------


@router.get("/sign-in")
def sign_in_page(request: Request, next: str | None = None) -> Response:
    """Ask who it is."""
    if door.signed_or_none(request) is not None:
        return RedirectResponse(ours(next), 303)
    return _asking(request, next)


@router.post("/sign-in")
def sign_in(request: Request, filled: Filled) -> Response:
    """Sign in with a password."""
    asked = school_asked(request, text_in(filled, "school"))
    store = asked or request.app.state.store
    # Where there is no such school there is nobody either; the answer takes as long.
    person_id = text_in(filled, "person").strip() if asked else passwords.NOBODY
    counts = counts_of(request, store, person_id)
    wait_s = start_try(request, counts)
    if wait_s:
        return _wait(request, filled, wait_s)
    account = passwords.check(store, person_id, text_in(filled, "password"))
    if account is None:
        return _asking(request, text_in(filled, "next"), 403, "sign_in_wrong", filled)
    end_try(request, counts)
    own = text_in(filled, "own") == "yes"
    return let_in(request, store, account, text_in(filled, "next"), own)


@router.post("/sign-in/passkey/ask")
def ask_passkey(request: Request, filled: Filled) -> Response:
    """Make a challenge for a passkey, on a page with the script."""
    store = school_asked(request, text_in(filled, "school"))
    if store is None:
        return _asking(request, text_in(filled, "next"), 403, "sign_in_wrong", filled)
    wait_s = start_try(request, counts_of(request, store, None))
    if wait_s:
        return _wait(request, filled, wait_s)
    options = passkeys.ask(store, site_of(request), browser_of(request), now_of(request))
    return visitor_page(
        request,
        "passkey.html",
        script=True,
        options=options,
        making=False,
        action="/sign-in/passkey",
        kept={"next": ours(text_in(filled, "next")), "own": text_in(filled, "own")},
    )


@router.post("/sign-in/passkey")
def sign_in_by_passkey(request: Request, filled: Filled) -> Response:
    """Sign in with a passkey."""
    store: Store = request.app.state.store
    counts = counts_of(request, store, None)
    try:
        store, person_id = passkeys.check(
            store,
            site_of(request),
            browser_of(request),
            text_in(filled, "passkey"),
            now_of(request),
        )
        account = store.account(person_id)
    except (passkeys.NotGood, NotFound):
        account = None
    if account is None or account.ended_utc_s is not None:
        return _asking(request, text_in(filled, "next"), 403, "sign_in_passkey_wrong")
    end_try(request, counts)
    own = text_in(filled, "own") == "yes"
    return let_in(request, store, account, text_in(filled, "next"), own)


@router.post("/sign-out")
def sign_out(request: Request, _filled: Filled) -> Response:
    """Sign this browser out."""
    response = RedirectResponse("/sign-in", 303)
    door.end(request, response)
    return response


# -- invitations ---------------------------------------------------------------------------------


@router.get("/invite/{token}")
def invitation(request: Request, token: str) -> Response:
    """Show whose invitation it is, and ask how they want to sign in from now on."""
    found = _behind(request, token, INVITATION)
    return _inviting(request, token, *found) if found else _gone(request)


@router.post("/invite/{token}/passkey")
def invitation_passkey(request: Request, token: str, _filled: Filled) -> Response:
    """Make a challenge for a new passkey, on a page with the script."""
    found = _behind(request, token, INVITATION)
    if found is None:
        return _gone(request)
    options = passkeys.ask_new(*found, site_of(request), browser_of(request), now_of(request))
    return visitor_page(
        request,
        "passkey.html",
        script=True,
        options=options,
        making=True,
        action=f"/invite/{token}",
        kept={},
    )


@router.post("/invite/{token}")
def accept_invitation(request: Request, token: str, filled: Filled) -> Response:
    """Keep the password or passkey, use the invitation up, and sign in."""
    found = _behind(request, token, INVITATION)
    if found is None:
        return _gone(request)
    store, account = found
    new = None
    if answer := text_in(filled, "passkey"):
        where = site_of(request), browser_of(request)
        try:
            new = passkeys.checked_new(store, account, *where, answer, now_of(request))
        except passkeys.NotGood:
            return _inviting(request, token, *found, "passkey_failed")
    elif wrong := wrong_password(filled, account):
        return _inviting(request, token, *found, wrong)
    if accounts.accept(store, token, now_of(request)) is None:
        return _gone(request)
    store.drop_credential(account.id, passwords.KIND)
    if new is None:
        passwords.keep(store, account, text_in(filled, "password"))
    else:
        store.put_credential(account.id, new[0], passkeys.KIND, new[1])
    return let_in(request, store, account, "/", text_in(filled, "own") == "yes")


# -- links ---------------------------------------------------------------------------------------


@router.get("/link/{token}")
def link(request: Request, token: str) -> Response:
    """Show whose link it is, with a button."""
    found = _behind(request, token, LINK)
    if found is None:
        return _gone(request)
    return visitor_page(request, "link.html", account=found[1], token=token)


@router.post("/link/{token}")
def follow_link(request: Request, token: str, filled: Filled) -> Response:
    """Use the link up and sign in."""
    found = _behind(request, token, LINK)
    account = accounts.follow(found[0], token, now_of(request)) if found else None
    if found is None or account is None:
        return _gone(request)
    return let_in(request, found[0], account, "/", text_in(filled, "own") == "yes")


# -- what they share -----------------------------------------------------------------------------


def text_in(filled: FormData, name: str) -> str:
    """Return a field as text; "" for none or a file."""
    value = filled.get(name)
    return value if isinstance(value, str) else ""


def wrong_password(filled: FormData, account: Account) -> str | None:
    """Return the key of the text that says why a new password is not taken; None: it is."""
    given = text_in(filled, "password")
    if given != text_in(filled, "again"):
        return "password_differs"
    return passwords.refusal(given, account)


def _asking(
    request: Request,
    next_: str | None,
    status: int = 200,
    wrong: str | None = None,
    filled: FormData | None = None,
    *,
    wait_s: int = 0,
) -> HTMLResponse:
    settings = request.app.state.settings
    return visitor_page(
        request,
        "sign_in.html",
        status,
        next=ours(next_),
        wrong=wrong,
        wait_s=wait_s,
        person=text_in(filled, "person")[:40] if filled else "",
        school=text_in(filled, "school")[:40] if filled else "",
        asks_school=len(_schools(request)) > 1,
        passkeys=site_of(request).has_passkeys,
        oidc=settings.oidc.name if settings.oidc else None,
    )


def _wait(request: Request, filled: FormData, wait_s: int) -> Response:
    answer = _asking(request, text_in(filled, "next"), 429, "sign_in_wait", filled, wait_s=wait_s)
    answer.headers["Retry-After"] = str(wait_s)
    return answer


def _inviting(
    request: Request, token: str, store: Store, account: Account, wrong: str | None = None
) -> Response:
    return visitor_page(
        request,
        "invitation.html",
        422 if wrong else 200,
        account=account,
        school=store.school(),
        token=token,
        wrong=wrong,
        passkeys=site_of(request).has_passkeys,
        least=passwords.LEAST,
    )


def _gone(request: Request) -> Response:
    return door.page(request, "link_gone.html", 404)


def _behind(request: Request, token: str, kind: str) -> tuple[Store, Account] | None:
    """Return whose a ticket is that is still good: their school's store, and their account."""
    given = ticket_in(token)
    if given is None:
        return None
    store: Store = request.app.state.store.of(school_of(given))
    ticket = store.ticket(given, kind, now_of(request))
    if ticket is None or ticket.person_id is None:
        return None
    account = store.account(ticket.person_id)
    return None if account.ended_utc_s is not None else (store, account)


def _schools(request: Request) -> list[str]:
    """The schools one can sign in at: those of the database, or the home where it has none."""
    found = request.app.state.store.schools()
    return [one.id for one in found if one.kind == _SCHOOL] or [HOME]


def school_asked(request: Request, given: str) -> Store | None:
    """The school somebody wants to sign in at; None: there is no such school."""
    known = _schools(request)
    chosen = known[0] if len(known) == 1 else given.strip()
    store: Store = request.app.state.store
    return store.of(chosen) if chosen in known else None
