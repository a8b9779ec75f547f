"""What stands around every answer and before every request: headers, origin, size.

Nothing comes from elsewhere and no script runs, but for the one page that needs a passkey: what is
not named in the policy is refused (Content Security Policy 3; OWASP Secure Headers).
"""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bioklok.web.csrf import SAFE, is_foreign
from bioklok.web.settings import Settings

Refuse = Callable[[Request, int, str], Response]

_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; {script}"
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
POLICY = _POLICY.format(script="")
SCRIPT_POLICY = _POLICY.format(script="script-src 'self'; ")
_PASSKEYS = "publickey-credentials-create=(self), publickey-credentials-get=(self)"

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with it browsers send "Origin: null" along with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": f"camera=(), geolocation=(), microphone=(), {_PASSKEYS}",
}
# A shared computer keeps no copy of a child's week.
NO_STORE = {"Cache-Control": "no-store"}
# A font's version stands in its name; a style sheet is asked for again, and answered by 304.
FOR_A_YEAR = {"Cache-Control": "public, max-age=31536000, immutable"}
ASK_AGAIN = {"Cache-Control": "no-cache"}
HSTS = {"Strict-Transport-Security": "max-age=31536000"}


def _kept(path: str, status: int) -> dict[str, str]:
    """Return how long browsers may keep an answer."""
    if not path.startswith("/static/") or status not in (200, 206, 304):
        return NO_STORE
    return FOR_A_YEAR if path.startswith("/static/fonts/") else ASK_AGAIN


class Guard:
    """ASGI middleware: refuses what other sites send and what is too long, and adds the headers.

    `refuse(request, status, detail)` gives the answer to what is refused.
    """

    def __init__(self, app: ASGIApp, settings: Settings, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse
        self._settings = settings
        self._headers = {**HEADERS, **(HSTS if settings.https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                kept = _kept(scope["path"], message["status"])
                for name, value in {**self._headers, **kept}.items():
                    headers.setdefault(name, value)
            await send(message)

        given = Headers(scope=scope)
        refusal = self._refusal(scope["method"], given)
        if refusal is not None:
            # In a thread: a page of ours looks in the database for who is signed in.
            answer = await run_in_threadpool(self._refuse, Request(scope), *refusal)
            await answer(scope, receive, send_with_headers)
            return
        await self._app(scope, self._limited(receive), send_with_headers)

    def _refusal(self, method: str, given: Headers) -> tuple[int, str] | None:
        if method not in SAFE and is_foreign(given, self._settings.scheme):
            return 403, "this came from another site: open the page here and try again"
        length = given.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return 400, "the length of the request cannot be read"
        if int(length[:12]) > self._settings.most_body_bytes:
            return 413, "this is too large"
        return None

    def _limited(self, receive: Receive) -> Receive:
        left = self._settings.most_body_bytes

        async def receive_at_most() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:  # it said no length, or a wrong one
                raise HTTPException(413, "this is too large")
            return message

        return receive_at_most
