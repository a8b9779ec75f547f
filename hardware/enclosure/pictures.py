"""The four pictures of the guide: apart, worn, as printed, inside. SVG, with the drawing inside it.

Each has a white ground of its own and its words in both languages, so that it can stand anywhere.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from build123d import Part as Solid

from hardware.enclosure import fit, wrist
from hardware.enclosure.build import Built, build, facets
from hardware.enclosure.callouts import Pin, page
from hardware.enclosure.plan import Plan
from hardware.enclosure.render import Camera, Floats, Thing, draw
from hardware.enclosure.solid import cone, post

COLOURS = {
    "bottom": (132, 178, 208),
    "top": (196, 219, 232),
    "cover": (222, 214, 196),
    "cap": (238, 176, 84),
    "window": (248, 248, 246),
    "diffuser": (252, 236, 200),
    "cell": (216, 216, 220),
    "xiao": (120, 160, 120),
    "lis3dh": (150, 130, 180),
    "veml7700": (150, 130, 180),
    "lamp": (255, 252, 240),
    "switch": (110, 108, 104),
    "antenna": (190, 140, 90),
    "cell_plug": (245, 240, 230),
    "resistors": (206, 178, 130),
    "lamp_resistors": (206, 178, 130),
    "screw": (170, 172, 176),
    "arm": (238, 230, 222),
    "strap": (96, 104, 120),
}


def write(folder: Path) -> None:
    """Draw all pictures of the case into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made = build()
    for name, picture in (
        ("exploded", _exploded(made)),
        ("worn", _worn(made)),
        ("printed", _printed(made)),
        ("inside", _inside(made)),
    ):
        (folder / f"{name}.svg").write_text(picture, encoding="utf-8")


def _thing(solid: Solid, name: str, up_mm: float = 0.0, creases: bool = True) -> Thing:
    points, triangles = facets(solid, 0.03, 0.25)
    return Thing((points + np.array((0.0, 0.0, up_mm)))[triangles], COLOURS[name], creases)


def _part(plan: Plan, name: str, up_mm: float = 0.0) -> list[Thing]:
    part = plan.parts[name]
    return [_thing(fit.shape(part, box, room=False), name, up_mm) for box in part.boxes]


def _screws(plan: Plan, up_mm: float) -> list[Thing]:
    case = plan.case
    high = (case.screw_head_mm - case.screw_clear_mm) / 2
    head = plan.cover_z + case.screw_seat_mm + high
    things = []
    for at in plan.screws:
        things.append(_thing(post(at, 2.0, (head - case.screw_mm, head - high)), "screw", up_mm))
        things.append(_thing(cone(at, (2.0, 3.8), (head - high, head)), "screw", up_mm))
    return things


def _middle(plan: Plan, name: str, up_mm: float, share: Sequence[float]) -> Pin:
    """Return a pin on the top of a part's first piece, at shares of its length and width."""
    box = plan.parts[name].boxes[0]
    x, y = (box.at[n] + share[n] * box.size[n] for n in (0, 1))
    return Pin(name, (x, y, box.top[2] + up_mm))


def _exploded(made: Built) -> str:
    plan = made.plan
    up = {"bottom": 0, "low": 22, "cover": 44, "high": 60, "veml7700": 78, "top": 100, "out": 122}
    things = [_thing(made.worn["bottom"], "bottom")]
    for name in ("cell", "lis3dh", "lamp"):
        things += _part(plan, name, up["low"])
    things.append(_thing(made.worn["cover"], "cover", up["cover"]))
    for name in ("xiao", "switch"):
        things += _part(plan, name, up["high"])
    things += _part(plan, "veml7700", up["veml7700"])
    things.append(_thing(made.worn["top"], "top", up["top"]))
    for name in ("cap", "window", "diffuser"):
        things.append(_thing(made.worn[name], name, up["out"]))
    things += _screws(plan, up["out"])
    deep, right = plan.deep_y, plan.high_x
    first = plan.screws[0]
    pins = [
        Pin("screw", (*first, plan.cover_z + 2 + up["out"])),
        Pin("window", (15, deep - 13, plan.top_z + up["out"])),
        Pin("cap", (plan.button_at[0] + 4, plan.button_at[1], plan.top_z + 1 + up["out"])),
        Pin("diffuser", (plan.lamp_at[0], 1.2, plan.top_z - 3 + up["out"])),
        Pin("top", (4, deep / 2, plan.top_z + up["top"])),
        _middle(plan, "veml7700", up["veml7700"], (0.15, 0.35)),
        _middle(plan, "xiao", up["high"], (0.85, 0.08)),
        _middle(plan, "switch", up["high"], (0.95, 0.5)),
        Pin("cover", (right - 4, 4, plan.cover_top + up["cover"])),
        _middle(plan, "cell", up["low"], (0.8, 0.3)),
        _middle(plan, "lis3dh", up["low"], (0.1, 0.4)),
        Pin("lamp", (plan.lamp_at[0] - 2, plan.lamp_at[1] - 2, 8 + up["low"])),
        Pin("bottom", (-1, 3, 4)),
    ]
    picture = draw(things, Camera(-28, 24), 620)
    return page(
        "exploded",
        (
            "The case taken apart, in the order in which it goes together",
            "De kast uit elkaar, in de volgorde waarin hij in elkaar gaat",
        ),
        picture,
        pins,
    )


