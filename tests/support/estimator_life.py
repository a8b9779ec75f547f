"""An irregular life in epochs, the same on both interpreters (test_estimator_on_both).

Run as a program it prints a digest of each week.
"""

import hashlib
import struct
from binascii import hexlify

from biocore.estimator import SNAPSHOT_BYTES, Estimator

WEEKS = 5
_MONDAY = 29812320  # minutes since 1970


def weeks():
    """Yield each week's flags and, behind them, the snapshot at its end."""
    one = Estimator()
    state = 7
    bed = 1290
    wake = 420
    minute = 720
    for week in range(WEEKS):
        flags = bytearray()
        while minute < 10080 * (week + 1):
            state = (state * 4005 + 12345) & 0xFFFFF
            random = state >> 4
            of_day = minute % 1440
            if of_day == 720:
                bed = 1260 + random % 150
                wake = 380 + random % 130
            asleep = of_day < wake or of_day >= bed
            odd = random % 5 == 0
            if asleep:
                epoch = (10, 5, 300 if odd else 40, 0)
            else:
                quiet = of_day % 170 < 60
                epoch = (
                    random % (140 if quiet else 3000),
                    20 if odd or quiet else 300,
                    300 + random % 6000,
                    65535 if odd else random % (400 + of_day),
                )
            mark = (1, 2, 3, 4)[random % 4] if random % 601 == 0 and not asleep else 0
            clock = random % 8009 != 0
            still = 2000 < minute % 9000 < 2300 and minute % 15 == 0
            utc_min = _MONDAY + minute if clock else 0
            flags += struct.pack("<H", one.step(utc_min, *epoch, still, mark))
            minute += 1
            if random % 4001 == 0:
                minute += random % 700
        end = bytearray(SNAPSHOT_BYTES)
        one.snapshot_into(end, 0)
        yield flags + end


if __name__ == "__main__":
    for part in weeks():
        print(hexlify(hashlib.sha256(bytes(part)).digest()).decode())
