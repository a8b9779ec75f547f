"""Nothing is kept longer than was said, and nothing goes before its time."""

from dataclasses import replace
from datetime import date

import pytest
from bioklok.office.intake import Intake
from bioklok.office.results import counts_of
from bioklok.office.retention import JOB, retention
from bioklok.office.settings import Retention, keep_settings, settings_of
from bioklok.office.weekly import make_weekly
from bioklok.reports.week import build_week, week_of
from bioklok.school.consent import Answer
from bioklok.school.looks import Handling, Look
from bioklok.school.people import Role
from bioklok.store import Store
from bioklok.store.access import SESSION
from bioklok.store.vault import KeyGone
from support.campus import DEVICE, NOW, SCHOOL, campus, say
from support.privacy import WEEK, fill, rows
from support.school import at
from support.synthetic import Info, Minute, local_minutes, pages, school_day

DAY = 86_400
NEXT_YEAR = at("2027-08-01T03:00")
INFO = Info(DEVICE["noor"])


@pytest.fixture
def store(database_url):
    with campus(database_url) as opened:
        yield opened


def measured(store: Store, first: str, days: int, sequence: int = 0) -> list[bytes]:
    start = at(f"{first}T00:00")
    made = pages(start, local_minutes(start, start + days * DAY, school_day), sequence=sequence)
    store.commit_pages(INFO, made, start + days * DAY)
    return made


def test_minutes_go_after_six_weeks_and_their_figures_are_made_of_all_of_them(store: Store):
    measured(store, "2026-11-15", 10)  # a Sunday to a Tuesday: half a day of margin on both sides
    whole = build_week(store, "noor", WEEK).to_dict()
    assert whole["metrics"]["sleep_duration"]["value"] is not None
    first_s = at("2026-11-15T12:00")
    for day in range(30, 60):  # as a job does it: every day
        retention(store, first_s + day * DAY)
        oldest = min(start for start, _ in store.spans_of("noor"))
        assert oldest + 1800 > first_s + (day - 42) * DAY
        if day == 41:
            assert oldest == at("2026-11-15T00:00")
            assert weekly(store) is None
        if day >= 43:
            kept = weekly(store)
            assert kept is not None and kept["metrics"] == whole["metrics"]
            assert kept["nights"] == whole["nights"] and "student" not in kept
        if day == 51:
            break
    retention(store, first_s + 60 * DAY)
    assert store.spans_of("noor") == [] and list(store.pages_held("noor")) == []
    assert weekly(store)["metrics"] == whole["metrics"]


def weekly(store: Store, week: str = WEEK):
    with store.reading("noor") as desk:
        return desk.weekly(week)


def test_what_was_emptied_is_not_fetched_again_and_tells_no_time(store: Store):
    made = measured(store, "2026-11-16", 2)
    kept = retention(store, NOW + 60 * DAY)
    assert kept.pages == len(made)
    assert all(row[3:] and not row[3] for row in rows(store)["page"])
    assert {row[4] for row in rows(store)["page"]} == {0}  # start_utc_s
    held = replace(INFO, oldest=0, next=len(made), n_pages=len(made))
    assert store.open_journal(held) == len(made)
    assert store.commit_pages(INFO, made, NOW + 60 * DAY) == []
    assert store.spans_of("noor") == []


def test_pages_without_a_time_and_pages_of_nobody_go_by_when_they_came(store: Store):
    unset = pages(0, [Minute()] * 30, sequence=500, clock_set=False)
    store.commit_pages(INFO, unset, NOW)
    wrong = pages(NOW + 4000 * DAY, [Minute()] * 30, sequence=501)
    store.commit_pages(INFO, wrong, NOW)
    stray = Info("ff" * 8)
    store.commit_pages(stray, pages(NOW, [Minute()] * 30), NOW)
    assert retention(store, NOW + 41 * DAY).pages == 0
    assert retention(store, NOW + 43 * DAY).pages == 3
    assert store.n_epochs(stray.device_id) == store.n_epochs(INFO.device_id) == 0


