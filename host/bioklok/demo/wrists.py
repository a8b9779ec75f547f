"""Whose wrists the demo has: what happens to each, and whose it is at home and at school."""

from dataclasses import dataclass
from pathlib import Path

from bioklok import demo_school
from bioklok.demo_recording import ZONE
from bioklok.demo_wrist import Life

VIRTUAL = "demo"
RECORDED = "recording"
# Who hardly wears it does not charge it either: then the battery is empty.
_MOST_DAYS = {"hardly wears it": 4}


@dataclass(frozen=True)
class Plan:
    """One wrist.

    label    in the terminal
    image    name of its flash image in the demo's folder
    wearer   whose device it is at the school
    life     what happens to it
    student  whose it is at home; empty: nobody's there
    """

    label: str
    image: str
    wearer: str
    life: Life
    student: str = ""


def plans(days: int, recording: Path | None) -> list[Plan]:
    """Return all wrists, in the order in which they are begun: the long ones first, so that at the
    end no core waits for another. recording: None where there is no recorded night."""
    usual = Life(days)
    made = [Plan("A virtual student", f"{VIRTUAL}.flash", demo_school.STUDENT, usual, VIRTUAL)]
    for wearer, kind in demo_school.KIND_OF.items():
        life = Life(min(days, _MOST_DAYS.get(kind, days)), kind)
        made.append(Plan(f"{wearer.capitalize()}, {kind}", f"{wearer}.flash", wearer, life))
    if recording is not None:
        night = Life(recording=str(recording), timezone=ZONE)
        image, wearer = f"{RECORDED}.flash", demo_school.RECORDED
        made.append(Plan("A recorded night", image, wearer, night, RECORDED))
    return sorted(made, key=lambda plan: -plan.life.days)
