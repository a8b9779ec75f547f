"""Where everything stands: from the parts' sizes to the inside of the case and the places in it.

Millimetres. x runs along the arm, y around the wrist away from the wearer, both from the inner
walls; z is the height above the skin. Nothing is placed by hand: a larger cell makes a larger case.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

from hardware.enclosure.parts import Case, DoesNotFit, Part, read_case, read_parts

ROOT2 = math.sqrt(2.0)
WORK_MM = 0.3  # between two boards above each other, for wires that are pressed flat


@dataclass(frozen=True)
class Plan:
    """The inside, in mm; `parts` are in their places.

    low_x and high_x: length inside below and above the cover. cover_z: top of the bottom half, on
    which the cover lies. roof_z: inside of the roof. The lamp's slope is z = y + slope_out, its
    inside z = y + slope_in, the horns' backs z = y + horn, mirrored on the other side. strap_x is
    the middle of strap and lamp's slope.
    """

    case: Case
    parts: Mapping[str, Part]
    low_x: float
    high_x: float
    deep_y: float
    rib_x: float
    fence_x: float
    cover_z: float
    roof_z: float
    slope_out: float
    slope_in: float
    horn: float
    strap_x: float
    lamp_at: tuple[float, float]
    button_at: tuple[float, float]

    @property
    def top_z(self) -> float:
        """Return the height of the whole case."""
        return self.roof_z + self.case.roof_mm

    @property
    def cover_top(self) -> float:
        """Return the height of the cover's upper face."""
        return self.cover_z + self.case.cover_mm

    @property
    def lug_mm(self) -> float:
        """Return how far a horn reaches from the wall."""
        return self.case.slot_mm[1] + self.case.bar_mm[0]

    @property
    def outer_mm(self) -> tuple[float, float, float]:
        """Return the outer size without the horns."""
        wall = 2 * self.case.wall_mm
        return self.high_x + wall, self.deep_y + wall, self.top_z

    @property
    def over_lugs_mm(self) -> float:
        """Return the length over both horns, around the wrist."""
        return self.outer_mm[1] + 2 * self.lug_mm

    @property
    def recess_x(self) -> tuple[float, float]:
        """Return where the lamp's slope begins and ends: as wide as the strap's slot."""
        half = self.case.slot_mm[0] / 2
        return self.strap_x - half, self.strap_x + half

    @property
    def screws(self) -> list[tuple[float, float]]:
        """Return the middles of the four screws."""
        case = self.case
        reach = case.slot_mm[0] / 2 + case.horn_mm / 2
        near = -case.wall_mm - self.lug_mm + case.screw_tip_mm
        return [
            (self.strap_x + side * reach, y) for y in (near, self.deep_y - near) for side in (-1, 1)
        ]


