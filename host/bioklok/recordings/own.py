"""Our CSV: time,activity,lux,marker[,sleep].

`time` is ISO 8601, with or without a zone (2026-11-16T07:30:00+01:00, 2026-11-16 07:30), or a date
with the day or the month first. `activity` in any unit; empty: not worn. `marker` and `sleep` are
1 or 0; an empty `sleep` is not known.
"""

from zoneinfo import ZoneInfo

from bioklok.recordings.columns import Make, Places, read_table
from bioklok.recordings.moments import Order
from bioklok.recordings.recording import Recording
from bioklok.recordings.text import Text, separator

_MAKE = Make("bioklok csv", awake=0.0, says_nights=True)
_LIGHT = ("lux", "light_lx", "light")


def header_at(text: Text) -> int | None:
    """Return the line (from 1) of the header; None: this is no such file."""
    for line, words in enumerate(text.head(50), 1):
        if not words.strip():
            continue
        names = _names(words)
        return line if "time" in names and "activity" in names and "date" not in names else None
    return None


def read(text: Text, header: int, zone: ZoneInfo, order: Order | None) -> Recording:
    """Read the file whose header stands on that line. Raises BioklokFailure."""
    words = text.line(header)
    names = _names(words)
    places = Places(
        time=names.index("time"),
        activity=names.index("activity"),
        light=next((names.index(name) for name in _LIGHT if name in names), None),
        marker=names.index("marker") if "marker" in names else None,
        asleep=names.index("sleep") if "sleep" in names else None,
    )
    return read_table(text, header, separator(words), places, _MAKE, zone=zone, order=order)


def _names(words: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in words.split(separator(words))]
