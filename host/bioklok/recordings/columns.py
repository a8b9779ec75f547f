"""A table of epochs to a recording: what our CSV, Actiware's and ActTrust's have in common."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from bioklok.errors import BioklokFailure
from bioklok.recordings.moments import Order, Stamps, read_moments
from bioklok.recordings.recording import LONGEST_EPOCH_S, MINUTE_S, FloatArray, IntArray, Recording
from bioklok.recordings.rows import read_rows
from bioklok.recordings.table import Column, Table
from bioklok.recordings.text import Text

_LEAST_EPOCHS = 2


@dataclass(frozen=True)
class Places:
    """Which column holds what, from 0; None: none does. date None: `time` holds both."""

    time: int
    activity: int
    date: int | None = None
    light: int | None = None
    marker: int | None = None
    asleep: int | None = None
    off_wrist: int | None = None

    def wanted(self) -> dict[int, str]:
        """Return the columns that are read, the first of them never empty, and what they hold."""
        names = {
            self.time: "time",
            self.date: "date",
            self.activity: "activity",
            self.light: "light",
            self.marker: "marker",
            self.asleep: "sleep",
            self.off_wrist: "off-wrist status",
        }
        return {at: what for at, what in names.items() if at is not None}


@dataclass(frozen=True)
class Make:
    """What is particular to a kind of file.

    awake: what stands for awake in the column of sleep; whatever else is a number is asleep.
    off_wrist: what stands for off the wrist. The rest as in `Recording`.
    """

    kind: str
    awake: float = 1.0
    off_wrist: float = 1.0
    says_nights: bool = False
    still_below: float | None = None


def read_table(
    text: Text,
    header: int,
    apart: str,
    places: Places,
    make: Make,
    *,
    zone: ZoneInfo,
    order: Order | None,
) -> Recording:
    """Read the rows of epochs below the header's line, cells set apart by `apart`.

    Raises BioklokFailure, with the line where there is one to name.
    """
    names = places.wanted()
    table = read_rows(text, header + 1, apart, names)
    if len(table) < _LEAST_EPOCHS:
        raise BioklokFailure(f"{text.name}: there are fewer than two epochs in it")
    utc_s = read_moments(text, _stamps(table, places), zone, order)

    def values(at: int | None) -> FloatArray:
        if at is None:
            return np.full(len(table), np.nan)
        return table.numbers(text, at, names[at])

    asleep = values(places.asleep)
    return Recording(
        make.kind,
        epoch_length_s(text, utc_s),
        utc_s,
        values(places.activity),
        values(places.light),
        values(places.off_wrist) == make.off_wrist,
        values(places.marker) > 0,
        np.where(np.isnan(asleep), np.nan, asleep != make.awake),
        make.says_nights and places.asleep is not None,
        make.still_below,
    )


def epoch_length_s(text: Text, utc_s: IntArray) -> int:
    """Return the commonest step between epochs. Raises BioklokFailure for one that is not read."""
    steps, counts = np.unique(np.diff(utc_s), return_counts=True)
    return known_length_s(text, int(steps[counts.argmax()]))


def known_length_s(text: Text, epoch_s: int) -> int:
    """Return the length where minutes can be made of it. Raises BioklokFailure."""
    fits = MINUTE_S % epoch_s == 0 if epoch_s < MINUTE_S else epoch_s % MINUTE_S == 0
    if not fits or epoch_s > LONGEST_EPOCH_S:
        raise BioklokFailure(
            f"{text.name}: its epochs of {epoch_s} s make no whole minutes; export it with epochs "
            "of 15, 30 or 60 s"
        )
    return epoch_s


def _stamps(table: Table, places: Places) -> Stamps:
    times = table.columns[places.time]
    if places.date is not None:
        return Stamps(table.lines, table.columns[places.date], times)
    both = [moment.strip().replace("T", " ", 1).partition(" ") for moment in times.distinct]
    dates = Column.of([day for day, _, _ in both])
    clocks = Column.of([clock for _, _, clock in both])
    return Stamps(
        table.lines,
        Column(dates.distinct, dates.which[times.which]),
        Column(clocks.distinct, clocks.which[times.which]),
    )
