"""The recovery study in two drawings (SVG): told against true, and how far off.

Readable without colour: the told are filled, the not told hollow; each curve has its own dashes.
"""

import xml.etree.ElementTree as ET
from collections.abc import Sequence

import numpy as np
from bioklok.analysis.best_hours import NEAR_MIN

from benchmarks.study.recovery import Outcome, population
from benchmarks.study.scores import LAST, answers, errors_min, guesses
from benchmarks.study.students import FloatArray

SIDE, GAP, EDGE = 320, 90, 56
BLUE, ORANGE, INK, GREY, PALE = "#0072B2", "#E69F00", "#3b3a37", "#8a877f", "#e8e4db"
FIRST_H, LAST_H = 7, 21
MOST_MIN = 360


def svg(outcomes: Sequence[Outcome]) -> str:
    """Both drawings side by side, as one SVG file."""
    width, height = 2 * SIDE + GAP + 2 * EDGE, SIDE + 2 * EDGE
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width} {height}",
            "font-family": "sans-serif",
            "role": "img",
        },
    )
    ET.SubElement(root, "title").text = "Best two hours: told against true, and errors"
    _add(root, "rect", width=width, height=height, fill="#fff")
    _scatter(ET.SubElement(root, "g", {"transform": f"translate({EDGE} {EDGE})"}), outcomes)
    second = ET.SubElement(root, "g", {"transform": f"translate({EDGE + SIDE + GAP} {EDGE})"})
    _distributions(second, outcomes)
    return ET.tostring(root, encoding="unicode") + "\n"


def _scatter(group: ET.Element, outcomes: Sequence[Outcome]) -> None:
    def place(minute: float) -> float:
        return (minute / 60 - FIRST_H) / (LAST_H - FIRST_H) * SIDE

    clip = ET.SubElement(ET.SubElement(group, "defs"), "clipPath", {"id": "square"})
    _add(clip, "rect", width=SIDE, height=SIDE)
    inside = ET.SubElement(group, "g", {"clip-path": "url(#square)"})
    band = place(60 * FIRST_H + NEAR_MIN)
    _add(
        inside,
        "polygon",
        points=f"0,{SIDE - band} {SIDE},{-band} {SIDE},{band} 0,{SIDE + band}",
        fill=PALE,
    )
    _frame(group, "true (o'clock)", f"found after {LAST} days (o'clock)")
    for hour in range(FIRST_H + 1, LAST_H, 3):
        at = place(hour * 60)
        _text(group, at, SIDE + 16, f"{hour}", "middle")
        _text(group, -6, SIDE - at + 4, f"{hour}", "end")
    told = {outcome.number for outcome in answers(outcomes, LAST)[0]}
    for outcome, minute in zip(*guesses(outcomes, LAST), strict=True):
        _add(
            inside,
            "circle",
            cx=place(outcome.true_min),
            cy=SIDE - place(float(minute)),
            r=3.2,
            fill=BLUE if outcome.number in told else "#fff",
            stroke=BLUE,
        )
    across = SIDE - place(population())
    _add(inside, "line", x1=0, x2=SIDE, y1=across, y2=across, stroke=GREY, stroke_dasharray="5 4")
    _text(group, 4, across - 4, "population", "start")
    _text(group, 0, -24, "Best two hours: filled told, hollow kept to itself", "start")
    _text(group, 0, -8, f"band: within {NEAR_MIN} min", "start")


def _distributions(group: ET.Element, outcomes: Sequence[Outcome]) -> None:
    _frame(group, "minutes off", "share of students")
    for minute in range(0, MOST_MIN + 1, 90):
        _text(group, minute / MOST_MIN * SIDE, SIDE + 16, f"{minute}", "middle")
    for share in (0.0, 0.5, 0.8, 1.0):
        y = SIDE * (1 - share)
        _add(group, "line", x1=0, x2=SIDE, y1=y, y2=y, stroke=PALE)
        _text(group, -6, y + 4, f"{share:.0%}", "end")
    curves: list[tuple[str, FloatArray, str, str]] = [
        ("who is told", errors_min(*answers(outcomes, LAST)), BLUE, ""),
        ("best guess for all", errors_min(*guesses(outcomes, LAST)), BLUE, "7 4"),
        (
            "all that could be known",
            errors_min(outcomes, np.array([o.oracle_min for o in outcomes])),
            ORANGE,
            "2 3",
        ),
        (
            "population's curve",
            errors_min(outcomes, np.full(len(outcomes), population())),
            GREY,
            "9 3 2 3",
        ),
    ]
    for i, (name, errors, color, dashes) in enumerate(curves):
        if not len(errors):
            continue
        points = " ".join(
            f"{m / MOST_MIN * SIDE:.1f},{SIDE * (1 - float(np.mean(errors <= m))):.1f}"
            for m in range(0, MOST_MIN + 1, 5)
        )
        style: dict[str, str | float] = {
            "stroke": color,
            "stroke_width": 2,
            "stroke_dasharray": dashes or "none",
        }
        _add(group, "polyline", points=points, fill="none", **style)
        y = SIDE - 66 + 17 * i
        _add(group, "line", x1=SIDE - 190, x2=SIDE - 160, y1=y, y2=y, **style)
        _text(group, SIDE - 154, y + 4, name, "start")
    _text(group, 0, -8, f"Error after {LAST} days", "start")


def _frame(group: ET.Element, below: str, beside: str) -> None:
    _add(group, "rect", width=SIDE, height=SIDE, fill="none", stroke=GREY)
    _text(group, SIDE / 2, SIDE + 36, below, "middle")
    label = _text(group, 0, 0, beside, "middle")
    label.set("transform", f"translate(-38 {SIDE / 2}) rotate(-90)")


def _text(parent: ET.Element, x: float, y: float, words: str, anchor: str) -> ET.Element:
    element = _add(parent, "text", x=x, y=y, text_anchor=anchor, font_size=12, fill=INK)
    element.text = words
    return element


def _add(parent: ET.Element, tag: str, **attributes: str | float) -> ET.Element:
    plain = {
        key.replace("_", "-"): value if isinstance(value, str) else f"{value:g}"
        for key, value in attributes.items()
    }
    return ET.SubElement(parent, tag, plain)
