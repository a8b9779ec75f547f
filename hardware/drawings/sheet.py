"""A schematic under way: the canvas, the board, and the pins of its chip that were used."""

from dataclasses import dataclass, field

from bioklok.boards.model import Board, Wire

from hardware.drawings.canvas import GREY, Canvas, text_px

WIDE = 1200.0
CHIP = (474.0, 706.0)  # its left and right edge


@dataclass
class Sheet:
    """pins: (y, is_left, pad, GPIO or what it is)."""

    canvas: Canvas
    board: Board
    pins: list[tuple[float, bool, str, str]] = field(default_factory=list)

    def pin(self, role: str, net: str, y: float, *, is_left: bool, start: float) -> None:
        """A line from `start` to the chip's pin of a net, at height y."""
        gpio = next(pin for owner, name, pin, _ in self.board.nets if (owner, name) == (role, net))
        edge = CHIP[0] if is_left else CHIP[1]
        self.canvas.line(f"{role.removeprefix('i2c_')} {net}", [(start, y), (edge, y)])
        wire = self.wire(f"{role.removeprefix('i2c_')} {net}")
        printed = {pin: pad for pad, pin in self.board.circuit.module.gpio.items()}
        pad = printed.get(gpio, "")
        # On a numbered board the name is the pin of the chip already.
        is_numbered = wire is not None and wire.number
        pin = f"pin {wire.number}" if wire is not None and is_numbered else f"GPIO{gpio}"
        self.pins.append((y, is_left, pad, pin))

    def supply(self, pad: str, y: float, *, is_left: bool, start: float) -> None:
        """A line from `start` to a pad that is no pin of the chip."""
        edge = CHIP[0] if is_left else CHIP[1]
        self.canvas.line(f"pad {pad}", [(start, y), (edge, y)])
        wire = next((one for one in self.board.circuit.wires if one.pad == pad), None)
        number = f"pin {wire.number}" if wire is not None and wire.number else ""
        self.pins.append((y, is_left, pad, number))

    def wire(self, net: str) -> Wire | None:
        """Return the wire of a net, None where there is none."""
        return next((one for one in self.board.circuit.wires if one.net == net), None)

    def name_pins(self) -> None:
        """Write every pad and pin into the chip's box."""
        for y, is_left, pad, pin in self.pins:
            x, anchor, way = (CHIP[0] + 9, "start", 1) if is_left else (CHIP[1] - 9, "end", -1)
            if pad:
                self.canvas.text((x, y + 5), pad, 16, anchor=anchor, is_bold=True)
                x += way * (text_px(pad, 16, is_bold=True) + 6)
            if pin:
                self.canvas.text((x, y + 5), pin, 15, anchor=anchor, fill=GREY)

    def note(self, at: tuple[float, float], words: str) -> None:
        """A remark in grey."""
        self.canvas.text(at, words, 16, fill=GREY)
