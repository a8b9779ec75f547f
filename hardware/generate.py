"""Writes what follows from wiring.toml, the measured duty and the currents: `make gen`.

Nothing here needs more than the project's own environment; what does (the case) is `make hardware`.
"""

import sys
import tomllib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from bioklok.errors import BioklokFailure
from bioklok.generate import renewed

from hardware.bom import lists
from hardware.bom import page as bom
from hardware.drawings.pictures import OUT, pictures
from hardware.enclosure import page as enclosure
from hardware.enclosure import record
from hardware.enclosure.parts import DoesNotFit, read_case
from hardware.guide import page as guide
from hardware.power import page as power

HERE = Path(__file__).parent
ROOT = HERE.parent


def outputs() -> dict[Path, str]:
    """Return every generated file with what it should hold."""
    tables = power.tables() | bom.tables() | guide.tables() | enclosure.tables()
    wanted = {HERE / "power" / "days.svg": power.plot(), **pictures()}
    rooms = ("power", "bom", "guide", "enclosure")
    pages = (*(f"{room}/README.md" for room in rooms), "guide/README.nl.md")
    for path in (*(HERE / page for page in pages), ROOT / "README.md"):
        wanted[path] = renewed(path.read_text(encoding="utf-8"), tables)
    return wanted


def disagreements(wanted: Collection[Path]) -> Iterator[str]:
    """Yield a line for what `make gen` cannot mend: somebody has to say which of two is right."""
    yield from lists.troubles()
    for path in sorted(OUT.iterdir()):
        if path not in wanted:
            yield f"{path.relative_to(ROOT).as_posix()}: no board has this drawing: remove it"
    read_case()
    yield from record.stale(record.read())  # the case is built by make hardware, never here


def main(arguments: Sequence[str]) -> int:
    """Write them, or with --check only say which are not as they should be. Exit code 1, and a line
    for each, for those and for what does not agree."""
    try:
        wanted = outputs()
        stale = [
            path
            for path, text in wanted.items()
            if not path.is_file() or path.read_text(encoding="utf-8") != text
        ]
        if "--check" not in arguments:
            for path in stale:
                path.write_text(wanted[path], encoding="utf-8", newline="\n")
            stale = []
        told = list(disagreements(wanted))
    except (BioklokFailure, DoesNotFit) as failure:
        told, stale = [str(failure)], []
    except FileNotFoundError as failure:
        told, stale = [f"{failure.filename} is not there: git checkout it, or make hardware"], []
    except tomllib.TOMLDecodeError as failure:
        told, stale = [f"a .toml file of hardware/ is none: {failure}"], []
    sys.stderr.writelines(f"{line}\n" for line in told)
    if stale:
        names = ", ".join(path.relative_to(ROOT).as_posix() for path in stale)
        sys.stderr.write(f"not as the wiring and the duty say: {names}; run make gen\n")
    return 1 if stale or told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
