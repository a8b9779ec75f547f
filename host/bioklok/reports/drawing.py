"""What the drawings have in common: an SVG for a page or for paper, its words, its hatching.

Readable without colour: every state has a shape or a pattern of its own. Texts come from the
caller, colours from the page's style sheet (the attributes here are what print and a bare file
show).
"""

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterable

import numpy as np

from bioklok.analysis.grid import FloatArray

BLUE, ORANGE = "#0072B2", "#E69F00"
INK, GREY, PALE = "#3b3a37", "#8a877f", "#e8e4db"

FULL_ACTIVITY_MG = 400.0  # running; a square root keeps quiet hours visible beside it
FULL_LIGHT_LX = 10_000.0  # bright day; the scale is logarithmic and starts at 1 lx


def drawing(
    name: str, kind: str, size: tuple[int, int], title: str, description: str
) -> ET.Element:
    """Return an empty SVG with its name for those who listen; `name` is unique on the page."""
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {size[0]} {size[1]}",
            "class": kind,
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-desc",
        },
    )
    text(root, "title", title, id=f"{name}-title")
    text(root, "desc", description, id=f"{name}-desc")
    _hatch(root, name)
    return root


def finished(root: ET.Element) -> str:
    """Return the SVG as text, every word in it escaped."""
    return ET.tostring(root, encoding="unicode")


def activity_height(mg: FloatArray, full_mg: float = FULL_ACTIVITY_MG) -> FloatArray:
    """Return how high activities (n) stand in their lane, 0 to 1 (at `full_mg` and more)."""
    return np.sqrt(np.clip(np.nan_to_num(mg) / full_mg, 0.0, 1.0))


def light_height(lx: FloatArray) -> FloatArray:
    """Return how high light (n) stands in its lane, 0 (1 lx and less) to 1."""
    return np.log10(np.clip(np.nan_to_num(lx), 1.0, FULL_LIGHT_LX)) / math.log10(FULL_LIGHT_LX)


def add(parent: ET.Element, tag: str, kind: str, **attributes: str | float) -> ET.Element:
    """Add an element of a class; numbers are rounded to a tenth, _ in names becomes -."""
    plain = {
        key.replace("_", "-"): value if isinstance(value, str) else number(value)
        for key, value in attributes.items()
    }
    return ET.SubElement(parent, tag, {"class": kind, **plain})


def text(parent: ET.Element, tag: str, words: str, **attributes: str) -> None:
    """Add an element that holds words and is not drawn."""
    ET.SubElement(parent, tag, attributes).text = words


def label(
    root: ET.Element,
    at: tuple[float, float],
    words: str,
    kind: str,
    *,
    anchor: str = "start",
    size: float = 13,
) -> ET.Element:
    """Write words in the drawing; those of a lane hang from their top: on a small screen the
    style sheet makes letters larger."""
    element = add(
        root, "text", kind, x=at[0], y=at[1], text_anchor=anchor, font_size=size, fill=INK
    )
    if "lane" in kind.split():
        element.set("dominant-baseline", "hanging")
        # On hatching they stand on paper of their own.
        element.attrib |= {"stroke": "#fff", "stroke-width": "4", "paint-order": "stroke"}
    element.text = words
    return element


def line_of(points: Iterable[tuple[float, float]]) -> str:
    """Return a path through points."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def symbol(root: ET.Element, kind: str, at: tuple[float, float], size: float) -> None:
    """A triangle for sharp, a circle for tired, a ticket for a strip, around a point."""
    x, y = at
    color = {"sharp": BLUE, "tired": ORANGE, "strip": INK}[kind]
    if kind == "sharp":
        points = ((x, y - size), (x + size, y + 0.75 * size), (x - size, y + 0.75 * size))
        corners = " ".join(f"{number(a)},{number(b)}" for a, b in points)
        add(root, "polygon", "shape", points=corners, fill=color)
    elif kind == "tired":
        add(root, "circle", "shape", cx=x, cy=y, r=0.86 * size, fill=color)
    else:
        # A ticket: a box with a bite out of either side.
        wide, half, bite = 1.27 * size, 0.82 * size, 0.32 * size
        down = number(half - bite)
        bitten = f"a{number(bite)} {number(bite)} 0 0 0 0"
        shape = (
            f"M{number(x - wide)} {number(y - half)}h{number(2 * wide)}v{down}"
            f"{bitten} {number(2 * bite)}v{down}h{number(-2 * wide)}v-{down}"
            f"{bitten} -{number(2 * bite)}z"
        )
        add(root, "path", "shape", d=shape, fill=color)


def number(value: float) -> str:
    """Write a coordinate, to a tenth."""
    written = f"{value:.1f}"
    return written[:-2] if written.endswith(".0") else written


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
    add(pattern, "line", "hatch", x1=0, x2=0, y1=0, y2=9, stroke=GREY, stroke_width=1.6)
