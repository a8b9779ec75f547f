"""Forms that only our own pages can send: a token bound to the session, and where they came from.

Two walls. What a browser says about where a request comes from (Sec-Fetch-Site, Origin) is checked
of every request that could change something, before anything else (`headers`). And each form holds
a token that is an HMAC under the session's secret, so that only a page of that session can have it
(OWASP, Cross-Site Request Forgery Prevention: HMAC based token pattern).
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from fastapi import Request
from markupsafe import Markup
from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bioklok.web.settings import Settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD, HEADER = "csrf", "x-csrf"
_MOST_FIELDS, _MOST_FILES = 500, 4
_VISITOR = re.compile(r"[A-Za-z0-9_-]{43}")
_TICKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}\.[A-Za-z0-9_-]{43}")


def ticket_in(given: str | None) -> str | None:
    """Return what has the form of a ticket ("school.secret"); None for anything else."""
    return given if given is not None and _TICKET.fullmatch(given) else None


def bearer(request: Request) -> str | None:
    """Return the secret to which this browser's forms are bound; None where it has none yet."""
    settings: Settings = request.app.state.settings
    session = ticket_in(request.cookies.get(settings.session_cookie))
    return session or visitor(request)


def visitor(request: Request) -> str | None:
    """Return the secret of somebody who is not signed in yet; None where they have none."""
    settings: Settings = request.app.state.settings
    given = request.cookies.get(settings.visitor_cookie)
    return given if given is not None and _VISITOR.fullmatch(given) else None


def new_visitor() -> str:
    """Return a secret for somebody who is not signed in yet."""
    return secrets.token_urlsafe(32)


def keep_visitor(response: Response, settings: Settings, secret: str) -> None:
    """Give a browser the secret, until it is closed."""
    response.set_cookie(
        settings.visitor_cookie,
        secret,
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )


def bound(secret: str, what: str) -> str:
    """Return a value that only who has the secret can make, one for each `what`."""
    return hmac.new(secret.encode(), what.encode(), hashlib.sha256).hexdigest()


def token(secret: str | None) -> str:
    """Return the token for forms of the browser with this secret; "" where it has none."""
    return "" if secret is None else bound(secret, "csrf")


def field_of(value: str) -> Markup:
    """Return the hidden field that every form of ours holds."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(value)


def csrf_field(request: Request) -> Markup:
    """Return the hidden field for the forms on a page that answers this request."""
    return field_of(token(bearer(request)))


def check(request: Request, given: str | None) -> None:
    """Pass a token of this browser. Raises HTTPException 403."""
    expected = token(bearer(request))
    if not expected or not hmac.compare_digest(expected.encode(), (given or "").encode()):
        raise HTTPException(403, "the form is too old: open the page again")


async def form(request: Request) -> AsyncIterator[FormData]:
    """FastAPI dependency: the fields of a form that one of our pages sent.

    Raises HTTPException 403 without the right token, 400 for what is no form.
    """
    async with request.form(max_fields=_MOST_FIELDS, max_files=_MOST_FILES) as fields:
        given = fields.get(FIELD)
        check(request, given if isinstance(given, str) else None)
        yield fields


def is_foreign(headers: Headers, scheme: str) -> bool:
    """Say whether a browser tells that another site made it send this request.

    Programs that are no browsers send neither header, and have no cookie to be misused.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return True
    return (parts.scheme, parts.netloc.lower()) != (scheme, headers.get("host", "").lower())
