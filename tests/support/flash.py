"""Reads a simulated device's flash image from outside: its valid pages in order."""

from pathlib import Path

from biocore import page
from bioklok.simulator.image import SIZE_BYTES


def pages_of(flash: Path) -> list[bytes]:
    data = flash.read_bytes()[:SIZE_BYTES]
    pages = [data[at : at + page.PAGE_BYTES] for at in range(0, SIZE_BYTES, page.PAGE_BYTES)]
    whole = [p for p in pages if page.check(p) == page.VALID]
    return sorted(whole, key=lambda p: page.header(p)[page.H_SEQUENCE])
