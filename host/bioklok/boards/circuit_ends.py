"""Does each wire reach its own pad, and does the cell feed nothing that would burn?"""

from bioklok.boards.model import Board, Wire
from bioklok.boards.refuse import fail


def check_reach(board: Board) -> None:
    """Raise BioklokFailure where a net of the firmware does not end at the pad of its part."""
    reached = {wire.net: {end.text for end in wire.ends} for wire in board.circuit.wires}
    for role, net, _, _ in board.nets:
        name = f"{role.removeprefix('i2c_')} {net}"
        for end in _wanted(board, role, net):
            if end not in reached[name]:
                fail(board, f", wire {name}: does not reach {end}: put it in its `to`")


def _wanted(board: Board, role: str, net: str) -> list[str]:
    products = board.circuit.products
    if role.startswith("i2c_"):
        on_it = [one for one, bus in board.buses.items() if f"i2c_{bus}" == role]
        return [f"{one} {getattr(products[one], net)}" for one in on_it if one in products]
    if role == "battery":  # resistors by their values: circuit_checks.py
        return []
    own = [one for one in products if one == role or one not in board.parts]
    found = [f"{one} {products[one].nets[net]}" for one in own if net in products[one].nets]
    if not found and role in products:
        title = products[role].title
        fail(board, f", {role}: {title} does not say which pad is {role} {net}: give nets")
    return found


def _cell_wires(board: Board) -> list[Wire]:
    """The wires at a + that gives: of a cell, or of the charger that a cell is plugged into."""
    circuit = board.circuit
    plus = {
        f"{role} {product.supply}"
        for role, product in circuit.products.items()
        if product.is_source and role not in circuit.plugs
    }
    return [wire for wire in circuit.wires if plus & {end.text for end in wire.ends}]


def is_at_cell(board: Board, wire: Wire) -> bool:
    """Whether a wire is at the cell's +: the same wire, or the same pad of the board."""
    return any(one is wire or (one.pad and one.pad == wire.pad) for one in _cell_wires(board))


def check_cell(board: Board) -> None:
    """Raise BioklokFailure for a cell that would feed what it must not, or be fed by it.

    A full cell has 4.2 V: at a 3.3 V pad it ends the chip. Beside the USB's 5 V without a diode, or
    with one that is turned round, it is charged without any limit, and burns.
    """
    circuit = board.circuit
    wires = _cell_wires(board)
    if not wires:
        fail(board, ": no part feeds it: which one is the cell's + (source)?")
    for wire in wires:
        if wire.pad and wire.pad not in circuit.module.cell:
            role = next(end.role for end in wire.ends if end.role)
            fail(board, f", {role}: {wire.pad} is no place for a cell: {_places(board)}")
    for ref, small in circuit.small.items():
        ends = [wire for wire in circuit.wires if any(end.ref == ref for end in wire.ends)]
        if small.ring and any(wire in wires for wire in ends):
            _check_diode(board, ref, next(wire for wire in ends if wire.net == small.ring))


def _check_diode(board: Board, ref: str, ring: Wire) -> None:
    if is_at_cell(board, ring):
        fail(board, f": {ref} lets current into the cell: turn it round")
    may = board.circuit.module.cell_by_diode
    if ring.pad not in may:
        fail(board, f": {ref} feeds {ring.pad}: a cell may feed {' or '.join(may) or 'nothing'}")


def _places(board: Board) -> str:
    module = board.circuit.module
    if module.cell:
        return f"take {' or '.join(module.cell)}"
    return f"take a diode to {' or '.join(module.cell_by_diode)}"
