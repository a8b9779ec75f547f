"""What is on the serial ports of this computer."""

from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from bioklok.errors import BioklokFailure
from bioklok.usb.board import BoardFacts, facts_of
from bioklok.usb.cable import cable_to
from bioklok.usb.ports import Port, found_ports

_ANSWER_S = 3.0


@dataclass(frozen=True)
class Found:
    """A port and what answered on it. note: why nothing is known of it, else empty."""

    port: Port
    facts: BoardFacts | None
    note: str

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON. The digest of the key is nobody's business."""
        board = None
        if self.facts is not None:
            board = asdict(self.facts)
            board["has_key"] = board.pop("key_sha256") is not None
            board["device_id"] = self.facts.device_id
        return {"port": self.port.device, "description": self.port.description, "board": board} | (
            {"note": self.note} if self.note else {}
        )


def look(only: list[str] | None) -> list[Found]:
    """Ask each port that may be a board, or those that are named, who it is."""
    ports = found_ports()
    if not only:
        return [_ask(port) if port.may_be_board else _left_alone(port) for port in ports]
    known = {port.device: port for port in ports}
    return [_ask(known.get(name) or Port(name, "", None)) for name in only]


def table(found: list[Found]) -> Table:
    """Return it for a person."""
    shown = Table("port", "MicroPython", "machine", "device", "Bioklok")
    for one in found:
        facts = one.facts
        if facts is None:
            shown.add_row(
                Text(one.port.device), Text(one.note, "dim"), Text(one.port.description), "", ""
            )
            continue
        shown.add_row(
            Text(one.port.device),
            Text(facts.version),
            Text(facts.machine),
            facts.device_id,
            _ours(facts),
        )
    return shown


def _ours(facts: BoardFacts) -> Text:
    key = "key" if facts.key_sha256 is not None else "no key"
    runs = facts.firmware
    if runs is None:
        return Text(f"no firmware, {key}")
    return Text(f"{runs.version} (build {runs.build}) in slot {facts.running}, {key}")


def _ask(port: Port) -> Found:
    try:
        with cable_to(port.device, is_fresh=False, answer_s=_ANSWER_S) as cable:
            return Found(port, facts_of(cable), "")
    except BioklokFailure as failure:
        return Found(port, None, str(failure))


def _left_alone(port: Port) -> Found:
    return Found(port, None, "not asked: no board that is known (--port asks it)")
