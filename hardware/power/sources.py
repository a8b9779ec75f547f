"""currents.toml: every figure of the power budget with its source and how far it may be off.

A figure's kind is never stronger than its source: who says "datasheet" has to name document,
revision, section and page, and so on down to "assumed", which has to say why.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bioklok.errors import BioklokFailure

CURRENTS = Path(__file__).parent / "currents.toml"
# What each kind has to name besides value and kind.
KINDS = {
    "datasheet": {"document", "section", "page"},
    "maker": {"document", "section"},
    "measured": {"document", "section"},
    "cited": {"document", "section"},
    "assumed": {"why"},
}
# What the named document has to have for that kind.
_OF_DOCUMENT = {"datasheet": "revision", "maker": "address"}
_RANGE = {"low", "high", "range"}
ASSUMED_TIMES = 2.0  # an assumed figure without a range of its own: half to double


@dataclass(frozen=True)
class Figure:
    """One figure. value, low, high: microamperes, or what its name says. source: for a person."""

    value: float
    low: float
    high: float
    kind: str
    source: str
    range_source: str

    def at(self, value: float) -> "Figure":
        """The same figure with another value, which then is certain."""
        return replace(self, value=value, low=value, high=value)


Currents = Mapping[str, Figure]


def read_currents(path: Path = CURRENTS) -> dict[str, Figure]:
    """Return the figures by name, as boards.esp32c3_pilot.sleep. BioklokFailure, in one line, for a
    figure that is stronger than its source, or whose range does not hold it."""
    text = tomllib.loads(path.read_text(encoding="utf-8"))
    documents = text.pop("documents", {})
    return {name: _figure(name, row, documents) for name, row in _rows(text)}


def boards_of(currents: Currents) -> list[str]:
    """Return the boards that have figures, in the order of the file."""
    names = [name.split(".")[1] for name in currents if name.startswith("boards.")]
    return list(dict.fromkeys(names))


def _rows(table: Mapping[str, Any], where: str = "") -> list[tuple[str, dict[str, Any]]]:
    if "value" in table or "kind" in table:
        return [(where, dict(table))]
    return [
        row
        for name, inner in table.items()
        for row in _rows(inner, f"{where}.{name}" if where else name)
    ]


def _figure(name: str, row: Mapping[str, Any], documents: Mapping[str, Any]) -> Figure:
    kind = row.get("kind")
    if kind not in KINDS:
        raise BioklokFailure(f"{name}: {kind} is no kind of figure: take {', '.join(KINDS)}")
    wanted = {"value", "kind", *KINDS[kind]}
    if set(row) - _RANGE != wanted or not all(str(row[one]).strip() for one in wanted):
        raise BioklokFailure(f"{name}: {kind} wants {', '.join(sorted(wanted))}, and no more")
    value = float(row["value"])
    if value <= 0:
        raise BioklokFailure(f"{name}: {value:g} is not more than nothing")
    source = str(row.get("why")) if kind == "assumed" else _source(name, row, documents)
    low, high, range_source = _range(name, row, value)
    return Figure(value, low, high, kind, source, range_source)


def _source(name: str, row: Mapping[str, Any], documents: Mapping[str, Any]) -> str:
    kind = row["kind"]
    document = documents.get(row["document"])
    if document is None or not str(document.get("title", "")).strip():
        raise BioklokFailure(f"{name}: {row['document']} is none of the documents: add its title")
    needed = _OF_DOCUMENT.get(kind)
    if needed and not str(document.get(needed, "")).strip():
        raise BioklokFailure(
            f"{name}: {kind}, but {row['document']} has no {needed}: take a weaker kind"
        )
    parts = [str(document["title"])]
    parts += [str(document[one]) for one in ("revision", "address") if document.get(one)]
    parts.append(str(row["section"]))
    if kind == "datasheet":
        page = row["page"]
        if not isinstance(page, int) or page < 1:
            raise BioklokFailure(f"{name}: datasheet wants a page from 1: take a weaker kind")
        parts.append(f"page {page}")
    return "; ".join(parts)


def _range(name: str, row: Mapping[str, Any], value: float) -> tuple[float, float, str]:
    given = _RANGE & set(row)
    if not given:
        if row["kind"] == "assumed":
            return value / ASSUMED_TIMES, value * ASSUMED_TIMES, "half and double"
        return value, value, ""
    if given != _RANGE:
        raise BioklokFailure(f"{name}: low, high and range (where from) come together")
    low, high = float(row["low"]), float(row["high"])
    if not 0 < low <= value <= high:
        raise BioklokFailure(f"{name}: {value:g} is not between {low:g} and {high:g}")
    return low, high, str(row["range"])
