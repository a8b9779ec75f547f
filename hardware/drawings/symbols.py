"""Symbols of a schematic (IEC 60617 shapes), each at a point, with its own words beside it."""

from hardware.drawings.canvas import GREY, INK, PAPER, Canvas, Point

_LOOK: dict[str, str | float] = {"fill": PAPER, "stroke": INK, "stroke_width": 2.0}
LONG, THICK = 46.0, 17.0


def resistor(canvas: Canvas, middle: Point, ref: str, text: str, is_upright: bool = False) -> None:
    """A box; its name and value above, or at the right of one that stands."""
    x, y = middle
    wide, high = (THICK, LONG) if is_upright else (LONG, THICK)
    canvas.shape("rect", x=x - wide / 2, y=y - high / 2, width=wide, height=high, **_LOOK)
    canvas.fixture(f"resistor {ref}", middle, (wide, high))
    if is_upright:
        for dy, words in ((-3, ref), (15, text)):
            if words:
                canvas.text((x + 15, y + dy), words, 15, is_bold=words == ref)
    else:
        canvas.text((x, y - 14), f"{ref} {text}", 15, anchor="middle")


def capacitor(canvas: Canvas, middle: Point, ref: str, text: str) -> None:
    """Two plates that lie; words at the right."""
    x, y = middle
    canvas.shape("rect", x=x - 16, y=y - 5, width=32, height=10, fill=PAPER)
    for dy in (-5, 5):
        canvas.shape(
            "path", d=f"M{x - 16:g} {y + dy:g}h32", stroke=INK, stroke_width=3.0, fill="none"
        )
    canvas.fixture(f"capacitor {ref}", middle, (32, 12))
    canvas.text((x + 23, y - 3), ref, 15, is_bold=True)
    canvas.text((x + 23, y + 15), text, 15)


def diode(canvas: Canvas, middle: Point, text: str, is_led: bool = False) -> None:
    """A triangle that points to the right, to its ring; an LED has two arrows above."""
    x, y = middle
    canvas.shape(
        "path", d=f"M{x - 12:g} {y - 12:g}L{x + 12:g} {y:g}L{x - 12:g} {y + 12:g}Z", **_LOOK
    )
    canvas.shape("path", d=f"M{x + 12:g} {y - 12:g}v24", stroke=INK, stroke_width=3.0, fill="none")
    canvas.fixture("a diode", middle, (28, 26))
    if is_led:
        for dx in (-4, 6):
            canvas.shape(
                "path",
                d=f"M{x + dx:g} {y - 14:g}l9 -10m-6 0h6v6",
                stroke=INK,
                stroke_width=1.6,
                fill="none",
            )
    canvas.text((x, y + 30), text, 15, anchor="middle")


def diode_left(canvas: Canvas, middle: Point, text: str) -> None:
    """A Schottky diode that points to the left, to its ring."""
    x, y = middle
    canvas.shape(
        "path", d=f"M{x + 12:g} {y - 12:g}L{x - 12:g} {y:g}L{x + 12:g} {y + 12:g}Z", **_LOOK
    )
    canvas.shape(
        "path",
        d=f"M{x - 18:g} {y - 8:g}v-4h6v24h6v-4",
        stroke=INK,
        stroke_width=2.6,
        fill="none",
    )
    canvas.fixture("a diode", middle, (30, 26))
    canvas.text((x, y + 32), text, 15, anchor="middle")


def button(canvas: Canvas, middle: Point) -> None:
    """A contact that is pressed closed, in a line that lies."""
    x, y = middle
    canvas.shape("rect", x=x - 22, y=y - 4, width=44, height=8, fill=PAPER)
    for dx in (-22, 22):
        canvas.shape("circle", cx=x + dx, cy=y, r=4, **_LOOK)
    canvas.shape(
        "path",
        d=f"M{x - 22:g} {y - 12:g}h44m-22 0v-14m-10 0h20",
        stroke=INK,
        stroke_width=2.2,
        fill="none",
    )
    canvas.fixture("a button", (x, y - 12), (52, 32))


def ground(canvas: Canvas, at: Point) -> None:
    """Ground, hanging from a point."""
    x, y = at
    canvas.shape(
        "path",
        d=f"M{x - 13:g} {y:g}h26M{x - 8:g} {y + 6:g}h16M{x - 3:g} {y + 12:g}h6",
        stroke=INK,
        stroke_width=2.2,
        fill="none",
    )
    canvas.fixture("ground", (x, y + 6), (28, 14))


def flag(canvas: Canvas, at: Point, name: str) -> None:
    """A supply by its name, standing on a point."""
    x, y = at
    canvas.shape("path", d=f"M{x - 9:g} {y:g}h18", stroke=INK, stroke_width=2.6, fill="none")
    canvas.text((x, y - 7), name, 15, anchor="middle", is_bold=True)


def cell(canvas: Canvas, top: Point, text: tuple[str, str]) -> None:
    """A cell that stands, + above: 40 px from its upper point to the lower; words at the right."""
    x, y = top
    canvas.shape("rect", x=x - 14, y=y + 14, width=28, height=12, fill=PAPER)
    canvas.shape(
        "path",
        d=f"M{x - 16:g} {y + 14:g}h32",
        stroke=INK,
        stroke_width=2.4,
        fill="none",
    )
    canvas.shape("path", d=f"M{x - 8:g} {y + 26:g}h16", stroke=INK, stroke_width=5.0, fill="none")
    canvas.fixture("a cell", (x, y + 20), (34, 18))
    canvas.text((x + 24, y + 17), text[0], 15)
    canvas.text((x + 24, y + 35), text[1], 15, fill=GREY)


def block(canvas: Canvas, at: Point, size: tuple[float, float], name: str, below: str = "") -> None:
    """A part as a box: its name, and a line below it (an address)."""
    canvas.body(name, at, size, rx=3.0, stroke_width=2.2)
    x, y = at[0] + size[0] / 2, at[1] + size[1] / 2
    canvas.text((x, y + (0 if below else 6)), name, 16, anchor="middle", is_bold=True)
    if below:
        canvas.text((x, y + 20), below, 15, anchor="middle", fill=GREY)
