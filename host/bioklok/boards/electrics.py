"""What follows from a board's parts by Ohm's law: currents of an LED, pull-ups of a bus."""

from bioklok.boards.model import Board

HIGH_MV = 3300  # of a pin that drives, and of the bus
# E24, IEC 60063: what a resistor can be bought as, times a power of ten.
_E24_TO_30 = (10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30)
E24 = (*_E24_TO_30, 33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91)
# UM10204, table 10 (rise time by mode, capacitance of a pin) and 7.1 (pull-ups).
_SINK_MA, _LOW_MV = 3, 400
RISE_NS = {100_000: 1000, 400_000: 300}
_RISE = 0.8473  # ln(0.7 / 0.3): from 30 % to 70 %
PIN_PF = 10
BREAKOUT_PF = 10  # assumed: a breakout's level shifter and its copper
WIRE_PF_PER_MM = 0.1  # assumed: thin wires that lie side by side


def led_ma(board: Board) -> dict[str, float]:
    """Return the current of each colour of an RGB LED at full level, in mA, by its resistor.

    Empty for another lamp. Ohm's law: a pin at 3.3 V, the LED's typical forward voltage.
    """
    product = board.circuit.products.get("lamp")
    forward = product.forward_mv if product else {}
    found = {}
    for colour, mv in forward.items():
        ohm = board.value("lamp", f"{colour}_ohm")
        if ohm:
            found[colour] = max(HIGH_MV - mv, 0) / ohm
    return found


def pull_up_ohm(board: Board, bus: str) -> float:
    """Return all pull-ups of a bus side by side, in ohms; 0 where no product on it has any."""
    all_kohm = [
        product.pull_up_kohm
        for role, product in board.circuit.products.items()
        if board.buses.get(role) == bus and product.pull_up_kohm
    ]
    return 1000 / sum(1 / kohm for kohm in all_kohm) if all_kohm else 0.0


def bus_pf(board: Board, bus: str) -> float:
    """Return a bus line's capacitance as modelled: pins (UM10204), breakouts and wire (assumed)."""
    parts = sum(1 for on in board.buses.values() if on == bus)
    wire_mm = board.value(f"i2c_{bus}", "wire_mm")
    return PIN_PF * (1 + parts) + BREAKOUT_PF * parts + WIRE_PF_PER_MM * wire_mm


def pull_up_limits(board: Board, bus: str) -> tuple[float, float]:
    """Return (least, most) ohms of a bus's pull-ups. UM10204 7.1: a chip has to hold the line low
    with 3 mA, and the line has to rise in time."""
    hz = board.value(f"i2c_{bus}", "hz")
    rise_ns = next(ns for top, ns in RISE_NS.items() if hz <= top)
    least = (HIGH_MV - _LOW_MV) / _SINK_MA
    return least, rise_ns * 1000 / (_RISE * bus_pf(board, bus))