def _worn(made: Built) -> str:
    plan = made.plan
    things = [_thing(body, name) for name, body in made.worn.items()]
    things += _screws(plan, 0)
    things.append(Thing(wrist.arm(plan), COLOURS["arm"], creases=False))
    things.append(Thing(wrist.strap(plan), COLOURS["strap"], creases=False))
    usb = plan.parts["xiao"].boxes[-1]
    pins = [
        Pin("cap", (plan.button_at[0] + 3, plan.button_at[1], plan.top_z + 0.8)),
        Pin("window", (14.0, plan.deep_y - 13, plan.top_z)),
        Pin("diffuser", (plan.lamp_at[0], 1.2, plan.top_z - 2.7)),
        Pin("usb", (plan.high_x + 1.6, usb.at[1] + 2, usb.at[2] + 1.5)),
        Pin("strap", (plan.strap_x + 4, -9.0, -6.0)),
        Pin("wearer", (plan.strap_x + 5, -1.6, plan.cover_z + 1)),
    ]
    picture = draw(things, Camera(24, 34), 860)
    return page(
        "worn",
        ("The case on a wrist of 15 cm around", "De kast op een pols van 15 cm rond"),
        picture,
        pins,
    )


def _printed(made: Built) -> str:
    things, pins = [], []
    right, gap = 0.0, 9.0
    places: dict[str, tuple[float, float]] = {}
    for name in ("bottom", "top"):
        places[name] = (right, 0.0)
        right += made.printed[name].bounding_box().size.X + gap
    places["cover"] = (right, 10.0)
    front = right
    for name in ("cap", "window", "diffuser"):
        places[name] = (front, -6.0)
        front += made.printed[name].bounding_box().size.X + 6.0
    for name, (x, y) in places.items():
        body = made.printed[name]
        thing = _thing(body, name)
        things.append(Thing(thing.triangles + np.array((x, y, 0.0)), thing.colour))
        size = body.bounding_box().size
        share = (0.2, 0.9) if name == "top" else (0.5, 0.12)
        pins.append(Pin(name, (x + size.X * share[0], y + size.Y * share[1], size.Z * 0.5)))
    last = made.printed["diffuser"].bounding_box().size.X
    low = (-8.0, -14.0)
    high = (max(right + 30.0, front + last) + 4.0, 60.0)
    bed = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    flat = np.array([[(*bed[a], -0.01) for a in order] for order in ((0, 1, 2), (0, 2, 3))])
    things.append(Thing(flat, (232, 232, 228), creases=False))
    picture = draw(things, Camera(-12, 48), 900)
    return page(
        "printed",
        (
            "How the pieces lie on the printer's bed: no support",
            "Hoe de delen op het printbed liggen: geen steun nodig",
        ),
        picture,
        pins,
    )


def _inside(made: Built) -> str:
    plan = made.plan
    shift = plan.high_x + 26.0
    turned = _turned(plan, shift)
    things = [_thing(made.worn["bottom"], "bottom"), _thing(made.worn["cover"], "cover")]
    inside = (
        "cell",
        "lis3dh",
        "lamp",
        "xiao",
        "switch",
        "cell_plug",
        "resistors",
        "lamp_resistors",
    )
    for name in inside:
        things += _part(plan, name)
    roof = [_thing(made.worn[name], name) for name in ("top", "window", "diffuser")]
    roof += _part(plan, "veml7700") + _part(plan, "antenna")
    things += [Thing(turned(thing.triangles), thing.colour) for thing in roof]
    usb = plan.parts["xiao"].boxes[-1]
    pins = [
        _middle(plan, "lis3dh", 0, (0.12, 0.5)),
        Pin("cell", (plan.rib_x + 3, 1.5, plan.cover_z)),
        Pin("cover", (plan.high_x - 3, 2.0, plan.cover_top)),
        _middle(plan, "xiao", 0, (0.3, 0.9)),
        Pin("usb", (usb.top[0] - 1, usb.at[1] + 4, usb.top[2])),
        Pin("lamp", (plan.lamp_at[0], plan.lamp_at[1], plan.parts["lamp"].boxes[-1].top[2])),
        Pin("switch", (plan.button_at[0], plan.button_at[1], plan.cover_top + 4.3)),
        _middle(plan, "cell_plug", 0, (0.5, 0.7)),
        _middle(plan, "resistors", 0, (0.5, 0.6)),
        _middle(plan, "lamp_resistors", 0, (0.3, 0.5)),
    ]
    for name, share in (("veml7700", (0.2, 0.55)), ("antenna", (0.3, 0.0))):
        box = plan.parts[name].boxes[0]
        point = [box.at[n] + share[n] * box.size[n] for n in (0, 1)] + [box.at[2]]
        x, y, z = turned(np.array(point))
        pins.append(Pin(name, (float(x), float(y), float(z))))
    picture = draw(things, Camera(0, 62), 940)
    return page(
        "inside",
        (
            "Inside: the bottom with its parts, and the top turned over beside it",
            "Binnenin: de onderkant met zijn delen, en de bovenkant omgekeerd ernaast",
        ),
        picture,
        pins,
        (32.0, 508.0, 968.0),
    )


def _turned(plan: Plan, shift_mm: float) -> Callable[[Floats], Floats]:
    """Return what turns the top over, like a page, and lays it beside the bottom."""

    def turn(points: Floats) -> Floats:
        return points * (-1.0, 1.0, -1.0) + np.array((plan.high_x + shift_mm, 0.0, plan.top_z))

    return turn
