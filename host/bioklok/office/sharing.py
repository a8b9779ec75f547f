"""Sharing a week, and what somebody else is shown of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bioklok.errors import BioklokFailure, NotFound
from bioklok.office.settings import settings_of
from bioklok.reports.parts import has_part, of_parts
from bioklok.reports.week import Week, build_week
from bioklok.school import looks, sharing
from bioklok.school.people import Act, Role, may
from bioklok.school.sharing import NOTHING, Part, Sight
from bioklok.store import Account, Store

_NO_WEEK = "1971-W01"  # in which nobody has measured anything


@dataclass(frozen=True)
class Shown:
    """What one person sees of one student's week: only what is in it is there to be shown."""

    student: Account
    week: Week  # with nothing in it but `parts`
    parts: tuple[Part, ...]
    cards: Mapping[str, Any]  # of the reflection


def own_week(store: Store, student: Account, week: str) -> Shown:
    """Return a student's own week, all of it. Raises BioklokFailure for no such week."""
    built = build_week(store, student.id, week, student.timezone)
    with store.reading(student.id) as desk:
        cards = desk.reflection(week)
    return Shown(student, built, tuple(Part), cards)


def preview(
    store: Store,
    student: Account,
    week: str,
    parts: Iterable[Part],
    viewer_ids: Iterable[str],
    now_utc_s: int,
) -> Shown:
    """Return what these people would see of these parts, and note that the student saw it.

    Raises NotAllowed where one of them is neither parent nor mentor, BioklokFailure.
    """
    chosen = tuple(parts)
    if not chosen:
        raise BioklokFailure("choose what to share first")
    viewers = [store.account(one).person for one in viewer_ids]
    with store.desk(student.id) as desk:
        desk.add_events(
            sharing.preview(
                student.person, week, chosen, viewers, ties=desk.ties(), now_utc_s=now_utc_s
            )
        )
    return _shown(store, student, week, {part: Sight(True, now_utc_s) for part in chosen})


def share(
    store: Store,
    student: Account,
    week: str,
    parts: Iterable[Part],
    viewer_ids: Iterable[str],
    now_utc_s: int,
) -> None:
    """Share what was previewed. Raises NotPreviewed, NotAllowed."""
    viewers = [store.account(one).person for one in viewer_ids]
    with store.desk(student.id) as desk:
        desk.add_events(
            sharing.share(
                student.person,
                week,
                parts,
                viewers,
                desk.events(),
                ties=desk.ties(),
                now_utc_s=now_utc_s,
            )
        )


def withdraw(
    store: Store,
    student: Account,
    now_utc_s: int,
    *,
    week: str | None = None,
    part: Part | None = None,
    viewer_id: str | None = None,
) -> None:
    """Take shares back; None means every one. It works at once, and nobody is told."""
    with store.desk(student.id) as desk:
        desk.add_events(
            sharing.withdraw(
                student.person,
                desk.events(),
                ties=desk.ties(),
                now_utc_s=now_utc_s,
                week=week,
                part=part,
                viewer_id=viewer_id,
            )
        )


def audience(store: Store, student: Account, now_utc_s: int) -> list[tuple[Account, Role]]:
    """Return with whom a student can share now: their parents and their mentor."""
    with store.reading(student.id) as desk:
        ties = [one for one in desk.ties() if one.holds(now_utc_s)]
    found = [(store.account(one.adult_id), one.role) for one in ties]
    return [(one, role) for one, role in found if role in one.person.roles]


def shared_with(
    store: Store, student: Account, now_utc_s: int
) -> dict[str, dict[tuple[str, Part], Sight]]:
    """Return for the student what each of their people can see, by person."""
    people = audience(store, student, now_utc_s)
    oldest = oldest_text(store)
    with store.reading(student.id) as desk:
        events, ties = desk.events(), desk.ties()
    return {
        one.id: sharing.seen_by(
            one.person,
            student.person,
            events,
            ties=ties,
            now_utc_s=now_utc_s,
            oldest_text=oldest,
        )
        for one, _ in people
    }


