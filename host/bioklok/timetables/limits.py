"""How much of a stranger's file is read before it is refused."""

from dataclasses import dataclass

DAY_S = 86_400


@dataclass(frozen=True)
class Limits:
    """Bounds on one timetable. A school year of one student is a tenth of each, or less.

    `bytes`: the file. `lines`: its lines after unfolding. `line_chars`: one such line, also of what
    is dropped (homework is long). `depth`: components within components. `events`: appointments in
    the file. `occurrences`: appointments in the window after expansion. `rule_days`: days that all
    recurrence rules together may run over, which is what expansion costs. `window_days`: the
    snapshot's window.
    """

    bytes: int = 2_000_000
    lines: int = 100_000
    line_chars: int = 100_000
    depth: int = 4
    events: int = 5_000
    occurrences: int = 5_000
    rule_days: int = 200_000
    window_days: int = 400


USUAL = Limits()


def check_window(from_utc_s: int, until_utc_s: int, limits: Limits) -> None:
    """Raise ValueError where a snapshot's window is empty or too long: the caller's mistake."""
    if not 0 < until_utc_s - from_utc_s <= limits.window_days * DAY_S:
        raise ValueError(f"a window of more than 0 and at most {limits.window_days} days")
