"""Actiware's CSV export (Philips Respironics Actiwatch), in English, German or French.

Exports differ by the computer they were made on: encoding, separator, order of day and month, 24
hours or am and pm, decimal comma. A bare table with such a header is read, too. Sleep/Wake is 0
for asleep; the column scores every still minute, in bed or not.
"""

import csv
from zoneinfo import ZoneInfo

from bioklok.recordings.columns import Make, Places, read_table
from bioklok.recordings.moments import Order
from bioklok.recordings.recording import Recording
from bioklok.recordings.text import Text, separator

# Actiware's low threshold at 60 s, with which its nights are found (docs/estimator.md).
STILL_BELOW = 20.0
_MAKE = Make("actiware", awake=1.0, still_below=STILL_BELOW)
_NAMES = {
    "date": ("date", "datum"),
    "time": ("time", "zeit", "heure"),
    "activity": ("activity", "aktivität", "activité"),
    "light": ("white light", "weißes licht", "lumière blanche"),
    "marker": ("marker", "markierung", "marqueur"),
    "asleep": ("sleep/wake", "schlaf/wach", "sommeil/éveil"),
}
_OFF_WRIST = ("off-wrist", "handgelenk", "poignet")
_FURTHEST = 5000  # lines before the table: what was scored, and every marker


def header_at(text: Text) -> int | None:
    """Return the line (from 1) of the epochs' header; None: this is no such file."""
    for line, words in enumerate(text.head(_FURTHEST), 1):
        found = _places(words)
        if found is not None:
            return line
    return None


def read(text: Text, header: int, zone: ZoneInfo, order: Order | None) -> Recording:
    """Read the file whose table begins on that line. Raises BioklokFailure."""
    words = text.line(header)
    places = _places(words)
    assert places is not None  # header_at found it
    return read_table(text, header, separator(words), places, _MAKE, zone=zone, order=order)


def _places(words: str) -> Places | None:
    if words.count(",") + words.count(";") + words.count("\t") < 2:
        return None
    try:
        cells = next(csv.reader([words], delimiter=separator(words)))
    except csv.Error:
        return None
    names = [cell.strip().lower() for cell in cells]
    found: dict[str, int] = {}
    for what, known in _NAMES.items():
        for name in known:
            if name in names:
                found[what] = names.index(name)
    if not {"date", "time", "activity"} <= set(found):
        return None
    for at, name in enumerate(names):
        if any(word in name for word in _OFF_WRIST):
            found["off_wrist"] = at
    return Places(**found)
