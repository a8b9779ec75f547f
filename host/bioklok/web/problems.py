"""What an error is to whoever asked: a status, and for the API problem+json (RFC 9457).

What somebody may not do is answered as what does not exist, in the same bytes: so nobody learns
what there is by trying.
"""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi.responses import JSONResponse

from bioklok.errors import BioklokFailure, NotFound
from bioklok.office.consenting import NoConsent
from bioklok.office.intake import NotWelcome
from bioklok.school.ledger import LedgerMoved
from bioklok.school.people import NotAllowed
from bioklok.school.sharing import NotPreviewed
from bioklok.school.strips import NotPossible
from bioklok.store import OtherBytes

MEDIA_TYPE = "application/problem+json"
MISSING = "there is nothing here for you: check the address"
_CONFLICTS = (NotPreviewed, NotPossible, LedgerMoved, NotWelcome, NoConsent, OtherBytes)


class NoSuchPage(BioklokFailure):
    """Answered like an address that does not exist."""


class BadRequest(BioklokFailure):
    """What was sent cannot be used; `fields` says of each wrong one why."""

    def __init__(self, detail: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.fields = dict(fields or {})


def status_of(error: BioklokFailure) -> int:
    """Return the status of an answer to this failure: 404, 409, 422, or 503 for the database."""
    if isinstance(error, NotFound | NotAllowed | NoSuchPage):
        return 404
    if isinstance(error, _CONFLICTS):
        return 409
    return 422 if isinstance(error, BadRequest) else 503


def problem(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> JSONResponse:
    """Return an error as problem+json: type, title, status, detail."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, dict(headers or {}), media_type=MEDIA_TYPE)


def problem_of(error: BioklokFailure) -> JSONResponse:
    """Return a failure of ours as problem+json."""
    status = status_of(error)
    if status == 404:
        return problem(404, MISSING)
    if isinstance(error, BadRequest) and error.fields:
        return problem(status, str(error), errors=error.fields)
    return problem(status, str(error))
