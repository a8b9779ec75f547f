"""The API of a hub that stands elsewhere: it may bring pages and notes of syncs, and no more."""

import base64
import binascii
from dataclasses import asdict

from biocore.errors import DamagedData
from biocore.page import H_JOURNAL_ID, header
from fastapi import APIRouter, Request

from bioklok.office.intake import Intake
from bioklok.store import Store
from bioklok.web import api_models_school as s
from bioklok.web.api_doors import Hub
from bioklok.web.problems import BadRequest
from bioklok.web.views import now_of

router = APIRouter(prefix="/sync", tags=["hub"])


@router.post("/journals")
def open_journal(request: Request, store: Hub, given: s.JournalIn) -> s.NextOut:
    """Say which journal a device keeps; hear which page to fetch next (409: not welcome)."""
    return s.NextOut(next=_intake(request, store).open_journal(given))


@router.post("/pages")
def pages(request: Request, store: Hub, given: s.PagesIn) -> s.StoredOut:
    """Bring pages; those that are there already are not new. All of them are stored, or none
    (409: not welcome, or other bytes are there in the place of one)."""
    found = [_page(one, given.info.journal) for one in given.pages]
    new = _intake(request, store).commit_pages(given.info, found, now_of(request))
    return s.StoredOut(n_new=len(new))


@router.post("/sessions")
def sessions(request: Request, store: Hub, given: s.SyncIn) -> s.OrdersOut:
    """Note how a sync ended; hear what to tell the device (409: not welcome, nothing is noted)."""
    orders = _intake(request, store).end(
        given.info,
        started_utc_s=given.started_utc_s,
        ended_utc_s=given.ended_utc_s,
        frames=given.frames,
        bytes=given.bytes,
        pages_new=given.pages_new,
        epochs_new=given.epochs_new,
        retries=given.retries,
        result=given.result,
    )
    return s.OrdersOut(
        strips=orders.strips,
        reports=[s.ReportOut(quarter=one, grade=grade) for one, grade in orders.reports],
        wipe=orders.wipe,
        **asdict(orders.settings),
    )


def _intake(request: Request, store: Store) -> Intake:
    return Intake(store, request.app.state.settings.clock)


def _page(text: str, journal_id: int) -> bytes:
    """Read a page and check it, before anything is stored. Raises BadRequest."""
    try:
        page = base64.b64decode(text, validate=True)
        head = header(page)
    except (binascii.Error, ValueError, DamagedData) as error:
        raise BadRequest("a page came damaged: send it again", {"pages": str(error)}) from error
    if head[H_JOURNAL_ID] != journal_id:
        raise BadRequest("a page of another journal: open that journal first")
    return page
