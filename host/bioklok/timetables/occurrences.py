"""From the appointments of a file to those of a window: recurrence expanded, changes applied."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar, Component, Event
from icalendar.prop import vDDDLists, vDDDTypes

from bioklok.timetables.lines import Block, Property, RawCalendar, refused
from bioklok.timetables.rules import Budget, Window, starts_of
from bioklok.timetables.times import (
    Span,
    added,
    as_utc_s,
    checked,
    like,
    read_duration,
    read_property,
    read_span,
    read_time,
    zone_of,
)
from bioklok.timetables.zones import Zones

RECURRING = ("RRULE", "RDATE", "RECURRENCE-ID")
MAX_DATES = 2_000  # of one appointment, in RDATE or in EXDATE
DATE_COST = 10  # one such date costs about as much as so many days of a rule
_NUMBER = "X-NUMBER"

# What icalendar and recurring-ical-events raise over an appointment that passed our own checks.
# Their parts disagree on which, and a feed must not be able to stop more than itself.
_THEIRS = (
    *(ValueError, TypeError, LookupError, AttributeError),
    *(ArithmeticError, AssertionError, RuntimeError),
)


@dataclass(frozen=True)
class Occurrence:
    """One appointment at one time. `key` is the same for it at every fetch, also when it moved."""

    event: Block
    span: Span
    key: str


def expand(raw: RawCalendar, zones: Zones, window: Window, budget: Budget) -> Iterator[Occurrence]:
    """Yield what a file has in a window; also some outside it, and what is cancelled.

    Raises BioklokFailure where an appointment cannot be read or there are too many.
    """
    unnamed = count()
    groups: dict[str, list[Block]] = defaultdict(list)
    for event in raw.events:
        named = event.first("UID")
        groups[named.value if named and named.value else f"\n{next(unnamed)}"].append(event)
    for uid, events in groups.items():
        if any(name in event.properties for event in events for name in RECURRING):
            yield from _series(uid, events, zones, window, budget)
        else:
            yield from _single(uid, events, zones, window, budget)


def _single(
    uid: str, events: list[Block], zones: Zones, window: Window, budget: Budget
) -> Iterator[Occurrence]:
    """Yield appointments that do not recur: of one UID the last version.

    Where a feed gives one UID to several appointments of one version, each counts.
    """
    newest = max(_sequence(event) for event in events)
    current = [event for event in events if _sequence(event) == newest]
    for event in current:
        span = read_span(event, zones)
        start_s, end_s = span.utc_s(zones.school)
        if start_s < window.until_utc_s and end_s >= window.from_utc_s:
            budget.spend(occurrences=1)
        key = f"{uid} {start_s}" if len(current) > 1 else uid
        if uid.startswith("\n"):
            summary = event.first("SUMMARY")
            key = f"\n{start_s} {end_s} {summary.value if summary else ''}"
        yield Occurrence(event, span, key)


def _series(
    uid: str, events: list[Block], zones: Zones, window: Window, budget: Budget
) -> Iterator[Occurrence]:
    """Yield a series with its changes. One calendar a series: what one breaks stays its own."""
    calendar = Calendar()
    for number, event in enumerate(events):
        calendar.add_component(_component(number, event, zones, window, budget))
    start, stop = (
        datetime.fromtimestamp(one, UTC) for one in (window.from_utc_s, window.until_utc_s)
    )
    try:
        found = recurring_ical_events.of(calendar).between(start, stop)
        for one in found:
            span = checked(_moment(one, "DTSTART"), _moment(one, "DTEND"), zones)
            number = int(one[_NUMBER])
            original_s = as_utc_s(_original(one, calendar.subcomponents[number]), zones.school)
            yield Occurrence(events[number], span, f"{uid} {original_s}")
    except _THEIRS:
        raise refused("it has appointments that recur in a way that cannot be followed") from None


def _original(one: Component, source: Component) -> date | datetime:
    """Return when an occurrence was to start before anything changed: what tells it from others."""
    changed: Any = source.get("RECURRENCE-ID")
    if changed is None or "RANGE" not in changed.params:
        return _moment(one, "RECURRENCE-ID")
    # All that follow a change carry the name of the first; each is as far from its own.
    by: timedelta = _moment(source, "DTSTART") - changed.dt
    return _moment(one, "DTSTART") - by


def _moment(one: Component, name: str) -> date | datetime:
    of_any_kind: Any = one[name]
    found: date | datetime = of_any_kind.dt
    return found


def _component(number: int, event: Block, zones: Zones, window: Window, budget: Budget) -> Event:
    """Make an event of icalendar: values that were checked, and nothing else of the file."""
    span = read_span(event, zones)
    made = Event()
    made["UID"] = "series"
    made["SEQUENCE"] = _sequence(event)
    made[_NUMBER] = str(number)
    made["DTSTART"], made["DTEND"] = vDDDTypes(span.start), vDDDTypes(span.end)
    change_of = event.first("RECURRENCE-ID")
    if change_of is not None:
        # A change has no recurrence of its own (3.8.4.4).
        original = like(read_property(change_of, zones), span.start, zones)
        made["RECURRENCE-ID"] = vDDDTypes(original)
        if change_of.parameters.get("RANGE", "").upper() == "THISANDFUTURE":
            made["RECURRENCE-ID"].params["RANGE"] = "THISANDFUTURE"
        budget.spend(occurrences=1)
        return made
    excluded = _dates(event.properties.get("EXDATE", []), span, zones, budget)
    if excluded:
        made["EXDATE"] = vDDDLists(excluded)
    extra = _dates(event.properties.get("RDATE", []), span, zones, budget)
    budget.spend(occurrences=len(extra))
    rule = event.first("RRULE")
    if rule is not None:
        extra += starts_of(rule.value, span.start, window, zones, budget)
    if extra:
        made["RDATE"] = vDDDLists(extra)
    return made


def _sequence(event: Block) -> int:
    found = event.first("SEQUENCE")
    text = found.value.strip() if found else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _dates(
    properties: list[Property], span: Span, zones: Zones, budget: Budget
) -> list[date | datetime | tuple[datetime, datetime]]:
    """Return the dates of RDATE or EXDATE properties, as days or times like the series' start."""
    found: list[date | datetime | tuple[datetime, datetime]] = []
    for one in properties:
        zone = zone_of(one, zones)
        for text in one.value.split(",")[: MAX_DATES + 1]:
            begins, is_period, ends = text.partition("/")
            start = like(read_time(begins, zone), span.start, zones)
            if is_period and isinstance(start, datetime):
                end = (
                    added(start, read_duration(ends))
                    if ends.lstrip("+-").startswith("P")
                    else read_time(ends, zone)
                )
                period = checked(start, end, zones)
                if isinstance(period.start, datetime) and isinstance(period.end, datetime):
                    found.append((period.start, period.end))
            else:
                found.append(start)
            if len(found) > MAX_DATES:
                raise refused(f"it has an appointment with more than {MAX_DATES} dates")
    budget.spend(rule_days=DATE_COST * len(found))
    return found
