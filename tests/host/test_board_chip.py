"""The board on a cable of the tests is interrupted where that leaves its heap whole."""

import os

from support.board_on_cable import PROMPT, BoardOnCable

# Alone with its heap for a second and a half, then at rest: what it prints says how far it came.
PROGRAM = b"""\
from time import *
print("at", "work")
start = ticks_ms()
while ticks_diff(ticks_ms(), start) < 1500: [str(n) for n in range(50)]
print("rested")
while True: sleep_ms(1)
"""


def test_ctrl_c_waits_until_a_busy_program_rests(tmp_path):
    with BoardOnCable(tmp_path) as board:
        at = board.wait_for(PROMPT)
        cable = os.open(board.port, os.O_RDWR | os.O_NOCTTY)
        try:
            os.write(cable, b"exec(" + repr(PROGRAM.decode()).encode() + b")\r")
            at = board.wait_for(b"\r\nat work", at)
            os.write(cable, b"\x03")
            at = board.wait_for(b"KeyboardInterrupt", at)
            board.wait_for(PROMPT, at)
        finally:
            os.close(cable)
        assert b"rested" in board.said
