"""Erasing a student leaves nothing of them, in the database or in a copy from before."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from bioklok.errors import BioklokFailure, NotFound
from bioklok.office.erasure import erase, finish
from bioklok.office.intake import Intake, NotWelcome
from bioklok.recordings.pages import journal_of
from bioklok.school.people import NotAllowed, Role
from bioklok.store import Device, Place, Store, open_store
from bioklok.store.base import ANY_JOURNAL
from bioklok.store.erasure import PLAN, Fate
from bioklok.store.vault import KeyGone, Vault
from sqlmodel import SQLModel
from support.campus import DEVICE, NOW, SCHOOL, campus
from support.privacy import FEED, NAME, WORDS, copy_of, files_of, fill, mentions, rows
from support.synthetic import Info, Minute, pages

LATER = NOW + 5 * 86_400
NOOR = re.compile(rb"noor(?!d)")  # noord is a region
_WHOSE = {"student_id", "person_id", "viewer_id", "adult_id"}
_NOT_OF_PEOPLE = {"school", "device_key", "job"}  # a device's key is the device's, whoever wears it


@pytest.fixture
def store(database_url):
    with campus(database_url) as opened:
        fill(opened)
        yield opened


@pytest.fixture
def file(tmp_path, own_keys) -> Path:
    return tmp_path / "bioklok.sqlite"


def test_every_column_that_says_whose_a_row_is_stands_in_the_plan():
    metadata = SQLModel.metadata
    found = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in _WHOSE or (table.name, column.name) == ("person", "id")
    }
    found |= {
        (table.name, "journal") for table in metadata.sorted_tables if "journal" in table.columns
    }
    assert found == set(PLAN)
    assert {table for table, _ in PLAN} | _NOT_OF_PEOPLE == set(metadata.tables)


def test_nothing_of_the_student_is_left_in_any_table(store: Store):
    before = rows(store)
    for table in {table for table, fate in PLAN.items() if fate is not Fate.THEIRS}:
        assert before[table[0]], f"{table[0]} is empty: this test would show nothing"
    assert mentions(before, "noor") >= {"tie", "share_log", "ledger_entry", "ticket", "journal"}
    others = _others(before)
    done = erase(store, store.account("noor").person, "noor", LATER)
    assert done.devices == (DEVICE["noor"],) and done.is_complete
    after = rows(store)
    assert mentions(after, "noor") == set()
    assert after["page"] == after["journal"] == after["sync_session"] == []
    assert _others(after) == others  # nobody else lost a row
    with pytest.raises(NotFound):
        store.student("noor")
    with pytest.raises(KeyGone):
        store.vault.key(SCHOOL, "noor")
    assert not (store.vault.folder / store.vault.file_name(SCHOOL, "noor")).exists()
    assert finish(store)


def _others(found: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    whole = {
        t: [row for row in its if not mentions({t: [row]}, "noor")] for t, its in found.items()
    }
    # What hangs on journals and the device is noor's here; jobs are notes.
    return {
        t: its for t, its in whole.items() if t not in ("page", "sync_session", "device", "job")
    }


def test_a_copy_from_before_and_the_file_itself_hold_nothing_readable(file, tmp_path):
    with campus(f"sqlite:///{file}") as store:
        made = fill(store)
        with store.engine.connect() as connection:  # some of it in the file, some in its log
            connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 5")
        copy = tmp_path / "stolen" / "copy.sqlite"
        copy.parent.mkdir()
        copy_of(file, copy)
        secrets = [NAME.encode(), WORDS.encode(), FEED.encode(), b'"rest"', b"laptop of Noor"]
        secrets += [page[40:80] for page in made] + [page[-60:] for page in made]
        assert NOOR.search(files_of(file)[file.name] + files_of(file)[f"{file.name}-wal"])
        erase(store, None, "noor", LATER)
        live = files_of(file)
        assert _found(live, b"Noor", *secrets) == set()
        assert not any(NOOR.search(content) for content in live.values())
        # In the copy the ids stand as before (docs/privacy.md), and nothing that was sealed.
        assert (
            _found(files_of(copy), *(one for one in secrets if one != b"laptop of Noor")) == set()
        )
    with open_store(f"sqlite:///{copy}", SCHOOL) as stolen:
        assert stolen.account("noor").name == "noor"
        assert stolen.n_epochs(DEVICE["noor"]) > 0
        reads = (
            lambda: stolen.pages_of("noor", 0, 2**31),
            lambda: list(stolen.pages_held("noor")),
            lambda: _at_desk(stolen, "reason_notes"),
            lambda: _at_desk(stolen, "feed"),
            lambda: _at_desk(stolen, "reflection", "2026-W47"),
            lambda: _at_desk(stolen, "weekly", "2026-W47"),
        )
        for read in reads:
            with pytest.raises(KeyGone):
                read()
        # It is noor's key alone that is gone: the same folder opens what is of others.
        assert stolen.account("sem").name == "Sem Bakker"


def _found(files: dict[str, bytes], *secrets: bytes) -> set[bytes]:
    return {one for one in secrets for content in files.values() if one in content}


def _at_desk(store: Store, what: str, *arguments: str) -> object:
    with store.reading("noor") as desk:
        return getattr(desk, what)(*arguments)


def test_who_may_erase(store: Store):
    for who in ("p", "q", "m", "n", "sem"):
        with pytest.raises(NotAllowed):
            erase(store, store.account(who).person, "noor", LATER)
    for who in ("a", "p", "nobody"):
        with pytest.raises(NotFound):
            erase(store, None, who, LATER)
    elsewhere = replace(store.account("a").person, school_id="west")
    with pytest.raises(NotAllowed):
        erase(store, elsewhere, "noor", LATER)
    assert store.student("noor").name == NAME
    assert erase(store, store.account("a").person, "noor", LATER).is_complete


def test_the_device_is_wiped_before_it_hands_anything_over(store: Store):
    """Also the minutes that no sync told of yet, and whoever wears it by then."""
    erase(store, None, "noor", LATER)
    device = store.device(DEVICE["noor"])
    assert device and (device.student_id, device.label) == (None, "")
    assert device.wipe_journal == ANY_JOURNAL
    assert [one.device_id for one in store.devices_to_wipe()] == [DEVICE["noor"]]
    store.hand_out(DEVICE["noor"], "sem")
    unknown = Info(DEVICE["noor"], journal_id=4711)
    intake = Intake(store, lambda: LATER)
    with pytest.raises(NotWelcome, match="to be wiped"):
        intake.commit_pages(unknown, pages(NOW, [Minute()] * 30, journal_id=4711), LATER)
    assert intake.open_journal(unknown) == unknown.next
    assert intake.orders(unknown).wipe
    # It died before it said that it was wiped, and comes with another journal: that is sem's.
    fresh = Info(DEVICE["noor"], journal_id=4712)
    assert intake.open_journal(fresh) == fresh.oldest
    assert not intake.orders(fresh).wipe
    assert intake.commit_pages(fresh, pages(LATER, [Minute()] * 30, journal_id=4712), LATER)
    assert len(store.pages_of("sem", 0, 2**31)) == 1
    assert store.devices_to_wipe(), "nobody said yet that it was wiped"
    intake.wiped(unknown)
    assert store.devices_to_wipe() == []


def test_at_home_too_nothing_is_fetched_from_a_device_that_is_to_be_wiped(database_url):
    info = Info()
    with open_store(database_url) as store:
        intake = Intake(store, lambda: LATER)
        store.ensure_student("kit", "Kit")
        intake.open_journal(info)
        intake.commit_pages(info, pages(NOW, [Minute()] * 30), LATER)
        store.assign(info.device_id, "kit")
        assert store.device(info.device_id) is None
        erase(store, None, "kit", LATER)
        with pytest.raises(NotWelcome):  # the sync that ran meanwhile goes on
            intake.commit_pages(info, pages(NOW + 1800, [Minute()] * 30, sequence=1), LATER)
        assert intake.open_journal(info) == info.next and intake.orders(info).wipe
        assert store.n_epochs(info.device_id) == 0
        intake.wiped(info)
        assert store.devices_to_wipe() == []


def test_an_imported_recording_is_no_device_to_wipe_and_can_be_imported_again(database_url):
    journal = journal_of(b"of the file's bytes, a SHA-256  ", 1)
    page = pages(NOW, [Minute()] * 30, journal_id=journal.journal_id)
    with open_store(database_url) as store:
        for student in ("kit", "pim"):
            store.ensure_student(student)
            store.open_journal(journal)
            store.assign(journal.device_id, student)
            assert Intake(store, lambda: LATER).commit_pages(journal, page, LATER)
            done = erase(store, None, student, LATER)
            assert list(done.devices) == store.devices_to_wipe() == []
            assert store.device(journal.device_id) is None


def wiped(device: Device) -> None:
    device.wipe_journal = None


def test_a_device_that_was_handed_on_is_not_wiped_again(store: Store):
    store.hand_out(DEVICE["noor"], "sem")
    store.change_device(DEVICE["noor"], wiped)  # its sync came, and did it
    erase(store, None, "noor", LATER)
    assert store.devices_to_wipe() == []


def test_a_new_account_of_that_id_gets_a_new_key_while_the_old_one_waits(store: Store):
    old = store.vault.key(SCHOOL, "noor")
    store.erase_person("noor", LATER)  # and here the process died
    assert store.vault.key(SCHOOL, "noor") == old
    store.add_person("noor", "Another Noor", {Role.STUDENT})
    new = store.vault.key(SCHOOL, "noor")
    assert new != old
    assert finish(store)
    assert store.vault.key(SCHOOL, "noor") == new
    assert store.account("noor").name == "Another Noor"


def test_a_reader_holds_the_log_up_and_the_next_call_clears_it(file, monkeypatch):
    monkeypatch.setattr("bioklok.store.database.BUSY_TIMEOUT_MS", 50)
    with campus(f"sqlite:///{file}") as store:
        fill(store)
        with store.engine.connect() as reader:
            reader.exec_driver_sql("SELECT count(*) FROM person").scalar()
            assert not erase(store, None, "noor", LATER).is_complete
            with pytest.raises(KeyGone):
                store.vault.key(SCHOOL, "noor")
        assert finish(store)
        assert files_of(file)[f"{file.name}-wal"].count(b"noor") == 0
        assert not any(name.startswith("erase") for name in store.jobs())


def test_a_folder_of_keys_that_cannot_be_written_leaves_the_work_to_be_done(store, monkeypatch):
    def refuse(_self, _name):
        raise BioklokFailure("the data keys cannot be used")

    with monkeypatch.context() as broken:
        broken.setattr(Vault, "destroy_file", refuse)
        with pytest.raises(BioklokFailure, match="data keys"):
            erase(store, None, "noor", LATER)
    assert store.vault.key(SCHOOL, "noor")
    assert mentions(rows(store), "noor") == set()
    assert finish(store)
    with pytest.raises(KeyGone):
        store.vault.key(SCHOOL, "noor")


def test_where_the_keys_are_is_no_secret_and_what_was_destroyed_is_known_there(store: Store):
    name = store.vault.file_name(SCHOOL, "noor")
    erase(store, None, "noor", LATER)
    text = (store.vault.folder / "erased").read_text()
    assert text.split() == [name, str(LATER)]
    assert isinstance(store.place, Place)
