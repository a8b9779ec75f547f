"""One local day as an SVG: activity, light beneath it, sleep as a band, button moments on top.

Readable without colour: every state has a shape or a pattern of its own. Texts come from the
caller, colours from the page's style sheet (the attributes here are what print and a bare file
show). The horizontal axis is elapsed time, labelled with the local clock, so that a day of 23 or
25 hours is drawn as long as it was.
"""

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from bioklok.analysis.wear import runs
from bioklok.reports.week import Day

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT = 10, 710
SYMBOL_Y = 22
ACTIVITY_TOP, ACTIVITY_BASE = 52, 212
LIGHT_TOP, LIGHT_BASE = 232, 304
AXIS_Y = 331

LANES = ("activity", "light")
BIN_MIN = 5
FULL_ACTIVITY_MG = 400.0  # running; a square root keeps quiet hours visible beside it
FULL_LIGHT_LX = 10_000.0  # bright day; the scale is logarithmic and starts at 1 lx

BLUE, ORANGE = "#0072B2", "#E69F00"
INK, GREY, PALE = "#3b3a37", "#8a877f", "#e8e4db"


def day_svg(day: Day, texts: Mapping[str, str], lanes: Collection[str] = LANES) -> str:
    """Return the day as an SVG element for a page, with these of `LANES` in it: one that somebody
    was not shown is not there, and cannot be taken for darkness or rest.

    `texts`: `title` and `description` for those who listen, `activity`, `light`, `sleep` and
    `unknown` to write in the drawing, `sharp`, `tired` and `strip` for the symbols.
    """
    name = f"day-{day.date.isoformat()}"
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "class": "day-chart",
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-desc",
        },
    )
    _text(root, "title", texts["title"], id=f"{name}-title")
    _text(root, "desc", texts["description"], id=f"{name}-desc")
    _hatch(root, name)
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
            _add(root, "line", "base", x1=LEFT, x2=RIGHT, y1=base, y2=base, stroke=GREY)
            _label(root, LEFT + 4, label_y, texts[lane], "lane")
    for mark in day.marks:
        minute = (int(mark.time.timestamp()) - day.grid.start_utc_s) // 60
        _symbol(root, mark.kind, LEFT + (minute + 0.5) * scale, texts[mark.kind], mark.time)
    return ET.tostring(root, encoding="unicode")


def activity_height(mg: float) -> float:
    """Return how high an activity stands in its lane, 0 to 1."""
    return min(1.0, math.sqrt(max(mg, 0.0) / FULL_ACTIVITY_MG))


