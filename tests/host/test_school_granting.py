"""A period gives its strips once, whatever an administrator does to the school's periods."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from bioklok.office import strips as office
from bioklok.office.settings import keep_settings, settings_of
from bioklok.school.asking import School
from bioklok.school.days import SchoolYear
from bioklok.school.granting import given
from bioklok.school.ledger import Account, Kind, Ledger
from bioklok.school.strip_rules import Lot, Period, StripRules
from bioklok.school.strips import grant, settle
from hypothesis import given as of
from hypothesis import settings
from hypothesis import strategies as st
from support.campus import NOW, campus
from support.fuzz import profiles
from support.school import AUTUMN, BELL, EARLY, SCHOOL, WINTER, ZONE, after, at, empty, started

YEAR = SchoolYear(2026)
DAY = timedelta(days=1)
STRIPS = 3


def granted(ledger: Ledger, period: Period, school: School = SCHOOL, now: int = EARLY) -> Ledger:
    return after(ledger, grant(ledger, period, school, now))


def test_a_renamed_period_gives_nothing_again() -> None:
    ledger = started()
    renamed = granted(ledger, replace(AUTUMN, name="herfst"))
    assert renamed == ledger


def test_two_periods_that_change_names_give_nothing_again() -> None:
    ledger = granted(started(), WINTER)
    for period, name in ((AUTUMN, "winter"), (WINTER, "autumn")):
        assert granted(ledger, replace(period, name=name)) == ledger


def test_a_name_that_comes_back_is_another_lot() -> None:
    ledger = granted(started(), replace(WINTER, name="autumn"))
    assert [ledger.balance(day) for day in (AUTUMN.last, WINTER.first)] == [3, 2]
    assert len(ledger.lots()) == 2


def test_a_period_that_lasts_longer_keeps_its_strips_good() -> None:
    longer = replace(AUTUMN, last=date(2026, 12, 20))
    ledger = granted(started(), longer)
    assert [ledger.balance(day) for day in (AUTUMN.last, longer.last)] == [3, 3]
    assert ledger.total(Account.ISSUED) == -3
    assert granted(ledger, longer) == ledger
    settled = after(ledger, settle(ledger, SCHOOL, at("2027-01-10")))
    assert settled.balance(longer.last) == 3  # it waits for presses as every lot
    assert granted(ledger, AUTUMN) == ledger  # what was given is not taken back


def test_of_a_period_that_begins_earlier_the_strips_begin_where_the_others_end() -> None:
    shorter = replace(AUTUMN, last=date(2026, 11, 15))
    earlier = replace(WINTER, first=date(2026, 11, 16))
    ledger = granted(granted(started(), shorter), earlier)
    days = (shorter.last, earlier.first, AUTUMN.last, WINTER.first, WINTER.last)
    assert [ledger.balance(day) for day in days] == [3, 3, 3, 2, 2]


def test_what_is_left_stays_good_to_the_end_of_the_year_from_when_the_school_says_so() -> None:
    keeps = replace(SCHOOL, rules=replace(SCHOOL.rules, keeps_leftovers=True))
    ledger = granted(started(), AUTUMN, keeps)
    assert [ledger.balance(day) for day in (AUTUMN.last, YEAR.last)] == [3, 3]
    assert granted(ledger, replace(AUTUMN, name="herfst"), keeps) == ledger
    assert granted(ledger, WINTER, keeps).balance(WINTER.first) == 5


def test_a_grant_from_before_its_days_were_kept_is_known_by_when_it_began() -> None:
    lot = Lot("autumn", AUTUMN.first, AUTUMN.last)
    for last in (AUTUMN.last, YEAR.last):  # that of a school that keeps leftovers
        (entry,) = started().entries
        old = replace(entry, request_id="period:autumn", lot=replace(lot, last=last), days=None)
        ledger = empty().append([old], 0)
        again = granted(ledger, replace(AUTUMN, name="herfst"))
        assert again.total(Account.ISSUED) == -3
        assert granted(again, WINTER).total(Account.ISSUED) == -5


@pytest.mark.parametrize("name", ["herfst", "autumn"])
def test_renaming_in_the_rules_changes_no_card(database_url, name: str) -> None:
    with campus(database_url) as store:
        noor = store.account("noor")
        before = office.card(store, noor, NOW)
        kept = settings_of(store)
        periods = tuple(replace(one, name=f"{name}-{one.first}") for one in kept.rules.periods)
        keep_settings(store, None, replace(kept, rules=replace(kept.rules, periods=periods)))
        assert office.card(store, noor, NOW + 60) == before
        office.give_more(store, store.account("a").person, "noor", 2, "more", NOW + 120)
        assert office.card(store, noor, NOW + 180).left == before.left + 2
        with store.reading("noor") as desk:
            assert len(desk.ledger(YEAR).lots()) == 1  # the same lot's


# -- any history of changes ----------------------------------------------------------------------


def cut(cuts: list[int], names: list[str]) -> tuple[Period, ...]:
    """Periods from each of these days of the school year up to the next."""
    firsts = [YEAR.first + timedelta(days=n) for n in [0, *sorted(set(cuts))]]
    lasts = [one - DAY for one in firsts[1:]] + [YEAR.last]
    return tuple(
        Period(f"{names[n % len(names)]}{n // len(names) or ''}", first, last, STRIPS)
        for n, (first, last) in enumerate(zip(firsts, lasts, strict=True))
    )


NAMES = st.permutations(["herfst", "winter", "lente", "zomer", "a", "b"])
PERIODS = st.builds(cut, st.lists(st.integers(1, 364), max_size=5), NAMES)
GAPS = st.lists(st.booleans(), min_size=6, max_size=6)
STEPS = st.lists(
    st.tuples(st.integers(0, 60), PERIODS, GAPS, st.booleans()), min_size=1, max_size=12
)


def school_of(periods: tuple[Period, ...], keeps_leftovers: bool) -> School:
    return School(StripRules("oost", periods, keeps_leftovers), BELL, ZONE)


def lived(ledger: Ledger, school: School, day: date) -> Ledger:
    """What `office.strips` does on a day."""
    now = at(f"{day} 12:00")
    period = school.rules.period_on(day)
    if period is not None:
        ledger = granted(ledger, period, school, now)
    return after(ledger, settle(ledger, school, now))


def issued_for(ledger: Ledger, day: date) -> int:
    """How many strips the rules gave that are good on a day."""
    return -sum(
        posting.strips
        for entry in ledger.entries
        for posting in entry.postings
        if entry.kind is Kind.GRANT
        and posting.account is Account.ISSUED
        and ledger.lots()[posting.lot].covers(day)
    )


@profiles(quick=150, long=20_000)
def test_whatever_is_changed_no_day_gets_the_strips_of_two_periods(profile: settings) -> None:
    @profile
    @of(STEPS)
    def check(steps) -> None:
        ledger, day, ever_kept = empty(), YEAR.first, False
        for n_days, periods, gaps, keeps in steps:
            day = min(day + n_days * DAY, YEAR.last)
            chosen = tuple(one for one, is_gap in zip(periods, gaps, strict=False) if not is_gap)
            school = school_of(chosen, keeps)
            ever_kept = ever_kept or keeps
            ledger = lived(ledger, school, day)
            assert lived(ledger, school, day) == ledger  # once
            days = sorted((one.first, one.last) for one in given(ledger))
            assert all(last < first for (_, last), (first, _) in pairwise(days))
            if school.rules.period_on(day):
                assert issued_for(ledger, day) >= STRIPS  # whoever has a period has its strips
        if not ever_kept:
            every = (YEAR.first + n * DAY for n in range(365))
            assert all(issued_for(ledger, one) in (0, STRIPS) for one in every)

    check()


@profiles(quick=100, long=10_000)
def test_names_alone_change_nothing(profile: settings) -> None:
    @profile
    @of(
        st.lists(st.integers(1, 364), max_size=5),
        st.lists(st.tuples(st.integers(0, 60), NAMES), min_size=1, max_size=12),
        st.booleans(),
    )
    def check(cuts, steps, keeps) -> None:
        one, other, day = empty(), empty(), YEAR.first
        for n_days, names in steps:
            day = min(day + n_days * DAY, YEAR.last)
            one = lived(one, school_of(cut(cuts, ["a"]), keeps), day)
            other = lived(other, school_of(cut(cuts, names), keeps), day)
        assert one.total(Account.ISSUED) == other.total(Account.ISSUED)
        assert one.total(Account.EXPIRED) == other.total(Account.EXPIRED)
        days = [YEAR.first + n * DAY for n in range(365)]
        assert [one.balance(at_) for at_ in days] == [other.balance(at_) for at_ in days]

    check()
