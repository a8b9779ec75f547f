"""What version 0003 does on a PostgreSQL server alone: partitions, and row-level security."""

import sqlalchemy as sa
from alembic import op

# What every transaction has to say before it sees a row; see `store.base`.
_IS_OURS = (
    "school_id = current_setting('bioklok.school', true)"
    " AND coalesce(current_setting('bioklok.viewer', true), '') <> ''"
)
_TABLES = [
    "person",
    "device",
    "journal",
    "page",
    "sync_session",
    "device_key",
    "tie",
    "share_log",
    "look",
    "ledger_entry",
    "reason_note",
    "reflection",
    "weekly",
    "timetable_snapshot",
    "feed",
    "credential",
    "ticket",
    "job",
]


def make_way() -> None:
    """Rename the keys of the old tables: on a server two tables' keys cannot share a name."""
    op.execute(
        """DO $$ DECLARE one record; BEGIN
            FOR one IN SELECT conrelid::regclass AS its_table, conname FROM pg_constraint
                WHERE contype IN ('p', 'u') AND conrelid::regclass::text IN
                    ('journal_2', 'page_2', 'sync_session_2', 'device_key_2')
            LOOP
                EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I',
                    one.its_table, one.conname, one.conname || '_2');
            END LOOP;
        END $$"""
    )


def create_pages() -> None:
    """Pages by the month in which they begin: an old month goes by dropping a table.

    A key of a partitioned table holds the column that it is parted by. That a page is stored once
    is therefore kept by the lock on its device, under which it is looked for first.
    """
    op.execute(
        """CREATE TABLE page (
            school_id VARCHAR NOT NULL,
            journal BIGINT NOT NULL,
            sequence BIGINT NOT NULL,
            data BYTEA NOT NULL,
            start_utc_s BIGINT NOT NULL,
            n_epochs INTEGER NOT NULL,
            received_at_utc_s BIGINT NOT NULL,
            PRIMARY KEY (school_id, journal, sequence, start_utc_s),
            FOREIGN KEY (school_id, journal) REFERENCES journal (school_id, id)
        ) PARTITION BY RANGE (start_utc_s)"""
    )
    op.execute("CREATE INDEX ix_page_start ON page (school_id, journal, start_utc_s)")
    op.execute("CREATE TABLE page_other PARTITION OF page DEFAULT")
    # Made by whoever stores the first page of a month, who need not own the tables. What came
    # before its month was made moves along. It gives up rather than wait in a ring: who wants it
    # tries again (`store.repository`).
    op.execute(
        """CREATE FUNCTION bioklok_page_month(month date) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
        SET lock_timeout = '400ms' AS $$
        DECLARE
            first date := date_trunc('month', month);
            name text := 'page_' || to_char(first, 'YYYY_MM');
            from_s bigint := extract(epoch FROM first AT TIME ZONE 'UTC');
            until_s bigint := extract(epoch FROM (first + interval '1 month') AT TIME ZONE 'UTC');
        BEGIN
            IF first < date '2015-01-01' OR first > date '2100-01-01' THEN
                RETURN;  -- a clock that was never set: those stay in page_other
            END IF;
            IF to_regclass('public.' || name) IS NOT NULL THEN
                RETURN;
            END IF;
            LOCK TABLE public.journal IN SHARE ROW EXCLUSIVE MODE;
            LOCK TABLE public.page_other IN ACCESS EXCLUSIVE MODE;
            IF to_regclass('public.' || name) IS NOT NULL THEN
                RETURN;
            END IF;
            EXECUTE format('CREATE TABLE public.%I (LIKE public.page INCLUDING ALL)', name);
            EXECUTE format('WITH moved AS (DELETE FROM public.page_other WHERE start_utc_s >= %s'
                ' AND start_utc_s < %s RETURNING *) INSERT INTO public.%I SELECT * FROM moved',
                from_s, until_s, name);
            EXECUTE format('ALTER TABLE public.page ATTACH PARTITION public.%I'
                ' FOR VALUES FROM (%s) TO (%s)', name, from_s, until_s);
        END $$"""
    )
    # For what version 0002 kept, which is about to move.
    op.execute(
        """SELECT bioklok_page_month(month) FROM (
            SELECT DISTINCT date_trunc('month', to_timestamp(start_utc_s) AT TIME ZONE 'UTC')::date
                AS month FROM page_2) AS months"""
    )


def protect() -> None:
    """Let the app see the rows of one school alone, and none unless somebody looks.

    The tables' owner is bound by the policies too; the app takes the role `bioklok_app` in every
    transaction, so that this holds also where a superuser runs it.
    """
    # Where the user who upgrades may not make roles, the server's administrator made this one for
    # them: CREATE ROLE bioklok_app NOLOGIN; GRANT bioklok_app TO them.
    op.execute(
        """DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bioklok_app') THEN
                CREATE ROLE bioklok_app NOLOGIN;
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database's
        END $$"""
    )
    op.execute(
        """DO $$ BEGIN
            IF NOT pg_has_role(current_user, 'bioklok_app', 'SET') THEN
                EXECUTE format('GRANT bioklok_app TO %I', current_user);
            END IF;
        END $$"""
    )
    op.execute("GRANT USAGE ON SCHEMA public TO bioklok_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON school TO bioklok_app")
    op.execute("REVOKE ALL ON FUNCTION bioklok_page_month(date) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION bioklok_page_month(date) TO bioklok_app")
    for table in _TABLES:
        protect_table(table)


def protect_table(table: str) -> None:
    """Do so for one table."""
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO bioklok_app")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_school ON {table} USING ({_IS_OURS}) WITH CHECK ({_IS_OURS})")


def look_at(school_id: str) -> None:
    """See a school's rows until the end of the transaction, where the policies hold already."""
    settings = sa.text(
        "SELECT set_config('bioklok.school', :school, true),"
        " set_config('bioklok.viewer', 'upgrade', true)"
    )
    op.get_bind().execute(settings, {"school": school_id})
