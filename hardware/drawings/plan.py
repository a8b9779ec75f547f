"""Where everything lies in a wiring drawing: plain numbers, before anything is drawn.

From top to bottom: the board with the sensors beside it; a level for each net; the other parts. A
wire leaves its pad, runs to its net's level, along it, and from there to the pads it goes to. So no
wire ever lies on another, on any board. All in pixels.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bioklok.boards.circuit import MAIN_BUNDLE
from bioklok.boards.model import Board, Wire

from hardware.drawings.blocks import Block, Pad, make_blocks

WIDE = 1200.0
LABELS_PX = 172.0  # the colours' names, left of the levels
TOP_PX = 112.0
LEVEL_PX = 30.0
LANE_PX = 15.0
MODULE_PAD_PX, NUMBERED_PAD_PX = 32.0, 21.0
_GAP_PX = 26.0
_THROUGH_PX = 92.0  # room for a resistor between the last level and a part
_APART_PX, _DOTS_PX = 12.0, 16.0
_HEAD_PX = 66.0  # from the board's edge to its first pad
_NOTES_PX = 172.0  # names of the lower parts, and four lines of notes
_BUNDLE_PX = 56.0  # for "(cell)" behind a colour


@dataclass(frozen=True)
class Lane:
    """A wire on its way from a pad at the side of the board down to its level."""

    wire: Wire
    pad: tuple[float, float]
    x: float


@dataclass
class Side:
    """One side of the board, or its underside: its pads from the top, its wires' lanes."""

    pads: list[Pad]
    lanes: list[Lane] = field(default_factory=list)


@dataclass
class Plan:
    """A whole drawing. levels: the y of each net, in the order of wiring.toml."""

    board: Board
    blocks: list[Block]
    left: Side
    right: Side
    under: Side
    module: tuple[float, float, float, float]
    underside: tuple[float, float, float, float]
    levels: dict[str, float]
    high: float
    parts_y: float
    labels_px: float

    def members(self, net: str) -> list[tuple[float, float]]:
        """Return where a net's wire leaves its level: (x, y of the other end)."""
        lanes = [
            (lane.x, lane.pad[1])
            for side in (self.left, self.right, self.under)
            for lane in side.lanes
            if lane.wire.net == net
        ]
        pads = [
            (pad.x, pad.y)
            for block in self.blocks
            for pad in block.pads
            if pad.wire is not None and pad.wire.net == net
        ]
        return sorted(lanes + pads)


def make_plan(board: Board) -> Plan:
    """Return where everything of a board lies that is wired (not one that is closed)."""
    module = board.circuit.module
    top, below = make_blocks(board)
    pitch = NUMBERED_PAD_PX if module.is_numbered else MODULE_PAD_PX
    module_high = pitch * max(len(module.left), len(module.right)) + _HEAD_PX + 6
    high = max(module_high, *(block.high for block in top))
    floor = TOP_PX + high
    wide = 222.0 if module.is_numbered else 186.0

    first, second, *others = top
    is_bundled = any(wire.bundle != MAIN_BUNDLE for wire in board.circuit.wires)
    labels_px = LABELS_PX + (_BUNDLE_PX if is_bundled else 0)
    _place_top(first, labels_px, floor)
    left_lanes = _wires_at(board, module.left)
    x = labels_px + first.wide + 22 + LANE_PX * len(left_lanes)
    body = (x, floor - module_high, wide, module_high)
    left = _side(board, module.left, body, pitch, -1)
    right = _side(board, module.right, body, pitch, 1)
    x += wide + 22 + LANE_PX * len(right.lanes) + 14
    for block in (second, *others):
        _place_top(block, x, floor)
        x += block.wide + _GAP_PX
    underside = (x, floor - module_high, 128.0 if module.under else 0.0, module_high)
    under = _underside(board, underside)

    levels_y = floor + 40
    levels = {wire.net: levels_y + n * LEVEL_PX for n, wire in enumerate(board.circuit.wires)}
    is_through = any(wire.through for wire in board.circuit.wires)
    parts_y = levels_y + LEVEL_PX * len(levels) + (_THROUGH_PX if is_through else 16)
    plan = Plan(board, top, left, right, under, body, underside, levels, 0.0, parts_y, labels_px)
    _place_below(plan, below)
    plan.blocks = [*top, *below]
    plan.high = parts_y + max(block.high + block.hang for block in below) + _NOTES_PX
    plan.high += 44.0 if module.note else 0.0
    return plan


