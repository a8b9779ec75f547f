"""What people of the demo's school do: cards, shares, strips, a pause. Each once: whoever goes on
with the demo in a browser finds what they did there left alone."""

from collections.abc import Sequence
from datetime import time as clock_time
from datetime import timedelta

from bioklok import demo_school
from bioklok.demo_wrist import START
from bioklok.office import grades, reflection, sharing, strips, wearing
from bioklok.office.reflection import Cards, Experiment, Noticed
from bioklok.office.wearing import Wishes
from bioklok.reports.week import week_of
from bioklok.school.days import SchoolYear, local_day, utc_s_at
from bioklok.school.ledger import State
from bioklok.school.reasons import StripReason
from bioklok.school.sharing import Part, ShareEvent
from bioklok.store import Store

WEEK = week_of(START)
_MENTOR, _ONE_PARENT = (demo_school.MENTOR,), ("visser",)
# Some share with the mentor, Fleur with one of her parents alone; Bram, Lotte, Thijs, Robin and Jip
# with nobody.
SHARES: dict[str, tuple[Sequence[Part], Sequence[str]]] = {
    demo_school.STUDENT: ((Part.RHYTHM, Part.SLEEP_TIMES), _MENTOR),
    "sanne": ((Part.RHYTHM, Part.PRESSES, Part.STRIPS), _MENTOR),
    "daan": ((Part.RHYTHM, Part.SLEEP_TIMES, Part.LIGHT, Part.REFLECTION), _MENTOR),
    "fleur": ((Part.SLEEP_TIMES,), _ONE_PARENT),
}
CARDS = {
    demo_school.STUDENT: Cards((Noticed.MORNING,), "", Experiment.OUTSIDE_FIRST),
    "daan": Cards(
        (Noticed.EVENING, Noticed.DIFFERENT_DAYS),
        "In het weekend begint mijn dag pas tegen twaalven.",
        None,
        "Zondag de wekker op tien uur.",
    ),
    "bram": Cards((Noticed.CANNOT_SAY,)),
}
# How sharp they say they are today, 1 to 5.
GRADES = {demo_school.STUDENT: 4, "daan": 2}
_RESERVE = "00000000000000d1"  # a device that nobody wears: it lies in the school's drawer


def before_the_sync(school: Store, now_utc_s: int) -> None:
    """Sanne used a strip last week: asked on Monday, agreed an hour later, the lesson is over.

    Not in the first days of August: then last week's card is one of the year before.
    """
    monday, today = demo_school.last_monday(now_utc_s), local_day(now_utc_s, demo_school.ZONE)
    if SchoolYear.of(monday) != SchoolYear.of(today):
        return
    asked_utc_s = utc_s_at(monday, clock_time(7, 30), demo_school.ZONE)
    if strips.card(school, school.account("sanne"), asked_utc_s).requests:
        return
    _ask(school, "sanne", f"{monday + timedelta(days=1)}-1120", asked_utc_s, StripReason.TOGETHER)
    _agree(school, "sanne", asked_utc_s + 3600)


def after_the_sync(school: Store, now_utc_s: int) -> None:
    """Cards, shares, what they say of today, a strip that waits and one that is agreed, a pause, a
    device in the drawer."""
    for student_id, cards in CARDS.items():
        with school.reading(student_id) as desk:
            has_cards = bool(desk.reflection(WEEK))
        if not has_cards:
            person = school.account(student_id).person
            reflection.keep(school, person, WEEK, cards, now_utc_s)
    for student_id in SHARES:
        _share(school, student_id, now_utc_s)
    for student_id, grade in GRADES.items():
        person = school.account(student_id).person
        if not grades.of_today(school, person, now_utc_s):
            grades.keep(school, person, grade, now_utc_s, now_utc_s)
    _ask_next(school, "fleur", now_utc_s, StripReason.REST)
    if _ask_next(school, "daan", now_utc_s, None):
        _agree(school, "daan", now_utc_s)
    _pause(school, "thijs", now_utc_s)
    if school.device(_RESERVE) is None:
        school.hand_out(_RESERVE, None, label="Bioklok reserve, in the drawer")


def _share(school: Store, student_id: str, now_utc_s: int) -> None:
    """Share after a look at what will be seen, unless there ever was one."""
    student = school.account(student_id)
    with school.reading(student_id) as desk:
        if any(isinstance(one, ShareEvent) for one in desk.events()):
            return
    parts, viewers = SHARES[student_id]
    sharing.preview(school, student, WEEK, parts, viewers, now_utc_s)
    sharing.share(school, student, WEEK, parts, viewers, now_utc_s)


def _ask_next(school: Store, student_id: str, now_utc_s: int, reason: StripReason | None) -> bool:
    """Ask for the next lesson that can be asked for, where nothing was asked yet."""
    card = strips.card(school, school.account(student_id), now_utc_s)
    if card.requests or not card.lessons:
        return False
    _ask(school, student_id, card.lessons[0].id, now_utc_s, reason)
    return True


def _ask(
    school: Store, student_id: str, lesson_id: str, at_utc_s: int, reason: StripReason | None
) -> None:
    person = school.account(student_id).person
    form_id = f"demo-{lesson_id}"
    strips.ask(school, person, student_id, lesson_id, at_utc_s, form_id=form_id, reason=reason)


def _agree(school: Store, student_id: str, at_utc_s: int) -> None:
    mentor = school.account(demo_school.MENTOR).person
    for waiting in strips.card(school, school.account(student_id), at_utc_s).requests:
        if waiting.state is State.ASKED:
            strips.answer(school, mentor, student_id, waiting.request_id, True, at_utc_s)


def _pause(school: Store, student_id: str, now_utc_s: int) -> None:
    """The week in the drawer is a first-class choice, and nobody else's business."""
    student = school.account(student_id)
    with school.reading(student_id) as desk:
        has_decided = wearing.wishes_at(desk) != Wishes()
    if not has_decided and wearing.worn_by(school, student) is not None:
        until_utc_s = wearing.week_from(student, now_utc_s)
        wearing.decide(school, student.person, Wishes(paused_until_utc_s=until_utc_s), now_utc_s)
