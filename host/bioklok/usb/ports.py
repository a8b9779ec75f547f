"""Which serial ports there are, and which of them may be a board."""

from collections.abc import Sequence
from dataclasses import dataclass

from bioklok.errors import BioklokFailure, NotFound

# USB vendors whose chips sit on boards that run MicroPython. Only these are ever spoken to without
# being named: a stranger's device may take a Ctrl-C for an order.
BOARD_VENDORS = {
    0x0403: "FTDI",
    0x10C4: "Silicon Labs",
    0x1A86: "WCH",
    0x239A: "Adafruit",
    0x2E8A: "Raspberry Pi",
    0x303A: "Espressif",
    0xF055: "MicroPython",
}


@dataclass(frozen=True)
class Port:
    """A serial port. vendor: its USB vendor number, None where it is not on USB."""

    device: str
    description: str
    vendor: int | None

    @property
    def may_be_board(self) -> bool:
        """Whether it may be spoken to without being named."""
        return self.vendor in BOARD_VENDORS


def found_ports() -> list[Port]:
    """Return the serial ports of this computer. Raises NotFound without pyserial."""
    try:
        from serial.tools import list_ports  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        raise NotFound(MISSING) from None
    return sorted(
        (Port(one.device, one.description or "", one.vid) for one in list_ports.comports()),
        key=lambda port: port.device,
    )


MISSING = (
    "a board on a cable needs mpremote and pyserial: "
    "pip install mpremote pyserial, then repeat the command"
)


def chosen(given: str | None, ports: Sequence[Port]) -> str:
    """Return the port to use: the one given, or the only one that may be a board.

    Raises NotFound where there is none, BioklokFailure where there are several.
    """
    if given is not None:
        return given
    boards = [port for port in ports if port.may_be_board]
    if not boards:
        raise NotFound(
            "no board found on a cable: plug one in (some cables only charge), "
            "or name its port with --port"
        )
    if len(boards) > 1:
        names = ", ".join(f"{port.device} ({port.description})" for port in boards)
        raise BioklokFailure(f"several boards are on cables, say which with --port: {names}")
    return boards[0].device
