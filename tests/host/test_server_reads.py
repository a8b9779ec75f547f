"""What a page reads grows with its student's data, not with the school's."""

from sqlalchemy import event, text
from support.campus import DEVICE, NOW, campus
from support.synthetic import Info, school_week


def test_a_week_is_found_by_its_students_journals_and_no_table_is_read_through(tmp_path, own_keys):
    asked: list[tuple[str, object]] = []
    with campus(f"sqlite:///{tmp_path / 'b.sqlite'}") as store:
        for student in ("noor", "sem"):
            store.commit_pages(Info(DEVICE[student], 77), school_week(), NOW)

        @event.listens_for(store.engine, "before_cursor_execute")
        def note(_connection, _cursor, statement, parameters, *_more):
            asked.append((statement, parameters))

        assert store.pages_of("noor", NOW, NOW + 86_400, NOW)
        assert store.spans_of("noor")
        assert store.n_epochs(DEVICE["noor"])
        assert store.newest_page_utc_s("noor", NOW, NOW + 86_400)
        store.last_sync_utc_s("noor")
        event.remove(store.engine, "before_cursor_execute", note)
        plans = {}
        with store.engine.connect() as connection:
            for statement, parameters in asked:
                if statement.startswith("SELECT"):
                    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                    plans[statement] = [row[3] for row in rows]
            assert connection.execute(text("SELECT count(*) FROM page")).scalar_one() > 700
    of_pages = [plan for plan in plans.values() if any("SEARCH page " in step for step in plan)]
    assert len(of_pages) == 4
    for plan in of_pages:
        assert any("SEARCH page " in step and "journal=?" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for plan in plans.values() for step in plan), plans
