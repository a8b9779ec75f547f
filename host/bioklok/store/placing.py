"""When a page began: as the device says, else by its uptime, else nobody knows."""

import struct

from biocore.page import H_BOOT_ID, H_START_UTC_S, H_UPTIME_S, HEADER_FORMAT, placed
from biocore.record import EPOCH_S

from bioklok.store.base import PageSource

_NEXT_CENTURY_UTC_S = 4_102_444_800  # 2100-01-01


def with_time(page: bytes, start_utc_s: int) -> bytes:
    """A page as it came, or a copy with the time at which it was placed.

    Its checksum is for whoever reads the page: of a week there are some hundred.
    """
    if not start_utc_s or struct.unpack_from(HEADER_FORMAT, page)[H_START_UTC_S]:
        return page
    return bytes(placed(page, start_utc_s))


def start_of(info: PageSource, head: tuple[int, ...]) -> int:
    """When a page begins; 0 where nobody knows: a clock of the next century is none either."""
    start_utc_s = head[H_START_UTC_S] or _placed_utc_s(info, head)
    return start_utc_s if start_utc_s < _NEXT_CENTURY_UTC_S else 0


def _placed_utc_s(info: PageSource, head: tuple[int, ...]) -> int:
    """When a page without a time begins, by its uptime; 0 where its start is another or unknown."""
    if head[H_BOOT_ID] != info.boot_id or not info.started_utc_s:
        return 0
    utc_s = info.started_utc_s + head[H_UPTIME_S]
    return int((utc_s + EPOCH_S // 2) // EPOCH_S * EPOCH_S)
