"""`python -m hardware.power`: measure the duty of a week anew (minutes), into duty.json."""

import sys

from hardware.power.measure import write_duty

sys.stderr.write("Two weeks and a session are being simulated; this takes minutes ...\n")
write_duty()
sys.stderr.write("duty.json is new: make gen redraws the tables.\n")
