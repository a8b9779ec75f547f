"""Which time zone a name in a calendar stands for."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from bioklok.timetables.lines import Block, RawCalendar, refused

_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})(?:[0-9]{2})?")
_AREA = re.compile(r"[A-Za-z_]{2,20}(?:/[A-Za-z0-9_+-]{1,30}){1,2}")


class Zones:
    """The time zones of one file by their TZID; `zone` is the school's, for times without one."""

    def __init__(self, raw: RawCalendar, zone: ZoneInfo) -> None:
        self.school = zone
        self._known: dict[str, ZoneInfo] = {}
        self._defined = {
            block.properties["TZID"][0].value: block
            for block in raw.zones
            if "TZID" in block.properties
        }

    def named(self, tzid: str) -> ZoneInfo:
        """Return the zone of a TZID: an IANA name, a Windows name, or what the file says of it.

        Of a zone that only the file knows the rules are not run: its offsets say which it is.
        Raises BioklokFailure where that leaves it open.
        """
        if tzid not in self._known:
            self._known[tzid] = self._from_name(tzid) or self._from_definition(tzid)
        return self._known[tzid]

    def _from_name(self, tzid: str) -> ZoneInfo | None:
        block = self._defined.get(tzid)
        place = block.first("X-LIC-LOCATION") if block else None
        for name in (tzid, WINDOWS_TO_OLSON.get(tzid, ""), place.value if place else ""):
            # "/freeassociation.sourceforge.net/Europe/Amsterdam" is written as well.
            for candidate in (name, "/".join(name.split("/")[-2:])):
                found = _iana(candidate)
                if found is not None:
                    return found
        return None

    def _from_definition(self, tzid: str) -> ZoneInfo:
        block = self._defined.get(tzid)
        if block is None:
            raise refused("it names a time zone that it does not define")
        offsets = _offsets_s(block)
        if offsets == _offsets_of(self.school):
            return self.school  # "Customized Time Zone" of a calendar program at the school
        if len(offsets) == 1 and (offset_s := next(iter(offsets))) % 3600 == 0:
            hours = offset_s // 3600
            found = _iana(f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT")  # POSIX: the sign turned
            if found is not None:
                return found
        raise refused("it has a time zone of its own: set the calendar to the school's zone")


def _iana(name: str) -> ZoneInfo | None:
    if name in ("UTC", "GMT"):
        return ZoneInfo("UTC")
    if name not in ("CET", "MET", "WET", "EET") and not _AREA.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # no such zone, a folder of zones, not a zone file
        return None


def _offsets_s(block: Block) -> set[int]:
    found = set()
    for one in block.properties.get("TZOFFSETTO", []):
        match = _OFFSET.fullmatch(one.value.strip())
        if match is None:
            raise refused("it has a time zone without an offset")
        seconds = 3600 * int(match[2]) + 60 * int(match[3])
        found.add(-seconds if match[1] == "-" else seconds)
    return found


def _offsets_of(zone: ZoneInfo) -> set[int]:
    """Return the zone's offsets in January and July, in seconds."""
    days = (datetime(2026, month, 1, tzinfo=zone) for month in (1, 7))
    return {int(offset.total_seconds()) for day in days if (offset := day.utcoffset()) is not None}
