"""Numbers, lines and words around a drawn picture: an SVG in both languages, for any page."""

import base64
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hardware.enclosure.render import Picture

WIDTH_PX = 1000
SIDES = (32.0, 968.0)
INK = "#3b3a37"
_FONT = "font-family:'DejaVu Sans',Verdana,Arial,sans-serif"
_LINE_PX = 27
_ROW_PX = 46.0

WORDS = {
    "bottom": ("bottom", "onderkant"),
    "top": ("top", "bovenkant"),
    "cover": ("cover of the cell", "deksel over de cel"),
    "cap": ("button", "knop"),
    "window": ("window for the light sensor", "venster voor de lichtsensor"),
    "diffuser": ("window of the lamp", "venster van de lamp"),
    "cell": ("cell (LiPo)", "cel (LiPo)"),
    "xiao": ("board: XIAO ESP32C3", "bord: XIAO ESP32C3"),
    "lis3dh": ("accelerometer: LIS3DH", "bewegingssensor: LIS3DH"),
    "veml7700": ("light sensor: VEML7700", "lichtsensor: VEML7700"),
    "lamp": ("lamp: RGB LED", "lamp: RGB-led"),
    "switch": ("push button 6 x 6 mm", "drukknop 6 x 6 mm"),
    "antenna": ("antenna", "antenne"),
    "cell_plug": ("plug of the cell", "stekker van de cel"),
    "resistors": ("resistors of the cell", "weerstanden van de cel"),
    "lamp_resistors": ("resistors of the lamp", "weerstanden van de lamp"),
    "screw": ("four screws M2 x 6", "vier schroeven M2 x 6"),
    "usb": ("opening for USB-C", "opening voor USB-C"),
    "strap": ("strap, 18 mm, in one piece", "band, 18 mm, uit één stuk"),
    "wearer": ("this side to you: you see the lamp", "deze kant naar je toe: jij ziet de lamp"),
    "bed": ("this face lies on the printer's bed", "dit vlak ligt op het printbed"),
}


@dataclass(frozen=True)
class Pin:
    """A number's place: what it names, and the point in mm that its line ends on."""

    what: str
    at: tuple[float, float, float]


def page(
    name: str,
    titles: tuple[str, str],
    picture: Picture,
    pins: Sequence[Pin],
    columns: Sequence[float] = SIDES,
) -> str:
    """Return a picture as SVG: title in both languages, numbers in columns (px), what they name."""
    english, dutch = titles
    width, height = picture.size
    left, top = (WIDTH_PX - width) / 2, 74.0
    rows = sorted(
        pins, key=lambda pin: (_near(pin, picture, left, columns), picture.place(pin.at)[1])
    )
    below = top + height + 18
    full = below + _LINE_PX * len(pins) + 20
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH_PX} {full:.0f}",
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-desc",
        },
    )
    ET.SubElement(root, "title", {"id": f"{name}-title"}).text = f"{english} / {dutch}"
    told = "; ".join(f"{n} {' / '.join(WORDS[pin.what])}" for n, pin in enumerate(rows, 1))
    ET.SubElement(root, "desc", {"id": f"{name}-desc"}).text = told
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    data = base64.b64encode(picture.png).decode("ascii")
    place = {"x": f"{left:.0f}", "y": f"{top:.0f}", "width": str(width), "height": str(height)}
    ET.SubElement(root, "image", {**place, "href": f"data:image/png;base64,{data}"})
    _text(root, (30, 34), english, 22, bold=True)
    _text(root, (30, 60), dutch, 18, grey=True)
    _numbers(root, rows, picture, (left, top), columns)
    for number, pin in enumerate(rows, 1):
        y = below + _LINE_PX * number - 6
        _disc(root, (46, y - 6), number)
        _text(root, (70, y), WORDS[pin.what][0], 18)
        _text(root, (480, y), WORDS[pin.what][1], 18, grey=True)
    return ET.tostring(root, encoding="unicode") + "\n"


def _near(pin: Pin, picture: Picture, left: float, columns: Sequence[float]) -> int:
    """Return the column that a pin's number stands in: the nearest."""
    x = left + picture.place(pin.at)[0]
    return int(np.argmin([abs(column - x) for column in columns]))


def _numbers(
    root: ET.Element,
    rows: Sequence[Pin],
    picture: Picture,
    corner: tuple[float, float],
    columns: Sequence[float],
) -> None:
    for number, column in enumerate(columns):
        group = [
            (n, pin)
            for n, pin in enumerate(rows, 1)
            if _near(pin, picture, corner[0], columns) == number
        ]
        heights = _apart([picture.place(pin.at)[1] for _, pin in group], picture.size[1])
        for (n, pin), high in zip(group, heights, strict=True):
            x, y = picture.place(pin.at)
            end, start = (corner[0] + x, corner[1] + y), (column, corner[1] + high)
            for colour, thick in (("#ffffff", "4.5"), (INK, "1.6")):
                line = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
                plain = {key: f"{value:.1f}" for key, value in line.items()}
                ET.SubElement(root, "line", {**plain, "stroke": colour, "stroke-width": thick})
            at = {"cx": f"{end[0]:.1f}", "cy": f"{end[1]:.1f}", "r": "3.6", "fill": INK}
            ET.SubElement(root, "circle", {**at, "stroke": "#ffffff", "stroke-width": "1.2"})
            _disc(root, start, n)


def _apart(wanted: Sequence[float], height: float) -> list[float]:
    """Return heights at least a row apart, in this order, as near to the wanted as that goes."""
    result: list[float] = []
    for want in wanted:
        result.append(max(want, result[-1] + _ROW_PX) if result else max(want, 16.0))
    over = result[-1] - (height - 10.0) if result else 0.0
    for n in range(len(result) - 1, -1, -1):
        limit = height - 10.0 if n == len(result) - 1 else result[n + 1] - _ROW_PX
        result[n] = min(result[n], limit) if over > 0 else result[n]
    return result


def _disc(root: ET.Element, at: tuple[float, float], number: int) -> None:
    place = {"cx": f"{at[0]:.1f}", "cy": f"{at[1]:.1f}", "r": "13", "fill": INK}
    ET.SubElement(root, "circle", place)
    words = {"x": f"{at[0]:.1f}", "y": f"{at[1] + 5.5:.1f}", "text-anchor": "middle"}
    style = f"{_FONT};font-size:15px;font-weight:bold;fill:#ffffff"
    ET.SubElement(root, "text", {**words, "style": style}).text = str(number)


def _text(
    root: ET.Element,
    at: tuple[float, float],
    words: str,
    size: int,
    *,
    bold: bool = False,
    grey: bool = False,
) -> None:
    style = f"{_FONT};font-size:{size}px;fill:{'#6b6862' if grey else INK}"
    style += ";font-weight:bold" if bold else ""
    ET.SubElement(
        root, "text", {"x": f"{at[0]:.0f}", "y": f"{at[1]:.0f}", "style": style}
    ).text = words
