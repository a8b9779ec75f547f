"""Six weeks of a student's pages as a device makes them, with biocore's own builder."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from biocore.page import MAX_EPOCHS, PageBuilder

ZONE = ZoneInfo("Europe/Amsterdam")
JOURNAL = 7
WEEKS = 6
MINUTES = WEEKS * 7 * 1440
VARIANTS = 8  # students of one variant have the same minutes, each sealed under a key of their own
SHARP, TIRED = 1, 2


@dataclass(frozen=True)
class Info:
    """What a sync knows of a device's journal; see `bioklok.store.base`."""

    device_id: str
    n_pages: int
    journal_id: int = JOURNAL
    boot_id: int = 1
    started_utc_s: int = 0
    oldest: int = 0

    @property
    def next(self) -> int:
        """The place of the page that the device writes next."""
        return self.oldest + self.n_pages


@cache
def six_weeks(monday: date, variant: int) -> list[bytes]:
    """Return the pages of the six weeks before a Monday, oldest first."""
    start = int(
        datetime.combine(monday - timedelta(weeks=WEEKS), datetime.min.time(), ZONE).timestamp()
    )
    random = Random(variant)
    out = []
    builder = PageBuilder()
    for sequence, first in enumerate(range(0, MINUTES, MAX_EPOCHS)):
        builder.begin(JOURNAL, 1, start + 60 * first, 60 * first)
        for record in _minutes(
            start + 60 * first, min(MAX_EPOCHS, MINUTES - first), variant, random
        ):
            builder.append(*record)
        out.append(bytes(builder.close(sequence)))
    return out


def _minutes(start: int, n: int, variant: int, random: Random) -> Iterator[tuple[int, ...]]:
    """Sleep, school, an afternoon, an evening; and now and then a press."""
    for utc_s in range(start, start + 60 * n, 60):
        local = datetime.fromtimestamp(utc_s, ZONE)
        hour = local.hour + local.minute / 60 - variant / 8
        weekend = local.isoweekday() > 5
        if hour >= 22 or hour < (9 if weekend else 7):
            moved = random.random() < 0.04
            yield (
                (180, 300, 2200, 0, 0, 0, 0, 60)
                if moved
                else (random.randrange(30), 3, 60, 0, 0, 0, 0, 60)
            )
            continue
        enmo = int(random.expovariate(1 / (600 if 12 <= hour < 13 or hour > 16 else 250)))
        light = int(10 ** random.uniform(4.3, 6.2 if 12 <= hour < 17 else 5.4))
        marks = random.choice((SHARP, TIRED)) if random.random() < 0.004 else 0
        yield (min(enmo, 4000), 150 + enmo // 3, 2500, light, 0, 0, marks, 60)
