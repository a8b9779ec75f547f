"""The weekly job spread over the workers of a PostgreSQL server."""

import asyncio
import subprocess
import sys

import pytest
from bioklok import workers
from bioklok.errors import BioklokFailure
from bioklok.jobs import WEEKLY, run_one
from bioklok.store import Store, open_store, place_of, upgrade
from bioklok.store.school_tables import Job
from sqlalchemy import text
from support.campus import DEVICE, SCHOOL, campus
from support.postgresql import new_database
from support.school import at
from support.synthetic import Info, school_week

FRIDAY = at("2026-11-20T15:00")


def with_week(store: Store) -> None:
    """A week of noor's and of sem's, as their devices bring it."""
    for n, student in enumerate(("noor", "sem")):
        info = Info(DEVICE[student], journal_id=77)
        store.commit_pages(info, school_week(), FRIDAY + n)


def weekly(store: Store, student: str, week: str = "2026-W47"):
    with store.reading(student) as desk:
        return desk.weekly(week)


def end(process: subprocess.Popen[str]) -> None:
    process.wait(30)
    process.stdin.close()
    process.stdout.close()


@pytest.fixture
def server(request, own_keys):
    """The school on a server alone: in a file there are no workers."""
    url = new_database(f"w{abs(hash(request.node.nodeid)) % 10**12}")
    upgrade(place_of(url))
    with campus(url) as opened:
        yield opened


def url_of(store: Store) -> str:
    return store.place.url.render_as_string(hide_password=False)


def queue_rows(store: Store) -> list[tuple[str, int]]:
    query = "SELECT status::text, attempts FROM bioklok_work.procrastinate_jobs ORDER BY id"
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_workers_need_a_server(tmp_path, own_keys):
    url = f"sqlite:///{tmp_path / 'b.sqlite'}"
    with open_store(url) as store, pytest.raises(BioklokFailure, match="need a PostgreSQL server"):
        workers.make_queue(store)


def test_a_worker_makes_all_figures_and_leaves_no_task(server):
    with_week(server)
    asyncio.run(workers.work(server, lambda: FRIDAY, until_empty=True))
    assert weekly(server, "noor")["n_epochs"] == 10080
    assert weekly(server, "sem")["n_epochs"] == 10080
    assert queue_rows(server) == []
    assert run_one(server, WEEKLY, lambda: FRIDAY + 1) is None  # it was done
    before = weekly(server, "noor")
    asyncio.run(workers.work(server, lambda: FRIDAY + 60, until_empty=True))
    assert weekly(server, "noor") == before


def test_a_task_that_fails_is_tried_again(server):
    with_week(server)
    server.vault.destroy(SCHOOL, "noor")
    asyncio.run(workers.work(server, lambda: FRIDAY, until_empty=True))
    assert queue_rows(server) == [("todo", 1)]
    assert weekly(server, "sem")["n_epochs"] == 10080


def test_tasks_are_put_once_however_many_workers_start(server):
    async def put() -> list[int]:
        queue = workers.make_queue(server)
        workers.add_weekly(queue, server, lambda: FRIDAY)
        async with queue.open_async():
            first = await workers.put_due(queue, server, FRIDAY)
            again = await workers.put_due(queue, server, FRIDAY)
            # As where the first died before it noted that it was done:
            with server._write() as session:
                session.delete(session.get_one(Job, (SCHOOL, WEEKLY)))
            return [first, again, await workers.put_due(queue, server, FRIDAY)]

    assert asyncio.run(put()) == [3, 0, 3]
    assert queue_rows(server) == [("todo", 0)] * 3


STUCK = """
import sys
from bioklok import workers
workers.weekly_of = lambda *_: print("at it", flush=True) or sys.stdin.read()
import asyncio
from bioklok.store import open_store
with open_store(sys.argv[1]) as store:
    asyncio.run(workers.work(store, lambda: int(sys.argv[2])))
"""


def test_the_task_of_a_worker_that_is_killed_is_done_by_another(server):
    with_week(server)
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK, url_of(server), str(FRIDAY)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "at it\n"
    process.kill()
    end(process)
    assert sorted(queue_rows(server)) == [("doing", 0), ("todo", 0), ("todo", 0)]
    work = workers.work(server, lambda: FRIDAY, until_empty=True, stalled_s=0.0)
    asyncio.run(work)
    assert queue_rows(server) == []
    for student in ("noor", "sem"):
        assert weekly(server, student)["n_epochs"] == 10080
