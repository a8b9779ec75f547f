"""On a server pages lie by the month in which they begin: making a month's table in time."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from bioklok.errors import BioklokFailure
from bioklok.store.base import Database
from bioklok.store.database import failures

_LOCK_NOT_AVAILABLE = "55P03"  # SQLSTATE: `bioklok_page_month` gave up waiting after 0.4 s
_ATTEMPTS = 75  # half a minute


class Months(Database):
    """Makes the partitions of the pages; see `migrations.postgresql_0003`."""

    def make_coming_months(self, now_utc_s: int) -> bool:
        """On a server, make this month's partition and the next one's, before pages come.

        Nobody who syncs has then to wait for those who read. Tries once, as there are many nights;
        returns False where others kept the tables busy.
        """
        today = datetime.fromtimestamp(now_utc_s, UTC)
        try:
            self._make_months([today, today.replace(day=1) + timedelta(days=32)], attempts=1)
        except BioklokFailure:
            return False
        return True

    def _make_months(self, moments: Iterable[datetime], attempts: int | None = None) -> None:
        """On a server, make the partitions of the months in which these moments (UTC) are."""
        if not self.place.is_sqlite:
            for month in sorted({f"{moment:%Y-%m}" for moment in moments} - self._months):
                self._make_month(month, attempts or _ATTEMPTS)
                self._months.add(month)

    def _make_month(self, month: str, attempts: int) -> None:
        """Make the partition of a month ("2026-11"), where there is none, in a transaction alone.

        It locks tables that a transaction which stores pages holds too: two of those that made the
        month within would wait for each other for ever.
        """
        with failures(self.place):
            for attempts_left in reversed(range(attempts)):
                try:
                    with Session(self.engine) as session:
                        self._say_who(session)
                        session.execute(text("SELECT bioklok_page_month(:m)"), {"m": f"{month}-01"})
                        session.commit()
                    return
                except OperationalError as error:
                    state = getattr(error.orig, "sqlstate", None)
                    if state != _LOCK_NOT_AVAILABLE or not attempts_left:
                        raise
