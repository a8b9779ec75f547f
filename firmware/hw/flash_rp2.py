"""The flash port on an RP2040: sector files on LittleFS.

The stock interpreter gives all the flash behind itself to one file system, and makes that anew
where the size is another: there is no room of our own to be had (docs/boards.md).
"""

from hw.flash_files import SectorFiles


def open_flash(size_bytes):
    """`size_bytes` of sector files."""
    return SectorFiles(size_bytes)
