"""The three cards of a week: what I noticed, one small experiment, and how the last one went.

They are the student's own words or sentences that judge nothing; nobody reads them but who the
student shares the part "reflection" with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from bioklok.errors import BioklokFailure
from bioklok.office.consenting import require_consent
from bioklok.office.settings import settings_of
from bioklok.reports.week import monday_of, week_of
from bioklok.school.days import checked_week
from bioklok.school.people import Act, Person, require
from bioklok.store import Account, Store

MOST_LETTERS = 600


class Noticed(StrEnum):
    """Neutral sentences to choose from; the words are in the translations."""

    MORNING = "morning"
    MIDDAY = "midday"
    EVENING = "evening"
    DIFFERENT_DAYS = "different_days"
    OUTSIDE = "outside"
    CANNOT_SAY = "cannot_say"


class Experiment(StrEnum):
    """Small things to try out for a week."""

    OUTSIDE_FIRST = "outside_first"
    HARD_FIRST = "hard_first"
    SHORT_BREAKS = "short_breaks"
    SAME_BED = "same_bed"
    SCREEN_AWAY = "screen_away"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Cards:
    """What a student wrote on a week's cards; empty fields were left open."""

    noticed: tuple[Noticed, ...] = ()
    noticed_words: str = ""
    experiment: Experiment | None = None
    experiment_words: str = ""
    looking_back: str = ""  # on the experiment of the week before

    def __bool__(self) -> bool:
        return self != Cards()


def read(kept: Mapping[str, Any]) -> Cards:
    """Return the cards out of what the store keeps."""
    experiment = kept.get("experiment")
    return Cards(
        tuple(Noticed(one) for one in kept.get("noticed", ())),
        str(kept.get("noticed_words", "")),
        Experiment(experiment) if experiment else None,
        str(kept.get("experiment_words", "")),
        str(kept.get("looking_back", "")),
    )


def cards_of(store: Store, student: Account, week: str) -> tuple[Cards, Cards]:
    """Return a student's cards of a week and of the week before: its experiment comes back."""
    before = week_of(monday_of(week) - timedelta(days=7))
    with store.reading(student.id) as desk:
        return read(desk.reflection(week)), read(desk.reflection(before))


def keep(store: Store, by: Person, week: str, cards: Cards, now_utc_s: int) -> None:
    """Keep a student's own cards of a week; to empty them needs nobody's yes.

    Raises NotAllowed, NoConsent, BioklokFailure for long texts.
    """
    checked_week(week)
    texts = (cards.noticed_words, cards.experiment_words, cards.looking_back)
    if max(map(len, texts)) > MOST_LETTERS:
        raise BioklokFailure(f"a card holds {MOST_LETTERS} letters: make it shorter")
    settings = settings_of(store)
    with store.desk(by.id) as desk:
        require(by, Act.SEE_OWN, desk.student, (), now_utc_s)
        if cards:
            require_consent(store, desk, settings, now_utc_s)
        if cards or desk.reflection(week):
            desk.put_reflection(week, _kept(cards), now_utc_s)


def _kept(cards: Cards) -> dict[str, Any]:
    if not cards:
        return {}  # emptied cards are no cards: there is nothing to share
    return {
        "noticed": [one.value for one in cards.noticed],
        "noticed_words": cards.noticed_words,
        "experiment": cards.experiment.value if cards.experiment else None,
        "experiment_words": cards.experiment_words,
        "looking_back": cards.looking_back,
    }