def plan(case: Case | None = None, parts: Mapping[str, Part] | None = None) -> Plan:
    """Return the plan for these dimensions and parts (the files', where none are given).

    DoesNotFit, in one line, for what cannot be built.
    """
    case = read_case() if case is None else case
    parts = read_parts() if parts is None else parts
    lis, veml, cell, xiao = parts["lis3dh"], parts["veml7700"], parts["cell"], parts["xiao"]

    cover_z = case.floor_mm + cell.size[2] + cell.room["above"]
    cover_top = cover_z + case.cover_mm
    roof_z = _roof_z(case, parts, cover_top)
    slope_out = roof_z + case.roof_mm - case.slope_mm + case.wall_mm
    slope_in = slope_out - case.wall_mm * ROOT2

    sensors_x = max(part.size[0] + 2 * part.room["x"] for part in (lis, veml))
    low_x = sensors_x + case.rib_mm + cell.size[0] + 2 * cell.room["x"]
    board_x = xiao.boxes[0].size[0]
    behind = sensors_x + 2 * case.gap_mm + case.rib_mm
    high_x = max(low_x + case.ledge_mm, behind + board_x + 2 * xiao.room["x"])
    xiao_x = high_x - xiao.room["x"] - board_x

    lamp_at = _lamp_at(case, parts["lamp"], sensors_x, slope_in)
    lamp_end = lamp_at[1] + parts["lamp"].size[1] / 2 + parts["lamp"].room["y"]
    cap_half = case.cap_mm[1] / 2 + case.cap_flange_mm
    button_y = roof_z - slope_in + case.gap_mm + cap_half
    antenna = parts["antenna"]
    antenna_y = antenna.size[1] + antenna.room["y"]
    deep_y = antenna_y + max(
        cell.size[1] + 2 * cell.room["y"] - antenna_y,  # the strip hangs above the cell
        lamp_end + max(part.size[1] + 2 * part.room["y"] for part in (lis, veml)),
        button_y + cap_half + case.gap_mm + xiao.size[1] + xiao.room["y"],
    )
    back_y = deep_y - antenna_y  # free of the antenna

    def sensor(part: Part, z: float) -> Part:
        return part.moved((part.room["x"], back_y - part.room["y"] - part.size[1], z))

    lis_z = case.floor_mm + case.stand_mm
    xiao_y = back_y - xiao.room["y"] - xiao.size[1]
    lamp_end_x = lamp_at[0] + case.diffuser_mm[0] / 2 + case.tab_mm
    bay = _bay(parts, max(sensors_x + case.rib_mm, lamp_end_x), xiao_y, high_x)
    # In the middle, but never so far from the lamp that a horn stands before it.
    beside = lamp_at[0] - case.diffuser_mm[0] / 2 - case.gap_mm + case.slot_mm[0] / 2
    strap_x = min(high_x / 2, beside)
    placed = {
        "cell": cell.moved(
            (sensors_x + case.rib_mm + cell.room["x"], cell.room["y"], case.floor_mm)
        ),
        "xiao": xiao.moved((xiao_x, xiao_y, cover_top + xiao.room["below"])),
        "lis3dh": sensor(lis, lis_z),
        "veml7700": sensor(veml, roof_z - case.gap_mm - veml.size[2]),
        "lamp": parts["lamp"].moved(
            (
                lamp_at[0] - parts["lamp"].size[0] / 2,
                lamp_at[1] - parts["lamp"].size[1] / 2,
                case.floor_mm + case.lamp_stand_mm,
            )
        ),
        "switch": parts["switch"].moved(
            (
                bay["switch"] - parts["switch"].size[0] / 2,
                button_y - parts["switch"].size[1] / 2,
                cover_top,
            )
        ),
        "antenna": antenna.moved(
            (
                (low_x - antenna.size[0]) / 2,
                back_y,
                roof_z - antenna.room["above"] - antenna.size[2],
            )
        ),
        "cell_plug": parts["cell_plug"].moved((bay["plug"], bay["plug_y"], cover_top)),
        "resistors": parts["resistors"].moved((bay["resistors"], bay["resistors_y"], cover_top)),
    }
    beside_lamp = parts["lamp_resistors"]
    placed["lamp_resistors"] = beside_lamp.moved(
        (beside_lamp.room["x"], beside_lamp.room["y"], case.floor_mm)
    )
    tip = -case.wall_mm - case.slot_mm[1] - case.bar_mm[0]
    seat = case.screw_seat_mm + (case.screw_head_mm - case.screw_clear_mm) / 2
    # A tenth lower than where the head's rim would just touch the back: no edge as thin as paper.
    horn = cover_z + seat - 0.1 - (tip + case.screw_tip_mm - case.screw_head_mm / 2)
    result = Plan(
        case,
        placed,
        low_x,
        high_x,
        deep_y,
        sensors_x,
        xiao_x - xiao.room["x"] - case.rib_mm,
        cover_z,
        roof_z,
        slope_out,
        slope_in,
        horn,
        strap_x,
        lamp_at,
        (bay["switch"], button_y),
    )
    check(result)
    return result


