"""The usual day as an SVG: movement as median and bands, light beneath it, sleep at the bottom."""

import xml.etree.ElementTree as ET
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from bioklok.analysis.clock import MINUTES_A_DAY
from bioklok.analysis.grid import BoolArray, FloatArray
from bioklok.analysis.usual_day import BANDS, LEAST_DAYS, Shape, UsualDay, shape_of
from bioklok.analysis.wear import runs
from bioklok.reports.beside import SharpWindow
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
    line_of,
    number,
    symbol,
)

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT = 10, 710
SHARP_Y, SCHOOL_Y = 13, 46
ACTIVITY_TOP, ACTIVITY_BASE = 70, 248
LIGHT_TOP, LIGHT_BASE = 266, 326
SLEEP_TOP, SLEEP_BASE = 342, 360
AXIS_Y = 388
LEAST_FULL_MG = 40.0  # a week in bed is not drawn as a wild one

_OUTER, _INNER = (0, 4), (1, 3)  # places in BANDS
_MIDDLE = BANDS.index(50)

Point = tuple[float, float]


def usual_day_svg(
    day: UsualDay,
    texts: Mapping[str, str],
    lanes: Collection[str],
    sharp: SharpWindow | None = None,
    school: tuple[int, int] | None = None,
) -> str:
    """Return the usual day as an SVG element.

    `lanes`: which of activity, light and sleep may be seen. `sharp`: the sharp hours; `school`:
    local minutes of the first and the last bell. `texts`: `title`, `description`, and a word for
    each of activity, light, sleep, unknown, sharp, school, morning, dip, evening.
    """
    root = drawing(
        "usual", "day-chart usual", (WIDTH, HEIGHT), texts["title"], texts["description"]
    )
    if sharp is None and school is None:  # nothing stands above the lanes
        root.set("viewBox", f"0 {SCHOOL_Y} {WIDTH} {HEIGHT - SCHOOL_Y}")
    if sharp is not None:
        _sharp(root, sharp, texts["sharp"])
    _hours(root)
    if school is not None:
        _school(root, school, texts["school"])
    _unknown(root, day, texts["unknown"])
    if "activity" in lanes:
        _activity(root, day, texts)
    if "light" in lanes:
        heights = light_height(day.light_lx).tolist()
        _area(root, "light", ~np.isnan(day.light_lx), heights, (LIGHT_TOP, LIGHT_BASE))
        _base(root, LIGHT_BASE)
        label(root, (LEFT + 4, LIGHT_TOP - 12), texts["light"], "lane")
    if "sleep" in lanes:
        _sleep(root, day, texts["sleep"])
    return finished(root)


def _x(minute: float) -> float:
    return LEFT + (RIGHT - LEFT) * minute / MINUTES_A_DAY


def _activity(root: ET.Element, day: UsualDay, texts: Mapping[str, str]) -> None:
    known, full_mg = ~np.isnan(day.activity_mg[_MIDDLE]), _full_mg(day)
    lines = [_pieces(known, values, full_mg) for values in day.activity_mg]
    for kind, (low, high) in (("outer", _OUTER), ("inner", _INNER)):
        _band(root, kind, lines[low], lines[high])
    for points in lines[_MIDDLE]:
        path = add(root, "path", "median", d=line_of(points), fill="none", stroke=BLUE)
        path.attrib |= {"stroke-width": "2.5", "stroke-linejoin": "round"}
    _base(root, ACTIVITY_BASE)
    label(root, (LEFT + 4, ACTIVITY_TOP - 8), texts["activity"], "lane")
    shape = shape_of(day)
    if shape is not None:
        _name(root, day, shape, texts)


