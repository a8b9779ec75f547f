"""Parts and dimensions of the case, read from parts.toml and case.toml.

No build123d here: the main tests read them too.
"""

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
KINDS = ("datasheet", "drawing", "assumed")
SHAPES = ("box", "cylinder", "dome")
AXES = ("x", "y", "below", "above")
VARIANTS = ("", "small")  # the case itself, and parts of its own in NAME.toml
Point = tuple[float, float, float]


class DoesNotFit(Exception):
    """A dimension that cannot be: one line for a person, with what to change."""


@dataclass(frozen=True)
class Box:
    """One piece of a part: what, its shape, lowest corner and size in mm, room around it in mm."""

    what: str
    shape: str
    at: Point
    size: Point
    room: Mapping[str, float]

    @property
    def top(self) -> Point:
        """Return the highest corner."""
        x, y, z = (low + length for low, length in zip(self.at, self.size, strict=True))
        return x, y, z

    def moved(self, by: Point) -> "Box":
        """Return the same piece elsewhere."""
        x, y, z = (low + step for low, step in zip(self.at, by, strict=True))
        return dataclasses.replace(self, at=(x, y, z))

    def with_room(self) -> tuple[Point, Point]:
        """Return lowest corner and size of the piece with the room that it needs."""
        room = self.room
        low = (self.at[0] - room["x"], self.at[1] - room["y"], self.at[2] - room["below"])
        size = (
            self.size[0] + 2 * room["x"],
            self.size[1] + 2 * room["y"],
            self.size[2] + room["below"] + room["above"],
        )
        return low, size

    def meets(self, other: "Box") -> bool:
        """Return whether two pieces share more than a face."""
        return all(
            low < other_top - 1e-6 and other_low < top - 1e-6
            for low, top, other_low, other_top in zip(
                self.at, self.top, other.at, other.top, strict=True
            )
        )


@dataclass(frozen=True)
class Part:
    """A part: name, title, where its size comes from, its pieces, and holes (x, y) through it."""

    name: str
    title: str
    kind: str
    source: str
    sits: str
    room: Mapping[str, float]
    boxes: tuple[Box, ...]
    hole_mm: float
    holes: tuple[tuple[float, float], ...]
    chip: tuple[float, float] | None

    @property
    def size(self) -> Point:
        """Return the size in mm of all pieces together."""
        x, y, z = (max(box.top[axis] for box in self.boxes) for axis in range(3))
        return x, y, z

    def moved(self, by: Point) -> "Part":
        """Return the part in its place."""
        return dataclasses.replace(
            self,
            boxes=tuple(box.moved(by) for box in self.boxes),
            holes=tuple((x + by[0], y + by[1]) for x, y in self.holes),
            chip=None if self.chip is None else (self.chip[0] + by[0], self.chip[1] + by[1]),
        )


@dataclass(frozen=True)
class Case:
    """case.toml: every dimension that is not a part's; its comments say what each is."""

    wall_mm: float
    floor_mm: float
    roof_mm: float
    cover_mm: float
    rib_mm: float
    ledge_mm: float
    gap_mm: float
    corner_mm: float
    inner_corner_mm: float
    skin_chamfer_mm: float
    skin_round_mm: float
    roof_chamfer_mm: float
    peg_mm: float
    peg_high_mm: float
    shoulder_mm: float
    stand_mm: float
    lamp_stand_mm: float
    cradle_mm: float
    slope_mm: float
    diffuser_mm: tuple[float, float]
    tab_mm: float
    window_mm: tuple[float, float]
    flare_mm: float
    pocket_gap_mm: float
    cap_mm: tuple[float, float]
    cap_flange_mm: float
    cap_proud_mm: float
    cap_play_mm: float
    ridge_mm: tuple[float, float, float]
    usb_gap_mm: float
    strap_mm: float
    slot_mm: tuple[float, float]
    bar_mm: tuple[float, float]
    bar_chamfer_mm: float
    horn_mm: float
    horn_taper_mm: float
    horn_corner_mm: float
    screw_mm: float
    screw_hole_mm: float
    screw_clear_mm: float
    screw_head_mm: float
    screw_seat_mm: float
    screw_tip_mm: float
    screw_spare_mm: float
    bed_mm: tuple[float, float]
    layer_mm: float
    line_mm: float
    speed_mm_s: float
    layer_change_s: float
    filament_mm: float
    density_g_cm3: float


def read_case(path: Path = HERE / "case.toml") -> Case:
    """Return the dimensions. DoesNotFit where one is missing, unknown or not above zero."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    wanted = {field.name for field in dataclasses.fields(Case)}
    for name in sorted(wanted ^ rows.keys()):
        trouble = "is missing" if name in wanted else "is not a dimension of the case"
        raise DoesNotFit(f"{path.name}: {name} {trouble}: see Case in hardware/enclosure/parts.py")
    for name, value in rows.items():
        if any(number <= 0 for number in (value if isinstance(value, list) else [value])):
            raise DoesNotFit(f"{path.name}: {name} has to be above 0")
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in rows.items()}
    return Case(**values)


def read_parts(variant: str = "") -> dict[str, Part]:
    """Return the parts by name, each at the origin; a variant has some of its own.

    DoesNotFit for a variant, kind or shape that nobody knows.
    """
    rows = tomllib.loads((HERE / "parts.toml").read_text(encoding="utf-8"))
    if variant:
        if variant not in VARIANTS:
            raise DoesNotFit(f"{variant} is no variant of the case: {', '.join(VARIANTS[1:])} is")
        rows |= tomllib.loads((HERE / f"{variant}.toml").read_text(encoding="utf-8"))
    return {name: _part(name, row) for name, row in rows.items()}


def _part(name: str, row: Mapping[str, Any]) -> Part:
    if row["kind"] not in KINDS:
        raise DoesNotFit(f"parts.toml: kind of {name} is one of {', '.join(KINDS)}")
    holes = row.get("holes", {"mm": 0.0, "at_mm": []})
    return Part(
        name,
        row["title"],
        row["kind"],
        row["source"],
        row["sits"],
        row["room_mm"],
        tuple(_boxes(name, row)),
        holes["mm"],
        tuple(tuple(at) for at in holes["at_mm"]),
        tuple(row["chip_mm"]) if "chip_mm" in row else None,
    )


def _boxes(name: str, row: Mapping[str, Any]) -> Iterator[Box]:
    for box in row["boxes"]:
        shape = box.get("shape", "box")
        room = {**row["room_mm"], **box.get("room_mm", {})}
        if shape not in SHAPES or sorted(room) != sorted(AXES):
            raise DoesNotFit(
                f"parts.toml: {name} needs a shape of {', '.join(SHAPES)} and room_mm in "
                f"{', '.join(AXES)}"
            )
        yield Box(box["what"], shape, tuple(box["at_mm"]), tuple(box["size_mm"]), room)
