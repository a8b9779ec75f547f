"""Puts a MicroPython on a board: by the user's own esptool, or by copying a .uf2 to its drive.

esptool is under the GPL: it is not part of this project, which calls it as a program of the user's.
"""

import os
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

from bioklok.errors import BioklokFailure, NotFound

Report = Callable[[int, int], None]

# Where the image begins in flash (MicroPython's install page of each board).
ESP_OFFSETS = {"esp32": 0x1000, "esp32s2": 0x1000, "esp32s3": 0, "esp32c3": 0, "esp32c6": 0}
_ESP_MAGIC = 0xE9  # ESP-IDF, Firmware Image Format: the first byte
_UF2_MAGIC = b"UF2\n\x57\x51\x5d\x9e"  # microsoft/uf2, README: the first two words
_UF2_BLOCK = 512
_UF2_FAMILY_AT = 28
_FAMILIES = {0xE48BFF56: "RP2040", 0xE48BFF59: "RP2350"}  # microsoft/uf2, uf2families.json
_DRIVES = {"RPI-RP2": "RP2040", "RP2350": "RP2350"}  # Board-ID in INFO_UF2.TXT
_STEP_BYTES = 64 * _UF2_BLOCK


def flash_esp(image: Path, chip: str, port: str, *, erase: bool) -> None:
    """Write an image to an ESP32 with the user's esptool, whose own words go to the terminal.

    erase: all of the flash first, the file system with it. Raises NotFound without an esptool,
    BioklokFailure where the file is no image or esptool fails.
    """
    _check_image(image)
    tool = shutil.which("esptool") or shutil.which("esptool.py")
    if tool is None:
        raise NotFound(
            "an ESP32 is flashed with esptool, which is not installed here: "
            "pipx install esptool, then repeat the command"
        )
    reach = [tool, "--chip", chip, "--port", port]
    # With underscores: version 4 knows no other spelling, version 5 takes both.
    if erase:
        _run([*reach, "erase_flash"])
    _run([*reach, "--baud", "460800", "write_flash", hex(ESP_OFFSETS[chip]), str(image)])


def flash_drive(image: Path, drive: Path, report: Report) -> None:
    """Copy a .uf2 to the drive that an RP2040 or RP2350 shows in its boot loader.

    report: done and total, bytes. Raises BioklokFailure where either is not what it should be.
    """
    chip = _chip_of(drive)
    data = _read(image)
    if not data.startswith(_UF2_MAGIC) or len(data) % _UF2_BLOCK:
        raise BioklokFailure(f"{image.name} is no .uf2: take the one for this board")
    (family,) = struct.unpack_from("<I", data, _UF2_FAMILY_AT)
    if _FAMILIES.get(family, chip) != chip:
        raise BioklokFailure(
            f"{image.name} is for an {_FAMILIES[family]}, the board on {drive} is an {chip}"
        )
    done = 0
    try:
        with open(drive / "firmware.uf2", "wb", buffering=0) as file:
            while done < len(data):
                done += file.write(data[done : done + _STEP_BYTES])
                report(done, len(data))
            os.fsync(file.fileno())
    except OSError as error:
        # The drive goes as soon as the board has all: it may not live to confirm the last of it.
        if done < len(data):
            raise BioklokFailure(
                f"the copy to {drive} ended early ({error.strerror}): hold BOOTSEL while you plug "
                "the board in, and repeat the command"
            ) from None


def _chip_of(drive: Path) -> str:
    try:
        text = (drive / "INFO_UF2.TXT").read_text(encoding="ascii", errors="replace")
    except OSError:
        raise NotFound(
            f"{drive} is not a board's drive: hold BOOTSEL while you plug the board in, "
            "and name the drive that appears"
        ) from None
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == "Board-ID" and value.strip() in _DRIVES:
            return _DRIVES[value.strip()]
    raise BioklokFailure(f"the board on {drive} is neither an RP2040 nor an RP2350")


def _check_image(image: Path) -> None:
    if _read(image)[:1] != bytes([_ESP_MAGIC]):
        raise BioklokFailure(
            f"{image.name} is no image for an ESP32: take the .bin of this board, "
            "from micropython.org/download"
        )


def _read(image: Path) -> bytes:
    try:
        return image.read_bytes()
    except OSError as error:
        raise NotFound(f"cannot read {image}: {error.strerror}") from None


def _run(command: list[str]) -> None:
    # Its words are messages: stdout is for data.
    if subprocess.run(command, stdout=2, check=False).returncode != 0:
        raise BioklokFailure(
            "esptool failed, see above: hold BOOT while you press RESET, let go, and repeat"
        )
