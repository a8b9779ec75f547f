"""Runs in the unix MicroPython that plays a board (board_on_cable.py): what a chip has and a
computer has not, then boot.py and main.py as the ports run them. The REPL is MicroPython's own.

Flash is a file; LittleFS on it, mounted as the root, is MicroPython's own. The environment says:
BOARD_FLASH, BOARD_CLOCK  files: the flash; what the clock was set to
BOARD_ID                  the chip's id, in hexadecimal
BOARD_CUT, BOARD_WRITES   in the middle of that write to flash the power goes, 0: never; a file
                          that counts them
BOARD_RAW                 the board restarts in raw REPL: boot.py alone
"""

# ruff: noqa: SIM115, BLE001 - its files stay open as long as the board has power

import os
import sys

import vfs

BLOCK = 4096
BLANK = b"\xff" * BLOCK  # made once: flash takes no part of the heap to erase itself


class Flash:
    """A block device with the extended interface (MicroPython docs, library/vfs)."""

    def __init__(self, path, cut, count):
        self._file = open(path, "r+b")
        self._blocks = os.stat(path)[6] // BLOCK
        self._cut = cut
        self._count = open(count, "wb") if cut else None
        self._writes = 0

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK + offset)
        self._writes += 1
        if self._cut:
            self._count.seek(0)
            self._count.write(str(self._writes))
            self._count.flush()
        if self._writes == self._cut:
            self._file.write(buffer[: len(buffer) // 2])
            self._file.flush()
            os.system("kill -9 $PPID")
        self._file.write(buffer)
        self._file.flush()

    def ioctl(self, operation, argument):
        if operation == 4:
            return self._blocks
        if operation == 5:
            return BLOCK
        if operation == 6:
            self._file.seek(argument * BLOCK)
            self._file.write(BLANK)
            self._file.flush()
        return 0


class Rtc:
    def __init__(self, path):
        self._file = open(path, "ab")

    def datetime(self, when):
        self._file.write(repr(when) + "\n")
        self._file.flush()


class Watchdog:
    """Nobody plays its bite here (tests/firmware/test_watchdog.py does): it says that it is fed."""

    def __init__(self, timeout):
        print("WATCHDOG OF", timeout)

    def feed(self):
        print("FED")


class Timer:
    """Runs once, when it is begun: this port has no timers."""

    PERIODIC = 1

    def __init__(self, number):
        self._number = number

    def init(self, *, period, mode, callback):
        print("TIMER", self._number, "EVERY", period)
        callback(self)


class Machine:
    WDT, Timer = Watchdog, Timer

    def __init__(self, rtc, unique_id):
        self._rtc = rtc
        self._unique_id = unique_id

    def reset(self):
        os.system("kill -15 $PPID")

    def RTC(self):
        return self._rtc

    def unique_id(self):
        return self._unique_id


def run(name):
    try:
        with open(name) as file:
            text = file.read()
    except OSError:
        return
    try:
        exec(text, globals())
    except BaseException as error:
        sys.print_exception(error)


flash = Flash(os.getenv("BOARD_FLASH"), int(os.getenv("BOARD_CUT")), os.getenv("BOARD_WRITES"))
sys.modules["machine"] = Machine(
    Rtc(os.getenv("BOARD_CLOCK")), bytes.fromhex(os.getenv("BOARD_ID"))
)
vfs.umount("/")
vfs.mount(vfs.VfsLfs2(flash), "/")
os.chdir("/")
sys.path[:] = ["", ".frozen"]
print(end="\x1f")  # from here on a Ctrl-C is heard
run("boot.py")
if not os.getenv("BOARD_RAW"):
    run("main.py")
