"""A drawing as SVG that knows where its words and wires are, so that a test can find what overlaps.

Coordinates are pixels of the view box, y down. Text stays text. Every stroke has an outline or a
shape of its own: nothing is told by colour alone. The same calls give the same bytes.
"""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bioklok.reports.drawing import number

INK, GREY, PAPER = "#22252A", "#5F6670", "#FFFFFF"
Point = tuple[float, float]
WIRE_PX, OUTLINE_PX, HALO_PX = 5.0, 1.6, 3.0
_JOINED_PX = 8.0
# How wide letters are in ems, plain and bold: DejaVu Sans, the widest of the fonts asked for.
_NARROW, _BROAD = " ijlI.,:;'|()", "mwMW@%"
_EM = {
    "narrow": (0.34, 0.40),
    "broad": (0.95, 1.06),
    "capital": (0.72, 0.84),
    "other": (0.62, 0.70),
}
_EM_UP, _EM_DOWN = 0.78, 0.22


@dataclass(frozen=True)
class Box:
    """Where something is, and what it says."""

    what: str
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box", by: float = 0.0) -> bool:
        """Whether two boxes have some area in common, each grown by half of `by`."""
        return (
            self.left < other.right + by
            and other.left < self.right + by
            and self.top < other.bottom + by
            and other.top < self.bottom + by
        )


@dataclass(frozen=True)
class Segment:
    """A straight piece of a wire: whose, from where to where, half of how thick."""

    net: str
    start: Point
    end: Point
    half: float

    @property
    def box(self) -> Box:
        """The piece with its thickness."""
        (x0, y0), (x1, y1) = self.start, self.end
        return Box(
            self.net,
            min(x0, x1) - self.half,
            min(y0, y1) - self.half,
            max(x0, x1) + self.half,
            max(y0, y1) + self.half,
        )


