"""Timetable feeds in the forms that Somtoday, Magister, Outlook and Zermelo give them. No tests.

Written by hand after programs that read such feeds: nobody's real timetable. The names in them are
there to be dropped.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from bioklok.school.timetable import Snapshot
from bioklok.timetables.ical import read_ical

ZONE = ZoneInfo("Europe/Amsterdam")
PERSONAL = ("jansen", "vries", "piet", "abc", "be012", "tm047", "hoofdstuk", "dokter", "@")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


WINDOW = {"from_utc_s": at("2026-10-01"), "until_utc_s": at("2026-12-19")}


def event(*lines: str) -> str:
    return "".join(f"{line}\r\n" for line in ("BEGIN:VEVENT", *lines, "END:VEVENT"))


def feed(*events: str, head: str = "") -> bytes:
    begin = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//NL\r\n"
    return (begin + head + "".join(events) + "END:VCALENDAR\r\n").encode()


def read(data: bytes, zone: ZoneInfo = ZONE, **changed: object) -> Snapshot:
    keys = {"school_id": "oost", "student_id": "noor", "taken_at_utc_s": at("2026-11-16 07:00")}
    return read_ical(data, **{**keys, **WINDOW, "zone": zone, **changed})  # type: ignore[arg-type]


def local(snapshot: Snapshot) -> list[tuple[str, str, str, bool]]:
    """Start, end, subject, lesson or not: by the school's clock."""
    return [
        (_clock(one.start_utc_s), _clock(one.end_utc_s)[-5:], one.subject, one.is_lesson)
        for one in snapshot.lessons
    ]


def _clock(utc_s: int) -> str:
    return f"{datetime.fromtimestamp(utc_s, ZONE):%m-%d %H:%M}"


SOMTODAY = feed(
    event(
        "UID:5501@somtoday.nl",
        "DTSTAMP:20261101T060000Z",
        "DTSTART:20261116T073000Z",
        "DTEND:20261116T082000Z",
        "SUMMARY:be012 - oga3bak - ABC",
        "LOCATION:be012",
        "DESCRIPTION:Docent: A. Jansen\\nHuiswerk: hoofdstuk 3",
    ),
    event(
        "UID:5502@somtoday.nl",
        "DTSTART:20261116T082000Z",
        "DTEND:20261116T091000Z",
        "SUMMARY:tm047_gym - oga3.tmc1\\, oh3.tmc1 - VRIES",
    ),
    event(
        "UID:5503@somtoday.nl",
        "DTSTART:20261117T073000Z",
        "DTEND:20261117T082000Z",
        "SUMMARY:be012 - oga3bmentor - ABC",
    ),
    event(
        "UID:5504@somtoday.nl",
        "DTSTART:20261118T070000Z",
        "DTEND:20261118T153000Z",
        "SUMMARY:Studiedag",
    ),
    head="X-WR-CALNAME:Somtoday agenda\r\nNAME:Somtoday agenda\r\n",
)

MAGISTER = feed(
    event(
        "UID:77-1",
        "DTSTART;TZID=Europe/Amsterdam:20261116T083000",
        "DTEND;TZID=Europe/Amsterdam:20261116T092000",
        "SUMMARY:1 netl - JAN",
        "LOCATION:1.17",
        "ATTENDEE;CN=A. Jansen:mailto:a.jansen@school.example",
    ),
    event(
        "UID:77-2",
        "DTSTART;TZID=Europe/Amsterdam:20261116T092000",
        "DTEND;TZID=Europe/Amsterdam:20261116T101000",
        "SUMMARY:PW wisb hoofdstuk 4 (JAN)",
        "CATEGORIES:Toets",
    ),
    event(
        "UID:77-3",
        "DTSTART;TZID=Europe/Amsterdam:20261116T103000",
        "DTEND;TZID=Europe/Amsterdam:20261116T112000",
        "SUMMARY:Vervallen: 3 econ - KLS",
    ),
    event(
        "UID:77-4",
        "DTSTART;VALUE=DATE:20261117",
        "SUMMARY:Verjaardag Piet",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-PT15M",
        "SUMMARY:Piet bellen",
        "END:VALARM",
    ),
    event(
        "UID:77-5",
        "DTSTART;TZID=Europe/Amsterdam:20261117T160000",
        "DTEND;TZID=Europe/Amsterdam:20261117T163000",
        "SUMMARY:dokter de Vries",
    ),
    event(
        "UID:77-6",
        "DTSTART;TZID=Europe/Amsterdam:20261118T083000",
        "DTEND;TZID=Europe/Amsterdam:20261118T092000",
        "STATUS:CANCELLED",
        "SUMMARY:1 econ - KLS",
    ),
)

OUTLOOK_ZONE = """BEGIN:VTIMEZONE\r
TZID:Customized Time Zone\r
BEGIN:STANDARD\r
DTSTART:16010101T030000\r
TZOFFSETFROM:+0200\r
TZOFFSETTO:+0100\r
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r
END:STANDARD\r
BEGIN:DAYLIGHT\r
DTSTART:16010101T020000\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0200\r
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r
END:DAYLIGHT\r
END:VTIMEZONE\r
"""

OUTLOOK = feed(
    event(
        "UID:series",
        "DTSTART;TZID=Customized Time Zone:20261012T110000",
        "DURATION:PT50M",
        "RRULE:FREQ=WEEKLY;UNTIL=20261130;BYDAY=MO,TH",
        "EXDATE;TZID=Customized Time Zone:20261015T110000,20261019T110000",
        "RDATE;TZID=W. Europe Standard Time:20261204T140000",
        "SUMMARY:fatl",
    ),
    event(
        "UID:series",
        "SEQUENCE:1",
        "RECURRENCE-ID;TZID=Customized Time Zone:20261102T110000",
        "DTSTART;TZID=Customized Time Zone:20261103T130000",
        "DTEND;TZID=Customized Time Zone:20261103T135000",
        "SUMMARY:fatl",
    ),
    event(
        "UID:series",
        "RECURRENCE-ID:20261105T100000Z",
        "DTSTART:20261105T100000Z",
        "DTEND:20261105T105000Z",
        "STATUS:CANCELLED",
        "SUMMARY:fatl",
    ),
    head=OUTLOOK_ZONE,
)

FEEDS = (SOMTODAY, MAGISTER, OUTLOOK)