def week_for(
    store: Store, viewer: Account, student_id: str, week: str, now_utc_s: int
) -> Shown | None:
    """Return what somebody else sees of a week, and log that they look; None: nothing to see.

    None is the one answer for not shared, withdrawn, not used, no such week, no such student.
    """
    oldest = oldest_text(store)
    try:
        student = store.account(student_id)
        with store.reading(student_id) as desk:
            events, ties = desk.events(), desk.ties()
    except NotFound:
        store.account(viewer.id)
        store.ties(viewer.id)
        _take_as_long(store, student_id)
        return None
    sights = {
        part: sharing.may_see(
            viewer.person,
            student.person,
            week,
            part,
            events,
            ties=ties,
            now_utc_s=now_utc_s,
            oldest_text=oldest,
        )
        for part in Part
    }
    sights = {part: sight for part, sight in sights.items() if sight.is_open}
    if not sights:
        _take_as_long(store, student_id)
        return None
    shown = _shown(store, student, week, sights)
    if not shown.parts:
        return None
    with store.desk(student_id) as desk:
        for part in shown.parts:
            desk.add_looks(
                looks.look_at_week(
                    viewer.person, student.person, week, part, sights[part], now_utc_s=now_utc_s
                )
            )
    return shown


def _take_as_long(store: Store, student_id: str) -> None:
    """Take about as long as a week that was shared and holds nothing: an answer that came sooner
    would tell that there is no share, or no such student."""
    build_week(store, student_id, _NO_WEEK)


def weeks_for(store: Store, viewer: Account, now_utc_s: int) -> list[tuple[Account, list[str]]]:
    """Return of which students somebody sees which weeks, newest first: only those with something
    to see. Of the others not even that they are there."""
    found = []
    oldest = oldest_text(store)
    for student_id in sorted({tie.student_id for tie in store.ties(adult_id=viewer.id)}):
        student = store.account(student_id)
        with store.reading(student_id) as desk:
            events, ties = desk.events(), desk.ties()
        seen = sharing.seen_by(
            viewer.person,
            student.person,
            events,
            ties=ties,
            now_utc_s=now_utc_s,
            oldest_text=oldest,
        )
        weeks = sorted({week for week, _ in seen}, reverse=True)
        there = [
            week
            for week in weeks
            if _shown(
                store,
                student,
                week,
                {part: sight for (one, part), sight in seen.items() if one == week},
            ).parts
        ]
        if there:
            found.append((student, there))
    return found


def who_looked(store: Store, student: Account, now_utc_s: int) -> list[looks.Look]:
    """Return who looked at a student's data, newest first, for the student alone."""
    with store.reading(student.id) as desk:
        log = desk.looks()
    return list(reversed(looks.readable(student.person, student.person, log, now_utc_s)))


def is_own(viewer: Account, student_id: str) -> bool:
    """Say whether somebody is that student."""
    return viewer.id == student_id and may(
        viewer.person, Act.SEE_OWN, viewer.person, (), now_utc_s=0
    )


def _shown(store: Store, student: Account, week: str, sights: Mapping[Part, Sight]) -> Shown:
    """Build what these sights show; what has nothing in it is left out."""
    built: dict[int | None, Week] = {}
    for sight in sights.values():
        if sight.as_of_utc_s not in built:
            built[sight.as_of_utc_s] = build_week(
                store, student.id, week, student.timezone, received_by_utc_s=sight.as_of_utc_s
            )
    cards: dict[str, Any] = {}
    if Part.REFLECTION in sights:
        with store.reading(student.id) as desk:
            # What was rewritten since the student looked at it is shared anew, or not.
            cards = desk.reflection(week, sights[Part.REFLECTION].as_of_utc_s)
    there = {
        part: built[sight.as_of_utc_s]
        for part, sight in sights.items()
        if sight.of(
            bool(cards)
            if part is Part.REFLECTION
            else has_part(built[sight.as_of_utc_s], part.value)
        )
        is not NOTHING
    }
    whole = of_parts({part.value: one for part, one in there.items()}, next(iter(built.values())))
    return Shown(student, whole, tuple(part for part in Part if part in there), cards)


def oldest_text(store: Store) -> int:
    """Return the version of the consent text from which on a yes counts."""
    return settings_of(store).oldest_text
