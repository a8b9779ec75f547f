"""A student's copy of everything that is held of them (AVG articles 15 and 20), as one ZIP file.

JSON for programs, CSV for a spreadsheet, the pages as the device made them, and a page to read that
says what each file is. The same data and time give the same bytes. `EXPORTED` says in which file
the rows of a table are; a test holds it against the plan of erasing.
"""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from biocore.page import records
from biocore.record import EPOCH_FIELDS, EPOCH_S

from bioklok.office.beside import beside
from bioklok.office.export_words import LANGUAGES, front_page
from bioklok.reports.beside import Beside
from bioklok.reports.week import Week, build_week, weeks_with_data, zone_of
from bioklok.store import Account, Store, Student
from bioklok.store.holding import HeldPage
from bioklok.store.records import to_json

# Draws a week as a page of its own, in a language, with what stands beside it; who calls brings it
# (`web.pages.week_html`).
Render = Callable[[Week, Student, str, Beside], str]

EXPORTED: Mapping[str, str] = {
    "person": "person.json",
    "tie": "people.json",
    "share_log": "consent-and-sharing.json",
    "look": "who-looked.json",
    "ledger_entry": "strips.json",
    "reason_note": "strips.json",
    "reflection": "cards.json",
    "weekly": "weekly-figures.json",
    "course": "estimator.json",
    "wish": "bioklok.json",
    "grade": "how-sharp.json",
    "timetable_snapshot": "timetable.json",
    "feed": "timetable.json",
    "device": "bioklok.json",
    "journal": "bioklok.json",
    "sync_session": "syncs.json",
    "credential": "sign-in.json",
    "ticket": "sign-in.json",
    "page": "pages/",
}
MINUTES = "minutes.csv"
WEEKS = "weeks/"
_KINDS = ("invitation", "link", "session", "hub", "export")


def export_zip(
    store: Store, student_id: str, now_utc_s: int, render: Render | None = None
) -> bytes:
    """Return the copy. Who may have it is the caller's to check. Raises NotFound."""
    made = io.BytesIO()
    write_export(store, student_id, now_utc_s, made, render)
    return made.getvalue()


def write_export(
    store: Store, student_id: str, now_utc_s: int, target: IO[bytes], render: Render | None = None
) -> None:
    """Write the copy as it is made: no more than a few pages of it are in memory at once.

    `render` None: the weeks come as JSON alone. Raises NotFound, BioklokFailure.
    """
    store.student(student_id)
    student = store.account(student_id)
    language = student.language if student.language in LANGUAGES else LANGUAGES[0]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        archive = _Archive(packed, now_utc_s)
        archive.text("index.html", front_page(language, student.name, render is not None))
        for name, value in _papers(store, student, now_utc_s):
            archive.json(name, value)
        _add_minutes(archive, store, student)
        _add_pages(archive, store, student_id)
        for week in reversed(weeks_with_data(store, student_id, student.timezone)):
            built = build_week(store, student_id, week, student.timezone)
            archive.json(f"{WEEKS}{week}.json", built.to_dict())
            if render is not None:
                told = Student(student.id, student.name, student.timezone)
                there = beside(store, student, week)
                archive.text(f"{WEEKS}{week}.html", render(built, told, language, there))


