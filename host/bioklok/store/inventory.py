"""What is kept, column by column: why, who sees it, sealed or not, how long.

docs/privacy.md is made from this and from the tables themselves (`inventory_rows`). A test fails
for a column without a purpose, and for a purpose without a column.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SCHOOL_YEAR = "until the next school year begins"
ACCOUNT = "as long as the account; closed ones until the next school year begins"
DEVICE = "as long as the school has the device"
SYNC = "90 days"
STUDENT = "the student"
NOBODY = "nobody: for the host alone"
_SCHOOL_ID = "whose row it is: each school is apart"
_STUDENT_ID = "whose it is"
_SEQUENCE = "its place in the log"


@dataclass(frozen=True)
class Held:
    """A table: who sees it, how long it stays, and what each column is for."""

    seen_by: str
    kept: str
    columns: Mapping[str, str]


INVENTORY: Mapping[str, Held] = {
    "school": Held(
        "administrators",
        "as long as the school uses it",
        {
            "id": "stands in addresses and files",
            "name": "so that people know where they are",
            "kind": "a school asks for consent, a home does not",
            "timezone": "when its days and school year begin",
            "settings": "its rules, lesson hours, holidays and days of keeping",
            "created_at_utc_s": "when it was set up",
        },
    ),
    "person": Held(
        "themselves, administrators; names also those who are tied to them",
        ACCOUNT,
        {
            "school_id": _SCHOOL_ID,
            "id": "stands in addresses and files",
            "roles": "what they can do at all",
            "sealed": "name, to be called by; day of birth of students, for the age of consent",
            "timezone": "local times on pages",
            "language": "the language of their pages",
            "oidc_subject": "who they are to the school's sign-in service",
            "created_at_utc_s": "tells a namesake of somebody erased from them",
            "ended_utc_s": "the account is closed; when it goes",
        },
    ),
    "device": Held(
        "its student, administrators",
        DEVICE,
        {
            "school_id": _SCHOOL_ID,
            "device_id": "which device",
            "student_id": "who wears it",
            "label": "what the school calls it",
            "wipe_journal": "what is to be erased on it at its next sync",
            "battery_mv": "whether it needs charging",
            "firmware": "whether it needs an update",
            "faults": "whether it needs repair",
            "added_utc_s": "when the school got it",
        },
    ),
    "journal": Held(
        STUDENT,
        "with its pages and notes of syncs",
        {
            "school_id": _SCHOOL_ID,
            "id": "joins pages to it",
            "device_id": "which device",
            "journal_id": "which filling of the device's memory",
            "student_id": _STUDENT_ID,
            "first_seen_utc_s": "which is the newest",
        },
    ),
    "page": Held(
        f"{STUDENT}; parts of a week whom they share it with",
        "42 days, then emptied; its place until the device has begun another journal",
        {
            "school_id": _SCHOOL_ID,
            "journal": "which filling of which device",
            "sequence": "fetched once, and in order",
            "data": "half an hour of movement, light and presses, by minute",
            "start_utc_s": "to find a week's pages; 0 once it is emptied",
            "n_epochs": "how many minutes it holds",
            "received_at_utc_s": "a share shows only what was there when it was previewed",
        },
    ),
    "sync_session": Held(
        f"{STUDENT}; administrators when a device last synced",
        SYNC,
        {
            "school_id": _SCHOOL_ID,
            "id": "tells them apart",
            "device_id": "which device",
            "journal": "which filling",
            "started_utc_s": "how long it took",
            "ended_utc_s": "when the last sync was",
            "frames": "to find faults of the radio",
            "retries": "to find faults of the radio",
            "clock_offset_ms": "to find faults of the clock",
            "bytes": "to find faults of the radio",
            "pages_new": "whether anything came",
            "epochs_new": "whether anything came",
            "result": "why it stopped",
        },
    ),
    "device_key": Held(
        NOBODY,
        DEVICE,
        {
            "school_id": _SCHOOL_ID,
            "device_id": "which device",
            "wrapped_key": "proves device and host to each other, locked under the master key",
            "created_at_utc_s": "when it was provisioned",
        },
    ),
    "tie": Held(
        "student and adult, administrators",
        f"{SCHOOL_YEAR} after it ended; a parent's as long as their word about consent",
        {
            "school_id": _SCHOOL_ID,
            "student_id": "which student",
            "adult_id": "which parent or mentor",
            "role": "parent or mentor",
            "since_utc_s": "from when on it gives a say",
            "until_utc_s": "up to when it gives a say",
        },
    ),
    "share_log": Held(
        f"{STUDENT}; parents their own words about consent",
        f"consent as long as the student's account: it is the proof; shares {SCHOOL_YEAR}",
        {
            "school_id": _SCHOOL_ID,
            "student_id": _STUDENT_ID,
            "sequence": _SEQUENCE,
            "kind": "a word about consent, or a step of sharing",
            "body": "who said what to which text; what is shared with whom",
            "at_utc_s": "when",
        },
    ),
    "look": Held(
        f"{STUDENT} alone",
        "365 days",
        {
            "school_id": _SCHOOL_ID,
            "student_id": _STUDENT_ID,
            "sequence": _SEQUENCE,
            "viewer_id": "who looked",
            "what": "at which part",
            "week": "of which week",
            "at_utc_s": "when",
        },
    ),
    "ledger_entry": Held(
        f"{STUDENT}; the mentor open requests; administrators the lesson hours of absences",
        SCHOOL_YEAR,
        {
            "school_id": _SCHOOL_ID,
            "student_id": _STUDENT_ID,
            "year": "which strip card",
            "sequence": _SEQUENCE,
            "kind": "given, asked, agreed, used, released, expired",
            "body": "which strip, for which lesson",
            "at_utc_s": "when",
        },
    ),
    "reason_note": Held(
        f"{STUDENT} alone",
        SCHOOL_YEAR,
        {
            "school_id": _SCHOOL_ID,
            "student_id": _STUDENT_ID,
            "sequence": _SEQUENCE,
            "request_id": "of which strip",
            "sealed": "what the strip is for, for the student's own memory",
            "at_utc_s": "when",
        },
    ),
    "reflection": Held(
        f"{STUDENT}; whom they share it with",
        SCHOOL_YEAR,
        {
            "school_id": _SCHOOL_ID,
            "student_id": _STUDENT_ID,
            "week": "of which week",
            "sealed": "what they noticed, their experiment, their own words",
            "at_utc_s": "when",
        },
    ),
    "weekly": Held(
        STUDENT,
        SCHOOL_YEAR,
        {
            "school_id": _SCHOOL_ID,
            "student_id": _STUDENT_ID,
            "week": "of which week",
            "sealed": "the week's figures, days and nights, when its minutes are gone",
            "at_utc_s": "when they were made",
        },
    ),
    "course": Held(
        STUDENT,
        "42 days after it last moved",
        {
            "school_id": _SCHOOL_ID,
            "student_id": _STUDENT_ID,
            "sealed": "how far the wrist's estimator was followed: its state, the usual times of"
            " the last week, the last half hour of minutes",
            "at_utc_s": "when",
        },
    ),
    "wish": Held(
        STUDENT,
        ACCOUNT,
        {
            "school_id": _SCHOOL_ID,
            "student_id": _STUDENT_ID,
            "sealed": "what they decided: lamp hours, glow, wrist, usual sleep, pause",
        },
    ),
    "grade": Held(
        STUDENT,
        "42 days",
        {
            "school_id": _SCHOOL_ID,
            "student_id": _STUDENT_ID,
            "at_utc_s": "of which quarter of an hour",
            "sealed": "how sharp they said they were: their Bioklok learns from it",
        },
    ),
    "timetable_snapshot": Held(
        STUDENT,
        SCHOOL_YEAR,
        {
            "school_id": _SCHOOL_ID,
            "student_id": _STUDENT_ID,
            "taken_at_utc_s": "what changed since",
            "from_utc_s": "which days it speaks of",
            "until_utc_s": "which days it speaks of",
            "lessons": "start, end, subject: which lesson a strip covers",
        },
    ),
    "feed": Held(
        STUDENT,
        ACCOUNT,
        {
            "school_id": _SCHOOL_ID,
            "student_id": _STUDENT_ID,
            "kind": "how to read it",
            "host": "whom it comes from, to be shown",
            "sealed": "its address, which opens it: shown to nobody again",
            "fetched_at_utc_s": "how old the timetable is",
            "failure": "why it could not be read",
        },
    ),
    "credential": Held(
        "themselves: that it is there",
        ACCOUNT,
        {
            "school_id": _SCHOOL_ID,
            "person_id": "whose it is",
            "id": "which passkey, or the password",
            "kind": "passkey or password",
            "body": "a public key, or a hash (argon2id)",
            "created_at_utc_s": "so that they know it again",
        },
    ),
    "ticket": Held(
        "themselves; administrators those of hub and export",
        "until it expires, and a day",
        {
            "school_id": _SCHOOL_ID,
            "digest": "SHA-256 of a secret: opens the door to who has that",
            "kind": "invitation, link, session, hub or export",
            "person_id": "whose it is",
            "label": "so that they know it again",
            "created_at_utc_s": "so that they know it again",
            "seen_at_utc_s": "whether it is still used",
            "expires_at_utc_s": "up to when it opens",
            "used_at_utc_s": "some open once",
        },
    ),
    "job": Held(
        "administrators",
        "until it ends the next time",
        {
            "school_id": _SCHOOL_ID,
            "name": "which job; of an erasure that was cut off the file name of the key, no person",
            "ended_utc_s": "when it came to its end",
            "result": "what it did, in numbers",
        },
    ),
}
