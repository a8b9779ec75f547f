"""The parts of a wiring drawing as blocks with pads: how large, and what each pad is wired to."""

from dataclasses import dataclass

from bioklok.boards.model import Board, Wire

PAD_PX = 26.0


@dataclass
class Pad:
    """A pad of a part: what it is called, its wire (None: stays free) and where."""

    label: str
    wire: Wire | None
    x: float = 0.0
    y: float = 0.0


@dataclass
class Block:
    """A part in the drawing. kind: what is drawn ("accelerometer", "divider", "D1"). is_top: its
    pads are at its lower edge."""

    kind: str
    title: str
    pads: list[Pad]
    wide: float
    high: float
    is_top: bool
    pitch: float = PAD_PX
    hang: float = 0.0  # what hangs below it
    x: float = 0.0
    y: float = 0.0

    def place(self, x: float, y: float) -> None:
        """Put its left upper corner there, and its pads along the edge."""
        self.x, self.y = x, y
        first = x + (self.wide - self.pitch * (len(self.pads) - 1)) / 2
        for n, pad in enumerate(self.pads):
            pad.x = first + n * self.pitch
            pad.y = y + self.high - 12 if self.is_top else y + 12


def make_blocks(board: Board) -> tuple[list[Block], list[Block]]:
    """The parts of the upper and of the lower row."""
    circuit = board.circuit
    sensors = [_part(board, role, is_top=True) for role in ("accelerometer", "light")]
    rest = [role for role in circuit.products if role not in ("accelerometer", "light")]
    below = [_part(board, role) for role in rest if role not in circuit.plugs]
    spare = [] if circuit.module.under else [_part(board, "button", is_top=True)]
    below = [block for block in below if not (spare and block.kind == "button")]
    divider = [one for one in circuit.small.values() if one.source.startswith("battery.")]
    if divider:
        below.insert(len(below) - 1, _divider(board))
    below += [
        _alone(board, one.ref)
        for one in circuit.small.values()
        if one not in divider and not any(wire.through == one.ref for wire in circuit.wires)
    ]
    return [*sensors, *spare], below


def _wire_to(board: Board, text: str) -> Wire | None:
    return next(
        (wire for wire in board.circuit.wires for end in wire.ends if end.text == text), None
    )


_SIZES: dict[str, tuple[float, float, float]] = {
    "button": (116, 126, 52),
    "cell": (150, 132, 62),
    "charger": (132, 82, 52),
}
_WITH_RESISTORS_PX = 78.0


def _part(board: Board, role: str, is_top: bool = False) -> Block:
    """A part as it is sold. Lower parts have room for names beside the resistors on the way."""
    product = board.circuit.products[role]
    pads = [Pad(pad, _wire_to(board, f"{role} {pad}")) for pad in product.pads]
    wide, high, pitch = _SIZES.get(role, (0.0, 150.0, PAD_PX if is_top else 54.0))
    if any(pad.wire is not None and pad.wire.through for pad in pads):
        pitch = _WITH_RESISTORS_PX
    wide = max(wide, pitch * len(pads) + 20)
    hang = 74.0 if role in board.circuit.plugs.values() else 0.0
    return Block(role, product.title, pads, wide, high, is_top, pitch, hang)


def _divider(board: Board) -> Block:
    """R upper, R lower and the capacitor: three points, cell, converter, ground."""
    nets = {wire.net: wire for wire in board.circuit.wires}
    named = {one.source: one.ref for one in board.circuit.small.values()}
    middle = nets["battery adc"]
    outer = [
        next(
            wire
            for wire in nets.values()
            if wire is not middle and any(end.ref == named[f"battery.{which}"] for end in wire.ends)
        )
        for which in ("upper_kohm", "lower_kohm")
    ]
    pads = [Pad("+", outer[0]), Pad("", middle), Pad("GND", outer[1])]
    return Block("divider", "divider", pads, 216, 166, False, 82)


def _alone(board: Board, ref: str) -> Block:
    """A small part between two nets; the ring of a diode is at the left."""
    small = board.circuit.small[ref]
    wires = [wire for wire in board.circuit.wires if any(end.ref == ref for end in wire.ends)]
    wires.sort(key=lambda wire: wire.net != small.ring)
    return Block(ref, f"{ref} {small.text}", [Pad("", wire) for wire in wires], 128, 96, False, 84)
