"""What the lamp last said, and why, as far as the host has heard."""

from dataclasses import dataclass

from biocore.lamp import UNKNOWN
from biocore.page import MAX_EPOCHS, records
from biocore.record import EPOCH_FLAGS, EPOCH_S, bits

from bioklok.store import Account, Store

_FLAGS_AT = 5  # place in biocore.record.EPOCH_FIELDS


@dataclass(frozen=True)
class Today:
    """The last minute that was fetched: a state of biocore.lamp, a code of decision.REASONS.

    until_utc_s: the end of that minute; what the lamp shows since then only the wrist knows.
    """

    lamp: int
    reason: int
    until_utc_s: int


def today(store: Store, student: Account) -> Today | None:
    """Return what the lamp last said; None: nothing of this student was fetched yet."""
    extent = store.extent_of(student.id)
    if extent is None:
        return None
    end_utc_s = extent.last_utc_s + EPOCH_S * MAX_EPOCHS
    pages = store.pages_of(student.id, extent.last_utc_s, end_utc_s)
    minutes = [minute for page in pages for minute in records(page)]
    if not minutes:
        return None
    at_utc_s, last = max(minutes, key=lambda one: one[0])
    flags = last[_FLAGS_AT]
    lamp = bits(EPOCH_FLAGS, "lamp", flags)
    reason = bits(EPOCH_FLAGS, "reason", flags)
    return Today(lamp if lamp else UNKNOWN, reason, at_utc_s + EPOCH_S)
