"""A week of a real recorder of another maker, brought in as `bioklok import` does it."""

import time
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from bioklok.demo.packaged import Packaged, fetch
from bioklok.demo_school import IMPORTED
from bioklok.office.intake import Intake
from bioklok.recordings.analysed import analyse
from bioklok.recordings.opening import recording_of
from bioklok.recordings.pages import journal_of, pages_of
from bioklok.recordings.text import read_text
from bioklok.store import Store

# Seven days of an Actiwatch in a German export, with light: test data of a package under the GPL,
# which is read here and not passed on.
RECORDING = Packaged(
    requirement="pyActigraphy==1.2.2",
    sha256="3199b8dde42f044f887f11ca333f60e85c4213dcc5bde742a4ecd2ca2c4d8e7f",
    member="pyActigraphy/tests/data/test_sample_rpx_ger_with_light.csv",
    member_sha256="8bc1e3def6f56936c3d93260fe3a79282534e479fc66c4c5e7af05ac98439c16",
    kept_as="actiwatch-week.csv",
)
ZONE = "Europe/Amsterdam"  # the same clock as the recording's Europe/Berlin
WEEK = "2019-W39"


@dataclass(frozen=True)
class Imported:
    """What came in: minutes in the file, and those that are new in the store."""

    device_id: str
    minutes: int
    new_minutes: int
    took_s: float


def fetch_week() -> Path:
    """Return the recording, fetched unless it is there already. Raises NoNetwork."""
    return fetch(RECORDING)


def import_week(school: Store, file: Path) -> Imported:
    """Put the recording into the store of the demo's school, as its student's."""
    started = time.perf_counter()
    text = read_text(file)
    zone = ZoneInfo(ZONE)
    found = analyse(recording_of(text, zone, None), zone)
    journal = journal_of(sha256("\n".join(text.lines).encode()).digest(), 0)
    pages = pages_of(found, journal.journal_id)
    journal = replace(journal, n_pages=len(pages))
    school.hand_out(journal.device_id, IMPORTED, label="Actiwatch (import)")
    intake = Intake(school)
    intake.open_journal(journal)
    before = school.n_epochs(journal.device_id, journal.journal_id)
    intake.commit_pages(journal, pages, int(time.time()))
    after = school.n_epochs(journal.device_id, journal.journal_id)
    took_s = time.perf_counter() - started
    return Imported(journal.device_id, after, after - before, took_s)