def _name(root: ET.Element, day: UsualDay, shape: Shape, texts: Mapping[str, str]) -> None:
    """Name the peaks above the line, the dip under it."""
    full_mg = _full_mg(day)
    # Away from one another: on a small screen their words are wide.
    for name, minute, anchor in (
        ("morning", shape.morning_min, "end"),
        ("dip", shape.dip_min, "middle"),
        ("evening", shape.evening_min, "start"),
    ):
        y = _y(float(day.activity_mg[_MIDDLE][minute // day.step_min]), full_mg)
        add(root, "circle", "shape-dot", cx=_x(minute), cy=y, r=4.5, fill=INK)
        under = name == "dip" and y < ACTIVITY_BASE - 30
        place = y + 22 if under else max(y - 12, ACTIVITY_TOP - 2)  # between dot and school
        aside = {"end": 16, "middle": 0, "start": -16}[anchor]
        label(root, (_x(minute) + aside, place), texts[name], "shape-name", anchor=anchor)


def _full_mg(day: UsualDay) -> float:
    """What fills the lane: the student's own busiest, so that the form of the day is seen."""
    upper = day.activity_mg[_INNER[1]]
    known = upper[~np.isnan(upper)]
    return max(1.05 * float(known.max()), LEAST_FULL_MG) if len(known) else LEAST_FULL_MG


def _y(mg: float, full_mg: float) -> float:
    height = float(activity_height(np.asarray(mg), full_mg))
    return ACTIVITY_BASE - height * (ACTIVITY_BASE - ACTIVITY_TOP)


def _pieces(known: BoolArray, values: FloatArray, full_mg: float) -> list[list[Point]]:
    """Points through the middles of the steps, a list for each stretch that is known."""
    step = MINUTES_A_DAY / len(values)
    heights = ACTIVITY_BASE - activity_height(values, full_mg) * (ACTIVITY_BASE - ACTIVITY_TOP)
    ys = heights.tolist()
    return [
        [(_x((i + 0.5) * step), ys[i]) for i in range(first, end)]
        for first, end, is_known in runs(known)
        if is_known
    ]


def _band(root: ET.Element, kind: str, low: list[list[Point]], high: list[list[Point]]) -> None:
    for under, over in zip(low, high, strict=True):
        add(
            root,
            "path",
            f"band-{kind}",
            d=line_of([*over, *reversed(under)]) + "Z",
            fill=BLUE,
            fill_opacity=0.14 if kind == "outer" else 0.28,
        )


def _area(
    root: ET.Element, kind: str, known: BoolArray, heights: Sequence[float], lane: tuple[int, int]
) -> None:
    top, base = lane
    step = MINUTES_A_DAY / len(heights)
    for first, end, is_known in runs(known):
        if not is_known:
            continue
        points = [(_x(first * step), float(base))]
        points += [
            (_x((i + 0.5) * step), base - heights[i] * (base - top)) for i in range(first, end)
        ]
        points.append((_x(end * step), float(base)))
        color = ORANGE if kind == "light" else INK
        add(
            root,
            "path",
            kind,
            d=line_of(points) + "Z",
            fill=color,
            fill_opacity=0.35,
            stroke=color,
            stroke_width=1.2,
            stroke_linejoin="round",
        )


def _sleep(root: ET.Element, day: UsualDay, word: str) -> None:
    """A bar for each step, as high as the share of the days on which one slept then."""
    step = MINUTES_A_DAY / len(day.asleep_days)
    path = ""
    for i, (asleep, measured) in enumerate(zip(day.asleep_days, day.asleep_of, strict=True)):
        if asleep and measured >= LEAST_DAYS:
            high = (SLEEP_BASE - SLEEP_TOP) * asleep / measured
            wide = number(_x(step) - LEFT + 0.2)
            path += f"M{number(_x(i * step))} {SLEEP_BASE}v-{number(high)}h{wide}v{number(high)}z"
    if path:
        add(root, "path", "sleep-share", d=path, fill=GREY)
    _base(root, SLEEP_BASE)
    label(root, (_x(MINUTES_A_DAY / 2), SLEEP_TOP + 12), word, "band sleep-word", anchor="middle")


def _unknown(root: ET.Element, day: UsualDay, word: str) -> None:
    step = MINUTES_A_DAY / len(day.n_days)
    for first, end, is_known in runs(day.n_days >= LEAST_DAYS):
        if is_known:
            continue
        x, width = _x(first * step), _x(end * step) - _x(first * step)
        box = {"x": x, "y": ACTIVITY_TOP - 8, "width": width}
        height = SLEEP_BASE - ACTIVITY_TOP + 8
        add(root, "rect", "unknown", **box, height=height, fill="url(#usual-hatch)")
        if width > 250:
            middle = x + width / 2
            plate = {"x": middle - 122, "y": 140, "width": 244, "height": 44}
            add(root, "rect", "plate", **plate, fill="#fff", rx=8)
            label(root, (middle, 168), word, "band", anchor="middle")


def _sharp(root: ET.Element, window: SharpWindow, word: str) -> None:
    """The sharp hours as a tall strip under everything, named at its top."""
    start, end = window.start_min, window.end_min
    parts = [(start, end)] if start < end else [(start, MINUTES_A_DAY), (0, end)]
    for first, last in parts:
        box = {"x": _x(first), "y": 4, "width": _x(last) - _x(first), "height": SLEEP_BASE - 4}
        add(root, "rect", "sharp-hours", **box, fill=BLUE, fill_opacity=0.1, rx=6)
    first, last = parts[0]
    middle = _x((first + last) / 2)
    group = add(root, "g", "mark sharp")
    symbol(group, "sharp", (min(max(middle - 30, LEFT + 14), RIGHT - 80), SHARP_Y), 8)
    at = min(max(middle - 16, LEFT + 28), RIGHT - 66), SHARP_Y + 5
    label(root, at, word, "sharp-word")


def _school(root: ET.Element, school: tuple[int, int], word: str) -> None:
    """From the first bell to the last, as a bracket."""
    first, last = (_x(minute) for minute in school)
    path = f"M{number(first)} {SCHOOL_Y + 9}v-6H{number(last)}v6"
    add(root, "path", "school", d=path, fill="none", stroke=GREY, stroke_width=1.5)
    label(root, ((first + last) / 2, SCHOOL_Y), word, "school-word", anchor="middle")


def _hours(root: ET.Element) -> None:
    for hour in range(0, 25, 3):
        x = _x(60 * hour)
        add(root, "line", "hour", x1=x, x2=x, y1=ACTIVITY_TOP - 8, y2=SLEEP_BASE, stroke=PALE)
        anchor = {0: "start", 24: "end"}.get(hour, "middle")
        kind = "hour-label" if hour % 6 == 0 else "hour-label minor"
        label(root, (x, AXIS_Y), f"{hour}", kind, anchor=anchor)


def _base(root: ET.Element, y: float) -> None:
    add(root, "line", "base", x1=LEFT, x2=RIGHT, y1=y, y2=y, stroke=GREY)
