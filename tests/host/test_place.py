"""Where data is kept, and how a connection to it is held."""

import pytest
from bioklok.store import file_url, open_store, place_of
from support.command import bioklok

ASKED = ("keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout")


def test_a_connection_that_the_network_silently_drops_is_missed_within_a_minute(database_url):
    """Else a turn is given back, and a page comes, when TCP gives up by itself."""
    with open_store(database_url) as store:
        if store.place.is_sqlite:
            pytest.skip("a file has no connections to drop")
        with store.engine.connect() as connection:
            held = connection.connection.driver_connection.info.get_parameters()
    idle_s, interval_s, count, unheard_ms = (int(held[name]) for name in ASKED)
    assert idle_s + interval_s * count <= 60
    assert unheard_ms <= 60_000


def test_what_a_url_says_of_its_connections_goes_first():
    url = place_of("postgresql+psycopg://somebody@server/school?keepalives_idle=300").url
    assert url.query["keepalives_idle"] == "300"
    assert url.query["keepalives_count"] == "3"


@pytest.mark.parametrize(
    "command",
    [
        ("export", "--all", "copy"),
        ("report", "--student", "mila", "--week", "2026-W47"),
        ("erase", "mila", "--yes"),
        ("retention",),
        ("user", "list"),
        ("school", "list"),
        ("jobs", "list"),
    ],
    ids=" ".join,
)
def test_whoever_reads_makes_no_database_of_a_mistyped_name(tmp_path, command):
    file = tmp_path / "typo" / "school.sqlite"
    done = bioklok(tmp_path, *command, "--database", file_url(file))
    assert done.returncode == 1
    assert f"there is no database {file}" in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.glob("typo*")) == list(tmp_path.glob("copy*")) == []


def test_a_database_is_for_its_owner_alone_wherever_it_is(tmp_path):
    tmp_path.chmod(0o755)
    file = tmp_path / "school.sqlite"
    with open_store(file_url(file)) as store:
        store.ensure_student("mila")
        made = [one for one in tmp_path.glob("school.sqlite*") if one.is_file()]
        assert len(made) >= 3  # with -wal and -shm
        assert [one.name for one in made if one.stat().st_mode & 0o077] == []
