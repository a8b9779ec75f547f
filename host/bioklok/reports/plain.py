"""Parts of a week in plain types, for JSON."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bioklok.reports.week import Day


def iso(moment: datetime | None) -> str | None:
    """Write a moment as ISO 8601 with its offset."""
    return None if moment is None else moment.isoformat()


def rounded(value: float | None) -> float | None:
    """Round to what a reader can use."""
    return None if value is None else round(value, 4)


def day_dict(day: "Day") -> dict[str, Any]:
    """Return what is told of one day."""
    rest = day.rest
    return {
        "date": day.date.isoformat(),
        "valid": day.valid,
        "n_moments": day.n_worn,
        "coverage": round(day.n_worn / len(day.grid), 4),
        "l5": rounded(rest.l5) if rest else None,
        "l5_onset": rest.l5_onset_min if rest else None,
        "m10": rounded(rest.m10) if rest else None,
        "m10_onset": rest.m10_onset_min if rest else None,
        "ra": rounded(rest.ra) if rest else None,
        "time_above_250lx": day.bright_min,
    }
