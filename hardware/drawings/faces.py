"""What parts look like from above: enough to know them by, and no more."""

from hardware.drawings.blocks import Block
from hardware.drawings.canvas import GREY, INK, Canvas

GOLD, TIN, CAN = "#E3B341", "#D8DCE2", "#C9CED6"
# Colour code of resistors, IEC 60062: digits, and the powers of ten.
BANDS = (
    "#1B1B1B",
    "#8B5A2B",
    "#DA2C38",
    "#FF8C1A",
    "#FFD60A",
    "#2FA84F",
    "#1673C8",
    "#9B5DE5",
    "#9AA0A6",
    "#FFFFFF",
)
_BAND_GOLD = "#C9A227"


def pad(canvas: Canvas, at: tuple[float, float], is_used: bool) -> None:
    """A hole with its ring of metal; one that stays free is pale."""
    look = {"fill": GOLD, "stroke": INK} if is_used else {"fill": TIN, "stroke": "#9AA0A6"}
    canvas.shape("circle", cx=at[0], cy=at[1], r=7.0, stroke_width=1.3, **look)
    canvas.fixture("a pad", at, (14, 14))
    canvas.shape("circle", cx=at[0], cy=at[1], r=2.8, fill="#FFFFFF", stroke=look["stroke"])


def bands(ohm: int) -> list[str]:
    """Return the five rings of a resistor of 1 %: three digits, the power of ten, brown.

    From 10 ohm to 99.9 megohm; golden is a tenth.
    """
    digits = str(ohm).ljust(3, "0")
    power = len(str(ohm)) - 3
    rings = [BANDS[int(digit)] for digit in digits[:3]]
    return [*rings, BANDS[power] if power >= 0 else _BAND_GOLD, BANDS[1]]


def resistor(
    canvas: Canvas, middle: tuple[float, float], ohm: int, is_upright: bool = True
) -> None:
    """A resistor with the rings of its value."""
    x, y = middle
    long, thick = 46.0, 18.0
    wide, high = (thick, long) if is_upright else (long, thick)
    look: dict[str, float | str] = {"fill": "#F3E3C3", "stroke": INK, "stroke_width": 1.5}
    canvas.shape("rect", x=x - wide / 2, y=y - high / 2, width=wide, height=high, rx=6.0, **look)
    canvas.fixture("a resistor", middle, (wide, high))
    for band, along in zip(bands(ohm), (-16.0, -9.0, -2.0, 5.0, 15.0), strict=True):
        if is_upright:
            at = {"x": x - thick / 2, "y": y + along - 2.2, "width": thick, "height": 4.4}
        else:
            at = {"x": x + along - 2.2, "y": y - thick / 2, "width": 4.4, "height": thick}
        canvas.shape("rect", fill=band, stroke=INK, stroke_width=0.5, **at)


def diode(canvas: Canvas, middle: tuple[float, float]) -> None:
    """A diode that lies; its ring is at the left."""
    x, y = middle
    canvas.shape("rect", x=x - 24, y=y - 9, width=48, height=18, rx=4.0, fill="#3A3F47", stroke=INK)
    canvas.shape("rect", x=x - 18, y=y - 9, width=7, height=18, fill="#F4F5F7")


def capacitor(canvas: Canvas, middle: tuple[float, float]) -> None:
    """A small ceramic capacitor."""
    x, y = middle
    canvas.fixture("a capacitor", middle, (34, 22))
    canvas.shape("ellipse", cx=x, cy=y, rx=17, ry=11, fill="#E8A94E", stroke=INK, stroke_width=1.5)


def leg(canvas: Canvas, *points: tuple[float, float]) -> None:
    """A bare leg of a part: thin and grey, so that it is no wire."""
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    canvas.shape("path", d=path, fill="none", stroke=INK, stroke_width=3.4)
    canvas.shape("path", d=path, fill="none", stroke=CAN, stroke_width=1.8)


