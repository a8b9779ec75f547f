"""Which strips a period gives, whatever a school does to its periods during the year.

A grant is known by its days, never by the period's name: names are for people, and change. A period
is one that was given for already where the two share more than half of either's days; then no more
is given, and where the period lasts longer now its strips stay good as long. Of another one the
strips are good from the day after those that were given for. So however periods are renamed, moved,
split or put together, no day is given for twice.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from bioklok.school.asking import School
from bioklok.school.ledger import Kind, Ledger
from bioklok.school.strip_rules import Lot, Period

_PREFIX = "period:"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Given:
    """Strips that the rules give: their lot, and first and last of the days that they are for.

    The lot may be good for longer: to the end of the year, where a school keeps what is left.
    """

    grant_id: str
    lot: Lot
    first: date
    last: date


def for_period(ledger: Ledger, period: Period, school: School) -> tuple[Given | None, Given]:
    """Return what was given for a period (None: nothing yet), and what is to be from now on."""
    before = [one for one in given(ledger) if _shared(period, one)]
    newest = max(before, key=lambda one: one.last, default=None)
    if newest is None:
        return None, _fresh(ledger, period, school, period.first)
    n_shared = sum(_shared(period, one) for one in before)
    is_same = 2 * n_shared > _n_days(period) or any(
        2 * _shared(period, one) > _n_days(one) for one in before
    )
    if is_same or newest.last >= period.last:
        return newest, _longer(ledger, newest, period, school)
    return None, _fresh(ledger, period, school, newest.last + _DAY)


def given(ledger: Ledger) -> list[Given]:
    """Return what the rules gave so far, in that order."""
    found: dict[str, Given] = {}
    for entry in ledger.entries:
        grant_id = entry.request_id or ""
        if entry.kind is not Kind.GRANT or entry.lot is None or not grant_id.startswith(_PREFIX):
            continue
        first, last = entry.days or _days_of(entry.lot, ledger)
        found[entry.lot.name] = Given(grant_id, entry.lot, first, last)
    return list(found.values())


def _days_of(lot: Lot, ledger: Ledger) -> tuple[date, date]:
    """The days of a grant from before they were kept: of one to the end of the year no more is
    known than when it began."""
    return lot.first, lot.first if lot.last >= ledger.year.last else lot.last


def _fresh(ledger: Ledger, period: Period, school: School, first: date) -> Given:
    last = ledger.year.last if school.rules.keeps_leftovers else period.last
    taken = {one.name for one in ledger.lots().values() if one.first != first}
    name = period.name
    while name in taken:  # strips of two lots never mix, though their periods had one name
        name = f"{name} {first}"
    return Given(f"{_PREFIX}{first}", Lot(name, first, last), first, period.last)


def _longer(ledger: Ledger, one: Given, period: Period, school: School) -> Given:
    following = (other.first - _DAY for other in given(ledger) if other.first > one.first)
    last = max(one.last, min([period.last, *following]))
    good = ledger.year.last if school.rules.keeps_leftovers else last
    lot = Lot(one.lot.name, one.lot.first, max(one.lot.last, good))
    return Given(one.grant_id, lot, one.first, last)


def _shared(period: Period, one: Given) -> int:
    days = (min(period.last, one.last) - max(period.first, one.first)).days + 1
    return max(days, 0)


def _n_days(one: Period | Given) -> int:
    return (one.last - one.first).days + 1
