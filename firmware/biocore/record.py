"""The epoch record: one minute of one student's life in 16 bytes. The only field table for it.

Format, size, numpy dtype and the table in the docs all come from `EPOCH_FIELDS`.
"""

import struct

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


EPOCH_S = const(60)

# (name, struct code, unit, meaning)
EPOCH_FIELDS = (
    ("enmo_dmg", "H", "0.1 mg", "mean of max(|a| - 1 g, 0) over the minute (van Hees 2013)"),
    (
        "angle_step_median_cdeg",
        "H",
        "0.01 deg",
        "median of the twelve |differences| between successive 5-s angle-z values",
    ),
    (
        "angle_step_max_cdeg",
        "H",
        "0.01 deg",
        "largest |difference| between successive 5-s angle-z values",
    ),
    ("light_mlx", "I", "0.001 lx", "mean light index at the wrist; no light reading: 4294967295"),
    (
        "light_alpha_q18",
        "H",
        "2^-18",
        "mean of alpha = 0.05 sqrt(I / 9500 lx) (Forger 1999); no light reading: 65535",
    ),
    ("flags", "H", "bits", "see EPOCH_FLAGS"),
    ("marks", "B", "bits", "button marks of this minute, see EPOCH_MARKS"),
    ("valid_s", "B", "s", "seconds of this minute that have acceleration samples"),
)

# (name, lowest bit, number of bits, meaning)
EPOCH_FLAGS = (
    ("still_hour", 0, 1, "the 60 minutes up to this one meet the non-wear rule (van Hees 2011)"),
    ("asleep", 1, 1, "the device took the student for asleep"),
    ("clipped", 2, 1, "acceleration reached the end of the sensor's range"),
    ("overrun", 3, 1, "samples were lost before they were read"),
    ("lamp", 4, 2, "lamp state: 0 unknown, 1 focus, 2 easy, 3 pause"),
    ("reason", 6, 4, "why the lamp says so, see decision.REASONS"),
    ("grade_age", 10, 6, "quarters of an hour from the grade in `marks` to this minute"),
)

EPOCH_MARKS = (
    ("sharp", 0, 1, "two presses: I feel sharp"),
    ("tired", 1, 1, "three presses: I feel tired"),
    ("strip", 2, 1, "long press: asks for a strip"),
    ("grade", 3, 3, "told on a page, learnt now: 1 very tired to 5 very sharp; 0: none"),
)

EPOCH_FORMAT = "<" + "".join([field[1] for field in EPOCH_FIELDS])
EPOCH_BYTES = struct.calcsize(EPOCH_FORMAT)

NO_LIGHT_MLX = 4294967295
NO_LIGHT_ALPHA = const(65535)

FLAG_STILL_HOUR = const(1)
FLAG_ASLEEP = const(2)
FLAG_CLIPPED = const(4)
FLAG_OVERRUN = const(8)
FLAG_LAMP_SHIFT = const(4)
FLAG_REASON_SHIFT = const(6)
FLAG_GRADE_AGE_SHIFT = const(10)

MARK_SHARP = const(1)
MARK_TIRED = const(2)
MARK_STRIP = const(4)
MARK_GRADE_SHIFT = const(3)


def flags_of(still_hour, asleep, lamp, reason, grade_age):
    """The flag bits that follow from the estimator."""
    return (
        (FLAG_STILL_HOUR if still_hour else 0)
        | (FLAG_ASLEEP if asleep else 0)
        | lamp << FLAG_LAMP_SHIFT
        | reason << FLAG_REASON_SHIFT
        | grade_age << FLAG_GRADE_AGE_SHIFT
    )


def bits(table, name, value):
    """Read the named bits of `table` (EPOCH_FLAGS or EPOCH_MARKS) out of the integer `value`."""
    for row in table:
        if row[0] == name:
            return (value >> row[1]) & ((1 << row[2]) - 1)
    raise ValueError("no such bits: " + name)
