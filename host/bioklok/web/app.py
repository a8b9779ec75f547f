"""The web app: what it is made of, and how errors are answered. It computes nothing.

Who may see what is decided by `door` (who is it) and by `bioklok.office` (may they); the routes
stand in `pages_*` and `api`.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response

from bioklok.errors import BioklokFailure
from bioklok.store import Store, open_store
from bioklok.web import (
    api,
    pages_account,
    pages_admin,
    pages_adults,
    pages_door,
    pages_oidc,
    pages_student,
    pages_timetable,
)
from bioklok.web.door import SignInNeeded, page
from bioklok.web.headers import HEADERS, NO_STORE, Guard
from bioklok.web.oidc import Service
from bioklok.web.problems import MISSING, problem, problem_of, status_of
from bioklok.web.rates import Rates
from bioklok.web.settings import Settings

# What a page says: title and text.
_REFUSALS = {
    403: ("refused_form_title", "refused_form_text"),
    413: ("refused_large_title", "refused_large_text"),
    429: ("refused_often_title", "refused_often_text"),
    503: ("refused_closed_title", "refused_closed_text"),
}
_REFUSAL = ("refused_title", "refused_text")


def create_app(settings: Settings) -> FastAPI:
    """Return the dashboard over the database of `settings`, which is opened at once.

    Raises BioklokFailure where the database cannot be used. The database is
    closed when the server shuts down.
    """
    opened = open_store(settings.database_url)
    store = opened.__enter__()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            opened.__exit__(None, None, None)

    app = FastAPI(
        title="Bioklok",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.store = store
    app.state.rates = Rates()
    app.state.oidc = Service(settings.oidc) if settings.oidc else None
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.allowed_hosts))
    app.add_middleware(Guard, settings=settings, refuse=_answer)
    app.mount("/static", StaticFiles(directory=str(files("bioklok.web") / "static")), "static")
    _add_errors(app)
    _add_health(app, store)
    for room in (
        pages_door,
        pages_account,
        pages_oidc,
        pages_student,
        pages_timetable,
        pages_adults,
        pages_admin,
        api,
    ):
        app.include_router(room.router)
    return app


def _add_health(app: FastAPI, store: Store) -> None:
    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        store.schools()
        return {"status": "ok"}


def _add_errors(app: FastAPI) -> None:
    # Not async: they may look in the database for who is signed in, so they get a thread.
    @app.exception_handler(SignInNeeded)
    def on_nobody(request: Request, _error: SignInNeeded) -> Response:
        if is_api(request):
            told = {"WWW-Authenticate": 'Bearer realm="bioklok"'}
            return problem(401, "sign in first, or bring a token", told)
        return RedirectResponse(f"/sign-in?next={quote(_asked(request), safe='/')}", 303)

    @app.exception_handler(HTTPException)
    def on_http(request: Request, error: HTTPException) -> Response:
        return _answer(request, error.status_code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    def on_shape(request: Request, error: RequestValidationError) -> Response:
        if is_api(request):
            where = {".".join(map(str, one["loc"])): str(one["msg"]) for one in error.errors()}
            return problem(422, "what was sent does not have the right shape", errors=where)
        return _answer(request, 404, "")  # an address that no link of ours has

    @app.exception_handler(BioklokFailure)
    def on_failure(request: Request, error: BioklokFailure) -> Response:
        if is_api(request):
            return problem_of(error)
        return _answer(request, status_of(error), str(error))

    @app.exception_handler(Exception)
    def on_bug(request: Request, _error: Exception) -> Response:
        # Answered outside the middleware above, and reported on stderr all the same.
        told = {**HEADERS, **NO_STORE}
        if is_api(request):
            return problem(500, "something went wrong in Bioklok", told)
        return JSONResponse({"detail": "something went wrong in Bioklok"}, 500, told)


def is_api(request: Request) -> bool:
    """Say whether a program asks: it gets problem+json in the place of a page."""
    return request.url.path.startswith("/api/")


def _asked(request: Request) -> str:
    """Return the page to lead on to after signing in."""
    if request.method != "GET":
        return "/"
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _answer(
    request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    if is_api(request):
        return problem(status, MISSING if status == 404 else detail, headers)
    if status == 404:
        response: Response = page(request, "missing.html", status)
    else:
        title, text = _REFUSALS.get(status, _REFUSAL)
        response = page(request, "refused.html", status, title=title, text=text)
    response.headers.update(headers or {})
    return response
