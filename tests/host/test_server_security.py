"""On a server nobody sees rows of a school without saying whose they are and who looks.

Every table of the metadata with a `school_id` is tried: one that is added without a policy fails.
"""

from collections.abc import Iterator

import pytest
from bioklok.store import place_of, upgrade
from sqlalchemy import Connection, Engine, Integer, LargeBinary, Table, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import SQLModel
from support.campus import DEVICE, campus
from support.postgresql import new_database
from support.synthetic import Info, Minute, pages, utc_s

OURS, THEIRS = "oost", "west"
START = utc_s("2026-11-16T08:00")
TABLES = [table for table in SQLModel.metadata.sorted_tables if "school_id" in table.c]
WHOSE = {"student_id", "adult_id", "viewer_id", "person_id"}


def row_of(table: Table, school: str) -> dict[str, object]:
    """A row that fits: all of one person, in one journal."""
    row: dict[str, object] = {}
    for column in table.c:
        if column.name == "school_id":
            row[column.name] = school
        elif column.name in WHOSE or (table.name, column.name) == ("person", "id"):
            row[column.name] = "noor"
        elif isinstance(column.type, LargeBinary):
            row[column.name] = b"x"
        elif isinstance(column.type, Integer):
            row[column.name] = START if column.name == "start_utc_s" else 1
        else:
            row[column.name] = "x"
    return row


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """A database with one row of two schools in every table, for a user who may do anything."""
    url = new_database("security")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BIOKLOK_MASTER_KEY", "5a" * 32)
        upgrade(place_of(url))
    made = create_engine(url, pool_size=1, max_overflow=0)
    with made.begin() as connection:
        connection.execute(text("SELECT bioklok_page_month('2026-11-01')"))
        for school in (OURS, THEIRS):
            connection.execute(
                text("INSERT INTO school VALUES (:id, 'S', 'school', 'UTC', '{}', 1)"),
                {"id": school},
            )
            for table in TABLES:
                connection.execute(table.insert(), [row_of(table, school)])
    yield made
    made.dispose()


@pytest.fixture
def app(engine: Engine) -> Iterator[Connection]:
    """A transaction of the app, in which nobody said anything yet."""
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL ROLE bioklok_app"))
        yield connection
        connection.rollback()


def say(connection: Connection, school: str, viewer: str = "noor") -> None:
    connection.execute(
        text(
            "SELECT set_config('bioklok.school', :s, true), set_config('bioklok.viewer', :v, true)"
        ),
        {"s": school, "v": viewer},
    )


def count(connection: Connection, table: Table) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table.name}")).scalar_one())


def refused(connection: Connection, statement: object, *values: object) -> str:
    """What PostgreSQL says to a statement that it does not run."""
    with pytest.raises(ProgrammingError) as caught, connection.begin_nested():
        connection.execute(statement, *values)  # type: ignore[call-overload]
    assert caught.value.orig.sqlstate == "42501"  # type: ignore[union-attr]
    return str(caught.value.orig)


def test_there_are_tables_to_try() -> None:
    assert len(TABLES) >= 18
    assert {table.name for table in SQLModel.metadata.sorted_tables} - {
        table.name for table in TABLES
    } == {"school"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_who_does_not_say_whose_rows_and_who_looks_sees_none(app: Connection, table: Table) -> None:
    assert count(app, table) == 0
    say(app, OURS, viewer="")
    assert count(app, table) == 0
    say(app, "", viewer="noor")
    assert count(app, table) == 0
    say(app, OURS)
    assert count(app, table) == 1


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_school_cannot_read_or_write_anothers_rows(app: Connection, table: Table) -> None:
    say(app, OURS)
    schools = app.execute(text(f"SELECT school_id FROM {table.name}")).scalars().all()
    assert schools == [OURS]
    new = {**row_of(table, THEIRS), list(table.primary_key)[-1].name: 2}
    if not isinstance(list(table.primary_key)[-1].type, Integer):
        new[list(table.primary_key)[-1].name] = "y"
    assert "row-level security" in refused(app, table.insert(), [new])
    moved = table.update().values(school_id=THEIRS)
    assert "row-level security" in refused(app, moved)
    theirs = table.c.school_id == THEIRS
    assert app.execute(table.update().where(theirs).values(school_id=OURS)).rowcount == 0
    assert app.execute(table.delete().where(theirs)).rowcount == 0
    app.rollback()
    app.execute(text("SET LOCAL ROLE bioklok_app"))
    say(app, THEIRS)
    assert count(app, table) == 1  # nothing of it happened


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_its_owner_is_bound_too(engine: Engine, table: Table) -> None:
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT relrowsecurity, relforcerowsecurity FROM pg_class"
                " WHERE oid = CAST(:t AS regclass)"
            ),
            {"t": table.name},
        ).one()
    assert tuple(found) == (True, True)


