"""What is compared: ways to use a board and ways to build it, each as days on a charge."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardware.power.budget import Duty, budget, read_duty, spread, with_sampling, with_windows
from hardware.power.sources import Currents

TARGET_DAYS = 14
# What was asked for; the pilot's charger (350 to 370 mA) is too fast for most such cells.
ASKED_CELL_MAH = {"esp32c3_pilot": 250.0}
_PILOT = tuple(ASKED_CELL_MAH)
ASKED_CELL = "a cell of 250 mAh"
_WINDOWS = (("half as long", 0.5), ("three times as long", 3.0))
# (samples a second, seconds between bursts): the FIFO of a LIS3DH holds 32 samples.
SAMPLINGS = ((25.0, 1.2), (10.0, 1.0), (10.0, 3.0))


@dataclass(frozen=True)
class Scenario:
    """One row. low: figures of the board taken at the low end of their range; cells: another cell
    than wiring.toml's, by board; only: the boards that it speaks of (none named: all that have
    those figures). A board that a row says nothing about has no days in it."""

    name: str
    duty: Duty
    low: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    cells: Mapping[str, float] = field(default_factory=dict)

    def currents(self, board: str, currents: Currents) -> Currents | None:
        """The figures as this row has them; None where it says nothing about the board."""
        names = [f"boards.{board}.{name}" for name in self.low]
        if board not in (self.only or self.cells or (board,)):
            return None
        if any(name not in currents for name in names):
            return None
        return {**currents, **{n: currents[n].at(currents[n].low) for n in names}}

    def days(self, board: str, currents: Currents) -> float | None:
        """Modelled days, or None where the row says nothing about the board."""
        changed = self.currents(board, currents)
        if changed is None:
            return None
        return budget(board, self.duty, changed, self.cells.get(board)).days

    def spread(self, board: str, currents: Currents) -> tuple[float, float] | None:
        """Fewest and most days, every figure at one end of its range at once."""
        changed = self.currents(board, currents)
        if changed is None:
            return None
        return spread(board, self.duty, changed, self.cells.get(board))


def scenarios() -> list[Scenario]:
    """Return the rows; the first is what the firmware does by itself on the parts of the list."""
    asked = read_duty("asked")
    rows = [
        Scenario("as it is: lamp when asked", asked),
        Scenario("the lamp glows by itself", read_duty("glow")),
    ]
    rows += [
        Scenario(f"radio windows {name}", with_windows(asked, share)) for name, share in _WINDOWS
    ]
    rows += [
        Scenario(f"{hz:.0f} Hz, a burst every {every:g} s", with_sampling(asked, hz, every))
        for hz, every in SAMPLINGS
    ]
    rows += [
        Scenario("breakouts without regulators", asked, low=("breakouts",)),
        Scenario(ASKED_CELL, asked, cells=ASKED_CELL_MAH),
        Scenario("light sleep as in its datasheet", asked, low=("sleep",), only=_PILOT),
        Scenario(
            "no regulators, datasheet's sleep", asked, low=("sleep", "breakouts"), only=_PILOT
        ),
        Scenario(
            "250 mAh, no regulators, datasheet's sleep",
            asked,
            low=("sleep", "breakouts"),
            cells=ASKED_CELL_MAH,
        ),
    ]
    return rows
