"""A student's timetable and weeks, and how every paper of a student is read and written.

Keys begin with the school and the student; what is sealed is under the student's data key.
"""

from functools import cached_property
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from bioklok.school.people import Person
from bioklok.school.timetable import Lesson, Snapshot
from bioklok.store.people import Account, People
from bioklok.store.records import from_json
from bioklok.store.school_tables import (
    CourseRow,
    FeedRow,
    GradeRow,
    ReflectionRow,
    SnapshotRow,
    WeeklyRow,
    WishRow,
)
from bioklok.store.sealing import Sealer

_Row = TypeVar("_Row", bound=SQLModel)


class Papers:
    """The rows of one student, within one transaction; see `desk.Desk`."""

    def __init__(self, store: People, session: Session, account: Account) -> None:
        self._store = store
        self._session = session
        self._key = (store.school_id, account.id)
        self.account = account

    @property
    def student(self) -> Person:
        return self.account.person

    @cached_property
    def _sealer(self) -> Sealer:
        return Sealer(self._store.vault.key(*self._key))

    # -- the timetable ---------------------------------------------------------------------------

    def snapshots(self, since_utc_s: int = 0) -> list[Snapshot]:
        """Return what the timetable said, oldest first: from the one in force at `since_utc_s`."""
        rows = self._rows(SnapshotRow, SnapshotRow.taken_at_utc_s)
        n_before = sum(row.taken_at_utc_s <= since_utc_s for row in rows)
        return [
            Snapshot(
                *self._key,
                row.taken_at_utc_s,
                row.from_utc_s,
                row.until_utc_s,
                from_json(tuple[Lesson, ...], row.lessons),
            )
            for row in rows[max(n_before - 1, 0) :]
        ]

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Keep what the timetable says now."""
        lessons = TypeAdapter(tuple[Lesson, ...]).dump_json(snapshot.lessons).decode()
        self._put(
            SnapshotRow,
            taken_at_utc_s=snapshot.taken_at_utc_s,
            from_utc_s=snapshot.from_utc_s,
            until_utc_s=snapshot.until_utc_s,
            lessons=lessons,
        )

    def feed(self) -> tuple[FeedRow, str] | None:
        """Return where the timetable comes from and its secret address; None: from nowhere."""
        row = self._session.get(FeedRow, self._key)
        if row is None:
            return None
        return row, self._sealer.open_json(row.sealed, self._about("feed", row.kind))

    def put_feed(self, kind: str, host: str, address: str) -> None:
        """Say where the timetable comes from."""
        sealed = self._sealer.seal_json(address, self._about("feed", kind))
        self._put(FeedRow, kind=kind, host=host, sealed=sealed)

    def note_feed(self, fetched_at_utc_s: int, failure: str = "") -> None:
        """Note how reading the feed went."""
        row = self._session.get_one(FeedRow, self._key)
        row.failure = failure
        if not failure:
            row.fetched_at_utc_s = fetched_at_utc_s
        self._session.add(row)

    def drop_feed(self) -> None:
        """Forget where the timetable comes from."""
        row = self._session.get(FeedRow, self._key)
        if row is not None:
            self._session.delete(row)

    # -- the week --------------------------------------------------------------------------------

    def reflection(self, week: str, kept_by_utc_s: int | None = None) -> dict[str, Any]:
        """Return the student's cards of a week; empty where there are none.

        kept_by_utc_s: as they were kept up to then; None: as they are.
        """
        row = self._session.get(ReflectionRow, (*self._key, week))
        if row is None or (kept_by_utc_s is not None and row.at_utc_s > kept_by_utc_s):
            return {}
        cards: dict[str, Any] = self._sealer.open_json(row.sealed, self._about("reflection", week))
        return cards

    def put_reflection(self, week: str, cards: dict[str, Any], at_utc_s: int) -> None:
        """Keep the student's cards of a week."""
        sealed = self._sealer.seal_json(cards, self._about("reflection", week))
        self._put(ReflectionRow, week=week, sealed=sealed, at_utc_s=at_utc_s)

    def weekly(self, week: str) -> dict[str, Any] | None:
        """Return the aggregates of a week that the weekly job made; None: it made none."""
        row = self._session.get(WeeklyRow, (*self._key, week))
        if row is None:
            return None
        found: dict[str, Any] = self._sealer.open_json(row.sealed, self._about("weekly", week))
        return found

    def put_weekly(self, week: str, aggregates: dict[str, Any], at_utc_s: int) -> None:
        """Keep the aggregates of a week."""
        sealed = self._sealer.seal_json(aggregates, self._about("weekly", week))
        self._put(WeeklyRow, week=week, sealed=sealed, at_utc_s=at_utc_s)

    def course(self) -> dict[str, Any] | None:
        """Return how far the estimator was followed; None: it was not, or not lately."""
        row = self._session.get(CourseRow, self._key)
        if row is None:
            return None
        found: dict[str, Any] = self._sealer.open_json(row.sealed, self._about("course", ""))
        return found

    def put_course(self, course: dict[str, Any], at_utc_s: int) -> None:
        """Keep how far the estimator was followed."""
        sealed = self._sealer.seal_json(course, self._about("course", ""))
        self._put(CourseRow, sealed=sealed, at_utc_s=at_utc_s)

    def weeks(self) -> list[str]:
        """Return the weeks of which there are aggregates or cards, oldest first."""
        found: set[str] = set()
        for table in (WeeklyRow, ReflectionRow):
            found |= {row.week for row in self._session.exec(self._query(table))}
        return sorted(found)

    # -- the wrist -------------------------------------------------------------------------------

    def wishes(self) -> dict[str, Any]:
        """Return what the student decided about their Bioklok; empty where they decided nothing."""
        row = self._session.get(WishRow, self._key)
        if row is None:
            return {}
        found: dict[str, Any] = self._sealer.open_json(row.sealed, self._about("wish", ""))
        return found

    def put_wishes(self, wishes: dict[str, Any]) -> None:
        """Keep what the student decided about their Bioklok."""
        self._put(WishRow, sealed=self._sealer.seal_json(wishes, self._about("wish", "")))

    def grades(self, since_utc_s: int = 0) -> dict[int, int]:
        """Return how sharp the student said they were: grade by when its quarter hour began."""
        rows = self._session.exec(
            self._query(GradeRow)
            .where(col(GradeRow.at_utc_s) >= since_utc_s)
            .order_by(col(GradeRow.at_utc_s))
        )
        return {
            row.at_utc_s: self._sealer.open_json(
                row.sealed, self._about("grade", str(row.at_utc_s))
            )
            for row in rows
        }

    def put_grade(self, at_utc_s: int, grade: int) -> None:
        """Keep how sharp the student was in the quarter of an hour that begins then."""
        sealed = self._sealer.seal_json(grade, self._about("grade", str(at_utc_s)))
        self._put(GradeRow, at_utc_s=at_utc_s, sealed=sealed)

    # -- rows ------------------------------------------------------------------------------------

    def _about(self, what: str, which: str) -> str:
        return f"{what} {self._key[0]}/{self._key[1]}/{which}"

    def _query(self, table: type[_Row]) -> Any:
        columns: Any = table
        return select(table).where(
            columns.school_id == self._key[0], columns.student_id == self._key[1]
        )

    def _rows(self, table: type[_Row], order: Any) -> list[_Row]:
        return list(self._session.exec(self._query(table).order_by(col(order))))

    def _next(self, table: type[_Row]) -> int:
        self._session.flush()
        columns: Any = table
        query = select(func.coalesce(func.max(columns.sequence), -1)).where(
            columns.school_id == self._key[0], columns.student_id == self._key[1]
        )
        return int(self._session.exec(query).one()) + 1

    def _add(self, table: type[_Row], **values: Any) -> None:
        self._session.add(table(school_id=self._key[0], student_id=self._key[1], **values))

    def _put(self, table: type[_Row], **values: Any) -> None:
        self._session.merge(table(school_id=self._key[0], student_id=self._key[1], **values))
