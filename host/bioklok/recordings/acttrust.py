"""ActTrust's text report (Condor Instruments): `DATE/TIME;...;PIM;...;LIGHT;...;STATE`.

Activity is PIM (proportional integral mode) as recorded; STATE 4 is off the wrist.
"""

from zoneinfo import ZoneInfo

from bioklok.recordings.columns import Make, Places, read_table
from bioklok.recordings.moments import Order
from bioklok.recordings.recording import Recording
from bioklok.recordings.text import Text

_MAKE = Make("acttrust", off_wrist=4.0)
_FURTHEST = 200
_APART = ";"


def header_at(text: Text) -> int | None:
    """Return the line (from 1) of the header; None: this is no such file."""
    for line, words in enumerate(text.head(_FURTHEST), 1):
        names = _names(words)
        if names[0] == "DATE/TIME" and "PIM" in names:
            return line
    return None


def read(text: Text, header: int, zone: ZoneInfo, order: Order | None) -> Recording:
    """Read the file whose header stands on that line. Raises BioklokFailure."""
    names = _names(text.line(header))

    def place(name: str) -> int | None:
        return names.index(name) if name in names else None

    places = Places(
        time=0,
        activity=names.index("PIM"),
        light=place("LIGHT"),
        marker=place("EVENT"),
        off_wrist=place("STATE"),
    )
    return read_table(text, header, _APART, places, _MAKE, zone=zone, order=order)


def _names(words: str) -> list[str]:
    return [cell.strip() for cell in words.split(_APART)]
