"""The demo: wrists of clearly different kinds go from device to page, through every real part.

`run_demo` is all of it; `bioklok.demo_wrist` is the program of one wrist, a process of its own.
"""

from bioklok.demo.run import run_demo
from bioklok.demo.summary import Summary, Wrist, tables
from bioklok.demo.wrists import RECORDED, VIRTUAL, Plan
from bioklok.demo_wrist import START

__all__ = ["RECORDED", "START", "VIRTUAL", "Plan", "Summary", "Wrist", "run_demo", "tables"]
