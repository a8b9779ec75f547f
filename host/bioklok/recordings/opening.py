"""Which kind of file it is, found from what stands in it."""

from pathlib import Path
from zoneinfo import ZoneInfo

from bioklok.errors import BioklokFailure
from bioklok.recordings import actiware, acttrust, awd, own
from bioklok.recordings.moments import Order
from bioklok.recordings.recording import Recording
from bioklok.recordings.text import Text, read_text

# The strictest first.
_READERS = (own, acttrust, awd, actiware)


def open_recording(path: Path, zone: ZoneInfo, order: Order | None = None) -> Recording:
    """Read a recording: our CSV, Actiware's CSV, ActTrust's text or AWD; gzipped or not.

    zone: of times that name none. order: of day and month where the data leaves it open. Raises
    BioklokFailure, with the line where there is one to name.
    """
    return recording_of(read_text(path), zone, order)


def recording_of(text: Text, zone: ZoneInfo, order: Order | None = None) -> Recording:
    """Read a recording from its text; see `open_recording`."""
    for reader in _READERS:
        header = reader.header_at(text)
        if header is not None:
            found: Recording = reader.read(text, header, zone, order)
            return found
    raise BioklokFailure(
        f"{text.name} is no recording that is known: our CSV (time,activity,lux,marker[,sleep]), "
        "an Actiware CSV, an ActTrust report or an AWD file"
    )
