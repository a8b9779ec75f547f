"""From bytes to the few properties of a calendar that are read (RFC 5545, section 3).

Ours, although icalendar has a parser: this one counts before it keeps, so that a hostile file
costs little, and what is not in `KEPT` (teachers, rooms, homework) never becomes an object. It
also leaves alone a cache that icalendar shares over all calendars of the process, into which one
feed could put a time zone under the name that another feed uses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bioklok.errors import BioklokFailure
from bioklok.timetables.limits import Limits

KEPT = frozenset(("UID", "SEQUENCE", "STATUS", "SUMMARY", "CATEGORIES", "DTSTART", "DTEND"))
KEPT |= {"DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
KEPT_OF_ZONE = frozenset(("TZID", "X-LIC-LOCATION", "TZOFFSETTO"))
ONCE = KEPT - {"CATEGORIES", "RDATE", "EXDATE"}
MAX_KEPT_CHARS = 20_000  # RDATE and EXDATE may name every week of a year, each with a time
MAX_PARAMETERS = 10

_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_PARAMETER = re.compile(r';([A-Za-z0-9-]{1,60})=("[^"\x00-\x08]*"|[^";:,\x00-\x08]*)')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Property:
    """One content line: parameters by upper-case name, and the value as it stands in the file."""

    parameters: dict[str, str]
    value: str


@dataclass
class Block:
    """One component: its kept properties by upper-case name, in the order of the file."""

    name: str
    properties: dict[str, list[Property]] = field(default_factory=dict)

    def first(self, name: str) -> Property | None:
        """Return the first property of a name, or None."""
        found = self.properties.get(name)
        return found[0] if found else None


@dataclass
class RawCalendar:
    """The appointments and the time zones of a file."""

    events: list[Block] = field(default_factory=list)
    zones: list[Block] = field(default_factory=list)


def refused(why: str) -> BioklokFailure:
    """Make the one error of a timetable that cannot be read; `why` never quotes the file."""
    return BioklokFailure(
        f"the timetable cannot be read: {why}; keep the last one and fetch it again later"
    )


def read_lines(data: bytes, limits: Limits) -> RawCalendar:
    """Return the appointments and time zones of an iCalendar file.

    Raises BioklokFailure where it is none, is cut off, or goes over a limit.
    """
    if len(data) > limits.bytes:
        raise refused(f"it has more than {limits.bytes} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refused("it is not UTF-8") from None
    found = RawCalendar()
    stack: list[Block] = []
    calendars = 0
    for line in _unfolded(text, limits):
        head = line[:6].upper()
        if head == "BEGIN:":
            if (not stack) != (line[6:].strip().upper() == "VCALENDAR"):
                raise refused("it is not a calendar")
            stack.append(_begun(line[6:], stack, found, limits))
            calendars += len(stack) == 1
        elif line[:4].upper() == "END:":
            if not stack or stack.pop().name != line[4:].strip().upper():
                raise refused("its parts are not closed as they were opened")
        elif not stack:
            raise refused("it is not a calendar")
        else:
            _keep(line, stack, found)
    if stack or not calendars:
        raise refused("it is cut off" if stack else "it is not a calendar")
    return found


def _unfolded(text: str, limits: Limits) -> Iterator[str]:
    """Yield whole lines: one that begins with a blank continues the one before (3.1)."""
    parts: list[str] = []
    chars = count = 0
    # Not splitlines(): that also breaks at characters which may stand in a summary.
    for line in re.split(r"\r\n|\n|\r", text):
        if line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
            chars += len(line)
            if chars > limits.line_chars:
                raise refused("one of its lines is too long")
            continue
        if parts:
            yield "".join(parts)
        count += 1
        if count > limits.lines or len(line) > limits.line_chars:
            raise refused("it has too many lines, or too long ones")
        parts, chars = ([line], len(line)) if line.strip() else ([], 0)
    if parts:
        yield "".join(parts)


def _begun(name: str, stack: list[Block], found: RawCalendar, limits: Limits) -> Block:
    block = Block(name.strip().upper())
    if len(stack) >= limits.depth:
        raise refused("its parts are nested too deeply")
    inside = stack[-1].name if stack else ""
    if block.name == "VEVENT" and inside == "VCALENDAR":
        found.events.append(block)
        if len(found.events) > limits.events:
            raise refused(f"it has more than {limits.events} appointments")
    elif block.name == "VTIMEZONE" and inside == "VCALENDAR":
        found.zones.append(block)
        if len(found.zones) > 50:
            raise refused("it has more than 50 time zones")
    return block


def _keep(line: str, stack: list[Block], found: RawCalendar) -> None:
    """Keep a line of an appointment or a time zone, where it says something that is read."""
    block, wanted = stack[-1], KEPT
    if len(stack) > 1 and stack[1].name == "VTIMEZONE":
        # What STANDARD and DAYLIGHT say is kept with the zone they are of.
        block, wanted = stack[1], KEPT_OF_ZONE
    elif len(stack) != 2 or block.name != "VEVENT":
        return
    match = _NAME.match(line)
    if match is None:
        raise refused("one of its lines is no property")
    name = match[0].upper()
    if name not in wanted:
        return
    if len(line) > MAX_KEPT_CHARS or _CONTROL.search(line):
        raise refused(f"its {name} is too long or not text")
    values = block.properties.setdefault(name, [])
    if len(values) >= 1_000 or (values and block.name == "VEVENT" and name in ONCE):
        raise refused(f"it has an appointment with more than one {name}")
    values.append(_property(line, match.end()))


def _property(line: str, at: int) -> Property:
    parameters: dict[str, str] = {}
    while line[at : at + 1] == ";":
        match = _PARAMETER.match(line, at)
        if match is None or len(parameters) >= MAX_PARAMETERS:
            raise refused("one of its lines is no property")
        parameters[match[1].upper()] = match[2].strip('"')
        at = match.end()
        while line[at : at + 1] == ",":  # more values of one parameter: none that is read has them
            more = _PARAMETER.match(";X=" + line[at + 1 : at + 500])
            if more is None:
                raise refused("one of its lines is no property")
            at += 1 + more.end() - len(";X=")
    if line[at : at + 1] != ":":
        raise refused("one of its lines is no property")
    return Property(parameters, line[at + 1 :])
