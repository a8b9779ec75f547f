"""The case as tables, for hardware/enclosure/README.md: from made_from.json and parts.toml."""

from typing import Any

from hardware.enclosure import record
from hardware.enclosure.parts import read_parts

_CLOCK = 60


def tables() -> dict[str, str]:
    """Return the generated parts by name."""
    variants = record.read()["variants"]
    return {
        "case_sizes": _sizes(variants),
        "case_pieces": _pieces(variants),
        "case_parts": _parts(),
    }


def _table(headings: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def _by(size: list[float]) -> str:
    return " x ".join(f"{length:.1f}" for length in size)


def _whole(variants: dict[str, Any], name: str) -> dict[str, Any]:
    """Return all pieces of a variant: its own, and those it shares with the case."""
    return {**variants["case"]["bodies"], **variants[name]["bodies"]}


def _sizes(variants: dict[str, Any]) -> str:
    rows = []
    for name, one in variants.items():
        pieces = _whole(variants, name).values()
        minutes = sum(piece["print_min"] for piece in pieces)
        rows.append(
            [
                f"**{name}**",
                one["cell"],
                _by(one["outer_mm"]),
                f"{one['over_lugs_mm']:.1f}",
                f"{sum(piece['filament_g'] for piece in pieces):.0f} g",
                f"{minutes // _CLOCK} h {minutes % _CLOCK:02d}",
                f"{one['cover_bend_mm']:.2f} mm",
            ]
        )
    heads = ["", "cell", "along arm x around wrist x high, mm", "over the horns, mm", "filament"]
    return _table([*heads, "printing, estimated", "cover under a thumb, modelled"], rows)


def _pieces(variants: dict[str, Any]) -> str:
    rows = []
    for variant, one in variants.items():
        folder = "out" if variant == "case" else f"out/{variant}"
        for name, piece in one["bodies"].items():
            rows.append(
                [
                    f"[{name}]({folder}/{name}.stl)"
                    + ("" if variant == "case" else f", {variant}"),
                    _by(piece["size_mm"]),
                    f"{piece['thinnest_mm']:.2f}",
                    f"{piece['volume_mm3']}",
                    f"{piece['filament_g']:.1f} g",
                    f"{piece['print_min']}",
                ]
            )
    heads = ["piece", "as printed, mm", "thinnest wall, mm", "volume, mm3", "filament"]
    return _table([*heads, "minutes, estimated"], rows)


def _parts() -> str:
    rows = [
        [part.title, _by(list(part.size)), part.sits, f"**{part.kind}**: {part.source}"]
        for part in read_parts().values()
    ]
    return _table(["part", "size, mm", "where", "size from"], rows)
