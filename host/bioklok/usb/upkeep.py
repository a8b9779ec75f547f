"""Looks after a board: its self-test, its faults, and taking all that is somebody's off it."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from bioklok.errors import BioklokFailure
from bioklok.usb import board
from bioklok.usb.answers import BoardFailure, unreadable, word
from bioklok.usb.cable import Cable
from bioklok.usb.deploy import KEY, SEAL
from bioklok.usb.provision import SETTINGS

FAULTS = "faults.json"
OK = "ok"
_SELF_TEST_S = 60.0
_ERASE_S = 30.0  # without a word: a sector takes well under a second

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Wiped:
    """What a wipe took away. journal_bytes: None where no firmware was there to erase it."""

    device_id: str
    journal_bytes: int | None


def self_test(cable: Cable) -> dict[str, str]:
    """Return what the firmware finds of itself: name -> "ok" or what is wrong.

    Raises BioklokFailure where there is no firmware, or it has no self-test.
    """
    slot = _running(cable)
    found = cable.call("self_test", slot, timeout_s=_SELF_TEST_S)
    if found is None:
        raise BioklokFailure(
            "this firmware has no self-test: deploy a newer one with 'bioklok device deploy'"
        )
    if not isinstance(found, dict) or not found:
        raise BioklokFailure("the self-test of this firmware says nothing: deploy another")
    return {word(name): word(text) for name, text in found.items()}


def faults(cable: Cable) -> dict[str, object] | None:
    """Return the counters and faults the board keeps; None: it keeps none."""
    text = board.read(cable, FAULTS)
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BioklokFailure(f"{FAULTS} on the board cannot be read: it is made anew after a wipe")
    return found


def wipe(cable: Cable, report: Report) -> Wiped:
    """Take journal, settings, faults and key off a board; interpreter and firmware stay.

    The journal first and the key last: cut short, the board is still closed to strangers, and the
    same command does the rest. report: done and total, bytes of the journal.
    """
    facts = board.facts_of(cable)
    erased = None
    if facts.running is not None:
        erased = erase_journal(cable, facts.running, report)
    for name in (SETTINGS, FAULTS):
        board.remove(cable, name)
        board.remove(cable, f"{name}.new")
    for slot in board.SLOTS:
        board.remove(cable, f"{slot}/{SEAL}")
    board.remove(cable, f"{KEY}.new")
    board.remove(cable, KEY)
    return Wiped(facts.device_id, erased)


def erase_journal(cable: Cable, slot: str, report: Report) -> int:
    """Have the firmware in `slot` erase the journal's flash through its board's port `flash`;
    return its size in bytes, 0 where that board has no journal yet. Raises BioklokFailure where the
    firmware cannot."""

    def on_line(line: str) -> None:
        parts = line.split()
        if len(parts) == 2 and all(part.isdigit() for part in parts):
            report(int(parts[0]), int(parts[1]))

    try:
        return int(cable.call("erase_journal", slot, timeout_s=_ERASE_S, on_line=on_line))
    except BoardFailure as failure:
        raise BioklokFailure(
            f"the firmware could not erase the journal ({failure.kind}), so nothing was wiped: "
            "deploy one that runs, then wipe again"
        ) from None
    except (TypeError, ValueError):
        raise unreadable(cable.port) from None


def _running(cable: Cable) -> str:
    slot = board.facts_of(cable).running
    if slot is None:
        raise BioklokFailure(
            "this board has no firmware yet: 'bioklok device deploy' puts it there"
        )
    return slot
