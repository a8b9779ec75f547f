"""Each wire as a sentence that a person reads, in English and Dutch, put together from the data.

"LIS3DH SDA and VEML7700 SDA to D4 (GPIO6) on the XIAO ESP32C3, blue": what, where, on the way,
colour, in this order in both languages.
"""

from collections.abc import Sequence

from bioklok.boards.model import Board, End, Wire

LANGUAGES = ("en", "nl")
# The words that a sentence is made of: (English, Dutch).
_WORDS = {
    "and": ("and", "en"),
    "to": ("to", "aan"),
    "on the": ("on the", "op de"),
    "through": ("through", "via"),
    "joined": ("joined", "aan elkaar"),
    "ring": ("the ring of", "de ring van"),
    "inside": ("inside, nothing to solder", "binnenin, niets te solderen"),
    "plug": ("through the plug", "via de stekker"),
}
# What a closed board has inside, by its part.
_INSIDE = {
    "push_button": ("button A", "knop A"),
    "st7789": ("screen", "scherm"),
    "lipo_divider": ("divider of the cell", "deler van de accu"),
    "power_hold": ("hold of the supply", "vasthouden van de voeding"),
}
_NETS = {
    "pin": ("", ""),
    "adc": ("", ""),
    "clock": ("clock", "klok"),
    "data": ("data", "data"),
    "select": ("select", "keuze"),
    "command": ("command", "opdracht"),
    "reset": ("reset", "reset"),
    "backlight": ("backlight", "verlichting"),
}


def _word(name: str, language: str) -> str:
    return _WORDS[name][LANGUAGES.index(language)]


def colour_name(board: Board, wire: Wire, language: str) -> str:
    """Return a wire's colour in words."""
    colour = board.circuit.colours[wire.colour]
    return colour.nl if language == "nl" else colour.name


def pad_name(board: Board, wire: Wire) -> str:
    """Return the pad as it is printed, with its number or the chip's pin: "D4 (GPIO6)"."""
    if wire.number:
        return f"{wire.pad} (pin {wire.number})"
    return f"{wire.pad} (GPIO{wire.gpio})" if wire.gpio >= 0 else wire.pad


def end_name(board: Board, wire: Wire, end: End, language: str) -> str:
    """Return where a wire goes, as it is called: "LIS3DH SDA", "R4 (470 kΩ)"."""
    if end.ref:
        small = board.circuit.small[end.ref]
        name = f"{small.ref} ({small.text})"
        return f"{_word('ring', language)} {name}" if small.ring == wire.net else name
    product = board.circuit.products[end.role]
    return f"{product.nl if language == 'nl' else product.en} {end.pad}"


def _listed(names: Sequence[str], language: str) -> str:
    *first, last = names
    return f"{', '.join(first)} {_word('and', language)} {last}" if first else last


def wire_sentence(board: Board, wire: Wire, language: str = "en") -> str:
    """Return the sentence of one wire; language: en or nl."""
    ends = _listed([end_name(board, wire, end, language) for end in wire.ends], language)
    if wire.pad:
        short = board.circuit.module.short
        where = (
            f"{_word('to', language)} {pad_name(board, wire)} {_word('on the', language)} {short}"
        )
    else:
        where = _word("joined", language)
    on_the_way = ""
    if wire.through:
        small = board.circuit.small[wire.through]
        on_the_way = f", {_word('through', language)} {small.ref} ({small.text})"
    return f"{ends} {where}{on_the_way}, {colour_name(board, wire, language)}"


def inside_sentence(board: Board, net: tuple[str, str, int, str], language: str = "en") -> str:
    """Return the sentence of a net (role, name, pin, direction) of a board that is closed."""
    role, name, pin, _ = net
    circuit = board.circuit
    n = LANGUAGES.index(language)
    if role.startswith("i2c_"):
        bus = role.removeprefix("i2c_")
        on_it = [one for one, where in board.buses.items() if where == bus]
        names = [_part_name(board, one, language) for one in on_it]
        what = _listed([f"{part} {name.upper()}" for part in names], language)
        if any(one in circuit.plugs for one in on_it):
            pad = next(pad for pad, gpio in circuit.module.gpio.items() if gpio == pin)
            return f"{what} {_word('to', language)} {pad} (GPIO{pin}), {_word('plug', language)}"
    else:
        inner = _INSIDE.get(board.parts[role], (board.parts[role],) * 2)[n]
        what = f"{inner} {_NETS[name][n]}".rstrip()
    return f"{what} {_word('to', language)} GPIO{pin}, {_word('inside', language)}"


def _part_name(board: Board, role: str, language: str) -> str:
    product = board.circuit.products.get(role)
    if product is None:
        return board.parts[role].upper()
    return product.nl if language == "nl" else product.en