def test_figures_are_made_again_when_more_came_in_and_never_of_less(store: Store):
    made = measured(store, "2026-11-16", 3)
    with_three = make_weekly(store, store.account("noor"), WEEK, NOW + 4 * DAY)
    more = pages(at("2026-11-19T00:00"), [Minute()] * 1440, sequence=len(made))
    store.commit_pages(INFO, more, NOW + 5 * DAY)
    retention(store, at("2026-11-15T13:00") + 42 * DAY)
    with_four = weekly(store)
    assert with_four["n_epochs"] == with_three["n_epochs"] + 1440
    retention(store, NOW + 60 * DAY)
    make_weekly(store, store.account("noor"), WEEK, NOW + 61 * DAY)
    assert weekly(store) == with_four


def test_a_dry_run_says_what_a_run_does_and_changes_nothing(store: Store):
    fill(store)
    before = rows(store)
    would = retention(store, NEXT_YEAR, dry=True)
    assert rows(store) == before
    did = retention(store, NEXT_YEAR)
    assert (would.pages, would.accounts) == (did.pages, did.accounts) == (48, 0)
    assert would.rows == did.rows
    assert "would empty 48 pages" in would.line() and "emptied 48 pages" in did.line()
    assert store.jobs()[JOB].result == did.counts() and "\n" not in did.line()
    assert counts_of(did.counts())[:2] == [("pages", 48), ("rows", sum(did.rows.values()))]


def test_a_second_run_finds_nothing_to_do(store: Store):
    fill(store)
    retention(store, NEXT_YEAR)
    left = rows(store)
    again = retention(store, NEXT_YEAR)
    assert again.pages == again.weeks == again.accounts == 0 and not +again.rows
    after = rows(store)
    assert {t: after[t] for t in after if t != "job"} == {t: left[t] for t in left if t != "job"}


def test_papers_go_when_the_next_school_year_begins_and_not_a_minute_earlier(store: Store):
    fill(store)
    names = ("weekly", "reflection", "ledger_entry", "reason_note", "timetable_snapshot", "feed")
    last_minute = at("2027-07-31T23:59")
    retention(store, last_minute)
    assert all(rows(store)[name] for name in names)
    # The timetable of the campus ends in December; that of the coming year stays.
    retention(store, at("2027-08-01T00:01"))
    left = rows(store)
    assert [name for name in names if left[name]] == ["feed"]
    with store.reading("noor") as desk:
        assert [one.answer for one in desk.consents()] == [Answer.AGREES, Answer.AGREES]
        assert len(desk.events()) == 2  # the shares are gone, the words are not
        assert desk.years() == []


def test_this_years_papers_stay(store: Store):
    retention(store, NEXT_YEAR)
    day = date(2027, 9, 6)
    with store.desk("noor") as desk:
        desk.put_weekly(week_of(day), {}, NEXT_YEAR)
        desk.put_reflection(week_of(day), {"a": 1}, NEXT_YEAR)
        desk.put_weekly("2027-W30", {}, NEXT_YEAR)  # up to 1 August, of which a day is this year's
    retention(store, NEXT_YEAR + 300 * DAY)
    assert weekly(store, week_of(day)) == {}
    with store.reading("noor") as desk:
        assert desk.weeks() == ["2027-W30", week_of(day)]
    retention(store, at("2028-08-02T00:00"))
    with store.reading("noor") as desk:
        assert desk.weeks() == []


def test_looks_notes_of_syncs_and_tickets_have_days_of_their_own(store: Store):
    keep_settings(
        store,
        None,
        replace(
            settings_of(store), retention=Retention(raw_days=20, look_days=100, session_days=10)
        ),
    )
    fill(store)
    with store.desk("noor") as desk:
        desk.add_looks(
            [Look(SCHOOL, "noor", "m", Handling.ABSENCES, None, NOW + n * DAY) for n in (0, 99)]
        )
    store.issue(SESSION, "sem", 500 * DAY, now_s=NOW)
    retention(store, NOW + 102 * DAY + 3600)
    with store.reading("noor") as desk:
        assert [one.at_utc_s for one in desk.looks()] == [NOW + 99 * DAY]
        desk_looks = desk.looks()
    assert desk_looks[0].viewer_id == "m"
    assert store.sessions(9) == []
    assert [row.person_id for row in store.tickets(SESSION)] == ["sem"]
    with store.desk("noor") as desk:  # the log goes on behind what is left
        desk.add_looks([Look(SCHOOL, "noor", "m", Handling.ABSENCES, None, NOW + 200 * DAY)])
    with store.reading("noor") as desk:
        assert len(desk.looks()) == 2


