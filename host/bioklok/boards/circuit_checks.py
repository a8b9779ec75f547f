"""Refuses a circuit that would not work, or that somebody would solder wrongly: one line each."""

from collections import Counter

from bioklok.boards.circuit_ends import check_cell, check_reach, is_at_cell
from bioklok.boards.electrics import (
    E24,
    HIGH_MV,
    RISE_NS,
    bus_pf,
    led_ma,
    pull_up_limits,
    pull_up_ohm,
)
from bioklok.boards.model import Board, Product, Wire
from bioklok.boards.refuse import fail

WAKES = ("deep", "light", "idle")
LED_LEAST_MA = 1.0  # assumed: less of a diffused LED is not seen in a classroom


def check_circuit(board: Board) -> None:
    """Raise BioklokFailure for the first thing that is wrong with a board's parts and wires."""
    _check_button(board)
    if board.circuit.module.is_inside:
        _check_plugs(board)
    else:
        _check_ends(board)
        _check_pads(board)
        check_reach(board)
        _check_colours(board)
        _check_supplies(board)
        check_cell(board)
        _check_addresses(board)
        _check_values(board)
        _check_divider(board)
        _check_leds(board)
        _check_pull_ups(board)


def _check_button(board: Board) -> None:
    pin = next(pin for role, _, pin, _ in board.nets if role == "button")
    if board.wakes not in WAKES:
        fail(board, f", button: wakes has to be {' or '.join(WAKES)}")
    if board.wakes == "deep" and pin not in board.chip.wakes_deep:
        may = ", ".join(str(one) for one in board.chip.wakes_deep)
        fail(board, f", button: pin {pin} cannot end deep sleep: take one of {may}")
    if pin in board.chip.no_interrupt:
        fail(board, f", button: pin {pin} gives false interrupts: take another")


def _check_plugs(board: Board) -> None:
    """Everything is inside: what is plugged in has to reach its pins through the plug."""
    circuit = board.circuit
    if circuit.wires:
        fail(board, f": {circuit.module.title} is closed: it has no wires of ours")
    for role, into in circuit.plugs.items():
        if role not in circuit.products or into != "module":
            fail(board, f", plugs: {role} = {into} is no part that goes into the module")
        bus = f"i2c_{board.buses.get(role, '')}"
        for owner, net, pin, _ in board.nets:
            if owner == bus and pin not in circuit.module.gpio.values():
                fail(board, f", {role}: {net} is GPIO{pin}, which the plug does not bring out")


def _check_ends(board: Board) -> None:
    """Pads exist, a pad of a part is in one wire, a small part has two ends."""
    circuit = board.circuit
    seen: dict[str, str] = {}
    ends: Counter[str] = Counter()
    for wire in circuit.wires:
        where = f", wire {wire.net}"
        if wire.through and wire.through not in circuit.small:
            fail(board, f"{where}: {wire.through} is not among refs")
        ends[wire.through] += 2
        for end in wire.ends:
            if end.ref and end.ref not in circuit.small:
                fail(board, f"{where}: {end.ref} is not among refs, and no pad of a part")
            if end.role and end.role not in circuit.products:
                fail(board, f"{where}: there is no part {end.role} with a product")
            if end.role and end.pad not in circuit.products[end.role].pads:
                title = circuit.products[end.role].title
                fail(board, f"{where}: {title} has no pad {end.pad}")
            if end.role and end.text in seen:
                fail(board, f"{where}: {end.text} is in wire {seen[end.text]} already")
            seen[end.text] = wire.net
            ends[end.ref] += 1
    for ref, small in circuit.small.items():
        if ends[ref] != 2:
            fail(board, f": {ref} has {ends[ref]} of its two ends in a wire")
        at = {wire.net for wire in circuit.wires for end in wire.ends if end.ref == ref}
        if small.ring and small.ring not in at:
            fail(board, f": the ring of {ref} is at {small.ring}, where it has no end")


def _check_pads(board: Board) -> None:
    """Each net of the firmware has its wire, at the pad that is its pin."""
    circuit = board.circuit
    wires = {wire.net: wire for wire in circuit.wires}
    nets = set()
    for role, net, pin, _ in board.nets:
        name = f"{role.removeprefix('i2c_')} {net}"
        nets.add(name)
        if name not in wires:
            fail(board, f": GPIO{pin} ({name}) has no wire: write it under wires")
        pad = wires[name].pad
        if circuit.module.gpio.get(pad) != pin:
            printed = [one for one, gpio in circuit.module.gpio.items() if gpio == pin]
            it_is = f"that is {printed[0]}" if printed else "no pad brings it out"
            fail(board, f", wire {name}: pad {pad} is not GPIO{pin}: {it_is}")
    for wire in circuit.wires:
        if wire.gpio >= 0 and wire.net not in nets:
            fail(board, f", wire {wire.net}: pad {wire.pad} is GPIO{wire.gpio}, used by nothing")


def _check_colours(board: Board) -> None:
    """In one bundle a colour is one net: two wires of a pad are one net."""
    seen: dict[tuple[str, str], Wire] = {}
    for wire in board.circuit.wires:
        if wire.colour not in board.circuit.colours:
            fail(board, f", wire {wire.net}: {wire.colour or 'no colour'} is none of the colours")
        other = seen.setdefault((wire.bundle, wire.colour), wire)
        if other is not wire and not (wire.pad and wire.pad == other.pad):
            fail(board, f", wire {wire.net}: {wire.colour} is wire {other.net} already")


