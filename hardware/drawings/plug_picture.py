"""The drawing of a device that is plugged together: two closed parts and the plug between them."""

from bioklok.boards.model import Board

from hardware.drawings import faces
from hardware.drawings.canvas import GREY, INK, Canvas
from hardware.drawings.wiring_picture import inside_sentences

WIDE, HIGH = 1200.0, 660.0
_STICK = (90.0, 304.0, 170.0, 300.0)
_HAT = (90.0, 118.0, 170.0, 130.0)
_PAD_PX = 84.0
_HOW = (
    "The plug has eight pins; the light sensor talks through two of them.",
    "De stekker heeft acht pennen; de lichtsensor praat via twee ervan.",
)
_STEPS = (
    ("1. Switch the stick off.", "Zet de stick uit."),
    (
        "2. Hold the hat straight before the stick's end and push it on.",
        "Houd de hat recht voor de bovenkant van de stick en druk hem erop.",
    ),
    (
        "3. No metal is to be seen any more. Nothing is soldered.",
        "Je ziet geen metaal meer. Er wordt niets gesoldeerd.",
    ),
    ("To take it off: pull it straight.", "Eraf halen: recht trekken."),
)


def draw_plug(board: Board) -> Canvas:
    """Return the drawing of a board that is closed, with what is plugged into it."""
    module = board.circuit.module
    role = next(iter(board.circuit.plugs))
    hat = board.circuit.products[role]
    title = f"{module.title} and {hat.en}: nothing to solder - niets te solderen"
    canvas = Canvas(f"{board.name}-wiring", (WIDE, HIGH), title, inside_sentences(board))
    canvas.text((24, 38), title, 24, is_bold=True)
    for n, words in enumerate(_HOW):
        canvas.text((24, 64 + 22 * n), words, 16, fill=GREY if n else INK)
    _parts(canvas, board)
    _plug(canvas, board, f"i2c_{board.buses[role]}")
    for n, (english, dutch) in enumerate(_STEPS):
        y = 420 + 56 * n
        canvas.text((360, y), english, 17, is_bold=True)
        canvas.text((360, y + 22), dutch, 16, fill=GREY)
    return canvas


def _parts(canvas: Canvas, board: Board) -> None:
    """Hat above, stick below, an arrow from one to the other."""
    x, y, wide, high = _HAT
    hat = next(iter(board.circuit.plugs))
    canvas.body("hat", (x, y), (wide, high), fill="#F4F1E8", rx=14.0)
    canvas.shape(
        "circle", cx=x + wide / 2, cy=y + 48, r=17, fill="#BFE3F5", stroke=INK, stroke_width=2.0
    )
    canvas.text(
        (x + wide / 2, y + 94), board.circuit.products[hat].en, 17, anchor="middle", is_bold=True
    )
    for n in range(8):
        canvas.shape(
            "rect", x=x + 32 + 14 * n, y=y + high, width=6, height=16, fill=faces.GOLD, stroke=INK
        )
    middle = x + wide + 26
    canvas.shape(
        "path",
        d=f"M{middle:g} {y + high - 24:g}v52m-11 -16l11 16l11 -16",
        fill="none",
        stroke=INK,
        stroke_width=4.0,
    )
    x, y, wide, high = _STICK
    canvas.body("stick", (x, y), (wide, high), fill="#FFE1C2", rx=14.0)
    canvas.shape(
        "rect", x=x + 24, y=y - 3, width=wide - 48, height=12, rx=3.0, fill="#3A3F47", stroke=INK
    )
    canvas.shape(
        "rect", x=x + 22, y=y + 30, width=wide - 44, height=136, rx=6.0, fill="#3A3F47", stroke=INK
    )
    canvas.text((x + wide / 2, y + 104), "screen", 16, anchor="middle", fill="#FFFFFF")
    canvas.shape(
        "rect",
        x=x + 40,
        y=y + 184,
        width=wide - 80,
        height=40,
        rx=8.0,
        fill="#FFFFFF",
        stroke=INK,
        stroke_width=2.0,
    )
    canvas.text((x + wide / 2, y + 210), "button A", 16, anchor="middle")
    canvas.text(
        (x + wide / 2, y + 256),
        board.circuit.module.short.split()[0],
        16,
        anchor="middle",
        is_bold=True,
    )
    canvas.shape(
        "rect",
        x=x + wide / 2 - 22,
        y=y + high - 12,
        width=44,
        height=20,
        rx=6.0,
        fill=faces.TIN,
        stroke=INK,
    )
    canvas.text((x + wide / 2 + 34, y + high + 18), "USB", 15)


def _plug(canvas: Canvas, board: Board, bus: str) -> None:
    """The plug's pins in their order; those that are used say what for."""
    module = board.circuit.module
    used = {pin: net for owner, net, pin, _ in board.nets if owner == bus}
    x, y = 400.0, 206.0
    wide = _PAD_PX * len(module.left) + 40
    canvas.body("the plug", (x - 20, y - 46), (wide, 132), fill="#E7F0EA")
    canvas.text((x - 20, y - 62), "the plug, in the maker's order", 16, is_bold=True)
    canvas.text((x + 360, y - 62), "de stekker, in de volgorde van de maker", 16, fill=GREY)
    for n, pad in enumerate(module.left):
        at = (x + _PAD_PX * (n + 0.5), y)
        net = used.get(module.gpio.get(pad, -1))
        faces.pad(canvas, at, net is not None)
        canvas.text((at[0], y + 36), pad, 16, anchor="middle", is_bold=net is not None)
        if net is not None:
            canvas.shape(
                "path", d=f"M{at[0]:g} {y + 86:g}v34", stroke=INK, stroke_width=2.0, fill="none"
            )
            canvas.text((at[0], y + 142), net.upper(), 17, anchor="middle", is_bold=True)
            canvas.text((at[0], y + 64), f"GPIO{module.gpio[pad]}", 14, anchor="middle", fill=GREY)