def test_ties_go_but_not_that_of_a_parent_by_whose_word_data_is_kept(store: Store):
    store.close_account("p", NOW)
    store.close_account("q", NOW)
    assert len(store.ties("noor")) == 3
    retention(store, NEXT_YEAR)
    assert [(tie.adult_id, tie.role) for tie in store.ties("noor")] == [("p", Role.PARENT)]


def test_closed_accounts_go_and_an_adults_when_no_log_names_them(store: Store):
    fill(store)
    for who in ("sem", "m", "n", "q", "p"):
        store.close_account(who, NOW + 5 * DAY)
    retention(store, at("2027-07-31T12:00"))
    assert {"sem", "m", "n", "q", "p"} <= {one.id for one in store.accounts()}
    assert retention(store, NEXT_YEAR).accounts == 3
    left = {one.id for one in store.accounts()}
    assert left == {"noor", "tuur", "p", "r", "m", "a"}  # m looked in November, p consented
    for gone in ("sem", "n", "q"):
        with pytest.raises(KeyGone):
            store.vault.key(SCHOOL, gone)
    assert [one.device_id for one in store.devices_to_wipe()] == [DEVICE["sem"]]
    retention(store, NOW + 370 * DAY)
    assert {one.id for one in store.accounts()} == {"noor", "tuur", "p", "r", "a"}


def test_places_of_a_past_journal_go_when_the_device_has_begun_another(store: Store):
    measured(store, "2026-11-16", 1)
    retention(store, NOW + 90 * DAY)
    assert len(rows(store)["page"]) == 48
    after = replace(INFO, journal_id=78)
    store.open_journal(after)
    retention(store, NOW + 91 * DAY)
    assert rows(store)["page"] == []
    assert [row[3] for row in rows(store)["journal"]] == [78]


def test_a_student_whose_key_is_lost_does_not_keep_the_others_minutes_alive(store: Store):
    measured(store, "2026-11-16", 2)
    sem = Info(DEVICE["sem"])
    store.commit_pages(sem, pages(NOW, [Minute()] * 60), NOW)
    store.vault.destroy(SCHOOL, "noor")
    kept = retention(store, NOW + 90 * DAY)
    assert kept.unreadable == 1 and kept.pages == 96 + 2
    assert "1 students could not be read" in kept.line()
    with store.reading("sem") as desk:
        assert desk.weekly(WEEK)["n_epochs"] == 60


def test_it_ends_what_an_erasure_began(store: Store):
    store.erase_person("noor", NOW)
    assert store.vault.key(SCHOOL, "noor")
    retention(store, NOW + 1)
    with pytest.raises(KeyGone):
        store.vault.key(SCHOOL, "noor")


def test_a_stop_still_counts_after_the_tie_of_who_said_it_has_gone(store: Store):
    """What a device recorded while a parent said stop is not stored when that parent's tie ends."""
    stopped, ended = at("2027-07-01T12:00"), at("2027-07-20T12:00")
    say(store, "q", "noor", Answer.STOPS, stopped)
    tie = next(one for one in store.ties("noor") if one.adult_id == "q")
    store.add_tie(tie.ended(ended))
    retention(store, NEXT_YEAR)
    intake = Intake(store, lambda: NEXT_YEAR)
    intake.open_journal(INFO)
    made = pages(ended - 1800, [Minute()] * 60)
    assert intake.commit_pages(INFO, made, NEXT_YEAR) == made[1:]
