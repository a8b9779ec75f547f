"""The weekly figures: what is left of a week when its minutes are gone."""

from typing import Any

from bioklok.office.consenting import require_consent
from bioklok.office.settings import settings_of
from bioklok.reports.week import build_week
from bioklok.store import Account, Store


def make_weekly(store: Store, student: Account, week: str, now_utc_s: int) -> dict[str, Any]:
    """Keep the figures of a week; return what is kept.

    Where some were made of more minutes before, those stay: the minutes may be partly gone since.
    Raises NoConsent, BioklokFailure for no such week, or pages that cannot be opened.
    """
    settings = settings_of(store)
    built = build_week(store, student.id, week, student.timezone)
    new = {
        name: value
        for name, value in built.to_dict().items()
        if name not in ("student", "last_sync")
    }
    new["made_at_utc_s"] = now_utc_s
    with store.desk(student.id) as desk:
        require_consent(store, desk, settings, now_utc_s)
        before = desk.weekly(week)
        if before is not None and before.get("n_epochs", 0) > built.n_epochs:
            return before
        desk.put_weekly(week, new, now_utc_s)
    return new