@pytest.mark.parametrize("part", ["page_2026_11", "page_other"])
@pytest.mark.parametrize(
    "deed", ["SELECT * FROM {}", "DELETE FROM {}", "UPDATE {} SET n_epochs = 0", "DROP TABLE {}"]
)
def test_a_months_pages_are_reached_through_the_table_of_pages_alone(
    app: Connection, part: str, deed: str
) -> None:
    say(app, OURS)
    refused(app, text(deed.format(part)))


@pytest.mark.parametrize(
    "deed",
    [
        "ALTER TABLE person DISABLE ROW LEVEL SECURITY",
        "DROP POLICY one_school ON person",
        "CREATE POLICY mine ON person USING (true)",
        "TRUNCATE person",
        "DELETE FROM school",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
def test_the_app_cannot_open_the_doors_itself(app: Connection, deed: str) -> None:
    say(app, OURS)
    refused(app, text(deed))


def test_nothing_of_a_transaction_is_left_over_in_the_pool(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.connect() as connection:
        ours = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        connection.execute(text("SET LOCAL ROLE bioklok_app"))
        say(connection, OURS)
        assert count(connection, TABLES[0]) == 1
        connection.commit()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar() == ours
        left = text(
            "SELECT current_setting('bioklok.school', true),"
            " current_setting('bioklok.viewer', true), current_user = session_user"
        )
        school, viewer, is_ourselves = connection.execute(left).one()
        assert (school or "", viewer or "", is_ourselves) == ("", "", True)
        connection.execute(text("SET LOCAL ROLE bioklok_app"))
        assert [count(connection, table) for table in TABLES] == [0] * len(TABLES)


def test_the_store_asks_for_one_school(own_keys: None) -> None:
    url = new_database("security_store")
    upgrade(place_of(url))
    with campus(url) as store:
        assert len(store.accounts()) == 9
        assert store.of("west").accounts() == []
        assert store.of("home").accounts() == []
        assert store.of("oost", "noor").account("sem").id == "sem"
        # On the connection that it used, and will use again.
        with store.engine.connect() as connection:
            connection.execute(text("SET LOCAL ROLE bioklok_app"))
            assert [count(connection, table) for table in TABLES] == [0] * len(TABLES)


def scalar(url: str, query: str) -> object:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text(query)).scalar()
    engine.dispose()
    return found


def plain_owner(name: str, has_role: bool) -> str:
    """A new database of a user who is no superuser, as a school board gets one."""
    url = new_database(name)
    owner = create_engine(url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        for statement in (
            f"DROP ROLE IF EXISTS {name}",
            f"CREATE ROLE {name} LOGIN NOSUPERUSER NOCREATEROLE",
            f"ALTER DATABASE {name} OWNER TO {name}",
            f"ALTER SCHEMA public OWNER TO {name}",
        ):
            connection.execute(text(statement))
        if has_role:
            connection.execute(text(f"GRANT bioklok_app TO {name}"))
    owner.dispose()
    plain = owner.url.set(username=name)
    return plain.render_as_string(hide_password=False)


def test_a_user_without_power_can_own_the_database(engine: Engine, own_keys: None) -> None:
    url = plain_owner("plain_owner", has_role=True)
    upgrade(place_of(url))
    with campus(url) as store:
        info = Info(DEVICE["noor"])
        made = pages(START, [Minute()] * 60)
        assert store.commit_pages(info, made, START) == made
        assert store.pages_of("noor", START, START + 3600) == made
        with store.engine.connect() as connection:  # the owner, who says nothing
            assert connection.execute(text("SELECT count(*) FROM page")).scalar_one() == 0
            assert connection.execute(text("SELECT count(*) FROM person")).scalar_one() == 0


def test_an_owner_who_may_not_take_the_role_hears_what_to_do(
    engine: Engine, own_keys: None
) -> None:
    url = plain_owner("powerless", has_role=False)
    with pytest.raises(Exception, match="bioklok_app") as caught:
        upgrade(place_of(url))
    assert "administrator" in str(caught.value)
    assert scalar(url, "SELECT to_regclass('person')") is None
