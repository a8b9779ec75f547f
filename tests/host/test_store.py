"""The store keeps each page once, whole, or says in one line why it cannot."""

import os
import sqlite3
from dataclasses import replace

import pytest
from biocore.errors import DamagedData
from bioklok.errors import BioklokFailure, NotFound
from bioklok.store import Store, default_database_url, open_store
from bioklok.store.database import BUSY_TIMEOUT_MS, HEAD
from sqlalchemy import event
from support.synthetic import DEVICE_ID, JOURNAL_ID, Info, Minute, pages, utc_s

START = utc_s("2026-11-16T08:00")
INFO = Info()


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'new' / 'bioklok.sqlite'}"


@pytest.fixture
def store(url):
    with open_store(url) as opened:
        yield opened


def test_local_time_is_that_of_whoever_wears_the_device(store):
    store.commit_pages(INFO, pages(START, [Minute()]), 1000)
    assert store.utc_offset_min(INFO) is None
    store.ensure_student("k", timezone="Asia/Kolkata")
    store.assign(INFO.device_id, "k")
    assert store.utc_offset_min(INFO) == 330


def test_pages_are_kept_as_received_and_identical_ones_once(store: Store):
    three = pages(START, [Minute()] * 70)
    assert store.open_journal(INFO) == 0
    assert len(store.commit_pages(INFO, three[:2], 1000)) == 2
    assert store.open_journal(INFO) == 2
    assert len(store.commit_pages(INFO, [*three, three[2]], 2000)) == 1
    assert len(store.commit_pages(INFO, three, 3000)) == 0
    assert store.n_epochs(DEVICE_ID) == 70
    store.ensure_student("noor", "Noor")
    assert store.assign(DEVICE_ID, "noor") == 1
    assert store.pages_of("noor", START, START + 70 * 60) == three


def test_a_hole_is_filled_as_far_as_the_device_still_has_it(store: Store):
    ten = pages(START, [Minute()] * 300)
    store.commit_pages(INFO, ten[:3] + ten[5:7] + ten[8:], 1000)
    for oldest, following in ((0, 3), (4, 4), (5, 7), (8, 10), (10, 10), (20, 20)):
        held = replace(INFO, oldest=oldest, next=20, n_pages=20 - oldest)
        assert store.open_journal(held) == following
    assert len(store.commit_pages(INFO, ten[3:], 2000)) == 3
    assert store.open_journal(replace(INFO, next=10)) == 10


def test_a_device_that_has_less_than_the_store_shows_whatever_the_holes(store: Store):
    store.commit_pages(INFO, pages(START, [Minute()], sequence=41), 1000)
    assert store.open_journal(replace(INFO, next=41)) == 42
    assert store.open_journal(replace(INFO, oldest=50, next=60)) == 50


def test_other_bytes_under_a_known_sequence_change_nothing(store: Store):
    first = pages(START, [Minute()] * 30)
    other = pages(START, [Minute("asleep")] * 30)
    store.commit_pages(INFO, first, 1000)
    fresh = pages(START + 1800, [Minute()] * 30, sequence=1)
    with pytest.raises(BioklokFailure, match="page 0 with other bytes"):
        store.commit_pages(INFO, fresh + other, 2000)
    with pytest.raises(BioklokFailure, match="page 5 with other bytes"):
        store.commit_pages(
            INFO, pages(START, [Minute()], sequence=5) + pages(START, [Minute()] * 2, sequence=5), 1
        )
    assert store.n_epochs(DEVICE_ID) == 30
    assert store.open_journal(INFO) == 1


def test_a_damaged_page_or_one_of_another_journal_takes_its_batch_along(store: Store):
    good = pages(START, [Minute()] * 60)
    torn = good[1][:100] + b"\xff" * 412
    with pytest.raises(DamagedData):
        store.commit_pages(INFO, [good[0], torn], 1000)
    with pytest.raises(BioklokFailure, match="journal 5"):
        store.commit_pages(INFO, [good[0], *pages(START, [Minute()], journal_id=5)], 1000)
    assert store.n_epochs(DEVICE_ID) == 0


