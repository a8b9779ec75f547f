"""Runs on the board, never here: `cable.py` sends this file's text once, then calls its functions.

MicroPython 1.23 or newer, no firmware of ours needed. Names are relative to the root of the board's
file system. Each call answers with one line: MARK, then JSON.
"""

# ruff: noqa: T201, PLC0415, PLW0603 - printing is how it answers; a chip may lack a module

import binascii
import gc
import hashlib
import json
import os
import sys
from typing import Any

MARK = "\x1e"  # no program prints it
ENOENT = 2
FOLDER = 0x4000  # of a mode, as in stat
WATCHDOG_MS = 8000  # as in firmware/hw/watchdog.py
FEED_MS = 2000
_out: Any = None
_feeder: Any = None


def answer(value: Any) -> None:
    """Say what a call came to."""
    print(MARK + json.dumps(value))


def digest(path: str) -> "str | None":
    """Return the SHA-256 of a file as it is on flash, in hexadecimal; None: it is not there."""
    found = hashlib.sha256()
    buffer = bytearray(512)
    view = memoryview(buffer)
    try:
        with open(path, "rb") as file:
            while True:
                n = file.readinto(buffer)
                if not n:
                    break
                found.update(view[:n])
    except OSError as error:
        if error.errno != ENOENT:
            raise
        return None
    return binascii.hexlify(found.digest()).decode()


def digests(paths: "list[str]") -> "list[str | None]":
    """Return the digest of each file."""
    return [digest(path) for path in paths]


def files(folder: str) -> "list[str]":
    """Return the paths of all files below a folder; none where it is not there."""
    found = []
    try:
        entries = list(os.ilistdir(folder))  # type: ignore[attr-defined]
    except OSError as error:
        if error.errno != ENOENT:
            raise
        return []
    for entry in entries:
        path = folder + "/" + entry[0]
        if entry[1] == FOLDER:
            found += files(path)
        else:
            found.append(path)
    return found


def begin(path: str) -> None:
    """Open a file to be written, and make the folders it stands in."""
    global _out
    parts = path.split("/")
    for n in range(1, len(parts)):
        try:
            os.mkdir("/".join(parts[:n]))
        except OSError as error:
            if error.errno != 17:  # EEXIST
                raise
    _out = open(path, "wb")  # noqa: SIM115 - `end` closes it


def add(text: bytes) -> None:
    """Write on: base64."""
    _out.write(binascii.a2b_base64(text))


def end(path: str) -> "str | None":
    """Close the file and return the digest of what is on flash now."""
    _out.close()
    return digest(path)


def read(path: str) -> "str | None":
    """Return a small file as base64; None: it is not there."""
    try:
        with open(path, "rb") as file:
            return binascii.b2a_base64(file.read()).decode().strip()
    except OSError as error:
        if error.errno != ENOENT:
            raise
        return None


def remove(path: str) -> None:
    """Remove a file; it need not be there."""
    try:
        os.remove(path)
    except OSError as error:
        if error.errno != ENOENT:
            raise


def rename(path: str, to: str) -> None:
    """Give a file another name, in place of what had it: one step on LittleFS."""
    os.rename(path, to)


def loaded(path: str) -> Any:
    """Return what a JSON file holds; None: not there, or no JSON."""
    gc.collect()
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError, MemoryError):
        return None


def manifest_of(slot: str) -> Any:
    """Return board, version and build of a slot; None: nothing whole is in it."""
    found = loaded(slot + "/manifest.json")
    if not isinstance(found, dict):
        return None
    return {name: found.get(name) for name in ("board", "version", "build")}


def facts() -> Any:
    """Return who this board is and what stands on it. Of the key only its SHA-256."""
    import machine  # type: ignore[import-not-found]

    space = os.statvfs("/")
    about: Any = sys.implementation
    return {
        "name": about[0],
        "version": ".".join([str(part) for part in about[1][:3]]),
        "machine": getattr(about, "_machine", sys.platform),
        "mpy": getattr(about, "_mpy", 0),
        "unique_id": binascii.hexlify(machine.unique_id()).decode(),
        "free_bytes": space[0] * space[3],
        "key_sha256": digest("key"),
        "slot": loaded("slot.json"),
        "slots": {"a": manifest_of("a"), "b": manifest_of("b")},
    }


def keep_awake() -> None:
    """Feed the board's watchdog as long as the conversation lasts.

    A soft reset stops every timer and not the watchdog of the program that ran before it: nobody
    fed would it bite in the middle of a deploy. Where no firmware of ours is, nobody began one.
    """
    global _feeder
    import machine

    if loaded("slot.json") is None or not (hasattr(machine, "WDT") and hasattr(machine, "Timer")):
        return
    watchdog = machine.WDT(timeout=WATCHDOG_MS)
    _feeder = machine.Timer(0 if sys.platform == "esp32" else -1)  # an RP2040 has no numbers
    _feeder.init(
        period=FEED_MS, mode=machine.Timer.PERIODIC, callback=lambda timer: watchdog.feed()
    )


def forgive() -> None:
    """Begin to count anew how often the running slot was tried: a start by cable is no failure."""
    state = loaded("slot.json")
    if isinstance(state, dict) and not state.get("good") and state.get("tries"):
        state["tries"] = 0
        with open("slot.json.new", "w") as file:
            json.dump(state, file)
        os.rename("slot.json.new", "slot.json")


def set_clock(when: "list[int]") -> bool:
    """Set the clock: year, month, day, weekday (0: Monday), hour, minute, second, 0; UTC.

    False: this board has none that lasts.
    """
    import machine

    if not hasattr(machine, "RTC"):
        return False
    machine.RTC().datetime(tuple(when))
    return True


def use(slot: str) -> None:
    """Put a slot on the module path, as boot.py does."""
    if slot not in sys.path:
        sys.path.insert(0, slot)


def self_test(slot: str) -> Any:
    """Return what the firmware finds of itself: name -> "ok" or what is wrong; None: it has no
    self-test."""
    use(slot)
    try:
        from app.selftest import run
    except ImportError as error:
        if "app.selftest" not in str(error) and "'app'" not in str(error):
            raise
        return None
    from board import Board  # type: ignore[import-not-found]

    return run(Board())


def erase_journal(slot: str) -> int:
    """Erase the journal's flash through the board's own port `flash`; return its size in bytes, 0
    where the board has none.

    Says how far it is: a line of done and total in bytes, for each sector.
    """
    use(slot)
    from board import Board

    flash = getattr(Board(), "flash", None)
    if flash is None:
        return 0
    for address in range(0, flash.size_bytes, flash.sector_bytes):
        flash.erase(address)
        print(address + flash.sector_bytes, flash.size_bytes)
    return int(flash.size_bytes)
