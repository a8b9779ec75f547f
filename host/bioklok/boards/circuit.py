"""Reads the parts of hardware/wiring.toml that are soldered or plugged: boards and parts as they
are sold, small parts, wires, colours. What they come to is checked in circuit_checks.py."""

from collections.abc import Mapping
from typing import Any

from bioklok.boards.model import Circuit, Colour, End, Module, Product, SmallPart, Wire
from bioklok.errors import BioklokFailure

ORDERS = ("maker", "assumed")
_UNITS = {"ohm": "Ω", "kohm": "kΩ", "nf": "nF"}
MAIN_BUNDLE = "all"


def read_modules(tables: Mapping[str, Any], chips: Mapping[str, Any]) -> dict[str, Module]:
    """Return boards as they are sold, by name. BioklokFailure for what cannot be one."""
    return {name: _module(name, table, chips) for name, table in tables.items()}


def read_products(tables: Mapping[str, Any]) -> dict[str, Product]:
    """Return parts as they are sold, by name. BioklokFailure for what cannot be one."""
    return {name: _product(name, table) for name, table in tables.items()}


def read_colours(tables: Mapping[str, Any]) -> dict[str, Colour]:
    """Return wire colours by name. BioklokFailure for one without a Dutch name or a colour."""
    colours = {}
    for name, table in tables.items():
        try:
            colours[name] = Colour(name, str(table["nl"]), str(table["hex"]))
        except (KeyError, TypeError) as failure:
            raise BioklokFailure(f"colour {name}: {failure} is missing: give nl and hex") from None
    return colours


def _module(name: str, table: Mapping[str, Any], chips: Mapping[str, Any]) -> Module:
    where = f"module {name}"
    try:
        module = Module(
            name=name,
            title=str(table["title"]),
            short=str(table["short"]),
            number=str(table["number"]),
            chip_name=str(table["chip"]),
            left=tuple(table["left"]),
            right=tuple(table["right"]),
            under=tuple(table["under"]),
            gpio=dict(table["gpio"]),
            supplies=dict(table["supplies"]),
            grounds=tuple(table["grounds"]),
            cell=tuple(table.get("cell", ())),
            cell_by_diode=tuple(table.get("cell_by_diode", ())),
            is_numbered=bool(table.get("numbered", False)),
            is_inside=bool(table.get("inside", False)),
            note=str(table.get("note", {}).get("en", "")),
            note_nl=str(table.get("note", {}).get("nl", "")),
        )
    except (KeyError, TypeError, ValueError) as failure:
        raise BioklokFailure(f"{where}: {failure} is missing or of another kind") from failure
    if module.chip_name not in chips:
        raise BioklokFailure(f"{where}: chip {module.chip_name} is none of {', '.join(chips)}")
    named = (*module.gpio, *module.supplies, *module.grounds, *module.cell, *module.cell_by_diode)
    for pad in named:
        if pad not in module.pads:
            raise BioklokFailure(f"{where}: pad {pad} is not among those that are printed on it")
    at: dict[int, str] = {}
    for pad, pin in module.gpio.items():
        if pin in at:
            raise BioklokFailure(f"{where}: GPIO{pin} is at {at[pin]} and at {pad}: at one of them")
        if pin not in chips[module.chip_name].pins:
            raise BioklokFailure(f"{where}: pad {pad}: {module.chip_name} has no free pin {pin}")
        at[pin] = pad
    return module


def _product(name: str, table: Mapping[str, Any]) -> Product:
    where = f"product {name}"
    try:
        low, high = table.get("supply_mv", (0, 0))
        product = Product(
            name=name,
            part=str(table["part"]),
            en=str(table["name"]["en"]),
            nl=str(table["name"]["nl"]),
            title=str(table["title"]),
            title_nl=str(table.get("title_nl", table["title"])),
            number=str(table.get("number", "")),
            pads=tuple(table["pads"]),
            is_assumed=table["order"] == "assumed",
            supply=str(table.get("supply", "")),
            supply_mv=(int(low), int(high)),
            ground=str(table.get("ground", "")),
            sda=str(table.get("sda", "")),
            scl=str(table.get("scl", "")),
            pull_up_kohm=int(table.get("pull_up_kohm", 0)),
            address_pad=str(table.get("address_pad", "")),
            address_free=int(table.get("address_free", 0)),
            forward_mv=dict(table.get("forward_mv", {})),
            max_ma=int(table.get("max_ma", 0)),
            nets=dict(table.get("nets", {})),
            is_source=bool(table.get("source", False)),
        )
    except (KeyError, TypeError, ValueError) as failure:
        raise BioklokFailure(f"{where}: {failure} is missing or of another kind") from failure
    if table["order"] not in ORDERS:
        raise BioklokFailure(f"{where}: order has to be {' or '.join(ORDERS)}")
    named = (product.supply, product.ground, product.sda, product.scl, product.address_pad)
    for pad in (*named, *product.nets.values()):
        if pad and pad not in product.pads:
            raise BioklokFailure(f"{where}: pad {pad} is not among its pads")
    return product


