"""One local day as an SVG: activity, light beneath it, sleep as a band, button moments on top.

Readable without colour: every state has a shape or a pattern of its own. Texts come from the
caller, colours from the page's style sheet (the attributes here are what print and a bare file
show). The horizontal axis is elapsed time, labelled with the local clock, so that a day of 23 or
25 hours is drawn as long as it was.
"""

import xml.etree.ElementTree as ET
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from bioklok.analysis.wear import runs
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
    number,
    symbol,
    text,
)
from bioklok.reports.week import Day

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT = 10, 710
SYMBOL_Y = 22
ACTIVITY_TOP, ACTIVITY_BASE = 52, 212
LIGHT_TOP, LIGHT_BASE = 232, 304
AXIS_Y = 331

LANES = ("activity", "light")
BIN_MIN = 5


def day_svg(day: Day, texts: Mapping[str, str], lanes: Collection[str] = LANES) -> str:
    """Return the day as an SVG element for a page, with these of `LANES` in it: one that somebody
    was not shown is not there, and cannot be taken for darkness or rest.

    `texts`: `title` and `description` for those who listen, `activity`, `light`, `sleep` and
    `unknown` to write in the drawing, `sharp`, `tired` and `strip` for the symbols.
    """
    name = f"day-{day.date.isoformat()}"
    root = drawing(name, "day-chart", (WIDTH, HEIGHT), texts["title"], texts["description"])
    scale = (RIGHT - LEFT) / len(day.grid)
    _sleep(root, day, scale, texts["sleep"])
    _hours(root, day, scale)
    for lane in lanes:
        _area(root, day, scale, lane)
    _unknown(root, day, scale, name, texts["unknown"])
    for lane, base, label_y in (
        ("activity", ACTIVITY_BASE, ACTIVITY_TOP - 2),
        ("light", LIGHT_BASE, LIGHT_TOP - 12),
    ):
        if lane in lanes:
            add(root, "line", "base", x1=LEFT, x2=RIGHT, y1=base, y2=base, stroke=GREY)
            label(root, (LEFT + 4, label_y), texts[lane], "lane")
    for mark in day.marks:
        minute = (int(mark.time.timestamp()) - day.grid.start_utc_s) // 60
        _symbol(root, mark.kind, LEFT + (minute + 0.5) * scale, texts[mark.kind], mark.time)
    return finished(root)


def bins(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each five minutes, over those that were measured; NaN: none were."""
    known = ~np.isnan(values)
    starts = np.arange(0, len(values), BIN_MIN)
    count = np.add.reduceat(known.astype(float), starts)
    total = np.add.reduceat(np.where(known, values, 0.0), starts)
    mean = np.full(len(starts), np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean


def _area(root: ET.Element, day: Day, scale: float, lane: str) -> None:
    """Draw a lane's area, a piece for each stretch that was measured without a hole."""
    if lane == "activity":
        values, color = day.grid.activity_mg, BLUE
        top, base = ACTIVITY_TOP, ACTIVITY_BASE
    else:
        values, color = day.grid.light_lx, ORANGE
        top, base = LIGHT_TOP, LIGHT_BASE
    means = bins(values)
    heights = activity_height(means) if lane == "activity" else light_height(means)
    ys = (base - (base - top) * heights).tolist()
    for first, end, known in runs(~np.isnan(means)):
        if not known:
            continue
        right = min(end * BIN_MIN, len(values))
        points = [f"M{number(LEFT + first * BIN_MIN * scale)} {base}"]
        for i in range(first, end):
            x = LEFT + min((i + 0.5) * BIN_MIN, len(values)) * scale
            points.append(f"L{number(x)} {number(ys[i])}")
        points.append(f"L{number(LEFT + right * scale)} {base}Z")
        add(
            root,
            "path",
            lane,
            d="".join(points),
            fill=color,
            fill_opacity=0.35,
            stroke=color,
            stroke_width=1.2,
            stroke_linejoin="round",
        )


def _sleep(root: ET.Element, day: Day, scale: float, word: str) -> None:
    """Draw the stretches of sleep as one band each, over waking moments of a few minutes."""
    joined: list[tuple[int, int]] = []
    for first, end, value in runs(day.asleep):
        if value and joined and first - joined[-1][1] < 60:
            joined[-1] = (joined[-1][0], end)
        elif value:
            joined.append((first, end))
    for first, end in joined:
        x, width = LEFT + first * scale, (end - first) * scale
        top, height = ACTIVITY_TOP - 8, LIGHT_BASE - ACTIVITY_TOP + 8
        add(root, "rect", "sleep", x=x, y=top, width=width, height=height, fill=PALE, rx=6)
        if width > 60:
            middle = x + width / 2, (ACTIVITY_TOP + ACTIVITY_BASE) / 2
            label(root, middle, word, "band", anchor="middle")


def _unknown(root: ET.Element, day: Day, scale: float, name: str, words: str) -> None:
    """Hatch what was not measured; say so where there is room for words."""
    for first, end, worn in runs(day.grid.worn):
        if worn or end - first < BIN_MIN:
            continue
        x, width = LEFT + first * scale, (end - first) * scale
        box = {"x": x, "y": ACTIVITY_TOP - 8, "width": width}
        height = LIGHT_BASE - ACTIVITY_TOP + 8
        add(root, "rect", "unknown", **box, height=height, fill=f"url(#{name}-hatch)")
        if width > 250:
            middle = x + width / 2
            add(
                root,
                "rect",
                "plate",
                x=middle - 122,
                y=116,
                width=244,
                height=44,
                fill="#fff",
                rx=8,
            )
            label(root, (middle, 144), words, "band", anchor="middle")


def _hours(root: ET.Element, day: Day, scale: float) -> None:
    """Mark each third hour of the local clock; a clock hour that comes twice is marked once."""
    seen = set()
    for minute in np.flatnonzero(day.clock_min % 180 == 0):
        hour = int(day.clock_min[minute]) // 60
        if hour in seen:
            continue
        seen.add(hour)
        _hour(root, hour, LEFT + int(minute) * scale)
    _hour(root, 24, RIGHT)


def _hour(root: ET.Element, hour: int, x: float) -> None:
    add(root, "line", "hour", x1=x, x2=x, y1=ACTIVITY_TOP - 8, y2=LIGHT_BASE, stroke=PALE)
    anchor = {0: "start", 24: "end"}.get(hour, "middle")
    kind = "hour-label" if hour % 6 == 0 else "hour-label minor"
    label(root, (x, AXIS_Y), f"{hour}", kind, anchor=anchor)


def _symbol(root: ET.Element, kind: str, x: float, word: str, time: object) -> None:
    """A triangle for sharp, a circle for tired, a ticket for a strip; each with a stem."""
    group = ET.SubElement(root, "g", {"class": f"mark {kind}"})
    text(group, "title", f"{word} {time:%H:%M}")
    color = {"sharp": BLUE, "tired": ORANGE, "strip": INK}[kind]
    add(group, "line", "stem", x1=x, x2=x, y1=SYMBOL_Y + 8, y2=ACTIVITY_BASE, stroke=color)
    symbol(group, kind, (x, SYMBOL_Y), 11)
