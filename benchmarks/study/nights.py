"""The wrist's night finder against nights that a vendor's software scored on people.

`python -m benchmarks.study.nights [--data FOLDER] [--keep]`. A found night matches a scored one
when they share at least half of the longer of the two; each found night serves once. The raw
recording of the demo is run through the firmware too, where it has been fetched.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from biocore import night as finder
from biocore.night import Night
from biocore.record import FLAG_ASLEEP
from biocore.sleep import stillness
from bioklok import demo_recording
from bioklok.analysis import counts
from bioklok.analysis.epochs import Epochs, decode
from bioklok.simulator.recording import open_recording
from bioklok.simulator.run import run_world
from numpy.typing import NDArray
from rich.console import Console

from benchmarks import figure
from benchmarks.study.alertness import DATA
from benchmarks.study.sensitivity import changed
from tests.support import actiware
from tests.support.flash import pages_of

Summary = dict[str, Any]

COUPLES = "insomnia_couples/*/*.csv.gz"
THRESHOLDS = (10.0, 15.0, 20.0, 25.0, 30.0)
SWITCHES_MIN = (15, 45)  # the wrist's is 30
# The raw recording's rest period, as its own analysis in the literature has it.
ZONE = ZoneInfo(demo_recording.ZONE)
BED, UP = "2019-03-22T00:42:35", "2019-03-22T08:34:50"


@dataclass(frozen=True)
class Agreement:
    """Differences (found - vendor's) in minutes of the matched nights (m, 2): onset, end.

    people: which recording each is of. told_min: from a matched night's end until it was told.
    off_min, inside_min: minutes off the wrist inside found nights, and all inside them.
    """

    differences: NDArray[np.int64]
    people: NDArray[np.int64]
    told_min: NDArray[np.int64]
    n_missed: int
    n_extra: int
    off_min: int
    inside_min: int

    @property
    def n(self) -> int:
        """Nights that the vendor scored."""
        return len(self.differences) + self.n_missed

    @property
    def missed(self) -> float:
        """Share of them that was not found."""
        return self.n_missed / self.n

    def medians(self) -> list[float]:
        """Median absolute difference of onset and end, in minutes."""
        return list(np.median(np.abs(self.differences), axis=0).tolist())

    def summary(self, name: str) -> Summary:
        """What is kept of it; onset first, then the end."""
        size = np.abs(self.differences)
        by_person = [np.median(size[self.people == p], axis=0) for p in np.unique(self.people)]
        return {
            "name": name,
            "nights": self.n,
            "missed": self.n_missed,
            "extra": self.n_extra,
            "median_min": self.medians(),
            "p80_min": np.percentile(size, 80, axis=0).tolist(),
            "mean_min": self.differences.mean(axis=0).tolist(),
            "within_15": (size <= 15).mean(axis=0).tolist(),
            "within_30": (size <= 30).mean(axis=0).tolist(),
            "worst_person_min": np.max(by_person, axis=0).tolist(),
            "told_min": np.percentile(self.told_min, (50, 90)).tolist(),
            "off_min": self.off_min,
            "inside_min": self.inside_min,
        }


def read_couples(folder: Path) -> list[actiware.Recording]:
    """Everybody's recording; FileNotFoundError where there is none."""
    paths = sorted(folder.glob(COUPLES))
    if not paths:
        raise FileNotFoundError(f"no {COUPLES} in {folder}: name the recordings with --data")
    return [actiware.read(path) for path in paths]


def agreement(recordings: Sequence[actiware.Recording], threshold: float | None) -> Agreement:
    """Match each of the vendor's nights with the found one that overlaps it most.

    threshold: counts that still are stillness; None: the person's own (bioklok.analysis.counts).
    """
    differences, people, told_min = [], [], []
    n_missed = n_extra = off_min = inside_min = 0
    for person, recording in enumerate(recordings):
        codes = counts.stillness(recording.counts, threshold)
        off_wrist = recording.off_wrist | counts.lifeless(recording.counts)
        free = counts.last_told(counts.found_nights(codes, off_wrist))
        for found in free:
            off_min += int(np.count_nonzero(recording.off_wrist[found.onset : found.wake]))
            inside_min += found.wake - found.onset
        for scored in recording.nights:
            share, best = max(
                ((_share(one, scored), one) for one in free), key=_first, default=_NONE
            )
            if best is None or share < 0.5:
                n_missed += 1
                continue
            free.remove(best)
            differences.append((best.onset - scored[0], best.wake - scored[1]))
            people.append(person)
            told_min.append(best.told - best.wake)
        n_extra += len(free)
    return Agreement(
        np.array(differences),
        np.array(people),
        np.array(told_min),
        n_missed,
        n_extra,
        off_min,
        inside_min,
    )


_NONE: tuple[float, counts.FoundNight | None] = (0.0, None)


def _first(pair: tuple[float, counts.FoundNight | None]) -> float:
    return pair[0]


def _share(found: counts.FoundNight, scored: tuple[int, int]) -> float:
    onset, end = scored
    both = min(end, found.wake) - max(onset, found.onset)
    return both / max(end - onset, found.wake - found.onset)


def raw_night() -> Epochs | None:
    """The demo's raw recording through the firmware; None where it has not been fetched."""
    path = demo_recording.cached_recording()
    if not demo_recording.is_whole(path):
        return None
    with tempfile.TemporaryDirectory() as name:
        flash = Path(name) / "night.flash"
        run_world(open_recording(path, None, ZONE), flash)
        return decode(pages_of(flash))


def raw_figures(epochs: Epochs) -> dict[str, object]:
    """Its one night as the wrist tells it, beside the reference; local times."""
    night, told = Night(), []
    record = epochs.record
    steps = zip(
        epochs.utc_s.tolist(),
        record["angle_step_median_cdeg"].tolist(),
        record["angle_step_max_cdeg"].tolist(),
        strict=True,
    )
    for start_utc_s, median_cdeg, most_cdeg in steps:
        if night.step(stillness(median_cdeg, most_cdeg), False):
            now = start_utc_s + 60
            told.append((now - 60 * night.onset_min(), now - 60 * night.wake_min(), now))
    ((onset, wake, now),) = told
    asleep_s = epochs.utc_s[record["flags"] & FLAG_ASLEEP != 0]
    bed, up = (datetime.fromisoformat(text).replace(tzinfo=ZONE) for text in (BED, UP))
    inside = (asleep_s >= bed.timestamp()) & (asleep_s < up.timestamp())
    return {
        "onset": _clock(onset),
        "wake": _clock(wake),
        "told": _clock(now),
        "bed": f"{bed:%H:%M}",
        "up": f"{up:%H:%M}",
        "asleep_inside": int(inside.sum()),
        "asleep_outside": int((~inside).sum()),
        "rest_min": int((up - bed).total_seconds() // 60),
    }


def _clock(utc_s: int) -> str:
    return f"{datetime.fromtimestamp(utc_s, ZONE):%H:%M}"


def tables(
    people: int, rows: Sequence[Summary], raw: dict[str, object] | None
) -> dict[str, figure.Table]:
    """Everything as it stands in docs/estimator.md."""
    heads = ("threshold", "missed", "extra", "onset: median, 80 %, mean (min)", "end")
    table = [
        (
            str(row["name"]),
            f"{row['missed']} of {row['nights']}",
            str(row["extra"]),
            *(
                f"{median:.1f}, {p80:.0f}, {mean:+.1f}"
                for median, p80, mean in zip(
                    row["median_min"], row["p80_min"], row["mean_min"], strict=True
                )
            ),
        )
        for row in rows
    ]
    (row,) = (row for row in rows if row["name"] == f"{counts.ACTIWATCH_COUNTS:.0f} counts")
    more = [
        ("people, nights that were scored", f"{people}, {row['nights']}"),
        ("within 15 min", ", ".join(map(figure.percent, row["within_15"]))),
        ("within 30 min", ", ".join(map(figure.percent, row["within_30"]))),
        ("largest median of one person", f"{figure.listed(row['worst_person_min'])} min"),
        ("told after the end: median, 90 %", f"{figure.listed(row['told_min'])} min"),
        ("off the wrist inside found nights", f"{row['off_min']} of {row['inside_min']:,} min"),
    ]
    if raw:
        now = f"{raw['asleep_inside']} of {raw['rest_min']} min, {raw['asleep_outside']} min"
        more += [
            ("a raw night: as scored", f"{raw['bed']}, {raw['up']}"),
            ("a raw night: the wrist", f"{raw['onset']}, {raw['wake']}, told at {raw['told']}"),
            ('"asleep now" inside it, and outside', now),
        ]
    return {
        "nights": figure.Table(heads, table),
        "nights_more": figure.Table(("20 counts: onset, end", "figure"), more),
    }


def sweep(recordings: Sequence[actiware.Recording]) -> list[Summary]:
    """The same for other thresholds and for other costs of changing sides."""
    rows = [agreement(recordings, t).summary(f"{t:.0f} counts") for t in THRESHOLDS]
    rows.append(agreement(recordings, None).summary("the person's own"))
    for minutes in SWITCHES_MIN:
        with changed(((finder, "SWITCH_MIN", minutes),)):
            found = agreement(recordings, counts.ACTIWATCH_COUNTS)
            rows.append(found.summary(f"20 counts, changing sides costs {minutes} min"))
    return rows


def main() -> None:
    """Print the agreement; with --keep write it to docs/measured/nights.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--keep", action="store_true", help="write docs/measured/nights.json")
    arguments = parser.parse_args()
    console = Console()
    recordings = read_couples(arguments.data)
    rows = sweep(recordings)
    epochs = raw_night()
    raw = raw_figures(epochs) if epochs else None
    made = tables(len(recordings), rows, raw)
    for table in made.values():
        console.print(figure.printed(table))
    if not raw:
        console.print("no raw recording: bioklok demo fetches it")
    if arguments.keep:
        figures = {"people": len(recordings), "rows": rows, "raw": raw}
        console.print(f"Written: {figure.keep('nights', figures, made)}")


if __name__ == "__main__":
    main()
