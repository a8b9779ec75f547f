"""The people of the tests on sharing and on who looked, and their consent. No tests here."""

from dataclasses import replace

from bioklok.school.consent import Answer, ConsentEvent
from bioklok.school.people import Role, mentor_tie, parent_tie
from bioklok.school.sharing import Event
from support.school import MENTOR, NOOR, SEM, at, person

NOW = at("2026-11-20 16:00")
WEEK = "2026-W47"
PARENT = person("p", Role.PARENT)
OTHERS = (
    SEM,
    PARENT,
    person("m2", Role.MENTOR),
    person("a", Role.ADMINISTRATOR),
    replace(MENTOR, school_id="west"),
    replace(NOOR, school_id="west"),
)
TIES = (parent_tie(PARENT, NOOR, NOW - 5000), mentor_tie(MENTOR, NOOR, (), NOW - 5000))
CONSENT: tuple[Event, ...] = (
    ConsentEvent("oost", "noor", "p", Answer.AGREES, 1, NOW - 4000),
    ConsentEvent("oost", "noor", "noor", Answer.AGREES, 1, NOW - 3999),
)