class Canvas:
    """An SVG under way. name: unique on a page. labels, segments, bodies: what was drawn where;
    fixtures: what no word may lie on, and wires may meet."""

    def __init__(self, name: str, size: tuple[float, float], title: str, description: str) -> None:
        self.size = size
        self.labels: list[Box] = []
        self.segments: list[Segment] = []
        self.bodies: list[Box] = []
        self.fixtures: list[Box] = []
        self._root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {number(size[0])} {number(size[1])}",
                "role": "img",
                "aria-labelledby": f"{name}-title {name}-desc",
                "font-family": "Verdana, DejaVu Sans, Arial, sans-serif",
            },
        )
        ET.SubElement(self._root, "title", {"id": f"{name}-title"}).text = title
        ET.SubElement(self._root, "desc", {"id": f"{name}-desc"}).text = description
        self.shape("rect", x=0, y=0, width=size[0], height=size[1], fill=PAPER)

    def svg(self) -> str:
        """Return the drawing, a line for each element: changes can be read in a diff."""
        ET.indent(self._root, " ")
        return ET.tostring(self._root, encoding="unicode") + "\n"

    def shape(self, tag: str, **attributes: str | float) -> ET.Element:
        """Add an element; _ in names becomes -, numbers are rounded to a tenth."""
        plain = {
            key.replace("_", "-"): value if isinstance(value, str) else number(value)
            for key, value in attributes.items()
        }
        return ET.SubElement(self._root, tag, plain)

    def body(self, what: str, at: Point, size: tuple[float, float], **look: str | float) -> None:
        """Draw a part's outline, a rounded rectangle; no wire may run through it."""
        given: dict[str, str | float] = {"fill": "#EEF2F6", "stroke": INK, "stroke_width": 1.8}
        given |= {"rx": 7.0, **look}
        x, y = at
        self.shape("rect", x=x, y=y, width=size[0], height=size[1], **given)
        self.bodies.append(Box(what, x, y, x + size[0], y + size[1]))

    def text(
        self,
        at: Point,
        words: str,
        size: float = 16,
        *,
        anchor: str = "start",
        is_bold: bool = False,
        is_upright: bool = False,
        fill: str = INK,
    ) -> Box:
        """Write words. at: their base line's start, middle or end (anchor). is_upright: they run
        upwards."""
        element = self.shape("text", x=at[0], y=at[1], font_size=size, fill=fill)
        if anchor != "start":
            element.set("text-anchor", anchor)
        if is_bold:
            element.set("font-weight", "bold")
        if is_upright:
            element.set("transform", f"rotate(-90 {number(at[0])} {number(at[1])})")
        element.text = words
        wide = text_px(words, size, is_bold)
        before = {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        up, down = _EM_UP * size, _EM_DOWN * size
        x, y = at
        if is_upright:
            box = Box(words, x - up, y + before - wide, x + down, y + before)
        else:
            box = Box(words, x - before, y - up, x - before + wide, y + down)
        self.labels.append(box)
        return box

    def wire(self, net: str, points: Sequence[Point], colour: str, is_over: bool = False) -> None:
        """Draw a wire of a net along points, with a dark outline. is_over: it crosses what was
        drawn before on a white halo, which leaves out the start, where it is joined."""
        path = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
        strokes = [(path, WIRE_PX + 2 * OUTLINE_PX, INK), (path, WIRE_PX, colour)]
        if is_over:
            (x, y), (_, end_y) = points[:2]
            after = y + (_JOINED_PX if end_y > y else -_JOINED_PX)
            halo = path.replace(f"M{number(x)} {number(y)}", f"M{number(x)} {number(after)}", 1)
            strokes.insert(0, (halo, WIRE_PX + 2 * OUTLINE_PX + 2 * HALO_PX, PAPER))
        self._stroke(strokes)
        self.mark(net, points, WIRE_PX / 2 + OUTLINE_PX)

    def stub(self, at: Point, towards: Point, colour: str) -> None:
        """Join a corner: a short piece of a wire's colour, over the outline that was drawn last."""
        along = WIRE_PX * 1.6 if towards[0] > at[0] else -WIRE_PX * 1.6
        path = f"M{number(at[0])} {number(at[1])}h{number(along)}"
        self._stroke([(path, WIRE_PX, colour)])

    def _stroke(self, strokes: Sequence[tuple[str, float, str]]) -> None:
        for d, width, stroke in strokes:
            self.shape(
                "path",
                d=d,
                fill="none",
                stroke=stroke,
                stroke_width=width,
                stroke_linejoin="round",
                stroke_linecap="butt" if stroke == PAPER else "round",
            )

    def line(self, net: str, points: Sequence[Point], width: float = 2.0) -> None:
        """Draw a schematic's line of a net along points."""
        path = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
        self.shape(
            "path", d=path, fill="none", stroke=INK, stroke_width=width, stroke_linejoin="round"
        )
        self.mark(net, points, width / 2)

    def mark(self, net: str, points: Sequence[Point], half: float) -> None:
        """Remember where a wire runs."""
        self.segments += [Segment(net, a, b, half) for a, b in pairwise(points)]

    def fixture(self, what: str, middle: Point, size: tuple[float, float]) -> None:
        """Remember something that was drawn, so that no word lies on it."""
        (x, y), (wide, high) = middle, size
        self.fixtures.append(Box(what, x - wide / 2, y - high / 2, x + wide / 2, y + high / 2))

    def dot(self, at: Point, radius: float = 6.0, fill: str = INK) -> None:
        """A joint."""
        self.shape(
            "circle", cx=at[0], cy=at[1], r=radius, fill=fill, stroke=PAPER, stroke_width=1.2
        )


def text_px(words: str, size: float, is_bold: bool = False) -> float:
    """Return how wide words are at most, in pixels."""
    kinds = (
        "narrow"
        if c in _NARROW
        else "broad"
        if c in _BROAD
        else "capital"
        if c.isupper()
        else "other"
        for c in words
    )
    return size * sum(_EM[kind][is_bold] for kind in kinds)


def faults(canvas: Canvas) -> list[str]:
    """Return what somebody would stumble over: words on words, wires through words or parts, two
    nets on one another, anything beyond the edge."""
    found = []
    for n, label in enumerate(canvas.labels):
        found += [
            f"'{label.what}' lies on '{other.what}'"
            for other in canvas.labels[n + 1 :]
            if label.meets(other)
        ]
        found += [
            f"wire {segment.net} runs through '{label.what}'"
            for segment in canvas.segments
            if label.meets(segment.box)
        ]
        found += [
            f"'{label.what}' lies on {other.what}"
            for other in canvas.fixtures
            if label.meets(other)
        ]
        if not _is_inside(label, canvas.size):
            found.append(f"'{label.what}' is beyond the edge")
    for n, one in enumerate(canvas.segments):
        found += [
            f"wires {one.net} and {other.net} lie on one another"
            for other in canvas.segments[n + 1 :]
            if one.net != other.net and _run_together(one, other)
        ]
        found += [
            f"wire {one.net} runs through {body.what}"
            for body in canvas.bodies
            if _shrunk(body).meets(one.box)
        ]
    for n, body in enumerate(canvas.bodies):
        found += [
            f"{body.what} lies on {other.what}"
            for other in canvas.bodies[n + 1 :]
            if body.meets(other)
        ]
    return found


def _is_inside(box: Box, size: tuple[float, float]) -> bool:
    return box.left >= 0 and box.top >= 0 and box.right <= size[0] and box.bottom <= size[1]


def _run_together(one: Segment, other: Segment) -> bool:
    """Parallel and nearer than their thickness: a right-angled crossing is none."""
    (ax, ay), (bx, by) = one.start, one.end
    (cx, cy), (dx, dy) = other.start, other.end
    is_parallel = (ax == bx and cx == dx) or (ay == by and cy == dy)
    return is_parallel and one.box.meets(other.box, 2.0)


_EDGE_PX = 20  # a pad lies on the edge of its part: there a wire may end


def _shrunk(box: Box) -> Box:
    edge = _EDGE_PX
    return Box(box.what, box.left + edge, box.top + edge, box.right - edge, box.bottom - edge)
