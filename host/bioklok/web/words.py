"""Which text says which thing of the school: every key in full, so that none can go missing."""

from collections.abc import Mapping

from bioklok.office.reflection import Cards, Experiment, Noticed
from bioklok.school.consent import Answer, Effect, Reason
from bioklok.school.ledger import Cause, Request, State
from bioklok.school.looks import Handling
from bioklok.school.people import Role
from bioklok.school.reasons import StripReason
from bioklok.school.sharing import Part
from bioklok.web.texts import Texts

# In the order of biocore.lamp.STATES.
LAMP = ("lamp_unknown", "lamp_focus", "lamp_easy", "lamp_pause")
SHAPES = ("unknown", "focus", "easy", "pause")

# Grades 1 to 5 of `office.grades`; the number itself is nowhere shown.
SHARP = ("sharp_1", "sharp_2", "sharp_3", "sharp_4", "sharp_5")

PARTS: dict[Part, str] = {
    Part.RHYTHM: "part_rhythm",
    Part.SLEEP_TIMES: "part_sleep_times",
    Part.LIGHT: "part_light",
    Part.PRESSES: "part_presses",
    Part.REFLECTION: "part_reflection",
    Part.STRIPS: "part_strips",
}
LOOKS: Mapping[Part | Handling, str] = {
    **{part: key for part, key in PARTS.items()},
    Handling.STRIP_REQUEST: "look_strip_request",
    Handling.ABSENCES: "look_absences",
}
ROLES: Mapping[Role, str] = {
    Role.STUDENT: "role_student",
    Role.PARENT: "role_parent",
    Role.MENTOR: "role_mentor",
    Role.ADMINISTRATOR: "role_administrator",
}
ANSWERS: Mapping[Answer, str] = {
    Answer.AGREES: "answer_agrees",
    Answer.STOPS: "answer_stops",
}
VERDICTS: Mapping[Reason, str] = {
    Reason.AGREED: "consent_agreed",
    Reason.NO_PARENT: "consent_no_parent",
    Reason.NO_STUDENT: "consent_no_student",
    Reason.PARENT_STOPPED: "consent_parent_stopped",
    Reason.STUDENT_STOPPED: "consent_student_stopped",
    Reason.NEW_TEXT: "consent_new_text",
}
EFFECTS: Mapping[Effect, str] = {
    Effect.SYNC_REFUSED: "effect_sync_refused",
    Effect.GAP_KEPT: "effect_gap_kept",
    Effect.SHARING_ENDED: "effect_sharing_ended",
    Effect.DATA_KEPT: "effect_data_kept",
    Effect.STRIPS_KEPT: "effect_strips_kept",
    Effect.NOBODY_TOLD: "effect_nobody_told",
}
# Jobs of `bioklok.jobs`, and what `office.results` counts of them.
JOBS: Mapping[str, str] = {
    "settle": "job_settle",
    "timetables": "job_timetables",
    "weekly": "job_weekly",
    "retention": "job_retention",
    "sharp": "job_sharp",
}
COUNTS: Mapping[str, str] = {
    "students": "job_students",
    "failed": "job_failed",
    "entries": "job_entries",
    "handed_out": "job_handed_out",
    "pages": "job_pages",
    "weeks": "job_weeks",
    "rows": "job_rows",
    "accounts": "job_accounts",
    "months": "job_months",
    "unreadable": "job_unreadable",
    "months_waiting": "job_months_waiting",
    "months_left": "job_months_left",
}
# Of these a result says that it is so, and no number.
SAID_ALONE = frozenset({"months_waiting", "months_left"})
STATES: Mapping[State, str] = {
    State.ASKED: "state_asked",
    State.AGREED: "state_agreed",
    State.USED: "state_used",
    State.RELEASED: "state_released",
}
CAUSES: Mapping[Cause, str] = {
    Cause.WITHDRAWN: "cause_withdrawn",
    Cause.NOT_AGREED: "cause_not_agreed",
    Cause.NO_ANSWER: "cause_no_answer",
    Cause.LESSON_GONE: "cause_lesson_gone",
    Cause.NO_LESSON: "cause_no_lesson",
    Cause.TOO_LATE: "cause_too_late",
    Cause.BLOCKED: "cause_blocked",
    Cause.SAME_LESSON: "cause_same_lesson",
    Cause.NO_STRIP: "cause_no_strip",
    Cause.WEEK_FULL: "cause_week_full",
    Cause.SUBJECT_FULL: "cause_subject_full",
}
STRIP_REASONS: Mapping[StripReason, str] = {
    StripReason.REST: "for_rest",
    StripReason.REFLECTION: "for_reflection",
    StripReason.TOGETHER: "for_together",
}
NOTICED: Mapping[Noticed, str] = {
    Noticed.MORNING: "noticed_morning",
    Noticed.MIDDAY: "noticed_midday",
    Noticed.EVENING: "noticed_evening",
    Noticed.DIFFERENT_DAYS: "noticed_different_days",
    Noticed.OUTSIDE: "noticed_outside",
    Noticed.CANNOT_SAY: "noticed_cannot_say",
}
EXPERIMENTS: Mapping[Experiment, str] = {
    Experiment.OUTSIDE_FIRST: "try_outside_first",
    Experiment.HARD_FIRST: "try_hard_first",
    Experiment.SHORT_BREAKS: "try_short_breaks",
    Experiment.SAME_BED: "try_same_bed",
    Experiment.SCREEN_AWAY: "try_screen_away",
    Experiment.NOTHING: "try_nothing",
}


def noticed(cards: Cards, texts: Texts) -> list[str]:
    """Return what a student noticed, sentence by sentence, their own words last."""
    chosen = [texts(NOTICED[one]) for one in cards.noticed]
    return chosen + ([cards.noticed_words] if cards.noticed_words else [])


def experiment(cards: Cards, texts: Texts) -> list[str]:
    """Return what a student wants to try out, in sentences."""
    chosen = [texts(EXPERIMENTS[cards.experiment])] if cards.experiment else []
    return chosen + ([cards.experiment_words] if cards.experiment_words else [])


def state(request: Request, texts: Texts) -> str:
    """Say where a request for a strip is, and why where it was released."""
    if request.cause is not None:
        return texts(CAUSES[request.cause])
    return texts(STATES[request.state])
