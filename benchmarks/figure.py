"""One measurement beside its reference, running a program on MicroPython, and keeping results."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import rich.table
from bioklok.simulator.interpreter import environment, find_micropython

HERE = Path(__file__).parent
MEASURED = HERE.parent / "docs" / "measured"
WASM = "BIOKLOK_MICROPYTHON_WASM"  # read by micropython_wasm.mjs, where that is the interpreter


@dataclass(frozen=True)
class Figure:
    """One measurement beside its reference from the same run."""

    name: str
    value: float
    unit: str
    reference: str
    reference_value: float | None = None
    least: float | None = None  # bounds that were asked for: outside them the bench fails
    most: float | None = None

    def holds(self) -> bool:
        """Whether it is within its bounds."""
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )


def on_micropython(program: str, interpreter: Path | None = None) -> dict[str, float]:
    """Run a program of this folder there and return what it prints; raises NotFound."""
    named = {WASM: os.environ[WASM]} if WASM in os.environ else {}
    done = subprocess.run(
        [find_micropython(interpreter), HERE / program],
        env=environment(**named),
        capture_output=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


@dataclass(frozen=True)
class Table:
    """A table as it stands in docs/, texts only."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def printed(table: Table, title: str | None = None) -> rich.table.Table:
    """The same for the console."""
    out = rich.table.Table(title=title)
    for i, head in enumerate(table.heads):
        out.add_column(head, justify="right" if i else "left", no_wrap=not i)
    for row in table.rows:
        out.add_row(*row)
    return out


def keep(name: str, figures: object, tables: Mapping[str, Table], folder: Path = MEASURED) -> Path:
    """Write docs/measured/NAME.json: the figures, and tables that `make gen` puts into docs/."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    kept = {"figures": figures, "tables": {key: asdict(table) for key, table in tables.items()}}
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return path


def percent(share: float) -> str:
    """A share as a text for a table."""
    return f"{share * 100:.0f} %"


def listed(values: Sequence[float], form: str = ".0f") -> str:
    """Figures beside each other in one cell of a table."""
    return ", ".join(f"{value:{form}}" for value in values)
