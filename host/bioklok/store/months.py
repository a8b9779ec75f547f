"""On a server pages lie by the month in which they begin: making a month's table in time."""

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from bioklok.store.base import Database
from bioklok.store.database import failures

_LOCK_NOT_AVAILABLE = "55P03"  # SQLSTATE: `bioklok_page_month` gave up waiting after 0.4 s
_ATTEMPTS = 75  # half a minute


class Months(Database):
    """Makes the partitions of the pages; see `migrations.postgresql_0003`."""

    def _make_month(self, month: str) -> None:
        """Make the partition of a month ("2026-11"), where there is none, in a transaction alone.

        It locks tables that a transaction which stores pages holds too: two of those that made the
        month within would wait for each other for ever.
        """
        for attempts_left in reversed(range(_ATTEMPTS)):
            try:
                with failures(self.place), Session(self.engine) as session:
                    self._say_who(session)
                    session.execute(text("SELECT bioklok_page_month(:m)"), {"m": f"{month}-01"})
                    session.commit()
                return
            except OperationalError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state != _LOCK_NOT_AVAILABLE or not attempts_left:
                    raise