class _Archive:
    """Files of one moment, in the order in which they are added."""

    def __init__(self, packed: zipfile.ZipFile, now_utc_s: int) -> None:
        self._packed = packed
        self._at = datetime.fromtimestamp(now_utc_s, UTC)

    def open(self, name: str) -> IO[bytes]:
        made = zipfile.ZipInfo(name, self._at.timetuple()[:6])
        made.compress_type = zipfile.ZIP_DEFLATED
        made.external_attr = 0o600 << 16
        return self._packed.open(made, "w")

    def text(self, name: str, content: str) -> None:
        with self.open(name) as file:
            file.write(content.encode())

    def json(self, name: str, value: Any) -> None:
        self.text(name, json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n")


def _papers(store: Store, student: Account, now_utc_s: int) -> Iterator[tuple[str, Any]]:
    """Everything but what was measured, by the name of its file."""
    yield (
        "person.json",
        {"person": _plain(student.person), "name": student.name, "language": student.language}
        | {"school": store.school_id, "made_at_utc_s": now_utc_s},
    )
    ties = store.ties(student.id)
    names = {tie.adult_id: store.account(tie.adult_id).name for tie in ties}
    yield "people.json", [_plain(tie) | {"name": names[tie.adult_id]} for tie in ties]
    with store.reading(student.id) as desk:
        yield "consent-and-sharing.json", [_plain(one) for one in desk.events()]
        yield "who-looked.json", [_plain(one) for one in desk.looks()]
        yield (
            "strips.json",
            {
                "entries": [_plain(e) for year in desk.years() for e in desk.ledger(year).entries],
                "reasons": [_plain(one) for one in desk.reason_notes()],
            },
        )
        weeks = desk.weeks()
        cards = {week: desk.reflection(week) for week in weeks}
        yield "cards.json", {week: found for week, found in cards.items() if found}
        figures = {week: desk.weekly(week) for week in weeks}
        yield "weekly-figures.json", {week: one for week, one in figures.items() if one is not None}
        grades = desk.grades()
        yield "estimator.json", desk.course()
        yield "how-sharp.json", [{"at_utc_s": at, "grade": one} for at, one in grades.items()]
        wishes = desk.wishes()
        feed = desk.feed()
        # The address opens the timetable to whoever has it: it is not repeated (school.md).
        source = feed[0].model_dump(exclude={"sealed"}) if feed else None
        yield (
            "timetable.json",
            {"source": source, "snapshots": [_plain(one) for one in desk.snapshots(0)]},
        )
    yield (
        "bioklok.json",
        {
            "wishes": wishes,
            "worn": [row.model_dump() for row in store.devices_held(student.id)],
            "journals": [row.model_dump() for row in store.journals_held(student.id)],
        },
    )
    yield "syncs.json", [row.model_dump() for row in store.sessions_held(student.id)]
    yield "sign-in.json", _ways_in(store, student.id)


def _ways_in(store: Store, student_id: str) -> dict[str, Any]:
    """How a student signs in; secrets, and what stands for them, are left out."""
    tickets = [row for kind in _KINDS for row in store.tickets(kind, student_id)]
    return {
        "credentials": [row.model_dump(exclude={"body"}) for row in store.credentials(student_id)],
        "tickets": [row.model_dump(exclude={"digest"}) for row in tickets],
    }


def _add_minutes(archive: _Archive, store: Store, student: Account) -> None:
    zone = zone_of(student.timezone)
    units = [f"{name} [{unit}]" for name, _code, unit, _text in EPOCH_FIELDS]
    with (
        archive.open(MINUTES) as raw,
        io.TextIOWrapper(raw, encoding="utf-8", newline="") as file,
    ):
        table = csv.writer(file)
        table.writerow(["utc", f"local [{student.timezone}]", "device", "journal", "page", *units])
        for page in store.pages_held(student.id):
            table.writerows(_minutes(page, zone))


def _minutes(page: HeldPage, zone: ZoneInfo) -> Iterator[list[object]]:
    place = [page.device_id, page.journal_id, page.sequence]
    for n, (_, record) in enumerate(records(page.data)):
        utc, local = "", ""
        if page.start_utc_s:
            moment = datetime.fromtimestamp(page.start_utc_s + n * EPOCH_S, UTC)
            utc = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
            local = moment.astimezone(zone).isoformat(timespec="seconds")
        yield [utc, local, *place, *record]


def _add_pages(archive: _Archive, store: Store, student_id: str) -> None:
    """The pages as they came: 512 bytes each (docs/protocol.md), and a list of them."""
    index: list[tuple[object, ...]] = []
    with archive.open("pages/pages.bin") as file:
        for page in store.pages_held(student_id):
            file.write(page.data)
            index.append((page.device_id, page.journal_id, page.sequence, *_times(page)))
    with (
        archive.open("pages/index.csv") as raw,
        io.TextIOWrapper(raw, encoding="utf-8", newline="") as text,
    ):
        table = csv.writer(text)
        table.writerow(["device", "journal", "page", "placed_at [s UTC]", "received_at [s UTC]"])
        table.writerows(index)


def _times(page: HeldPage) -> tuple[int, int]:
    return page.start_utc_s, page.received_at_utc_s


def _plain(value: Any) -> Any:
    return json.loads(to_json(value))
