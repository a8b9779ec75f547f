"""A copy that is made while it is in use is whole, and puts everything back."""

import json
import threading
from pathlib import Path

import pytest
from bioklok.errors import BioklokFailure, NotFound
from bioklok.office.backup import ABOUT, DATABASE, back_up, put_back
from bioklok.office.erasure import erase
from bioklok.school.people import Role
from bioklok.store import Place, Store, open_store, place_of
from bioklok.store.vault import Vault
from support.campus import DEVICE, NOW, SCHOOL, campus
from support.command import bioklok, failed
from support.privacy import NAME, fill, rows
from support.synthetic import Info, Minute, pages

LATER = NOW + 5 * 86_400


@pytest.fixture
def store(tmp_path):
    with campus(f"sqlite:///{tmp_path / 'live' / 'b.sqlite'}") as opened:
        yield opened


def elsewhere(tmp_path: Path, name: str = "new") -> Place:
    return place_of(f"sqlite:///{tmp_path / name / 'c.sqlite'}")


def opened(place: Place):
    return open_store(place.url.render_as_string(), SCHOOL)


def test_everything_comes_back_in_an_empty_place(store: Store, tmp_path):
    made = fill(store)
    before = rows(store)
    done = back_up(store, tmp_path / "copy", LATER, tmp_path / "keys")
    assert done.n_keys == 9 and done.rows["page"] == 48 and done.rows["person"] == 9
    place = elsewhere(tmp_path)
    put = put_back(place, tmp_path / "copy", LATER, tmp_path / "keys")
    assert (put.n_keys, put.n_erased, put.n_without_key) == (9, 0, 0)
    with opened(place) as restored:
        assert rows(restored) == before
        assert restored.pages_of("noor", 0, 2**31) == made
        assert restored.account("noor") == store.account("noor")
        with restored.reading("noor") as new, store.reading("noor") as old:
            assert new.reason_notes() == old.reason_notes()
            assert new.feed()[1] == old.feed()[1]
        with restored.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_the_copy_is_one_private_file_without_keys(store: Store, tmp_path):
    fill(store)
    folder = tmp_path / "copy"
    back_up(store, folder, LATER)
    assert sorted(file.name for file in folder.iterdir()) == [ABOUT, DATABASE]
    assert folder.stat().st_mode & 0o077 == (folder / DATABASE).stat().st_mode & 0o077 == 0
    about = json.loads((folder / ABOUT).read_text())
    assert about["rows"]["person"] == 9 and about["made_at"].startswith("2026-11-21T")
    content = (folder / DATABASE).read_bytes()
    vault = store.vault
    for secret in (NAME.encode(), vault.key(SCHOOL, "noor"), store.place.master_file.read_bytes()):
        assert secret not in content
    put = put_back(elsewhere(tmp_path), folder, LATER)
    assert (put.n_keys, put.n_without_key) == (0, 9)
    with pytest.raises(BioklokFailure, match="outside of it"):
        back_up(store, folder, LATER, folder / "keys")


def test_the_copy_is_of_one_moment_while_another_writes(store: Store, tmp_path):
    """Pages and the note of their sync go in together: no copy has one without the other."""
    stop, n_written = threading.Event(), 0
    info = Info(DEVICE["noor"])
    store.open_journal(info)

    def note(desk, _new) -> None:
        desk.put_weekly("2026-W47", {"n": n_written}, NOW)

    def write() -> None:
        nonlocal n_written
        while not stop.is_set():
            page = pages(NOW + 1800 * n_written, [Minute()] * 30, sequence=n_written)
            n_written += 1
            store.commit_pages(info, page, NOW, then=note)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = []
        for n in range(8):
            while n_written <= (seen[-1] if seen else 0) + 1:
                pass  # so that each copy meets a writer that goes on
            done = back_up(store, tmp_path / f"copy{n}", LATER, tmp_path / "keys")
            seen.append(done.rows["page"])
    finally:
        stop.set()
        writer.join()
    assert seen == sorted(set(seen)) and n_written > seen[-1] > 0
    for n, n_pages in enumerate(seen):
        place = elsewhere(tmp_path, f"new{n}")
        put_back(place, tmp_path / f"copy{n}", LATER, tmp_path / "keys")
        with opened(place) as restored:
            assert len(restored.pages_of("noor", 0, 2**31)) == n_pages
            with restored.reading("noor") as desk:
                assert desk.weekly("2026-W47") == {"n": n_pages}