def test_pages_of_gives_what_touches_the_stretch_and_no_unset_clocks(store: Store):
    two = pages(START, [Minute()] * 60)
    unset = pages(START, [Minute()] * 5, sequence=9, clock_set=False)
    store.commit_pages(INFO, two + unset, 1000)
    store.ensure_student("noor")
    store.assign(DEVICE_ID, "noor")
    half_hour = START + 1800
    assert store.pages_of("noor", 0, half_hour) == two[:1]
    assert store.pages_of("noor", 0, half_hour + 1) == two
    assert store.pages_of("noor", half_hour, half_hour + 60) == two[1:]
    assert store.pages_of("noor", half_hour - 1, half_hour) == two[:1]
    assert store.pages_of("sam", 0, half_hour) == []
    assert store.spans_of("noor") == [(START, 30), (half_hour, 30)]
    assert store.n_epochs(DEVICE_ID) == 65


def test_a_journal_stays_with_its_student_and_a_wiped_device_starts_another(store: Store):
    store.commit_pages(INFO, pages(START, [Minute()]), 1000)
    store.ensure_student("noor", "Noor")
    store.ensure_student("sam", "Sam")
    assert store.assign(DEVICE_ID, "noor") == 1
    assert store.assign(DEVICE_ID, "noor") == 0
    with pytest.raises(BioklokFailure, match="another student's journal: wipe it"):
        store.assign(DEVICE_ID, "sam")
    assert store.has_student(DEVICE_ID)
    wiped = replace(INFO, journal_id=78)
    assert store.open_journal(wiped) == 0
    assert not store.has_student(DEVICE_ID)
    assert store.assign(DEVICE_ID, "sam") == 1
    assert store.spans_of("sam") == []
    assert len(store.spans_of("noor")) == 1
    assert store.n_epochs(DEVICE_ID, 78) == 0
    assert store.n_epochs(DEVICE_ID, INFO.journal_id) == 1


def test_students(store: Store):
    store.ensure_student("noor", "Noor")
    assert store.ensure_student("noor", "Somebody else").name == "Noor"
    assert store.ensure_student("a-1").name == "a-1"
    assert store.student("a-1").timezone == "Europe/Amsterdam"
    assert store.ensure_student("b", "B", "Etc/GMT+4").timezone == "Etc/GMT+4"
    assert [student.id for student in store.students()] == ["a-1", "b", "noor"]
    for bad in ("", "a/b", "-x", "x" * 41, "a\n"):
        with pytest.raises(BioklokFailure, match="cannot be used"):
            store.ensure_student(bad)
    for ask in (lambda: store.student("x"), lambda: store.assign(DEVICE_ID, "x")):
        with pytest.raises(NotFound, match="no student x"):
            ask()
    with pytest.raises(NotFound, match="no data of device"):
        store.assign("ff", "noor")


def test_the_last_sync_is_the_last_that_came_to_its_end(store: Store):
    store.open_journal(INFO)
    store.ensure_student("noor")
    store.assign(DEVICE_ID, "noor")
    assert store.last_sync_utc_s("noor") is None
    counts = {"frames": 3, "bytes": 1536, "pages_new": 1, "epochs_new": 30}
    store.log_session(INFO, started_utc_s=10, ended_utc_s=20, **counts)
    store.log_session(INFO, started_utc_s=30, ended_utc_s=40, result="link lost", **counts)
    assert store.last_sync_utc_s("noor") == 20


def test_it_opens_again_and_the_file_is_wal_with_foreign_keys(url, tmp_path):
    with open_store(url) as store:
        store.ensure_student("noor")
    with open_store(url) as store:
        assert [student.id for student in store.students()] == ["noor"]
        with store.engine.connect() as connection:
            ask = connection.exec_driver_sql
            assert ask("PRAGMA journal_mode").scalar() == "wal"
            assert ask("PRAGMA foreign_keys").scalar() == 1
            assert ask("PRAGMA busy_timeout").scalar() == BUSY_TIMEOUT_MS
            assert ask("PRAGMA secure_delete").scalar() == 1
            assert ask("SELECT version_num FROM alembic_version").scalar() == HEAD


def test_a_full_disk_is_one_line_and_nothing_half_written(store: Store):
    first = pages(START, [Minute()] * 30)
    store.commit_pages(INFO, first, 1000)

    # SQLite's own limit on the file's size ends in the same error as a disk without room.
    def limit(connection, _record):
        n_pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {n_pages + 4}")

    store.engine.dispose()
    event.listen(store.engine, "connect", limit)
    many = pages(START + 1800, [Minute()] * 6000, sequence=1)
    with pytest.raises(BioklokFailure, match="the disk is full: make room") as failure:
        store.commit_pages(INFO, many, 2000)
    assert "\n" not in str(failure.value)
    assert store.n_epochs(DEVICE_ID) == 30
    assert store.open_journal(INFO) == 1


