"""The administrator's hubs: which there are, how they are doing; and how long things are kept."""

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from bioklok.errors import BioklokFailure
from bioklok.office import hubs, tokens
from bioklok.office.hubs import Cause, Trouble
from bioklok.office.retention import JOB, bounds_at
from bioklok.office.settings import Retention, settings_of, zone_of_school
from bioklok.school.days import SchoolYear, local_day
from bioklok.school.people import NotAllowed
from bioklok.store.access import HUB
from bioklok.store.keeping import Bounds
from bioklok.web.door import Signed
from bioklok.web.forms import Form
from bioklok.web.problems import NoSuchPage
from bioklok.web.texts import Texts
from bioklok.web.views import Administrator, Filled, moment, now_of, page, texts_of, to

router = APIRouter()
_STALE_S = 3 * 86_400  # the job runs each night: after three of them something is wrong

# Cause -> what it was, what to do.
CAUSES: Mapping[Cause, tuple[str, str]] = {
    Cause.RADIO: ("sync_radio", "sync_radio_do"),
    Cause.CLOCK: ("sync_clock", "sync_clock_do"),
    Cause.KEY: ("sync_key", "sync_key_do"),
    Cause.VERSION: ("sync_version", "sync_version_do"),
    Cause.JOURNAL: ("sync_journal", "sync_journal_do"),
    Cause.OTHER: ("sync_other", "sync_other_do"),
}

# What it is (a text), how long it stays (a text; "": so many days), in which tables it stands. A
# test holds it against `store.inventory`: nothing is kept of which this page says nothing.
KEPT: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("kept_minutes", "", ("page", "grade", "course")),
    ("kept_looks", "", ("look",)),
    ("kept_syncs", "", ("sync_session",)),
    ("kept_shares", "kept_year", ("weekly", "reflection", "share_log", "timetable_snapshot")),
    ("kept_strips", "kept_year", ("ledger_entry", "reason_note")),
    ("kept_consent", "kept_account", ("share_log",)),
    ("kept_ties", "kept_ties_for", ("tie",)),
    ("kept_accounts", "kept_account_closed", ("person", "wish", "feed", "credential")),
    ("kept_doors", "kept_expires", ("ticket",)),
    ("kept_devices", "kept_device", ("device", "device_key", "journal")),
    ("kept_school", "kept_school_for", ("school", "job")),
)


@router.get("/school/hubs")
def hubs_page(request: Request, signed: Administrator) -> Response:
    """The hubs, and what came through them of late."""
    return _hubs(request, signed)


@router.post("/school/hubs")
def make_hub(request: Request, signed: Administrator, filled: Filled) -> Response:
    """Make a hub's token and show it, this once."""
    form = Form(filled)
    label = form.text("label", tokens.MOST_LETTERS, is_needed=True)
    if not form.is_good:
        return _hubs(request, signed, form)
    secret = tokens.make(signed.store, signed.account.person, HUB, label, now_of(request))
    return _hubs(request, signed, secret=secret)


@router.post("/school/hubs/revoke")
def revoke_hub(request: Request, signed: Administrator, filled: Filled) -> Response:
    """Take a hub's token back."""
    try:
        tokens.revoke(signed.store, signed.account.person, Form(filled).given("token"))
    except NotAllowed:
        raise
    except BioklokFailure as error:
        raise NoSuchPage(str(error)) from None
    return to("/school/hubs")


@router.get("/school/retention")
def retention_page(request: Request, signed: Administrator) -> Response:
    """How long what is kept, what goes now, and when that was last seen to."""
    store, texts, now_utc_s = signed.store, texts_of(request), now_of(request)
    zone = zone_of_school(store)
    kept, done = settings_of(store).retention, store.jobs().get(JOB)
    bounds = bounds_at(store, kept, now_utc_s)
    return page(
        request,
        "retention.html",
        rows=_kept_rows(kept, bounds, zone, texts),
        done=moment(done.ended_utc_s, str(zone), texts) if done else None,
        is_stale=done is None or done.ended_utc_s < now_utc_s - _STALE_S,
    )


def _kept_rows(
    kept: Retention, bounds: Bounds, zone: ZoneInfo, texts: Texts
) -> list[tuple[str, str, str]]:
    """What is kept, how long, and from before which day it goes now."""
    by_days = {
        "kept_minutes": (kept.raw_days, bounds.raw_utc_s),
        "kept_looks": (kept.look_days, bounds.look_utc_s),
        "kept_syncs": (kept.session_days, bounds.session_utc_s),
    }
    next_year = _day(SchoolYear(bounds.year + 1).first, texts)
    rows = []
    for what, how_long, _tables in KEPT:
        if what in by_days:
            n_days, before_utc_s = by_days[what]
            said, gone = texts.days(n_days), _day(local_day(before_utc_s, zone), texts)
        else:
            said, gone = texts(how_long, day=next_year), ""
            if how_long == "kept_year":
                gone = _day(local_day(bounds.year_utc_s, zone), texts)
        rows.append((texts(what), said, gone))
    return rows


def _day(day: date, texts: Texts) -> str:
    return f"{texts.short_date(day)} {day.year}"


def _hubs(
    request: Request, signed: Signed, form: Form | None = None, secret: str | None = None
) -> Response:
    texts, zone = texts_of(request), str(zone_of_school(signed.store))
    found = hubs.overview(signed.store, signed.account.person, now_of(request))
    return page(
        request,
        "hubs.html",
        422 if form else 200,
        hubs=[
            (
                one.digest,
                one.label,
                moment(one.created_at_utc_s, zone, texts),
                moment(one.seen_at_utc_s, zone, texts),
                moment(one.expires_at_utc_s, zone, texts),
            )
            for one in found.hubs
        ],
        came=[(one.name, moment(one.last_utc_s, zone, texts)) for one in found.came],
        troubles=[_trouble(one, zone, texts) for one in found.troubles],
        low=found.low,
        n_days=hubs.LOOKS_BACK_D,
        secret=secret,
        errors=form.errors if form else {},
        label=form.given("label") if form else "",
    )


def _trouble(one: Trouble, zone: str, texts: Texts) -> tuple[str, str, str, str]:
    """What it was, what to do, with which devices, when last."""
    what, do = CAUSES[one.cause]
    return texts(what), texts(do), ", ".join(one.names), moment(one.last_utc_s, zone, texts)
