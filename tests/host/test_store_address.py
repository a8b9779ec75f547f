"""Which file a database URL names, and what is refused without touching it."""

import sqlite3
from contextlib import closing

import pytest
from bioklok.errors import BioklokFailure
from bioklok.store import file_url, open_store
from bioklok.store.tables import SCHEMA_VERSION


def test_a_password_in_an_address_is_never_repeated(tmp_path):
    for bad in ("postgresql://u:hunter2@h:port/db", "u:hunter2@h", "postgresql://u:hunter2@h/db"):
        with pytest.raises(BioklokFailure) as failure, open_store(bad):
            pytest.fail("opened")
        assert "hunter2" not in str(failure.value)
        assert "sqlite:////" in str(failure.value)


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
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
            assert store.path == tmp_path / name / "x.sqlite"
        assert store.path.is_file()