def breakout(canvas: Canvas, block: Block) -> None:
    """A small board with one chip."""
    x = block.x + block.wide / 2
    y = block.y + (44 if block.is_top else block.high - 44)
    canvas.shape("rect", x=x - 13, y=y - 13, width=26, height=26, rx=3.0, fill="#3A3F47")
    canvas.shape("circle", cx=x - 7, cy=y - 7, r=2.2, fill="#FFFFFF")


def window(canvas: Canvas, block: Block) -> None:
    """A small board with a sensor that sees."""
    breakout(canvas, block)
    x = block.x + block.wide / 2
    y = block.y + (44 if block.is_top else block.high - 44)
    canvas.shape("circle", cx=x, cy=y, r=7.5, fill="#BFE3F5", stroke="#FFFFFF", stroke_width=1.5)


def button(canvas: Canvas, block: Block) -> None:
    """A push button with its cap."""
    x, y = block.x + block.wide / 2, block.y + (52 if block.is_top else block.high - 42)
    canvas.shape(
        "rect",
        x=x - 27,
        y=y - 27,
        width=54,
        height=54,
        rx=5.0,
        fill=CAN,
        stroke=INK,
        stroke_width=1.5,
    )
    canvas.shape("circle", cx=x, cy=y, r=16, fill="#3A3F47", stroke=INK)


def rgb_led(canvas: Canvas, block: Block) -> None:
    """An LED from below its dome, its three colours inside."""
    x, y = block.x + block.wide / 2, block.y + block.high - 48
    canvas.shape("circle", cx=x, cy=y, r=32, fill="#FFFFFF", stroke=INK, stroke_width=1.8)
    for dx, dy, fill in ((-11, 7, "#DA2C38"), (11, 7, "#1673C8"), (0, -11, "#2FA84F")):
        canvas.shape("circle", cx=x + dx, cy=y + dy, r=8, fill=fill, stroke=INK, stroke_width=0.8)


def matrix(canvas: Canvas, block: Block) -> None:
    """Five by five lamps."""
    x, y = block.x + block.wide / 2, block.y + block.high - 47
    for n in range(25):
        canvas.shape(
            "rect",
            x=x - 37 + 15.5 * (n % 5),
            y=y - 37 + 15.5 * (n // 5),
            width=12,
            height=12,
            rx=2.0,
            fill="#FFFFFF",
            stroke=GREY,
        )


def cell(canvas: Canvas, block: Block) -> None:
    """A plug, two leads and a pouch: nobody solders on the pouch."""
    plugged_cell(canvas, block, block.y + 58)


def plugged_cell(canvas: Canvas, block: Block, y: float) -> None:
    """The same, its plug at `y`."""
    x = block.x + block.wide / 2
    canvas.shape("rect", x=x - 24, y=y - 6, width=48, height=16, rx=3.0, fill="#FFFFFF", stroke=INK)
    for dx, fill in ((-10, "#2B2B2B"), (10, "#DA2C38")):
        canvas.shape(
            "path", d=f"M{x + dx:g} {y + 10:g}v12", stroke=fill, stroke_width=3.5, fill="none"
        )
    canvas.shape(
        "rect",
        x=block.x + 16,
        y=y + 22,
        width=block.wide - 32,
        height=40,
        rx=7.0,
        fill=CAN,
        stroke=INK,
        stroke_width=1.5,
    )


def charger(canvas: Canvas, block: Block) -> None:
    """A small board with a USB socket at its side, and the cell in its other socket."""
    x, y = block.x - 8, block.y + 44
    canvas.shape(
        "rect", x=x, y=y, width=30, height=30, rx=5.0, fill=TIN, stroke=INK, stroke_width=1.5
    )
    plugged_cell(canvas, block, block.y + block.high - 4)


FACES = {
    "lis3dh": breakout,
    "veml7700": window,
    "bh1750": window,
    "push_button": button,
    "rgb_pwm": rgb_led,
    "ws2812": matrix,
    "cell": cell,
    "charger": charger,
    "load_switch": breakout,
}
