"""The power budget as tables, for hardware/power/README.md and the README."""

from collections.abc import Mapping

from hardware.power.budget import PARTS, Budget, Duty, budget, read_duty, swings
from hardware.power.plot import plot
from hardware.power.scenarios import ASKED_CELL, TARGET_DAYS, Scenario, scenarios
from hardware.power.sources import Currents, boards_of, read_currents

__all__ = ["TARGET_DAYS", "plot", "scenarios", "tables"]
_MOST_SWINGS = 8


def tables() -> dict[str, str]:
    """Return the generated parts by name."""
    currents = read_currents()
    boards = boards_of(currents)
    rows = scenarios()
    usual = {name: budget(name, read_duty(), currents) for name in boards}
    return {
        "target": _target(currents, rows),
        "days": _days(boards, currents, rows),
        "swings": _swings(boards, currents),
        "parts": _parts(usual),
        "figures": _figures(currents),
        "duty": _duty(),
        "summary": _summary(usual, currents, rows[0]),
    }


def _table(headings: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def _target(currents: Currents, rows: list[Scenario]) -> str:
    """A sentence: does the pilot reach its target, and with what change would it?"""
    pilot = next(iter(boards_of(currents)))
    days = {row.name: row.days(pilot, currents) for row in rows}
    usual = days[rows[0].name] or 0.0
    cell = budget(pilot, read_duty(), currents).cell_mah
    asked = days[ASKED_CELL] or 0.0
    told = f"The pilot was to last {TARGET_DAYS} days on 250 mAh: {_reached(asked)}"
    ways = [
        f"{name}: {found:.1f}"
        for name, found in days.items()
        if "250 mAh" in name and found and found >= TARGET_DAYS
    ]
    if asked < TARGET_DAYS and ways:
        told += f" (it would be with {'; '.join(ways)})"
    return (
        f"{told}. Its charger is too fast for such a cell ([the parts list](../bom/README.md))."
        f" On the list's {cell:.0f} mAh: {_reached(usual)}, if the figures below hold.\n"
    )


def _reached(days: float) -> str:
    word = "reached" if days >= TARGET_DAYS else "**not reached**"
    return f"{days:.1f}, modelled, {word}"


def _with_range(row: Scenario, board: str, currents: Currents) -> str:
    days, ends = row.days(board, currents), row.spread(board, currents)
    if days is None or ends is None:
        return "-"
    return f"**{days:.1f}** ({ends[0]:.1f} to {ends[1]:.1f})"


def _days(boards: list[str], currents: Currents, rows: list[Scenario]) -> str:
    return _table(
        ["modelled days on a charge", *(f"`{name}`" for name in boards)],
        [[row.name, *(_with_range(row, name, currents) for name in boards)] for row in rows],
    )


def _swings(boards: list[str], currents: Currents) -> str:
    pilot = boards[0]
    rows = []
    for one in swings(pilot, read_duty(), currents)[:_MOST_SWINGS]:
        figure = currents[one.figure]
        ends = [f"{figure.low:g}", f"{figure.value:g}", f"{figure.high:g}"]
        days = [f"{one.at_low:.1f}", f"{one.at_high:.1f}"]
        rows.append([f"`{one.figure}`", figure.kind, *ends, *days])
    return _table(["figure", "kind", "low", "taken", "high", "days at low", "days at high"], rows)


def _parts(usual: Mapping[str, Budget]) -> str:
    rows = [[part, *(f"{one.mah[part]:.2f}" for one in usual.values())] for part in PARTS]
    rows.append(["**all**", *(f"**{sum(one.mah.values()):.1f}**" for one in usual.values())])
    rows.append(["mean, mA", *(f"{one.mean_ma:.2f}" for one in usual.values())])
    return _table(["mAh a day, modelled", *(f"`{name}`" for name in usual)], rows)


def _figures(currents: Currents) -> str:
    rows = []
    for name, one in currents.items():
        ends = "" if one.low == one.high else f"{one.low:g} to {one.high:g}: {one.range_source}"
        rows.append([f"`{name}`", f"{one.value:g}", one.kind, one.source, ends])
    return _table(["figure", "value", "kind", "where from", "may be, and why"], rows)


def _duty() -> str:
    asked, glow = read_duty("asked"), read_duty("glow")
    return _table(
        ["measured, a day", "lamp when asked", "lamp that glows"],
        [
            [f"`{name}`", _plain(getattr(asked, name)), _plain(getattr(glow, name))]
            for name in Duty.__dataclass_fields__
        ],
    )


def _plain(number: float) -> str:
    return f"{number:,.1f}".removesuffix(".0")


def _summary(usual: Mapping[str, Budget], currents: Currents, row: Scenario) -> str:
    return _table(
        ["board", "cell", "modelled days on a charge (range)", "mean current"],
        [
            [
                f"`{name}`",
                f"{one.cell_mah:.0f} mAh",
                _with_range(row, name, currents).replace("**", ""),
                f"{one.mean_ma:.2f} mA",
            ]
            for name, one in usual.items()
        ],
    )
