"""Refreshing a student's timetable from outside: fetched, read, believed, kept, in that order.

While a stranger's server is waited for, no transaction is open. What goes wrong is noted with the
feed in one line that names its host alone, and what the timetable said before stays in force.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from bioklok.errors import BioklokFailure
from bioklok.office.consenting import require_consent, verdict, verdict_at
from bioklok.office.settings import Settings, settings_of, zone_of_school
from bioklok.school.days import local_day
from bioklok.school.timetable import Snapshot, is_believable
from bioklok.store import Account, Desk, Store
from bioklok.timetables.address import (
    AccessToken,
    FeedAddress,
    Source,
    appointments_address,
    feed_address,
    own_source,
)
from bioklok.timetables.fetch import fetch
from bioklok.timetables.ical import read_ical
from bioklok.timetables.zermelo import read_appointments

ICAL, ZERMELO = "ical", "zermelo"  # kinds of feeds
WEEKS_AHEAD = 6

Fetcher = Callable[[FeedAddress, AccessToken | None], bytes]


def fetch_outside(address: FeedAddress, token: AccessToken | None) -> bytes:
    """Fetch over the internet; see `timetables.fetch`."""
    return fetch(address, token=token)


def own_sources(settings: Settings) -> tuple[Source, ...]:
    """Return the sources that a school added, each "host/path/" in `Settings.feed_hosts`.

    Raises BioklokFailure for one that is no such text.
    """
    parts = (one.partition("/") for one in settings.feed_hosts)
    return tuple(own_source(host, f"/{path}") for host, _, path in parts)


def use_ical(store: Store, student: Account, text: str, now_utc_s: int) -> None:
    """Keep the address of a student's iCalendar feed, sealed.

    Raises NoConsent, BioklokFailure, NotFound.
    """
    settings = settings_of(store)
    address = feed_address(text, own_sources(settings))
    with store.desk(student.id) as desk:
        require_consent(store, desk, settings, now_utc_s)
        desk.put_feed(ICAL, address.host, address.secret())


def use_zermelo(store: Store, student: Account, portal: str, token: str, now_utc_s: int) -> None:
    """Keep a Zermelo portal and the student's token for it, sealed. Raises as `use_ical`."""
    host = appointments_address(portal, 0, 1).host
    AccessToken(token)
    settings = settings_of(store)
    with store.desk(student.id) as desk:
        require_consent(store, desk, settings, now_utc_s)
        desk.put_feed(ZERMELO, host, f"{portal.strip().lower()} {token}")


def take_file(store: Store, student: Account, data: bytes, now_utc_s: int) -> None:
    """Keep the timetable of an iCalendar file that somebody has; a feed is no longer asked then.

    Raises NoConsent, BioklokFailure where it cannot be read or not be believed.
    """
    settings = settings_of(store)
    with store.reading(student.id) as desk:  # what may not be kept is not even read
        require_consent(store, desk, settings, now_utc_s)
    after = _from_ical(store, student, data, now_utc_s)
    with store.desk(student.id) as desk:
        require_consent(store, desk, settings, now_utc_s)
        problem = _keep(desk, after)
        if problem is not None:
            raise BioklokFailure(problem)
        desk.drop_feed()


def refresh(
    store: Store, student: Account, now_utc_s: int, get: Fetcher = fetch_outside
) -> str | None:
    """Fetch a student's timetable and keep what is new; return what went wrong, None: nothing.

    Where no timetable was named, or there is no consent (any more), nothing is fetched.
    """
    with store.reading(student.id) as desk:
        feed = desk.feed()
    if feed is None or verdict(store, student.id, now_utc_s).since_utc_s is None:
        return None
    kind, secret = feed[0].kind, feed[1]
    try:
        after = _read(store, student, kind, secret, now_utc_s, get)
    except BioklokFailure as failure:
        problem: str | None = str(failure)
    else:
        problem = None
    settings = settings_of(store)
    with store.desk(student.id) as desk:
        now = desk.feed()
        if now is None or (now[0].kind, now[1]) != (kind, secret):
            return None  # another was named meanwhile, or none
        if verdict_at(store, desk, settings, now_utc_s).since_utc_s is None:
            return None  # somebody said stop while the server was waited for
        if problem is None:
            problem = _keep(desk, after)
        desk.note_feed(now_utc_s, problem or "")
    return problem


def _read(  # noqa: PLR0917
    store: Store, student: Account, kind: str, secret: str, now_utc_s: int, get: Fetcher
) -> Snapshot:
    if kind == ZERMELO:
        from_utc_s, until_utc_s = _span_utc_s(store, now_utc_s)
        portal, _, token = secret.partition(" ")
        address = appointments_address(portal, from_utc_s, until_utc_s)
        return read_appointments(
            get(address, AccessToken(token)),
            school_id=store.school_id,
            student_id=student.id,
            taken_at_utc_s=now_utc_s,
            from_utc_s=from_utc_s,
            until_utc_s=until_utc_s,
        )
    address = feed_address(secret, own_sources(settings_of(store)))
    return _from_ical(store, student, get(address, None), now_utc_s)


def _from_ical(store: Store, student: Account, data: bytes, now_utc_s: int) -> Snapshot:
    from_utc_s, until_utc_s = _span_utc_s(store, now_utc_s)
    return read_ical(
        data,
        school_id=store.school_id,
        student_id=student.id,
        taken_at_utc_s=now_utc_s,
        from_utc_s=from_utc_s,
        until_utc_s=until_utc_s,
        zone=zone_of_school(store),
    )


def _span_utc_s(store: Store, now_utc_s: int) -> tuple[int, int]:
    """From this Monday on: within a week two readings of one timetable give the same snapshot."""
    zone = zone_of_school(store)
    today = local_day(now_utc_s, zone)
    monday = today - timedelta(days=today.weekday())
    last = monday + timedelta(weeks=1 + WEEKS_AHEAD)
    first_utc_s, last_utc_s = (
        int(datetime.combine(day, time(), zone).timestamp()) for day in (monday, last)
    )
    return first_utc_s, last_utc_s


def _keep(desk: Desk, after: Snapshot) -> str | None:
    """Keep a snapshot where it says something new; return why it was not believed."""
    before = desk.snapshots(after.taken_at_utc_s)
    if not before:
        desk.add_snapshot(after)
        return None
    last = before[-1]
    if not is_believable(last, after):
        return "the timetable suddenly has no lessons: what it said before stays in force"
    if (last.from_utc_s, last.until_utc_s, last.lessons) != (
        after.from_utc_s,
        after.until_utc_s,
        after.lessons,
    ):
        desk.add_snapshot(after)
    return None
