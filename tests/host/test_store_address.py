"""Which file a database URL names, and what is refused without touching it."""

import sqlite3
from contextlib import closing

import pytest
from bioklok.errors import BioklokFailure
from bioklok.store import file_url, open_store


def test_a_password_in_an_address_is_never_repeated(tmp_path):
    for bad, advice in (
        ("postgresql://u:hunter2@h:port/db", "sqlite:////"),
        ("u:hunter2@h", "sqlite:////"),
        ("mysql://u:hunter2@h/db", "postgresql[+]psycopg://"),
        ("postgresql://u:hunter2@127.0.0.1:1/db", "server cannot be reached"),
    ):
        with pytest.raises(BioklokFailure, match=advice) as failure, open_store(bad):
            pytest.fail("opened")
        assert "hunter2" not in str(failure.value)


@pytest.mark.parametrize("version", (1, 2))
def test_another_programs_file_with_our_version_is_left_alone(tmp_path, version):
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.executescript(f"CREATE TABLE page (x); PRAGMA user_version = {version}")
    before = path.read_bytes()
    with (
        pytest.raises(BioklokFailure, match="belongs to another program"),
        open_store(file_url(path)),
    ):
        pytest.fail("opened")
    assert path.read_bytes() == before


def test_a_file_of_any_name_has_a_url(tmp_path):
    for name in ("a?b", "a#b", "a%20b", "a b@c:d"):
        with open_store(file_url(tmp_path / name / "x.sqlite")) as store:
            assert store.place.file == tmp_path / name / "x.sqlite"
        assert store.place.file.is_file()
