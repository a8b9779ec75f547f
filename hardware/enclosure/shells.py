"""The two halves of the case: bottom and top, from a plan.

Both print without support: the bottom on its skin side, the top on its roof. What leans, leans 45
degrees, and nothing spans a gap: slots are open towards the seam.
"""

from build123d import Axis, Part, Plane, chamfer, fillet, mirror

from hardware.enclosure.plan import Plan
from hardware.enclosure.solid import (
    block,
    cone,
    level_edges,
    plate,
    post,
    prism_x,
    prism_z,
    round_block,
    stadium,
)

OVER_MM = 1.0  # cuts reach this far past what they cut
PEG_LONG_MM = 4.0  # of the two that hold the cover
FENCE_MM = 10.0
CLAMP_MM = 8.0
PLAY_MM = 0.1  # between clamp and what it holds down


def cover_pegs(plan: Plan) -> list[float]:
    """Return the middles in y of the pegs on the rib that hold the cover where it is."""
    return [6.0, 15.0]


def board_y(plan: Plan) -> float:
    """Return the middle in y of the XIAO, of its plug and of what holds it."""
    board = plan.parts["xiao"].boxes[0]
    return board.at[1] + board.size[1] / 2


def fence_top(plan: Plan) -> float:
    """Return how high the fence behind the XIAO stands: a little above its board."""
    return plan.parts["xiao"].boxes[0].top[2] + 0.3


def usb_slot(plan: Plan) -> tuple[float, float]:
    """Return the bounds in y of the opening for USB-C."""
    usb = plan.parts["xiao"].boxes[-1]
    return usb.at[1] - plan.case.usb_gap_mm, usb.top[1] + plan.case.usb_gap_mm


def lamp_plane(plan: Plan) -> Plane:
    """Return the outside of the slope, its origin in the slope's middle, before the lamp."""
    y = (plan.top_z - plan.slope_out - plan.case.wall_mm) / 2
    at = (plan.lamp_at[0], y, y + plan.slope_out)
    return Plane(at, x_dir=(1, 0, 0), z_dir=(0, -1, 1))


def _horns(plan: Plan, z: tuple[float, float]) -> Part:
    """Return the lug on the wearer's side as one block: two horns and what is between."""
    case = plan.case
    half = case.slot_mm[0] / 2 + case.horn_mm
    tip = -case.wall_mm - plan.lug_mm
    points = [
        (plan.strap_x - half - case.horn_taper_mm, 0.0),
        (plan.strap_x - half, tip),
        (plan.strap_x + half, tip),
        (plan.strap_x + half + case.horn_taper_mm, 0.0),
    ]
    body = prism_z(points, z)
    tips = [edge for edge in body.edges().filter_by(Axis.Z) if edge.center().Y - tip < -tip / 2]
    return fillet(tips, case.horn_corner_mm)


def _both(plan: Plan, body: Part) -> list[Part]:
    """Return a body of the wearer's side and its mirror image on the other."""
    return [body, mirror(body, about=Plane((0, plan.deep_y / 2, 0), z_dir=(0, 1, 0)))]


def bottom(plan: Plan) -> Part:
    """Return the half that lies on the strap: cell bay, pegs, cradle, horns, bars."""
    case, seam = plan.case, plan.cover_z
    wall, floor = case.wall_mm, case.floor_mm
    body = round_block(
        (-wall, plan.high_x + wall), (-wall, plan.deep_y + wall), (0, seam), case.corner_mm
    )
    for horns in _both(plan, _horns(plan, (0, seam))):
        body += horns
    body = chamfer(level_edges(body, 0), case.skin_chamfer_mm)
    body = fillet(level_edges(body, case.skin_chamfer_mm), case.skin_round_mm)
    body = _strap(plan, body)
    body -= round_block((0, plan.low_x), (0, plan.deep_y), (floor, seam + 1), case.inner_corner_mm)
    for x, y in plan.screws:
        cone_mm = (case.screw_head_mm - case.screw_clear_mm) / 2
        deep = case.screw_mm - case.screw_seat_mm - cone_mm + case.screw_spare_mm
        body -= post((x, y), case.screw_hole_mm, (seam - deep, seam + OVER_MM))
    return body + _inside(plan)


