"""What hardware/wiring.toml says, as plain data: chips, boards as sold, parts as sold, wires.

Millivolts, ohms, kilohms and nanofarads as the names say. Nothing is read or checked here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Chip:
    """What a chip's datasheet says about its pins; `arch` is mpy-cross's name for its processor."""

    arch: str
    pins: tuple[int, ...]
    strapping: tuple[int, ...]
    input_only: tuple[int, ...]
    adc: tuple[int, ...]
    adc_max_mv: int
    i2c_buses: int
    i2c_fixed: bool
    wakes_deep: tuple[int, ...]
    no_interrupt: tuple[int, ...]
    pin_max_ma: int


@dataclass(frozen=True)
class Module:
    """A board as it is sold. left, right: pads from above, the USB socket at the top; under: on the
    other side, from the socket down. gpio: pad to pin of the chip. supplies: pad to millivolts.
    cell: pads that a cell's + may be soldered to; cell_by_diode: that it may feed through a diode.
    inside: all of it is in a case; `left` are then the pads of its plug. note: what a drawing
    reminds of."""

    name: str
    title: str
    short: str
    number: str
    chip_name: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    under: tuple[str, ...]
    gpio: Mapping[str, int]
    supplies: Mapping[str, int]
    grounds: tuple[str, ...]
    cell: tuple[str, ...]
    cell_by_diode: tuple[str, ...]
    is_numbered: bool = False
    is_inside: bool = False
    note: str = ""
    note_nl: str = ""

    @property
    def pads(self) -> tuple[str, ...]:
        """Every pad; a name that is printed more than once stands more than once."""
        return (*self.left, *self.right, *self.under)

    def pin_number(self, pad: str, number: int = 0) -> int:
        """Return the number that a numbered board has at a pad: down the left, up the right.

        number: which of several pads of this name. 0 where the board has no numbers.
        """
        if not self.is_numbered:
            return 0
        numbers = [*range(1, len(self.left) + 1)]
        numbers += range(len(self.left) + len(self.right), len(self.left), -1)
        found = [n for n, name in zip(numbers, self.left + self.right, strict=True) if name == pad]
        return number if number in found else found[0]


@dataclass(frozen=True)
class Product:
    """A part as it is sold. pads: in their order, from the left; is_assumed: nobody's drawing says
    that they are. en, nl: what a sentence calls it. nets: which pad is which net of the firmware.
    is_source: its supply pad gives, as a cell does. Empty or 0: it has none."""

    name: str
    part: str
    en: str
    nl: str
    title: str
    title_nl: str
    number: str
    pads: tuple[str, ...]
    is_assumed: bool
    supply: str = ""
    supply_mv: tuple[int, int] = (0, 0)
    ground: str = ""
    sda: str = ""
    scl: str = ""
    pull_up_kohm: int = 0
    address_pad: str = ""
    address_free: int = 0
    forward_mv: Mapping[str, int] = field(default_factory=dict)
    max_ma: int = 0
    nets: Mapping[str, str] = field(default_factory=dict)
    is_source: bool = False


@dataclass(frozen=True)
class End:
    """Where a wire goes: a pad of a part (`role` and `pad`), or one end of a small part (`ref`)."""

    role: str = ""
    pad: str = ""
    ref: str = ""

    @property
    def text(self) -> str:
        """As it is written in wiring.toml."""
        return self.ref or f"{self.role} {self.pad}"


@dataclass(frozen=True)
class Wire:
    """One net and its wire. pad: of the board, or empty; number: which pin of that name, or 0.
    gpio: the pin of the chip there, or -1. through: the small part on the way, or empty."""

    net: str
    pad: str
    number: int
    gpio: int
    colour: str
    bundle: str
    through: str
    ends: tuple[End, ...]


@dataclass(frozen=True)
class SmallPart:
    """A resistor, capacitor or diode. value: in `unit` (Ω, kΩ, nF), or 0 and `text` names it.
    source: where the value stands on the board, "lamp.red_ohm". ring: the net at a diode's ring."""

    ref: str
    value: int
    unit: str
    text: str
    source: str = ""
    ring: str = ""

    @property
    def ohm(self) -> int:
        """Its resistance; 0 for what is no resistor."""
        return self.value * {"Ω": 1, "kΩ": 1000}.get(self.unit, 0)


@dataclass(frozen=True)
class Colour:
    """A wire's colour: its name, in Dutch, and how it is drawn."""

    name: str
    nl: str
    hex: str


@dataclass(frozen=True)
class Circuit:
    """What is soldered or plugged. products: by role ("accelerometer", "cell"). plugs: what goes
    into what without a wire; "module" is the board itself."""

    module: Module
    products: Mapping[str, Product]
    small: Mapping[str, SmallPart]
    wires: tuple[Wire, ...]
    plugs: Mapping[str, str]
    colours: Mapping[str, Colour]


@dataclass(frozen=True)
class Board:
    """One board. `nets`: (role or bus, net, pin, direction) in the order of the file; `values`:
    what a role has besides nets. `electrical`: what only the hardware needs (ohms, millimetres of
    wire, "wakes"), by (role or bus, name). `buses`: which I2C bus a role is on."""

    name: str
    title: str
    chip: Chip
    chip_name: str
    battery_mah: int
    parts: Mapping[str, str]
    circuit: Circuit
    nets: list[tuple[str, str, int, str]] = field(default_factory=list)
    values: list[tuple[str, str, int]] = field(default_factory=list)
    electrical: dict[tuple[str, str], int] = field(default_factory=dict)
    buses: dict[str, str] = field(default_factory=dict)
    wakes: str = ""

    def value(self, role: str, name: str) -> int:
        """Return a number of a role or bus (`i2c_NAME`); 0 where it has none."""
        found = {(owner, key): value for owner, key, value in self.values} | {
            (owner, key.upper()): value for (owner, key), value in self.electrical.items()
        }
        return found.get((role, name.upper()), 0)
