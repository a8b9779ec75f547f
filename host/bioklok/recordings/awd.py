"""AWD files of the older Actiwatches (Cambridge Neurotechnology): seven lines, then one an epoch.

Name, date (23-Jan-2018), time, code of the epoch's length, age, serial number, sex. Each epoch is
its counts, then on some models a second value, then M where the button was pressed. The second
value is light on the models whose serial number begins with L, P or D, something else on others.
"""

import re
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from bioklok.errors import BioklokFailure
from bioklok.recordings.actiware import STILL_BELOW
from bioklok.recordings.columns import known_length_s
from bioklok.recordings.moments import Order, Stamps, read_moments
from bioklok.recordings.recording import Recording
from bioklok.recordings.table import BEYOND, Column, is_beyond, short
from bioklok.recordings.text import Text

_HEAD_LINES = 7
_EPOCH_S = {"1": 15, "2": 30, "4": 60, "8": 120, "20": 300}
_MONTHS = (
    *(("jan", "janv"), ("feb", "fév", "fev", "févr"), ("mar", "mär", "mrt", "mars", "mrz")),
    *(("apr", "avr"), ("may", "mai", "mei"), ("jun", "juin"), ("jul", "juil"), ("aug", "aoû")),
    *(("sep", "sept"), ("oct", "okt"), ("nov",), ("dec", "dez", "déc")),
)
_DATE = re.compile(r"(\d{1,2})-([^\W\d]{3,5})\.?-(\d{4})")
_EPOCH = re.compile(r"(\d+)\s*(?:,\s*(\d+(?:\.\d+)?))?\s*(M)?")
_WITH_LIGHT = ("L", "P", "D")


def header_at(text: Text) -> int | None:
    """Return 1 where this is such a file, else None."""
    lines = list(text.head(_HEAD_LINES + 1))
    is_one = (
        len(lines) > _HEAD_LINES
        and _DATE.fullmatch(lines[1].strip()) is not None
        and re.match(r"\d{1,2}:\d{2}", lines[2].strip()) is not None
    )
    return 1 if is_one else None


def read(text: Text, header: int, zone: ZoneInfo, order: Order | None) -> Recording:
    """Read the file; `order` has nothing to say, its dates name the month. Raises BioklokFailure.

    Times are local at the start; the recorder runs on from there whatever the clocks do.
    """
    code = text.lines[3].strip()
    if code not in _EPOCH_S:
        raise text.failure(4, f"{code[:20]!r} is no code of an epoch's length that is known")
    epoch_s = known_length_s(text, _EPOCH_S[code])
    start = Stamps([3], Column.of([_date(text).isoformat()]), Column.of([text.lines[2]]))
    start_utc_s = int(read_moments(text, start, zone, order)[0])
    counts, second, marker = [], [], []
    for line, words in enumerate(text.lines[_HEAD_LINES:], _HEAD_LINES + 1):
        if not words.strip():
            continue
        found = _EPOCH.fullmatch(words.strip())
        if found is None:
            raise text.failure(line, f"{words.strip()[:30]!r} is no epoch")
        for what, cell in (("activity", found[1]), ("light", found[2])):
            if cell and is_beyond(float(cell)):
                raise text.failure(line, f"{what} {short(cell)} {BEYOND}")
        counts.append(float(found[1]))
        second.append(float(found[2]) if found[2] else np.nan)
        marker.append(found[3] is not None)
    if not counts:
        raise BioklokFailure(f"{text.name}: there is no epoch in it")
    # A model without the sensor writes nothing but noughts.
    has_light = text.lines[5].strip()[:1].upper() in _WITH_LIGHT and np.nanmax([*second, 0]) > 0
    n = len(counts)
    return Recording(
        "awd",
        epoch_s,
        start_utc_s + epoch_s * np.arange(n, dtype=np.int64),
        np.array(counts),
        np.array(second) if has_light else np.full(n, np.nan),
        np.zeros(n, bool),
        np.array(marker),
        np.full(n, np.nan),
        still_below=STILL_BELOW,
    )


def _date(text: Text) -> date:
    found = _DATE.fullmatch(text.lines[1].strip())
    if found is not None:
        name = found[2].lower()
        for month, names in enumerate(_MONTHS, 1):
            if name in names:
                try:
                    return date(int(found[3]), month, int(found[1]))
                except ValueError:
                    break
    raise text.failure(2, f"{text.lines[1].strip()[:30]!r} is no date such as 23-Jan-2018")