def _strap(plan: Plan, body: Part) -> Part:
    """Cut the slots for the strap; leave the bars, without an edge that could cut it."""
    case = plan.case
    near = -case.wall_mm
    cuts = block(plan.recess_x, (near - plan.lug_mm - OVER_MM, near), (case.bar_mm[1], plan.top_z))
    slot = block(plan.recess_x, (near - case.slot_mm[1], near), (-OVER_MM, plan.top_z))
    for cut in _both(plan, cuts) + _both(plan, slot):
        body -= cut
    low, high = plan.recess_x
    rim = [
        edge
        for edge in level_edges(body, 0)
        if low - 0.01 < edge.center().X < high + 0.01 and edge.length < case.slot_mm[0] + 0.01
    ]
    inner = [e for e in rim if not 0 < e.center().Y < plan.deep_y and _in_slot(plan, e.center().Y)]
    body = chamfer(inner, case.bar_chamfer_mm)
    bars = [e for e in level_edges(body, case.bar_mm[1]) if e.length > case.slot_mm[0] - 0.5]
    return fillet(bars, case.bar_chamfer_mm)


def _in_slot(plan: Plan, y: float) -> bool:
    past = -plan.case.wall_mm - (y if y < 0 else plan.deep_y - y)
    return -0.01 < past < plan.case.slot_mm[1] + 0.01


def _inside(plan: Plan) -> Part:
    case, seam, floor = plan.case, plan.cover_z, plan.case.floor_mm
    rib = (plan.rib_x, plan.rib_x + case.rib_mm)
    strip = plan.parts["antenna"]
    back = strip.boxes[0].at[1] - strip.room["y"]
    body = block(rib, (-0.1, back), (floor - 0.1, seam))
    for y in cover_pegs(plan):
        body += block(rib, (y - PEG_LONG_MM / 2, y + PEG_LONG_MM / 2), (seam, plan.cover_top))
    lis = plan.parts["lis3dh"]
    rest = lis.boxes[0].at[2]
    for at in lis.holes:
        body += post(at, case.shoulder_mm, (floor - 0.1, rest))
        body += post(at, case.peg_mm, (rest, rest + case.peg_high_mm))
    rim = plan.parts["lamp"].boxes[0]
    play = plan.parts["lamp"].room["x"]
    left, right = rim.at[0] - play, rim.top[0] + play
    deep, rest = (-0.1, rim.top[1]), rim.at[2]
    body += block((left - case.cradle_mm, left), deep, (floor - 0.1, seam))
    body += block((left - 0.1, left + case.cradle_mm), deep, (floor - 0.1, rest))
    body += block((right - case.cradle_mm, right + 0.1), deep, (floor - 0.1, rest))
    slot = usb_slot(plan)
    usb = plan.parts["xiao"].boxes[-1]
    tab = (slot[0] + case.gap_mm, slot[1] - case.gap_mm)
    body += block((plan.high_x, plan.high_x + case.wall_mm), tab, (seam - 0.1, usb.at[2] - PLAY_MM))
    return body


def top(plan: Plan) -> Part:
    """Return the half with roof, lamp's slope, windows, and what holds cover and light sensor."""
    case, seam, wall = plan.case, plan.cover_z, plan.case.wall_mm
    body = round_block(
        (-wall, plan.high_x + wall), (-wall, plan.deep_y + wall), (seam, plan.top_z), case.corner_mm
    )
    body = chamfer(level_edges(body, plan.top_z), case.roof_chamfer_mm)
    slot = usb_slot(plan)
    brow = (slot[0] - wall, slot[1] + wall)  # the roof keeps its thickness over the plug
    body += block((plan.high_x - 2.0, plan.high_x + wall), brow, (plan.roof_z - 0.1, plan.top_z))
    for horns in _both(plan, _upper_horns(plan)):
        body += horns
    body -= _hollow(plan)
    body -= _above(plan.slope_out, plan.recess_x, -wall - OVER_MM, plan.top_z + OVER_MM)
    body -= block(
        (plan.high_x - OVER_MM, plan.high_x + wall + OVER_MM), slot, (seam - 1, plan.roof_z)
    )
    holes = (case.diffuser_mm[0] + case.gap_mm, case.diffuser_mm[1] + case.gap_mm)
    body -= plate(lamp_plane(plan), holes, (-wall - 0.5, 0.5))
    body += _held(plan)
    for cut in _windows(plan):
        body -= cut
    return body


