"""What a school, a region and a country need, from the figures of a run on PostgreSQL."""

import math
from collections.abc import Sequence

from benchmarks.figure import Figure, Table

# On purpose harsh: everybody syncs a day's pages within one hour, everybody opens three weeks
# within the hour around the weekly moment, and the weekly figures are made within one hour.
PAGES_A_DAY = 48
WEEKS_OPENED = 3
HOUR_S = 3600
WEEKS_KEPT = 6
SIZES = (("a school", 1_500), ("a region", 100_000), ("a country", 800_000))


def _found(figures: Sequence[Figure], begin: str) -> float:
    return next(one.value for one in figures if one.name.startswith(begin))


def tables(figures: Sequence[Figure], students: int, cores: int) -> dict[str, Table]:
    """Per core and per gigabyte, and for three sizes. Clients and database shared the cores."""
    pages = _found(figures, "ingest") / cores
    shown = _found(figures, "week pages, as many") / cores
    weekly = students / _found(figures, "weekly job") / cores
    in_gigabyte = 1e6 / (_found(figures, "database") * WEEKS_KEPT)
    each = Table(
        ("for one processor core, or one gigabyte", "measured"),
        [
            ("pages taken in", f"{_two(pages)} a second"),
            ("week pages shown", f"{_two(shown)} a second"),
            ("weekly figures", f"{_two(weekly)} students a second, starting included"),
            ("students in a gigabyte of database", _two(in_gigabyte)),
        ],
    )
    rows = [
        (
            name,
            f"{n:,}",
            _two(n * PAGES_A_DAY / HOUR_S / pages),
            _two(n * WEEKS_OPENED / HOUR_S / shown),
            _two(n / HOUR_S / weekly),
            f"{_two(n / in_gigabyte)} GB",
        )
        for name, n in SIZES
    ]
    heads = ("", "students", "ingest, cores", "pages, cores", "weekly figures, cores", "database")
    return {"per_core": each, "sizes": Table(heads, rows)}


def _two(value: float) -> str:
    """Two figures: more was not measured."""
    digits = 1 - math.floor(math.log10(value))
    rounded = round(value, digits)
    return f"{rounded:,.{max(digits, 0)}f}"
