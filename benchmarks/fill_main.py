"""Fills a flash image with N days of minutes: `fill_main.py N_DAYS`. Runs under MicroPython.

The board's flash and the app's journal as they are; the minutes are numbers that count.
"""

import sys

from app.journal import Journal
from board import Board

START_UTC_S = 1_767_571_200  # 2026-01-05
MINUTES = int(sys.argv[1]) * 1440


class Minute:
    angle_step_median_cdeg = 2
    angle_step_max_cdeg = 3
    light_mlx = 4
    light_alpha_q18 = 5
    valid_s = 60


board = Board()
journal = Journal(board.flash, board.entropy)
for minute in range(MINUTES):
    Minute.enmo_dmg = minute & 0xFFFF
    journal.append(START_UTC_S + 60 * minute, 60 * minute, Minute, 0, 0)
journal.flush()
print(journal.n_pages)
