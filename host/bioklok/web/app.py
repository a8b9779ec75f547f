"""The web app: routes, headers, languages. It computes nothing; see reports and pages.

There is no sign-in yet, so it is made for this computer alone: the command line binds it to
127.0.0.1, and only `Settings.allowed_hosts` are answered.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response

from bioklok.errors import BioklokFailure, NotFound
from bioklok.reports.week import Week, build_week, monday_of, weeks_with_data
from bioklok.store import Store, open_store
from bioklok.web.pages import render, render_week, session_lines
from bioklok.web.settings import Settings
from bioklok.web.texts import Texts, choose, texts_in

_SESSIONS_SHOWN = 10

# Nothing from elsewhere, no script at all: what is not named is refused.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


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
        title="Bioklok", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.allowed_hosts))
    app.mount("/static", StaticFiles(directory=str(files("bioklok.web") / "static")), "static")
    _add_headers(app)
    _add_errors(app, settings)
    _add_pages(app, settings, store)
    _add_api(app, store)
    return app


def _add_headers(app: FastAPI) -> None:
    @app.middleware("http")
    async def headers(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        response.headers.update(HEADERS)
        if not request.url.path.startswith("/static/"):
            # A shared computer keeps no copy of a child's week.
            response.headers["Cache-Control"] = "no-store"
        return response


def _add_errors(app: FastAPI, settings: Settings) -> None:
    def answer(request: Request, status: int, detail: str) -> Response:
        if request.url.path.startswith("/api/") or status != 404:
            return JSONResponse({"detail": detail}, status)
        texts = _texts(request, settings)
        return HTMLResponse(render("missing.html", texts), status, _language(texts))

    @app.exception_handler(StarletteHTTPException)
    async def on_http(request: Request, error: StarletteHTTPException) -> Response:
        return answer(request, error.status_code, str(error.detail))

    @app.exception_handler(NotFound)
    async def on_missing(request: Request, error: NotFound) -> Response:
        return answer(request, 404, str(error))

    @app.exception_handler(Exception)
    async def on_bug(_request: Request, _error: Exception) -> Response:
        # Answered outside the middleware above, and reported on stderr all the same.
        headers = {**HEADERS, "Cache-Control": "no-store"}
        return JSONResponse({"detail": "something went wrong in Bioklok"}, 500, headers)

    @app.exception_handler(BioklokFailure)
    async def on_failure(request: Request, error: BioklokFailure) -> Response:
        return answer(request, 503, str(error))


def _add_pages(app: FastAPI, settings: Settings, store: Store) -> None:
    @app.get("/", response_class=HTMLResponse)
    def home(request: Request) -> Response:
        texts = _texts(request, settings)
        students = [
            (student, [(week, monday_of(week).isocalendar()) for week in weeks])
            for student in store.students()
            for weeks in [weeks_with_data(store, student.id, student.timezone)]
            if weeks  # who has no data is nobody's business
        ]
        sessions = session_lines(store.sessions(_SESSIONS_SHOWN), texts)
        page = render("home.html", texts, students=students, sessions=sessions)
        return HTMLResponse(page, 200, _language(texts))

    @app.get("/students/{student_id}/weeks/{week}", response_class=HTMLResponse)
    def week_page(request: Request, student_id: str, week: str, day: str | None = None) -> Response:
        student, found = _week(store, student_id, week)
        texts = _texts(request, settings)
        page = render_week(
            found,
            texts.language,
            student_name=student,
            chosen=_day(day),
        )
        return HTMLResponse(page, 200, _language(texts))


def _add_api(app: FastAPI, store: Store) -> None:
    @app.get("/api/v1/students/{student_id}/weeks/{week}")
    def week_json(student_id: str, week: str) -> dict[str, Any]:
        return _week(store, student_id, week)[1].to_dict()

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        store.students()
        return {"status": "ok"}


def _week(store: Store, student_id: str, week: str) -> tuple[str, Week]:
    student = store.student(student_id)
    try:
        monday_of(week)
    except BioklokFailure as error:
        raise HTTPException(404, str(error)) from error
    return student.name, build_week(store, student_id, week, student.timezone)


def _day(text: str | None) -> date | None:
    """Read the chosen day; an address with another text shows the week in its own order."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _texts(request: Request, settings: Settings) -> Texts:
    asked = request.query_params.get("lang")
    accept = request.headers.get("accept-language")
    return texts_in(choose(asked, accept, settings.language))


def _language(texts: Texts) -> dict[str, str]:
    return {"Content-Language": texts.language, "Vary": "Accept-Language"}