def light_height(lx: float) -> float:
    """Return how high a light stands in its lane, 0 (1 lx and less) to 1."""
    return min(1.0, max(0.0, math.log10(max(lx, 1.0)) / math.log10(FULL_LIGHT_LX)))


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
    height: Callable[[float], float]
    if lane == "activity":
        values, height, color = day.grid.activity_mg, activity_height, BLUE
        top, base = ACTIVITY_TOP, ACTIVITY_BASE
    else:
        values, height, color = day.grid.light_lx, light_height, ORANGE
        top, base = LIGHT_TOP, LIGHT_BASE
    means = bins(values)
    for first, end, known in runs(~np.isnan(means)):
        if not known:
            continue
        right = min(end * BIN_MIN, len(values))
        points = [f"M{_n(LEFT + first * BIN_MIN * scale)} {base}"]
        for i in range(first, end):
            x = LEFT + min((i + 0.5) * BIN_MIN, len(values)) * scale
            points.append(f"L{_n(x)} {_n(base - height(float(means[i])) * (base - top))}")
        points.append(f"L{_n(LEFT + right * scale)} {base}Z")
        _add(
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
        _add(root, "rect", "sleep", x=x, y=top, width=width, height=height, fill=PALE, rx=6)
        if width > 60:
            _label(
                root,
                x + width / 2,
                (ACTIVITY_TOP + ACTIVITY_BASE) / 2,
                word,
                "band",
                anchor="middle",
            )


def _unknown(root: ET.Element, day: Day, scale: float, name: str, words: str) -> None:
    """Hatch what was not measured; say so where there is room for words."""
    for first, end, worn in runs(day.grid.worn):
        if worn or end - first < BIN_MIN:
            continue
        x, width = LEFT + first * scale, (end - first) * scale
        box = {"x": x, "y": ACTIVITY_TOP - 8, "width": width}
        height = LIGHT_BASE - ACTIVITY_TOP + 8
        _add(root, "rect", "unknown", **box, height=height, fill=f"url(#{name}-hatch)")
        if width > 240:
            middle = x + width / 2
            _add(
                root,
                "rect",
                "plate",
                x=middle - 110,
                y=116,
                width=220,
                height=44,
                fill="#fff",
                rx=8,
            )
            _label(root, middle, 144, words, "band", anchor="middle")


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
    _add(root, "line", "hour", x1=x, x2=x, y1=ACTIVITY_TOP - 8, y2=LIGHT_BASE, stroke=PALE)
    anchor = {0: "start", 24: "end"}.get(hour, "middle")
    kind = "hour-label" if hour % 6 == 0 else "hour-label minor"
    _label(root, x, AXIS_Y, f"{hour}", kind, anchor=anchor)


def _symbol(root: ET.Element, kind: str, x: float, word: str, time: object) -> None:
    """A triangle for sharp, a circle for tired, a ticket for a strip; each with a stem."""
    group = ET.SubElement(root, "g", {"class": f"mark {kind}"})
    _text(group, "title", f"{word} {time:%H:%M}")
    color = {"sharp": BLUE, "tired": ORANGE, "strip": INK}[kind]
    _add(group, "line", "stem", x1=x, x2=x, y1=SYMBOL_Y + 8, y2=ACTIVITY_BASE, stroke=color)
    y = SYMBOL_Y
    if kind == "sharp":
        points = f"{_n(x)},{y - 11} {_n(x + 11)},{y + 8} {_n(x - 11)},{y + 8}"
        _add(group, "polygon", "shape", points=points, fill=color)
    elif kind == "tired":
        _add(group, "circle", "shape", cx=x, cy=y - 1, r=9.5, fill=color)
    else:
        # A ticket: a box with a bite out of either side.
        shape = f"M{_n(x - 14)} {y - 9}h28v5.5a3.5 3.5 0 0 0 0 7v5.5h-28v-5.5a3.5 3.5 0 0 0 0 -7z"
        _add(group, "path", "shape", d=shape, fill=color)


def _hatch(root: ET.Element, name: str) -> None:
    defs = ET.SubElement(root, "defs")
    pattern = ET.SubElement(
        defs,
        "pattern",
        {
            "id": f"{name}-hatch",
            "width": "9",
            "height": "9",
            "patternUnits": "userSpaceOnUse",
            "patternTransform": "rotate(45)",
        },
    )
    _add(pattern, "line", "hatch", x1=0, x2=0, y1=0, y2=9, stroke=GREY, stroke_width=1.6)


def _label(
    root: ET.Element, x: float, y: float, words: str, kind: str, *, anchor: str = "start"
) -> None:
    element = _add(root, "text", kind, x=x, y=y, text_anchor=anchor, font_size=13, fill=INK)
    if kind == "lane":
        # Hung from its top: the style sheet makes letters larger on a small screen.
        element.set("dominant-baseline", "hanging")
    element.text = words


def _text(parent: ET.Element, tag: str, words: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = words


def _add(parent: ET.Element, tag: str, kind: str, **attributes: str | float) -> ET.Element:
    plain = {
        key.replace("_", "-"): value if isinstance(value, str) else _n(value)
        for key, value in attributes.items()
    }
    return ET.SubElement(parent, tag, {"class": kind, **plain})


def _n(value: float) -> str:
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text
