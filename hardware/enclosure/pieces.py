"""The small pieces: cover of the cell, cap of the button, diffuser of the lamp, window."""

from build123d import Part, Plane, Polygon, chamfer, extrude

from hardware.enclosure.plan import Plan
from hardware.enclosure.shells import (
    FENCE_MM,
    PEG_LONG_MM,
    PLAY_MM,
    board_y,
    chip,
    cover_pegs,
    fence_top,
    lamp_plane,
)
from hardware.enclosure.solid import block, level_edges, plate, round_block, stadium

FRAME_MM = 1.6  # height of what holds the button
WIRES_MM = (4.0, 2.5)  # where the cell's wires come up


def cover(plan: Plan) -> Part:
    """Return the plate between cell and boards; it carries the XIAO and the button."""
    case, top = plan.case, plan.cover_top
    left, right = plan.rib_x + case.gap_mm, plan.high_x - case.gap_mm
    strip = plan.parts["antenna"]
    back = strip.boxes[0].at[1] - strip.room["y"]
    body = round_block(
        (left, right), (case.gap_mm, back), (plan.cover_z, top), case.inner_corner_mm
    )
    for y in cover_pegs(plan):
        half = PEG_LONG_MM / 2 + case.gap_mm
        ends = (left - 1, plan.rib_x + case.rib_mm + case.gap_mm)
        body -= block(ends, (y - half, y + half), (plan.cover_z - 1, top + 1))
    plug = plan.parts["cell_plug"].boxes[0]
    x = plug.at[0] + plug.size[0] / 2
    wires = (x - WIRES_MM[0] / 2, x + WIRES_MM[0] / 2)
    body -= block(wires, (-1, WIRES_MM[1]), (plan.cover_z - 1, top + 1))
    fence = (board_y(plan) - FENCE_MM / 2, board_y(plan) + FENCE_MM / 2)
    behind = (plan.fence_x, plan.fence_x + case.rib_mm)
    body += block(behind, fence, (top - 0.1, fence_top(plan)))
    return body + _frame(plan)


def _frame(plan: Plan) -> Part:
    """Return four low walls around the button, beside and between its legs."""
    case = plan.case
    switch = plan.parts["switch"]
    box = next(box for box in switch.boxes if box.what == "body")
    (x0, y0, _), (x1, y1, _) = box.at, box.top
    gap, thick = switch.room["x"], case.rib_mm
    z = (plan.cover_top - 0.1, plan.cover_top + FRAME_MM)
    y, half = (y0 + y1) / 2, 1.0
    body = block((x0, x1), (y0 - gap - thick, y0 - gap), z)
    body += block((x0, x1), (y1 + gap, y1 + gap + thick), z)
    body += block((x0 - gap - thick, x0 - gap), (y - half, y + half), z)
    return body + block((x1 + gap, x1 + gap + thick), (y - half, y + half), z)


def cap(plan: Plan) -> Part:
    """Return the button's cap: captive by its flange, with a ridge that a thumb finds."""
    case, at = plan.case, plan.button_at
    low = plan.parts["switch"].boxes[-1].top[2] + case.cap_play_mm
    wide = [size + 2 * case.cap_flange_mm for size in case.cap_mm]
    top = plan.top_z + case.cap_proud_mm
    body = stadium(at, (wide[0], wide[1]), (low, low + case.cap_flange_mm))
    body += stadium(at, case.cap_mm, (low, top))
    body = chamfer(level_edges(body, top), 0.5)
    half = [size / 2 for size in case.ridge_mm[:2]]
    return body + block(
        (at[0] - half[0], at[0] + half[0]),
        (at[1] - half[1], at[1] + half[1]),
        (top - 0.1, top + case.ridge_mm[2]),
    )


def window(plan: Plan) -> Part:
    """Return the window: flush with the roof, wider inside, with a pocket for the chip."""
    case = plan.case
    x, y = chip(plan)
    size = (case.window_mm[0] - case.gap_mm, case.window_mm[1] - case.gap_mm)
    body = block(
        (x - size[0] / 2, x + size[0] / 2),
        (y - size[1] / 2, y + size[1] / 2),
        (plan.roof_z, plan.top_z),
    )
    low = plan.roof_z - case.flare_mm - case.rib_mm
    ring = [length / 2 + case.flare_mm for length in size]
    foot = block((x - ring[0], x + ring[0]), (y - ring[1], y + ring[1]), (low, plan.roof_z))
    body += chamfer(level_edges(foot, plan.roof_z), case.flare_mm)
    box = next(box for box in plan.parts["veml7700"].boxes if box.what == "chip")
    gap = case.pocket_gap_mm
    return body - block(
        (box.at[0] - gap, box.top[0] + gap),
        (box.at[1] - gap, box.top[1] + gap),
        (low - 1, box.top[2] + PLAY_MM),
    )


def diffuser(plan: Plan) -> Part:
    """Return the lamp's diffuser: flush with the slope, wider inside at both ends."""
    case, plane = plan.case, lamp_plane(plan)
    half, wall, tab = case.diffuser_mm[0] / 2, case.wall_mm, case.tab_mm
    along = Plane(plane.origin, x_dir=plane.x_dir, z_dir=plane.y_dir)  # its y runs inward
    inward = -1 if along.y_dir.dot(plane.z_dir) > 0 else 1
    outline = [
        (-half, 0.0),
        (-half, wall),
        (-half - tab, wall + tab),
        (-half - tab, wall + tab + case.rib_mm),
        (half + tab, wall + tab + case.rib_mm),
        (half + tab, wall + tab),
        (half, wall),
        (half, 0.0),
    ]
    points = [(x, inward * deep) for x, deep in outline]
    body = extrude(along * Polygon(*points, align=None), case.diffuser_mm[1] / 2, both=True)
    room = plan.parts["lamp"].boxes[-1]
    open_mm = room.size[0] + 2 * (plan.parts["lamp"].room["above"] + PLAY_MM / 2)
    cut = plate(plane, (open_mm, case.diffuser_mm[1] + 2), (-wall - 3 * tab, -wall))
    return body - cut
