"""The week as a double-plotted actogram: each row is a day and the day after it.

Movement above, an index of light beneath it, sleep and what was not measured behind, lessons as
bars at the top, button moments as symbols. Rows are by the local clock: of an hour that the clock
showed twice both halves lie on one another, one that it left out is empty.
"""

import xml.etree.ElementTree as ET
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from bioklok.analysis.clock import MINUTES_A_DAY
from bioklok.analysis.grid import BoolArray, FloatArray
from bioklok.analysis.usual_day import by_clock
from bioklok.analysis.wear import runs
from bioklok.reports.beside import Beside
from bioklok.reports.drawing import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    activity_height,
    add,
    drawing,
    finished,
    label,
    light_height,
    symbol,
)
from bioklok.reports.week import Day, Mark

WIDTH, ROW = 960, 66
LEFT, RIGHT, TOP = 92, 950, 8
SYMBOL_Y, LESSON_Y, ACTIVITY_TOP, ACTIVITY_BASE, LIGHT_BASE = 9, 19, 23, 48, 58
FULL_MG = 150.0  # brisk walking; more is cut off, so that sitting is seen
BIN_MIN = 10
_HALF = (RIGHT - LEFT) / 2  # a day's width
_TEXT = 15


@dataclass(frozen=True)
class _Row:
    """A day by the clock: means of ten minutes (NaN: not measured), asleep or not."""

    day: date
    activity_mg: FloatArray
    light_lx: FloatArray
    worn: BoolArray
    asleep: BoolArray
    marks: tuple[Mark, ...]
    lessons: tuple[tuple[int, int], ...]  # clock minutes


def actogram_svg(
    days: Sequence[Day],
    texts: Mapping[str, str],
    names: Sequence[str],
    lanes: Collection[str],
    beside: Beside | None = None,
) -> str:
    """Return the days as an SVG element.

    `names`: of the rows. `lanes`: which of activity, light and sleep may be seen. `texts`:
    `title`, `description`, and the words of the symbols `sharp`, `tired`, `strip`.
    """
    height = TOP + ROW * len(days) + 28
    root = drawing("weeks", "actogram", (WIDTH, height), texts["title"], texts["description"])
    rows = [_row(day, beside) for day in days]
    for n, row in enumerate(rows):
        label(root, (LEFT - 10, TOP + ROW * n + 40), names[n], "row-name", anchor="end", size=_TEXT)
        group = add(root, "g", "day first", id=f"weeks-day-{n}")
        group.set("transform", f"translate({LEFT} {TOP + ROW * n})")
        _day(group, row, lanes, texts)
        if n:  # once more, beside the day before
            moved = {"x": _HALF, "y": -ROW}
            add(root, "use", "day again", href=f"#weeks-day-{n}", **moved, opacity=0.55)
    _hours(root, height)
    return finished(root)


def _row(day: Day, beside: Beside | None) -> _Row:
    grid = day.grid
    worn = np.where(grid.worn, 1.0, np.nan)
    asleep = np.where(grid.worn, day.asleep.astype(float), np.nan)
    return _Row(
        day.date,
        by_clock(grid.activity_mg, day.clock_min, BIN_MIN),
        by_clock(grid.light_lx, day.clock_min, BIN_MIN),
        ~np.isnan(by_clock(worn, day.clock_min, BIN_MIN)),
        by_clock(asleep, day.clock_min, BIN_MIN) >= 0.5,
        day.marks,
        tuple(beside.lessons_on(day.date)) if beside else (),
    )


def _day(group: ET.Element, row: _Row, lanes: Collection[str], texts: Mapping[str, str]) -> None:
    scale = _HALF / MINUTES_A_DAY
    if "sleep" in lanes:
        _boxes(group, "sleep", row.asleep, PALE)
    _boxes(group, "unknown", ~row.worn, "url(#weeks-hatch)")
    for first, last in row.lessons:
        box = {"x": first * scale + 0.5, "y": LESSON_Y - 3, "height": 4}
        add(group, "rect", "lesson", **box, width=max((last - first) * scale - 1, 1), fill=GREY)
    if "activity" in lanes:
        heights = activity_height(row.activity_mg, FULL_MG)
        _bars(group, "activity", heights, (ACTIVITY_TOP, ACTIVITY_BASE), BLUE)
    if "light" in lanes:
        _bars(group, "light", light_height(row.light_lx), (ACTIVITY_BASE + 1, LIGHT_BASE), ORANGE)
    base = {"x1": 0, "x2": _HALF, "y1": LIGHT_BASE, "y2": LIGHT_BASE}
    add(group, "line", "base", **base, stroke=GREY, stroke_width=0.8)
    for mark in row.marks:
        one = add(group, "g", f"mark {mark.kind}")
        ET.SubElement(one, "title").text = f"{texts[mark.kind]} {mark.time:%H:%M}"
        minute = 60 * mark.time.hour + mark.time.minute
        symbol(one, mark.kind, (minute * scale, SYMBOL_Y), 6.5)


def _boxes(group: ET.Element, kind: str, marked: BoolArray, fill: str) -> None:
    wide = _HALF / len(marked)
    for first, end, is_marked in runs(marked):
        if is_marked:
            box = {"x": first * wide, "y": ACTIVITY_TOP - 8, "width": (end - first) * wide}
            add(group, "rect", kind, **box, height=LIGHT_BASE - ACTIVITY_TOP + 8, fill=fill)


def _bars(
    group: ET.Element, kind: str, heights: FloatArray, lane: tuple[int, int], fill: str
) -> None:
    """All bars of a lane as one path."""
    top, base = lane
    wide = f"h{_HALF / len(heights) - 0.5:.1f}v"
    pixels = ((base - top) * heights).tolist()
    path = "".join(
        [
            f"{start}{(high := f'{pixel:.1f}')}{wide}{high}z"
            for start, pixel in zip(_starts(len(heights), base), pixels, strict=True)
            if pixel >= 0.05
        ]
    )
    if path:
        add(group, "path", kind, d=path, fill=fill)


@cache
def _starts(n: int, base: int) -> list[str]:
    """How each of n bars begins: at its place, upwards."""
    return [f"M{at * _HALF / n:.1f} {base}v-" for at in range(n)]


def _hours(root: ET.Element, height: float) -> None:
    for side in (0, 1):
        for hour in (0, 6, 12, 18):
            x = LEFT + _HALF * (side + hour / 24)
            kind = "hour midnight" if hour == 0 else "hour"
            line = {"x1": x, "x2": x, "y1": TOP, "y2": height - 26}
            add(root, "line", kind, **line, stroke=INK if hour == 0 else PALE, stroke_width=0.8)
            label(root, (x, height - 6), f"{hour}", "hour-label", anchor="middle", size=_TEXT)