def _upper_horns(plan: Plan) -> Part:
    case, seam = plan.case, plan.cover_z
    body = _horns(plan, (seam, plan.top_z))
    tip = -case.wall_mm - plan.lug_mm
    body -= block(plan.recess_x, (tip - OVER_MM, OVER_MM), (seam - 1, plan.top_z + 1))
    wide = (-case.wall_mm, plan.high_x + case.wall_mm)
    body -= _above(plan.horn, wide, tip - OVER_MM, plan.top_z + plan.lug_mm)
    cone_mm = (case.screw_head_mm - case.screw_clear_mm) / 2
    seat = seam + case.screw_seat_mm
    for at in plan.screws[:2]:
        body -= post(at, case.screw_clear_mm, (seam - 1, seat + OVER_MM))
        body -= cone(at, (case.screw_clear_mm, case.screw_head_mm), (seat, seat + cone_mm))
        body -= post(at, case.screw_head_mm, (seat + cone_mm, plan.top_z))
    return body


def _above(over: float, x: tuple[float, float], y: float, z: float) -> Part:
    """Return what lies above the slope z = y + over, from y to where the slope is z high."""
    return prism_x([(y, y + over), (z - over, z), (y, z)], x)


def _hollow(plan: Plan) -> Part:
    """Return the room inside the top: all but what the slope needs for its own wall."""
    case = plan.case
    room = round_block(
        (0, plan.high_x),
        (0, plan.deep_y),
        (plan.cover_z - OVER_MM, plan.roof_z),
        case.inner_corner_mm,
    )
    low, high = plan.recess_x
    sides = (low - case.wall_mm, high + case.wall_mm)
    return room - _above(plan.slope_in, sides, -OVER_MM, plan.roof_z + OVER_MM)


def _held(plan: Plan) -> Part:
    """Return what hangs from the roof: pegs and collar of the light sensor, clamps of the cover."""
    case, roof = plan.case, plan.roof_z + 0.1
    veml = plan.parts["veml7700"]
    rest = veml.boxes[0].top[2]
    body = block(
        (plan.fence_x, plan.fence_x + case.rib_mm),
        (board_y(plan) - CLAMP_MM / 2, board_y(plan) + CLAMP_MM / 2),
        (fence_top(plan) + PLAY_MM, roof),
    )
    corner = (plan.high_x - 2.2, 2.4)
    body += post(corner, 3.0, (plan.cover_top + PLAY_MM, roof))
    for at in veml.holes:
        body += post(at, case.shoulder_mm, (rest, roof))
        body += post(at, case.peg_mm, (rest - case.peg_high_mm, rest))
    x, y = chip(plan)
    half = [size / 2 + case.flare_mm + case.gap_mm for size in case.window_mm]
    deep = (plan.roof_z - case.flare_mm - case.rib_mm, roof)
    out = case.rib_mm
    body += block(
        (x - half[0] - out, x + half[0] + out), (y - half[1] - out, y + half[1] + out), deep
    )
    return body - block(
        (x - half[0], x + half[0]), (y - half[1], y + half[1]), (deep[0] - 1, plan.roof_z)
    )


def _windows(plan: Plan) -> list[Part]:
    case, roof = plan.case, (plan.roof_z - 0.05, plan.top_z + OVER_MM)
    x, y = chip(plan)
    half = [size / 2 for size in case.window_mm]
    cap = (case.cap_mm[0] + 2 * case.gap_mm, case.cap_mm[1] + 2 * case.gap_mm)
    return [
        block((x - half[0], x + half[0]), (y - half[1], y + half[1]), roof),
        stadium(plan.button_at, cap, roof),
    ]


def chip(plan: Plan) -> tuple[float, float]:
    """Return the middle of the light sensor's chip, and of its window."""
    at = plan.parts["veml7700"].chip
    assert at is not None
    return at
