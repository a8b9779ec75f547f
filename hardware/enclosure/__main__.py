"""`make hardware`: builds the case in its variants, checks it, draws it, keeps what was made.

Nothing under out/ or pictures/ changes unless every check passed. Exit code 1, and a line for each
trouble, where one did not.
"""

import argparse
import filecmp
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hardware.enclosure import build, pictures, record
from hardware.enclosure.parts import VARIANTS, DoesNotFit


def main(arguments: Sequence[str]) -> int:
    """Build all variants; with --again only tell whether the same bytes come out."""
    parser = argparse.ArgumentParser(prog="python -m hardware.enclosure", description=__doc__)
    parser.add_argument(
        "--again", action="store_true", help="compare with what is kept; keep nothing"
    )
    options = parser.parse_args(arguments)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        made, troubles, kept = Path(name), [], {}
        try:
            for variant in VARIANTS:
                kept[variant or "case"] = _variant(variant, made / "out", troubles)
        except DoesNotFit as trouble:
            troubles.append(str(trouble))
        if troubles:
            sys.stderr.write("".join(f"{line}\n" for line in troubles))
            return 1
        pictures.write(made / "pictures")
        if options.again:
            return _compare(made)
        for folder in (record.OUT, record.PICTURES):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(made / folder.name, folder)
    record.write(kept)
    sys.stdout.write(f"built, checked and drawn in {time.monotonic() - start:.0f} s\n")
    return 0


def _variant(variant: str, out: Path, troubles: list[str]) -> dict[str, Any]:
    names = build.OWN if variant else tuple(build.MAKERS)
    made = build.build(variant)
    folder = out / variant
    build.export(made, folder, names)
    found = list(build.check(made, folder, names))
    troubles += [f"{variant or 'case'}: {line}" for line in found]
    figures = build.figures(made, folder, names)
    if variant:  # its STL is for printers; who draws on takes the case's STEP, or builds
        for step in folder.glob("*.step"):
            step.unlink()
    size = " x ".join(f"{length:.1f}" for length in figures["outer_mm"])
    sys.stdout.write(
        f"{variant or 'case'}: {size} mm, {figures['over_lugs_mm']} mm over the horns\n"
    )
    for name, body in figures["bodies"].items():
        sys.stdout.write(
            f"  {name:<9}{body['volume_mm3']:>6} mm3  thinnest {body['thinnest_mm']:.2f} mm  "
            f"{body['print_min']:>3} min  {body['filament_g']:>4.1f} g\n"
        )
    return figures


def _compare(made: Path) -> int:
    files = [path.relative_to(made) for path in sorted(made.rglob("*")) if path.is_file()]
    other = [
        name
        for name in files
        if not (record.HERE / name).is_file()
        or not filecmp.cmp(made / name, record.HERE / name, shallow=False)
    ]
    for name in other:
        sys.stderr.write(f"hardware/enclosure/{name}: other bytes come out\n")
    return 1 if other else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