def test_who_was_erased_since_does_not_come_back(store: Store, tmp_path):
    """Neither where the keys' folder stayed, nor from a copy of the keys from before."""
    fill(store)
    back_up(store, tmp_path / "copy", LATER, tmp_path / "old keys")
    erase(store, None, "noor", LATER + 1_000_000_000)
    place = store.place
    store.close()
    for file in place.file.parent.glob("b.sqlite*"):
        if file.is_file() and file != place.master_file:
            file.unlink()
    put = put_back(place, tmp_path / "copy", LATER, tmp_path / "old keys")
    assert (put.n_erased, put.n_without_key, put.n_keys) == (1, 0, 8)
    with opened(place) as restored:
        assert "noor" not in {one.id for one in restored.accounts()}
        assert restored.account("sem").name == "Sem Bakker"
        assert rows(restored)["page"] == []


def test_a_namesake_who_came_after_the_erasing_is_not_taken_for_the_erased(store: Store, tmp_path):
    erase(store, None, "noor", NOW - 10**8)  # long before the namesake's account is made
    store.add_person("noor", "Another Noor", {Role.STUDENT})
    back_up(store, tmp_path / "copy", LATER, tmp_path / "keys")
    place = elsewhere(tmp_path)
    put = put_back(place, tmp_path / "copy", LATER, tmp_path / "keys")
    assert put.n_erased == 0
    with opened(place) as restored:
        # Its key has the file name of one that was destroyed: it comes back all the same.
        assert restored.account("noor").name == "Another Noor"


def test_keys_that_were_destroyed_go_from_their_copy_too(store: Store, tmp_path):
    keys = tmp_path / "keys"
    back_up(store, tmp_path / "copy", LATER, keys)
    name = store.vault.file_name(SCHOOL, "noor")
    assert (keys / "keys" / name).exists()
    assert (keys / "master.key").stat().st_mode & 0o077 == 0
    erase(store, None, "noor", LATER)
    back_up(store, tmp_path / "copy", LATER, keys)
    assert not (keys / "keys" / name).exists()
    assert len([one for one in (keys / "keys").iterdir() if one.name != "erased"]) == 8


def test_what_cannot_be_put_back_leaves_everything_as_it_was(store: Store, tmp_path):
    folder = tmp_path / "copy"
    back_up(store, folder, LATER, tmp_path / "keys")
    with pytest.raises(BioklokFailure, match="there is a database already"):
        put_back(store.place, folder, LATER)
    with pytest.raises(NotFound, match="no copy in"):
        put_back(elsewhere(tmp_path), tmp_path / "nowhere", LATER)
    content = bytearray((folder / DATABASE).read_bytes())
    content[5000] ^= 1
    (folder / DATABASE).write_bytes(content)
    with pytest.raises(BioklokFailure, match="not the copy"):
        put_back(elsewhere(tmp_path), folder, LATER)
    assert not elsewhere(tmp_path).file.exists()
    back_up(store, folder, LATER)
    place = elsewhere(tmp_path, "other")
    place.file.parent.mkdir()
    place.master_file.write_text("00" * 32)
    place.master_file.chmod(0o600)
    with pytest.raises(BioklokFailure, match="another master key"):
        put_back(place, folder, LATER, tmp_path / "keys")
    assert not Vault(place).folder.exists()
    (folder / ABOUT).write_text("{}")
    with pytest.raises(BioklokFailure, match="take another copy"):
        put_back(elsewhere(tmp_path), folder, LATER)


def test_a_servers_database_is_its_own_programs_to_copy(database_url, tmp_path):
    if "postgresql" not in database_url:
        pytest.skip("of SQLite the other tests tell")
    with campus(database_url) as store:
        with pytest.raises(BioklokFailure, match="pg_dump") as told:
            back_up(store, tmp_path / "copy", LATER, tmp_path / "kept")
        assert "9 keys were copied" in str(told.value) and "\n" not in str(told.value)
        assert len(list((tmp_path / "kept" / "keys").iterdir())) == 9
        # Its program has put the database back; somebody was erased since.
        store.vault.destroy(SCHOOL, "sem")
        put = put_back(store.place, tmp_path, LATER, tmp_path / "kept")
        assert (put.n_erased, put.n_without_key) == (0, 0)
        assert store.account("sem").name == "Sem Bakker"


def test_the_commands(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        store.ensure_student("kit", "Kit")
    done = bioklok(tmp_path, "export", "--all", "copy", "--with-keys", "keys")
    assert done.returncode == 0 and done.stdout.startswith("copy: "), done.stderr
    assert "1 keys in keys" in done.stderr
    there = failed(bioklok(tmp_path, "restore", "copy", "--keys", "keys"))
    assert "there is a database already" in there
    new = {"BIOKLOK_DATABASE_URL": f"sqlite:///{tmp_path / 'new' / 'x.sqlite'}"}
    done = bioklok(tmp_path, "restore", "copy", "--keys", "keys", **new)
    assert done.returncode == 0 and "put back, 1 keys" in done.stdout, done.stderr
    with open_store(new["BIOKLOK_DATABASE_URL"]) as store:
        assert store.student("kit").name == "Kit"
