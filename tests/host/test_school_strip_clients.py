"""The strip card under eight clients at once: any order, repeated, each on what it read before.

A client reads the ledger and the timetable, decides, and writes with the version that it read. In
between the others do as they like. Whatever comes of it: no strip is spent twice, nothing goes
below zero, no request is lost, and each ends once. Strips are counted from the raw entries here,
not by the functions under test.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from bioklok.errors import NotFound
from bioklok.school.asking import Ask, School, ask, pressed
from bioklok.school.days import SchoolYear, local_day, week_of
from bioklok.school.ledger import OPEN, Account, Entry, Kind, Ledger, LedgerMoved, State
from bioklok.school.people import Person, Role, mentor_tie
from bioklok.school.strip_rules import Agreement, Period, StripRules
from bioklok.school.strips import NotPossible, answer, follow, grant, settle, withdraw
from bioklok.school.timetable import Bell, Lesson, LessonHour, Snapshot
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

ZONE = ZoneInfo("Europe/Amsterdam")
MONDAY = date(2026, 11, 16)
START = int(datetime(2026, 11, 16, 7, tzinfo=ZONE).timestamp())
HOUR_S = 3600
NOOR = Person("oost", "noor", frozenset({Role.STUDENT}), "Europe/Amsterdam")
MENTOR = Person("oost", "m", frozenset({Role.MENTOR}), "Europe/Amsterdam")
TIES = (mentor_tie(MENTOR, NOOR, (), START - 86400),)
BELL = Bell("oost", tuple(LessonHour(n, time(n + 7), time(n + 7, 50)) for n in range(1, 9)))
ENDS = (Kind.REDEEM, Kind.RELEASE, Kind.TURN_DOWN)

Timetable = tuple[Snapshot, ...]
Command = Callable[[Ledger, Timetable, int], tuple[Entry, ...]]


def lesson(day: int, hour: int) -> Lesson:
    start = START + 86400 * day + HOUR_S * hour
    return Lesson(start, start + 3000, "wi" if hour % 2 else "ne", f"{day} {hour}")


# Monday, Tuesday, and Monday a week later: two weeks of the cap.
LESSONS = tuple(lesson(day, hour) for day in (0, 1, 7) for hour in (2, 3, 4, 5))


def snapshot(lessons: Sequence[Lesson], taken_at_utc_s: int) -> Snapshot:
    window = (START - 86400, START + 20 * 86400)
    return Snapshot("oost", "noor", taken_at_utc_s, *window, tuple(lessons))


@dataclass
class Client:
    """What one client still has to do, and what it read before."""

    todo: list[Command] = field(default_factory=list)
    done: list[Command] = field(default_factory=list)
    read: tuple[Ledger, Timetable] | None = None


CLIENTS = st.integers(0, 7)


class EightClients(RuleBasedStateMachine):
    @initialize(
        strips=st.sampled_from([2, 4, 1, 3, 0]),
        is_granted=st.integers(0, 5).map(bool),
        limits=st.fixed_dictionaries(
            {
                "agreement": st.sampled_from(Agreement),
                "per_week": st.sampled_from([None, None, 1, 2]),
                "per_subject": st.sampled_from([None, None, 1, 2]),
                "keeps_leftovers": st.booleans(),
            }
        ),
    )
    def open_school(self, strips: int, is_granted: bool, limits: dict[str, Any]) -> None:
        self.period = Period("autumn", MONDAY, MONDAY + timedelta(days=13), strips)
        rules = StripRules(
            "oost", (self.period,), press_days_ahead=1, late_answer_s=2 * 86400, **limits
        )
        self.school = School(rules, BELL, ZONE)
        self.now = START
        self.stored = Ledger("oost", "noor", SchoolYear(2026))
        if is_granted:
            self.stored = self.stored.append(grant(self.stored, self.period, self.school, START), 0)
        self.timetable: Timetable = (snapshot(LESSONS, START - 3600),)
        self.clients = [Client() for _ in range(8)]
        self.wanted: set[str] = set()
        self.stored_before: tuple[Entry, ...] = ()

    # -- what clients are told to do -----------------------------------------------------------

    def _give(self, client: int, command: Command) -> None:
        self.clients[client].todo.append(command)

    @rule(client=CLIENTS, epoch=st.integers(0, 5), ago_h=st.integers(0, 30))
    def long_press(self, client: int, epoch: int, ago_h: int) -> None:
        """A hub brings a press, now or after a day offline; another hub may bring it too."""
        request = pressed("c0ffee", 7, epoch, self.now - HOUR_S * ago_h)
        self.wanted.add(request.request_id)
        self._give(client, lambda at, seen, now: ask(at, request, seen, self.school, now))

    @rule(client=CLIENTS, form=st.integers(0, 9), which=st.integers(0, 99))
    def click(self, client: int, form: int, which: int) -> None:
        ahead = [one for one in self.timetable[-1].lessons if one.start_utc_s > self.now] or LESSONS
        request = Ask(f"form:{form}", self.now, ahead[which % len(ahead)].id)
        self.wanted.add(request.request_id)
        self._give(client, lambda at, seen, now: ask(at, request, seen, self.school, now))

    @precondition(lambda self: self.wanted)
    @rule(client=CLIENTS, which=st.integers(0, 99), is_agreed=st.booleans())
    def mentor_answers(self, client: int, which: int, is_agreed: bool) -> None:
        name = self._one_of_them(which)
        self._give(
            client,
            lambda at, seen, now: answer(
                at, name, is_agreed, by=MENTOR, student=NOOR, ties=TIES, now_utc_s=now
            ),
        )

    @precondition(lambda self: self.wanted)
    @rule(client=CLIENTS, which=st.integers(0, 99))
    def take_back(self, client: int, which: int) -> None:
        name = self._one_of_them(which)
        self._give(
            client, lambda at, seen, now: withdraw(at, name, by=NOOR, student=NOOR, now_utc_s=now)
        )

    def _one_of_them(self, which: int) -> str:
        """Return an open request if there are any, else any, also one that is not stored yet."""
        known = self.stored.requests().values()
        names = [one.request_id for one in known if one.state in OPEN] or sorted(self.wanted)
        return names[which % len(names)]

    @rule(client=CLIENTS)
    def job(self, client: int) -> None:
        """The nightly job: grant the period, let time do its work."""
        self._give(client, lambda at, seen, now: grant(at, self.period, self.school, now))
        self._give(client, lambda at, seen, now: settle(at, self.school, now))

    # -- what happens in between ---------------------------------------------------------------

    @rule(
        client=CLIENTS,
        gone=st.sets(st.sampled_from(LESSONS), max_size=2),
        later=st.sets(st.sampled_from(LESSONS), max_size=2),
        by_h=st.sampled_from([5, 24]),
        is_renumbered=st.booleans(),
    )
    def feed(
        self,
        client: int,
        gone: set[Lesson],
        later: set[Lesson],
        by_h: int,
        is_renumbered: bool,
    ) -> None:
        """A new snapshot is stored; the client that fetched it follows it, sooner or later."""
        lessons = [
            replace(
                one,
                start_utc_s=one.start_utc_s + HOUR_S * by_h * (one in later),
                end_utc_s=one.end_utc_s + HOUR_S * by_h * (one in later),
                id=f"{one.id} {len(self.timetable)}" if is_renumbered else one.id,
            )
            for one in LESSONS
            if one not in gone
        ]
        self.timetable += (snapshot(lessons, self.now),)
        self._give(client, lambda at, seen, now: follow(at, seen, self.school, now))

    @rule(minutes=st.sampled_from([1, 30, 120, 600]))
    def wait(self, minutes: int) -> None:
        self.now += 60 * minutes

    @rule(client=CLIENTS)
    def read(self, client: int) -> None:
        self.clients[client].read = (self.stored, self.timetable)

    @rule(client=CLIENTS)
    def write(self, client: int) -> None:
        self._write(self.clients[client])

    @rule(order=st.permutations(range(8)))
    def all_at_once(self, order: list[int]) -> None:
        """Everybody reads, then everybody writes: of those who have something to say one wins."""
        for client in self.clients:
            client.read = (self.stored, self.timetable)
        for n in order:
            self._write(self.clients[n])

    @rule(order=st.permutations(range(8)))
    def one_after_another(self, order: list[int]) -> None:
        for n in order:
            self._write(self.clients[n])

    @rule(client=CLIENTS)
    def do_it_again(self, client: int) -> None:
        """What was acknowledged is sent once more: the answer was lost on the way."""
        self.clients[client].todo += self.clients[client].done[-2:]

    def _write(self, client: Client) -> None:
        if not client.todo:
            return
        ledger, timetable = client.read or (self.stored, self.timetable)
        client.read = None
        command = client.todo[0]
        try:
            entries = command(ledger, timetable, self.now)
            self.stored = self.stored.append(entries, ledger.version)
        except LedgerMoved:
            return  # the command stays the first to do
        except (NotPossible, NotFound):
            pass  # an answer too
        client.done.append(client.todo.pop(0))

    # -- what always holds ---------------------------------------------------------------------

    def _totals(self) -> Counter[Account]:
        totals: Counter[Account] = Counter()
        for entry in self.stored.entries:
            for posting in entry.postings:
                totals[posting.account] += posting.strips
        return totals

    @invariant()
    def entries_sum_to_zero_and_nothing_is_below_zero(self) -> None:
        totals = self._totals()
        assert sum(totals.values()) == 0
        assert all(totals[one] >= 0 for one in Account if one is not Account.ISSUED)
        assert -totals[Account.ISSUED] in (0, self.period.strips)

    @invariant()
    def what_is_reserved_or_used_is_a_request_s(self) -> None:
        states = Counter(one.state for one in self.stored.requests().values())
        totals = self._totals()
        assert totals[Account.RESERVED] == states[State.ASKED] + states[State.AGREED]
        assert totals[Account.USED] == states[State.USED]

    @invariant()
    def no_request_ends_twice(self) -> None:
        ends = Counter(one.request_id for one in self.stored.entries if one.kind in ENDS)
        assert all(n == 1 for n in ends.values())

    @invariant()
    def no_lesson_is_covered_twice_and_caps_hold(self) -> None:
        rules = self.school.rules
        covered = {
            one.request_id: one.lesson
            for one in self.stored.requests().values()
            if one.state is not State.RELEASED and one.lesson is not None
        }
        # Lessons that a school moves may come to lie over each other; those asked for may not.
        moved = {one.request_id for one in self.stored.entries if one.kind is Kind.MOVE}
        as_asked = sorted(one for name, one in covered.items() if name not in moved)
        assert all(one.end_utc_s <= other.start_utc_s for one, other in pairwise(as_asked))
        weeks = Counter(week_of(local_day(one.start_utc_s, ZONE)) for one in covered.values())
        assert rules.per_week is None or all(n <= rules.per_week for n in weeks.values())
        subjects = Counter(one.subject for one in covered.values())
        assert rules.per_subject is None or all(n <= rules.per_subject for n in subjects.values())

    @invariant()
    def what_was_written_stays_as_it_was(self) -> None:
        assert self.stored.entries[: len(self.stored_before)] == self.stored_before
        self.stored_before = self.stored.entries

    def teardown(self) -> None:
        """Everybody gets their turn, the year ends: nothing is lost, open or left."""
        if not hasattr(self, "stored"):
            return
        for n in range(8 * sum(len(client.todo) + 1 for client in self.clients)):
            self._write(self.clients[n % 8])
        assert not any(client.todo for client in self.clients)
        assert set(self.stored.requests()) == self.wanted
        self.now = int(datetime(2027, 8, 1, tzinfo=ZONE).timestamp())
        self.stored = self.stored.append(
            settle(self.stored, self.school, self.now), self.stored.version
        )
        ends = Counter(one.request_id for one in self.stored.entries if one.kind in ENDS)
        assert ends == Counter(self.wanted)
        totals = self._totals()
        assert totals[Account.FREE] == totals[Account.RESERVED] == 0
        assert totals[Account.USED] == sum(one.kind is Kind.REDEEM for one in self.stored.entries)
        assert totals[Account.USED] + totals[Account.EXPIRED] == -totals[Account.ISSUED]
        self.entries_sum_to_zero_and_nothing_is_below_zero()
        self.no_lesson_is_covered_twice_and_caps_hold()


TestEightClients = EightClients.TestCase
TestEightClients.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
