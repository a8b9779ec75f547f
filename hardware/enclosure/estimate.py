"""What a print takes and what the case bears: formulas, each with what it assumes. Estimates all.

Nobody has printed the case. The stiffness of PETG is assumed (1500 MPa, printed flat; makers of
filament give 1500 to 2100), and so are the forces of a thumb and of a pulled strap.
"""

import math
from dataclasses import dataclass

from hardware.enclosure.parts import Case
from hardware.enclosure.plan import Plan

PETG_MPA = 1500.0
THUMB_N = 10.0  # four times what the button needs
PULL_N = 50.0  # somebody pulls at the strap
BEARS_MPA = 30.0  # of some 45 MPa that PETG is sold with, printed flat


@dataclass(frozen=True)
class Print:
    """One body: minutes on the printer, filament in m and g."""

    minutes: float
    filament_m: float
    filament_g: float


def printing(case: Case, volume_mm3: float, height_mm: float) -> Print:
    """Return what a body takes, printed full.

    Time: the volume as one line of layer_mm by line_mm, laid at speed_mm_s, and layer_change_s for
    each layer. No heating up, no brim; purely a figure to plan an afternoon with.
    """
    line_mm = volume_mm3 / (case.layer_mm * case.line_mm)
    layers = math.ceil(height_mm / case.layer_mm)
    seconds = line_mm / case.speed_mm_s + layers * case.layer_change_s
    area = math.pi / 4 * case.filament_mm**2
    return Print(seconds / 60, volume_mm3 / area / 1000, volume_mm3 / 1000 * case.density_g_cm3)


def cover_bend_mm(plan: Plan) -> float:
    """Return how far a thumb on the button bends the cover towards the cell.

    A beam on two ends, between rib and ledge, with the force in its middle: F l^3 / (48 E I). As
    wide as the force spreads at 45 degrees, which the edge on the wearer's side cuts off.
    """
    span = plan.low_x - plan.rib_x
    wide = span / 2 + min(span / 2, plan.button_at[1])
    inertia = wide * plan.case.cover_mm**3 / 12
    return THUMB_N * span**3 / (48 * PETG_MPA * inertia)


def bar_mpa(plan: Plan) -> float:
    """Return the stress in a strap's bar when the strap is pulled up: F l / 8 over its section.

    A bar held at both ends, the force spread over the strap; pulled across its smaller side.
    """
    wide, high = plan.case.bar_mm
    section = high * wide**2 / 6
    return PULL_N * plan.case.slot_mm[0] / 8 / section