def _place_top(block: Block, x: float, floor: float) -> None:
    block.place(x, floor - block.high)


def _wires_at(board: Board, pads: Iterable[str]) -> list[Wire]:
    """The wires that go to one side of the board, in the order of its pads."""
    names = list(pads)
    found = [(names.index(wire.pad), wire) for wire in board.circuit.wires if wire.pad in names]
    return [wire for _, wire in sorted(found, key=lambda one: one[0])]


def _side(
    board: Board,
    names: tuple[str, ...],
    body: tuple[float, float, float, float],
    pitch: float,
    direction: int,
) -> Side:
    """A side of the board. Its upper pads have the outer lanes: so no lane crosses another."""
    x, y, wide, _ = body
    edge = x if direction < 0 else x + wide
    module = board.circuit.module
    side = Side([])
    for n, name in enumerate(names):
        number = n + 1 if direction < 0 else len(module.left) + len(module.right) - n
        wire = next(
            (
                wire
                for wire in board.circuit.wires
                if wire.pad == name and wire.number in (0, number)
            ),
            None,
        )
        side.pads.append(Pad(name, wire, edge - 13 * direction, y + _HEAD_PX + n * pitch))
    used = [pad for pad in side.pads if pad.wire is not None]
    for n, pad in enumerate(used):
        assert pad.wire is not None
        lane_x = edge + direction * (16 + LANE_PX * (len(used) - 1 - n))
        side.lanes.append(Lane(pad.wire, (pad.x, pad.y), lane_x))
    return side


def _underside(board: Board, body: tuple[float, float, float, float]) -> Side:
    """The pads under the board, seen from below: what was left above is right here."""
    x, y, wide, _ = body
    side = Side([])
    lanes = []
    for n, name in enumerate(board.circuit.module.under):
        wires = [wire for wire in board.circuit.wires if wire.pad == name]
        pad = Pad(name, wires[0] if wires else None, x + wide - 20, y + 100 + n * 62)
        side.pads.append(pad)
        lanes += [
            (wire, (pad.x + 14, pad.y + (k - (len(wires) - 1) / 2) * 17))
            for k, wire in enumerate(wires)
        ]
    for n, (wire, at) in enumerate(lanes):
        side.lanes.append(Lane(wire, at, x + wide + 16 + LANE_PX * (len(lanes) - 1 - n)))
    return side


def _place_below(plan: Plan, blocks: list[Block]) -> None:
    """Spread the lower row, each part where no pad of it hangs right under another wire."""
    above = [(x, net) for net in plan.levels for x, _ in plan.members(net)]
    ends = WIDE - 12.0
    spread = (ends - plan.labels_px - sum(block.wide for block in blocks)) / len(blocks)
    least, wanted = plan.labels_px, plan.labels_px
    for n, block in enumerate(blocks):
        rest = sum(one.wide + 8 for one in blocks[n + 1 :])
        most = ends - rest - block.wide
        steps = sorted(
            (least + step for step in range(int(most - least) + 1)),
            key=lambda x, wanted=wanted: abs(x - wanted),  # type: ignore[misc]
        ) or [least]
        best = next((x for x in steps if _is_clear(plan, block, x, above)), steps[0])
        block.place(best, plan.parts_y)
        least = best + block.wide + 8
        wanted = max(wanted + block.wide + spread, least)


def _is_clear(plan: Plan, block: Block, x: float, above: list[tuple[float, str]]) -> bool:
    """Whether no wire from above comes down to or below the level of a pad's net right over it."""
    block.place(x, plan.parts_y)
    return not any(
        pad.wire is not None
        and plan.levels[net] >= plan.levels[pad.wire.net]
        and abs(pad.x - other) < (_DOTS_PX if net == pad.wire.net else _APART_PX)
        for pad in block.pads
        for other, net in above
    )