def test_a_database_of_a_newer_version_is_left_alone(tmp_path):
    path = tmp_path / "newer.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(BioklokFailure, match=r"newer Bioklok \(schema 99.*update"):
        open_store(f"sqlite:///{path}").__enter__()
    assert path.read_bytes() == before


def test_files_that_are_not_ours_are_left_alone(tmp_path):
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE recipes (id INTEGER)")
    connection.close()
    text = tmp_path / "letter.txt"
    text.write_text("Dear database, " * 100)
    for path, words in ((other, "belongs to another program"), (text, "not a Bioklok database")):
        before = path.read_bytes()
        with pytest.raises(BioklokFailure, match=words):
            open_store(f"sqlite:///{path}").__enter__()
        assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["letter.txt", "other.sqlite"]


def test_places_that_cannot_hold_a_database(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BioklokFailure, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'x.sqlite'}").__enter__()
    with pytest.raises(BioklokFailure, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}").__enter__()
    for url in ("sqlite://", "mysql://u:secret@h/d"):
        with pytest.raises(BioklokFailure, match="cannot be used") as failure:
            open_store(url).__enter__()
        assert "secret" not in str(failure.value)
    with pytest.raises(BioklokFailure, match="not a database URL"):
        open_store("somewhere").__enter__()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write in a read-only folder"
)
def test_a_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(BioklokFailure, match="--database"):
        open_store(f"sqlite:///{tmp_path / 'x.sqlite'}").__enter__()


def test_the_default_is_a_file_in_the_users_folder():
    assert default_database_url().startswith("sqlite:///")
    assert default_database_url().endswith("bioklok.sqlite")


def test_pages_from_before_the_time_are_placed_by_their_uptime(tmp_path):
    """Of this start of the device; those of an earlier start stay without a time."""
    from dataclasses import replace as with_

    from biocore.page import PageBuilder, header
    from bioklok.analysis.epochs import decode

    def page(sequence, boot_id, uptime_s):
        builder = PageBuilder()
        builder.begin(JOURNAL_ID, boot_id, 0, uptime_s)
        builder.append(10, 20, 30, 40, 50, 0, 0, 60)
        return bytes(builder.close(sequence))

    info = with_(Info(), boot_id=5, started_utc_s=1_795_447_200)
    pages = [page(0, 4, 600), page(1, 5, 600), page(2, 5, 1212)]
    with open_store(f"sqlite:///{tmp_path / 'a.sqlite'}") as store:
        store.open_journal(info)
        assert len(store.commit_pages(info, pages, 1_795_450_000)) == 3
        store.ensure_student("mila")
        store.assign(info.device_id, "mila")
        found = store.pages_of("mila", 0, 2_000_000_000)
        assert [header(p)[6] for p in found] == [1_795_447_800, 1_795_448_400]
        assert decode(found).utc_s.tolist() == [1_795_447_800, 1_795_448_400]
        # what came is kept as it came: a page with other bytes is told from it
        assert store.commit_pages(info, pages, 1_795_460_000) == []
        with pytest.raises(BioklokFailure, match="other bytes"):
            store.commit_pages(info, [page(0, 4, 660)], 1_795_460_000)


def test_a_place_the_device_skipped_is_no_hole_but_a_deleted_page_is(tmp_path):
    from dataclasses import replace as with_

    from biocore.page import PageBuilder

    def page(sequence):
        builder = PageBuilder()
        builder.begin(JOURNAL_ID, 5, 1_795_447_200 + 60 * sequence, 0)
        builder.append(10, 20, 30, 40, 50, 0, 0, 60)
        return bytes(builder.close(sequence))

    info = with_(Info(), n_pages=5, next=6)  # 2 was torn
    with open_store(f"sqlite:///{tmp_path / 'a.sqlite'}") as store:
        assert store.open_journal(info) == 0
        store.commit_pages(info, [page(n) for n in (0, 1, 3, 4, 5)], 1_795_450_000)
        assert store.open_journal(info) == 6
        assert store.open_journal(with_(info, n_pages=8, next=9)) == 6
        with store.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM page WHERE sequence = 3")
        assert store.open_journal(info) == 2