def _roof_z(case: Case, parts: Mapping[str, Part], cover_top: float) -> float:
    lis, veml, xiao = parts["lis3dh"], parts["veml7700"], parts["xiao"]
    sensors = case.floor_mm + case.stand_mm + lis.size[2] + WORK_MM + veml.room["below"]
    return max(
        cover_top + xiao.room["below"] + xiao.size[2] + xiao.room["above"],
        sensors + veml.size[2] + case.gap_mm,
        cover_top + parts["switch"].size[2] + 2 * case.cap_play_mm + case.cap_flange_mm,
    )


def _lamp_at(case: Case, lamp: Part, end_x: float, slope_in: float) -> tuple[float, float]:
    """Return the lamp's middle: as near to the wearer as its dome goes beneath the slope."""
    dome = lamp.boxes[-1]
    radius = dome.size[0] / 2
    dome_z = case.floor_mm + case.lamp_stand_mm + dome.at[2]
    rim = lamp.size[1] / 2 + lamp.room["y"]
    y = max(rim, dome_z - slope_in + ROOT2 * (radius + lamp.room["above"]))
    return end_x - lamp.room["x"] - lamp.size[0] / 2, y


def _bay(parts: Mapping[str, Part], left: float, back: float, high_x: float) -> dict[str, float]:
    """Return places on the cover: the cell's plug left, resistors right, the switch between."""
    plug, resistors = parts["cell_plug"], parts["resistors"]
    plug_x = left + plug.room["x"]
    resistors_x = high_x - resistors.room["x"] - resistors.size[0]
    return {
        "plug": plug_x,
        "plug_y": back - plug.room["y"] - plug.size[1],
        "resistors": resistors_x,
        "resistors_y": back - resistors.room["y"] - resistors.size[1],
        "switch": (plug_x + plug.size[0] + resistors_x) / 2,
    }


def check(result: Plan) -> None:
    """Raise DoesNotFit, in one line, for what the sizes alone show."""
    case, parts = result.case, result.parts
    low, high = result.recess_x
    half = case.diffuser_mm[0] / 2
    if not low <= result.lamp_at[0] - half or not result.lamp_at[0] + half <= high:
        raise DoesNotFit("the diffuser is wider than the slope: make diffuser_mm[0] smaller")
    for one, other in itertools.combinations(parts.values(), 2):
        for a, b in itertools.product(one.boxes, other.boxes):
            if a.meets(b):
                raise DoesNotFit(f"{one.name} ({a.what}) and {other.name} ({b.what}) meet")
    if case.slot_mm[0] < case.strap_mm + 1.0:
        raise DoesNotFit("the strap does not pass its slot: slot_mm[0] is at least strap_mm + 1")
    reach = case.slot_mm[0] / 2 + case.horn_mm + case.horn_taper_mm
    if result.strap_x - reach < -case.wall_mm:
        raise DoesNotFit("the horns are wider than the case: make horn_mm or slot_mm[0] smaller")
    if result.horn - case.wall_mm > result.top_z - case.roof_chamfer_mm:
        raise DoesNotFit(
            "the horns are higher than the case: use a shorter slot_mm[1] or bar_mm[0]"
        )
    if result.slope_out - case.wall_mm < result.cover_z:
        raise DoesNotFit("the slope comes down to the seam: make slope_mm smaller")
    hole = case.screw_mm - case.screw_seat_mm - (case.screw_head_mm - case.screw_clear_mm) / 2
    if result.cover_z - hole - case.screw_spare_mm < case.floor_mm:
        raise DoesNotFit("the screws come out towards the skin: make screw_mm smaller")
    if max(result.outer_mm[0], result.over_lugs_mm) > min(case.bed_mm):
        size = f"{result.outer_mm[0]:.0f} x {result.over_lugs_mm:.0f} mm"
        raise DoesNotFit(f"the case of {size} is larger than bed_mm")
