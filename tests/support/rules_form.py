"""The form of the rules page, filled in as an administrator might."""

RULES = {
    "periods": "herfst 2026-08-01 2026-11-30 3\nwinter 2026-12-01 2027-02-28 2",
    "keeps_leftovers": "yes",
    "per_week": "2",
    "per_subject": "",
    "notice_h": "24",
    "blocked_hours": "1, 2",
    "blocked_days": "2026-12-14 2026-12-18",
    "agreement": "automatic",
    "press_days_ahead": "1",
    "late_answer_d": "5",
    "hours": "1 08:30 09:20\n2 09:20 10:10",
    "region": "zuid",
    "overrides": "2026-12-07 2026-12-07 vrij Studiedag van de school",
    "raw_days": "28",
    "look_days": "365",
    "session_days": "90",
}
