"""Builds a variant, lays its bodies as they are printed, writes STEP and STL, checks all."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from build123d import Compound, Pos, Rotation, export_step, import_step
from build123d import Part as Solid

from hardware.enclosure import estimate, fit, mesh, pieces, shells
from hardware.enclosure.parts import Case, DoesNotFit, read_parts
from hardware.enclosure.plan import Plan, plan

MAKERS = {
    "bottom": shells.bottom,
    "top": shells.top,
    "cover": pieces.cover,
    "cap": pieces.cap,
    "window": pieces.window,
    "diffuser": pieces.diffuser,
}
OWN = ("bottom", "top", "cover")  # what a variant prints for itself; the rest is the same in all
FINE_MM = 0.02  # how far a facet may leave the surface
FINE_RAD = 0.3
_DATE = "2026-01-01T00:00:00"  # in every STEP: the same sources give the same bytes


@dataclass(frozen=True)
class Built:
    """A variant as it was built: its plan, and its bodies where they are worn and where printed."""

    plan: Plan
    worn: dict[str, Solid]
    printed: dict[str, Solid]


def build(variant: str = "", case: Case | None = None) -> Built:
    """Return a variant's bodies. DoesNotFit for what cannot be."""
    return built(plan(case, read_parts(variant)))


def built(where: Plan) -> Built:
    """Return the bodies of a plan."""
    worn = {name: make(where) for name, make in MAKERS.items()}
    for name, body in worn.items():
        if not body.is_valid or len(body.solids()) != 1:
            raise DoesNotFit(f"{name}: the solid is not sound; change less at a time in case.toml")
        body.label = name
    return Built(where, worn, {name: lay(where, name, body) for name, body in worn.items()})


def lay(where: Plan, name: str, body: Solid) -> Solid:
    """Return a body as it is printed: roof, window and diffuser with their outer face down."""
    if name == "diffuser":
        body = shells.lamp_plane(where).to_local_coords(body)
    if name in ("top", "window", "diffuser"):
        body = Rotation(180, 0, 0) * body
    low = body.bounding_box().min
    laid = Pos(-low.X, -low.Y, -low.Z) * body
    laid.label = name
    return laid


def export(made: Built, folder: Path, names: tuple[str, ...]) -> None:
    """Write STL and STEP of these bodies, as printed, and one STEP of all as worn."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        points, triangles = facets(made.printed[name], FINE_MM, FINE_RAD)
        mesh.write_stl(folder / f"{name}.stl", points, triangles, name)
        export_step(
            made.printed[name], folder / f"{name}.step", write_pcurves=False, timestamp=_DATE
        )
    whole = Compound(
        label="bioklok-case", children=[copy.copy(body) for body in made.worn.values()]
    )
    export_step(whole, folder / "assembled.step", write_pcurves=False, timestamp=_DATE)


def facets(body: Solid, fine_mm: float, fine_rad: float) -> tuple[mesh.Floats, Any]:
    """Return corners (n, 3) in mm and triangles (m, 3) of a body."""
    points, triangles = body.tessellate(fine_mm, fine_rad)
    return np.round(np.array([tuple(point) for point in points]), 5), np.array(triangles)


def check(made: Built, folder: Path, names: tuple[str, ...]) -> Iterator[str]:
    """Yield a line for all that is wrong with a variant and its files in a folder."""
    yield from fit.troubles(made.plan, made.worn)
    for name in names:
        try:
            yield from mesh.check_file(folder / f"{name}.stl", made.plan.case.bed_mm)
        except DoesNotFit as trouble:
            yield str(trouble)
            continue
        step = import_step(folder / f"{name}.step").volume
        if abs(mesh.read_stl(folder / f"{name}.stl").volume / step - 1) > 0.01:
            yield f"{name}: STL and STEP differ by more than 1 % in volume"
    bend, gap = estimate.cover_bend_mm(made.plan), made.plan.parts["cell"].room["above"]
    if bend > gap:
        yield f"a thumb bends the cover by {bend:.2f} mm, onto the cell: make cover_mm larger"
    if (stress := estimate.bar_mpa(made.plan)) > estimate.BEARS_MPA:
        yield f"a pulled strap bends its bar with {stress:.0f} MPa: make bar_mm larger"


def figures(made: Built, folder: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """Return what made_from.json says of a variant: sizes in mm, volumes, times, masses."""
    where = made.plan
    bodies = {}
    for name in names:
        body = mesh.read_stl(folder / f"{name}.stl")
        takes = estimate.printing(where.case, float(body.volume), float(body.extents[2]))
        bodies[name] = {
            "size_mm": [round(float(length), 1) for length in body.extents],
            "volume_mm3": round(float(body.volume)),
            "step_mm3": round(import_step(folder / f"{name}.step").volume),
            "thinnest_mm": round(mesh.thinnest(body).mm, 2),
            "knife_edges_mm": round(mesh.knife_mm(body), 1),
            "print_min": round(takes.minutes),
            "filament_m": round(takes.filament_m, 2),
            "filament_g": round(takes.filament_g, 1),
        }
    return {
        "cell": where.parts["cell"].title,
        "outer_mm": [round(length, 1) for length in where.outer_mm],
        "over_lugs_mm": round(where.over_lugs_mm, 1),
        "cover_bend_mm": round(estimate.cover_bend_mm(where), 2),
        "bar_mpa": round(estimate.bar_mpa(where), 1),
        "bodies": bodies,
    }
