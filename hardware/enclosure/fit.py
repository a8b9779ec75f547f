"""Do the parts fit the bodies, and the bodies each other: exact, by intersecting solids."""

import itertools
from collections.abc import Iterator, Mapping

from build123d import Part as Solid
from build123d import Pos, Sphere

from hardware.enclosure.parts import Box, Part
from hardware.enclosure.plan import Plan
from hardware.enclosure.solid import block, post, round_block

NOTHING_MM3 = 1e-3


def shape(part: Part, box: Box, *, room: bool) -> Solid:
    """Return one piece of a part as a solid, with its holes; with the room around it if asked."""
    low, size = box.with_room() if room else (box.at, box.size)
    x, y, z = ((start, start + length) for start, length in zip(low, size, strict=True))
    middle = ((x[0] + x[1]) / 2, (y[0] + y[1]) / 2)
    if box.shape == "dome":  # the upper half of a ball: its room is the same all around
        radius = box.size[0] / 2 + (box.room["above"] if room else 0.0)
        ball = Pos(*middle, box.at[2]) * Sphere(radius)
        return ball & block(x, y, (box.at[2], box.at[2] + radius + 1))
    solid = post(middle, x[1] - x[0], z) if box.shape == "cylinder" else block(x, y, z)
    round_mm = min(box.room["x"], box.room["y"])
    if room and round_mm > 0 and box.shape == "box":  # the room is a distance: round at corners
        solid = round_block(x, y, z, round_mm)
    for at in part.holes:
        solid -= post(at, part.hole_mm, (z[0] - 1, z[1] + 1))
    return solid


def _shared_mm3(one: Solid, other: Solid) -> float:
    a, b = one.bounding_box(), other.bounding_box()
    for low, high, other_low, other_high in zip(a.min, a.max, b.min, b.max, strict=True):
        if low >= other_high or other_low >= high:
            return 0.0
    shared = one & other
    return 0.0 if shared is None else float(shared.volume)


def troubles(plan: Plan, bodies: Mapping[str, Solid]) -> Iterator[str]:
    """Yield one line for each part that lacks room, and each two bodies that share space."""
    for part in plan.parts.values():
        for box in part.boxes:
            solid = shape(part, box, room=True)
            for name, body in bodies.items():
                shared = _shared_mm3(solid, body)
                if shared > NOTHING_MM3:
                    yield (
                        f"{part.name} ({box.what}) lacks room in the {name}: {shared:.2f} mm3 of "
                        f"plastic stand in it"
                    )
    for (name, body), (other_name, other) in itertools.combinations(bodies.items(), 2):
        shared = _shared_mm3(body, other)
        if shared > NOTHING_MM3:
            yield f"{name} and {other_name} share {shared:.2f} mm3: one cannot go in"