def _check_supplies(board: Board) -> None:
    """Every part has its supply and its ground, and a supply that it can bear."""
    circuit = board.circuit
    at = {end.text: wire for wire in circuit.wires for end in wire.ends if end.role}
    for role, product in circuit.products.items():
        if role in circuit.plugs:
            continue
        for what, pad in (("supply", product.supply), ("ground", product.ground)):
            if pad and f"{role} {pad}" not in at:
                fail(board, f", {role}: its {what} {pad} hangs in the air: put it in a wire")
        ground = at.get(f"{role} {product.ground}")
        if ground is not None and ground.pad not in circuit.module.grounds:
            fail(board, f", {role}: its ground is at {ground.pad or ground.net}, no ground")
        supply = at.get(f"{role} {product.supply}")
        if supply is not None and supply.pad:
            _check_supply(board, role, product, supply)


def _check_supply(board: Board, role: str, product: Product, wire: Wire) -> None:
    mv = board.circuit.module.supplies.get(wire.pad, 0)
    low, high = product.supply_mv
    if not low <= mv <= high:
        fail(
            board,
            f", {role}: {wire.pad} gives {mv} mV, {product.title} wants {low} to {high}",
        )
    if product.pull_up_kohm and mv != HIGH_MV:
        fail(
            board,
            f", {role}: its pull-ups would go to {wire.pad}, {mv} mV: the chip wants {HIGH_MV}",
        )


def _check_addresses(board: Board) -> None:
    """The address is the one that the part has with its address pad as it is wired."""
    at = {end.text for wire in board.circuit.wires for end in wire.ends}
    for role, product in board.circuit.products.items():
        address = board.value(role, "address")
        is_free = f"{role} {product.address_pad}" not in at
        if product.address_free and is_free and address != product.address_free:
            fail(
                board,
                f", {role}: with {product.address_pad} free it answers at"
                f" 0x{product.address_free:02X}: wire {product.address_pad}, or take that",
            )


def _check_values(board: Board) -> None:
    for small in board.circuit.small.values():
        if small.ohm and int(str(small.ohm).rstrip("0").ljust(2, "0")) not in E24:
            fail(board, f": {small.ref} of {small.text} cannot be bought: take one of E24")


def _check_divider(board: Board) -> None:
    """The upper resistor is between cell and converter, the lower and the capacitor to ground."""
    circuit = board.circuit
    for name in ("upper_kohm", "lower_kohm", "filter_nf"):
        if not board.value("battery", name):
            continue
        ref = next((o.ref for o in circuit.small.values() if o.source == f"battery.{name}"), "")
        if not ref:
            fail(board, f", battery: {name} has no name under refs: call it R or C and a number")
        wires = [wire for wire in circuit.wires if any(end.ref == ref for end in wire.ends)]
        others = [wire for wire in wires if wire.net != "battery adc"]
        if len(others) != 1:
            fail(board, f", battery: {ref} ({name}) has to have one end in wire battery adc")
        is_upper = name == "upper_kohm"
        is_ground = others[0].pad in circuit.module.grounds
        if not (is_at_cell(board, others[0]) if is_upper else is_ground):
            where = "at the cell's +" if is_upper else "at ground"
            fail(board, f", battery: the other end of {ref} ({name}) has to be {where}")


def _check_leds(board: Board) -> None:
    product = board.circuit.products.get("lamp")
    if product is None or not product.forward_mv:
        return
    currents = led_ma(board)
    most = min(board.chip.pin_max_ma, product.max_ma or board.chip.pin_max_ma)
    for role, colour, _, _ in board.nets:
        if role != "lamp":
            continue
        if colour not in product.forward_mv:
            fail(board, f", lamp: its LED has no forward_mv of {colour}: give it")
        if colour not in currents:
            fail(board, f", lamp: {colour} has no resistor: give {colour}_ohm")
        wire = next(one for one in board.circuit.wires if one.net == f"lamp {colour}")
        small = board.circuit.small.get(wire.through)
        if small is None or small.source != f"lamp.{colour}_ohm":
            fail(board, f", wire {wire.net}: goes through the resistor that is {colour}_ohm")
        if currents[colour] > most:
            fail(
                board,
                f", lamp: {colour} draws {currents[colour]:.0f} mA, {most} are allowed:"
                " take a larger resistor",
            )
        if currents[colour] < LED_LEAST_MA:
            fail(
                board,
                f", lamp: {colour} draws {currents[colour]:.1f} mA, and is not seen by day:"
                " take a smaller resistor",
            )


def _check_pull_ups(board: Board) -> None:
    for bus in dict.fromkeys(board.buses.values()):
        where = f", bus {bus}"
        hz = board.value(f"i2c_{bus}", "hz")
        if hz > max(RISE_NS):
            fail(board, f"{where}: {hz} Hz is more than {max(RISE_NS)}, the most of these parts")
        if not board.value(f"i2c_{bus}", "wire_mm"):
            fail(board, f"{where}: how long are its wires? give wire_mm")
        ohm = pull_up_ohm(board, bus)
        least, most = pull_up_limits(board, bus)
        if not ohm:
            fail(board, f"{where}: nothing pulls it up: take a breakout with pull_up_kohm")
        if ohm < least:
            fail(board, f"{where}: pull-ups of {ohm:.0f} ohm in all are below {least:.0f}")
        if ohm > most:
            fail(
                board,
                f"{where}: pull-ups of {ohm:.0f} ohm in all, at most {most:.0f} for"
                f" {bus_pf(board, bus):.0f} pF: shorten the wires or go slower",
            )