def read_circuit(
    where: str,
    table: Mapping[str, Any],
    known: tuple[Mapping[str, Module], Mapping[str, Product], Mapping[str, Colour]],
) -> Circuit:
    """Return what is soldered on one board. known: modules, products, colours.

    BioklokFailure for a name that is none of them, or a wire that is not written as one.
    """
    modules, products, colours = known
    module = modules.get(str(table.get("module")))
    if module is None:
        raise BioklokFailure(
            f"{where}: module {table.get('module')} is none of {', '.join(modules)}"
        )
    named = {
        role: str(given["product"])
        for role, given in table.items()
        if isinstance(given, dict) and "product" in given
    } | {role: str(product) for role, product in table.get("others", {}).items()}
    for role, product in named.items():
        if product not in products:
            raise BioklokFailure(
                f"{where}, {role}: product {product} is none of {', '.join(products)}"
            )
    small = {ref: _small(where, ref, value, table) for ref, value in table.get("refs", {}).items()}
    wires = tuple(
        _wire(f"{where}, wire {net}", net, given, module)
        for net, given in table.get("wires", {}).items()
    )
    plugs = {str(what): str(into) for what, into in table.get("plugs", {}).items()}
    return Circuit(
        module=module,
        products={role: products[product] for role, product in named.items()},
        small=small,
        wires=wires,
        plugs=plugs,
        colours=colours,
    )


def _small(where: str, ref: str, value: object, table: Mapping[str, Any]) -> SmallPart:
    if ref[:1] == "D":
        if not isinstance(value, dict) or set(value) != {"part", "ring"}:
            raise BioklokFailure(f"{where}: {ref} wants its part and the net at its ring")
        return SmallPart(ref, 0, "", str(value["part"]), ring=str(value["ring"]))
    text = str(value)
    role, _, name = text.partition(".")
    unit = _UNITS.get(name.rpartition("_")[2], "")
    given = table.get(role)
    number = given.get(name) if isinstance(given, dict) else None
    if not unit or not isinstance(number, int):
        raise BioklokFailure(f"{where}: {ref} = {text} names no value: say ROLE.NAME of this board")
    return SmallPart(ref, number, unit, f"{number} {unit}", text)


def _wire(where: str, net: str, given: object, module: Module) -> Wire:
    if not isinstance(given, dict) or not isinstance(given.get("to"), list) or not given["to"]:
        raise BioklokFailure(f"{where}: say to which pads it goes: to = [...]")
    if strange := sorted(set(given) - {"pad", "pin", "colour", "bundle", "through", "to"}):
        raise BioklokFailure(f"{where}: {strange[0]} means nothing here: take it out")
    pad = str(given.get("pad", ""))
    if pad and pad not in module.pads:
        raise BioklokFailure(f"{where}: {module.title} has no pad {pad}")
    number = module.pin_number(pad, int(given.get("pin", 0))) if pad else 0
    if "pin" in given and number != given["pin"]:
        raise BioklokFailure(f"{where}: pin {given['pin']} of {module.title} is not {pad}")
    ends = []
    for text in given["to"]:
        role, _, at = str(text).partition(" ")
        ends.append(End(role=role, pad=at) if at else End(ref=role))
    return Wire(
        net=net,
        pad=pad,
        number=number,
        gpio=module.gpio.get(pad, -1),
        colour=str(given.get("colour", "")),
        bundle=str(given.get("bundle", MAIN_BUNDLE)),
        through=str(given.get("through", "")),
        ends=tuple(ends),
    )
