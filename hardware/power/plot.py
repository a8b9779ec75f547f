"""Modelled days on a charge as a picture: a panel for each board, a bar for each scenario."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from bioklok.reports.drawing import BLUE, GREY, INK, PALE, add, drawing, finished, label, number

from hardware.power.scenarios import TARGET_DAYS, Scenario, scenarios
from hardware.power.sources import Currents, boards_of, read_currents

_ROW_PX, _HEAD_PX, _FOOT_PX = 26, 48, 16
_LEFT_PX, _WIDE_PX, _RIGHT_PX = 250, 420, 70


@dataclass(frozen=True)
class _Bar:
    name: str
    days: float
    fewest: float
    most: float


def plot() -> str:
    """Return an SVG: a bar is the model, its whisker how far the figures behind it may be off."""
    currents = read_currents()
    rows = scenarios()
    panels = [(board, _bars(board, currents, rows)) for board in boards_of(currents)]
    height = sum(_HEAD_PX + _ROW_PX * len(bars) + _FOOT_PX for _, bars in panels) + 40
    size = (_LEFT_PX + _WIDE_PX + _RIGHT_PX, height)
    root = drawing(
        "power",
        "power",
        size,
        "Modelled days on a charge",
        "A bar for each way to use each board, with the range in which it may lie; the numbers"
        " stand in the table below it.",
    )
    root.set("font-family", "sans-serif")
    add(root, "rect", "paper", x=0, y=0, width=size[0], height=size[1], fill="white")
    most = max(bar.most for _, bars in panels for bar in bars)
    px_per_day = _WIDE_PX / max(TARGET_DAYS * 1.5, most)
    top = 0
    for board, bars in panels:
        _panel(root, board, bars, (top + _HEAD_PX, px_per_day))
        top += _HEAD_PX + _ROW_PX * len(bars) + _FOOT_PX
    note = (
        "modelled, not measured on a board; whiskers: every figure at one end of its range at once"
    )
    label(root, (size[0] - 8, size[1] - 10), note, "note", anchor="end", size=11).set("fill", GREY)
    return finished(root) + "\n"


def _bars(board: str, currents: Currents, rows: list[Scenario]) -> list[_Bar]:
    found = []
    for row in rows:
        days, ends = row.days(board, currents), row.spread(board, currents)
        if days is not None and ends is not None:
            found.append(_Bar(row.name, days, *ends))
    return found


def _panel(root: ET.Element, board: str, bars: list[_Bar], at: tuple[int, float]) -> None:
    """Draw a board's bars. at: the line that they hang from, and pixels of a day."""
    top, px_per_day = at
    label(root, (8, top - 20), board, "board", size=15).set("font-weight", "bold")
    for n, bar in enumerate(bars):
        _bar(root, bar, top + n * _ROW_PX, px_per_day)
    target = _LEFT_PX + TARGET_DAYS * px_per_day
    bottom = top + _ROW_PX * len(bars)
    down = f"M{number(target)} {number(top - 4)}V{number(bottom + 2)}"
    add(root, "path", "target", d=down, stroke=INK, stroke_width=1.5, stroke_dasharray="4 3")
    label(root, (target, top - 8), f"{TARGET_DAYS} days", "goal", anchor="middle")


def _bar(root: ET.Element, bar: _Bar, top: float, px_per_day: float) -> None:
    middle = top + _ROW_PX / 2
    low, end, high = (_LEFT_PX + days * px_per_day for days in (bar.fewest, bar.days, bar.most))
    label(root, (_LEFT_PX - 10, middle + 4.5), bar.name, "what", anchor="end")
    thick = _ROW_PX - 10
    add(root, "rect", "lane", x=_LEFT_PX, y=top + 5, width=_WIDE_PX, height=thick, fill=PALE)
    wide = end - _LEFT_PX
    add(root, "rect", "days", x=_LEFT_PX, y=top + 5, width=wide, height=thick, fill=BLUE)
    for colour, wide in (("white", 4), (INK, 1.5)):  # an outline, to be seen on the bar
        add(root, "path", "range", d=_whisker(low, high, middle), stroke=colour, stroke_width=wide)
    words = f"{bar.days:.1f}"
    label(root, (_LEFT_PX + _WIDE_PX + 8, middle + 4.5), words, "n").set("font-weight", "bold")


def _whisker(low: float, high: float, y: float) -> str:
    ends = "".join(f"M{number(x)} {number(y - 4)}v8" for x in (low, high))
    return f"M{number(low)} {number(y)}H{number(high)}{ends}"
