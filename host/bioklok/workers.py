"""On a server: the weekly job spread over several processes, one task a student (procrastinate).

Any number of processes run `bioklok jobs worker`. One of them puts the tasks into the database when
the job is due; each takes the next one that is free. A task that failed is tried again; of a worker
that was killed its task is given to another. What a task does can be done twice: the same figures
come out. Tasks hold the ids of school and student and the weeks, and go when they are done.
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.schema import SchemaManager
from procrastinate.types import JSONValue

from bioklok.errors import BioklokFailure
from bioklok.jobs import WEEKLY, is_due, weekly_of, weeks_due
from bioklok.office.results import line_of
from bioklok.store import Store
from bioklok.store.turns import add_schema, turn

SCHEMA = "bioklok_work"
_LOOK_S = 60.0  # how often a worker looks whether the job is due
_STALLED_S = 30.0  # without a sign of life: as long as procrastinate itself waits
_ATTEMPTS = 5


class Unreadable(BioklokFailure):
    """A student's figures could not be made: the task is tried again."""


def make_queue(store: Store) -> procrastinate.App:
    """Return the queue in the store's database, made where there is none.

    Raises BioklokFailure for SQLite, or a user who may not make it.
    """
    if store.place.is_sqlite:
        raise BioklokFailure(
            "workers need a PostgreSQL server: with a file, 'bioklok jobs watch' does it all"
        )
    add_schema(store, SCHEMA, SchemaManager.get_schema())
    url = store.place.url.set(drivername="postgresql").render_as_string(hide_password=False)
    connector = procrastinate.PsycopgConnector(
        conninfo=url, kwargs={"options": f"-c search_path={SCHEMA}"}, min_size=1, max_size=4
    )
    return procrastinate.App(connector=connector)


def add_weekly(queue: procrastinate.App, store: Store, clock: Callable[[], float]) -> None:
    """Say what a task of the queue is."""
    retry = procrastinate.RetryStrategy(max_attempts=_ATTEMPTS, exponential_wait=4)

    @queue.task(name=WEEKLY, queue=WEEKLY, retry=retry)
    def weekly(school_id: str, student_id: str, weeks: list[str]) -> None:
        if not weekly_of(store.of(school_id), student_id, weeks, int(clock())):
            raise Unreadable(f"school {school_id}: the figures of {student_id} could not be made")


async def put_due(queue: procrastinate.App, store: Store, now_utc_s: int) -> int:
    """Put a task for every student of the schools whose weekly job is due; return how many."""
    n_tasks = 0
    for school in await asyncio.to_thread(store.schools):
        of_school = store.of(school.id)
        with turn(of_school, WEEKLY, now_utc_s) as is_ours:
            if not is_ours or not is_due(of_school, WEEKLY, now_utc_s):
                continue
            weeks: list[JSONValue] = [*weeks_due(of_school, now_utc_s)]
            students = await asyncio.to_thread(of_school.students)
            for student in students:
                lock = f"{school.id}/{student.id}"
                task = queue.configure_task(WEEKLY, queue=WEEKLY, queueing_lock=lock)
                # A worker that died while it did this may have put some of them.
                with contextlib.suppress(AlreadyEnqueued):
                    await task.defer_async(school_id=school.id, student_id=student.id, weeks=weeks)
            of_school.note_job(WEEKLY, now_utc_s, line_of(handed_out=len(students)))
            n_tasks += len(students)
    return n_tasks


async def free_stalled(queue: procrastinate.App, stalled_s: float = _STALLED_S) -> int:
    """Give back the tasks of workers that were killed; return how many."""
    stalled = await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_s)
    found = list(stalled)
    for job in found:
        await queue.job_manager.retry_job(job, retry_at=datetime.now(UTC) - timedelta(seconds=1))
    return len(found)


async def work(
    store: Store,
    clock: Callable[[], float],
    *,
    until_empty: bool = False,
    stalled_s: float = _STALLED_S,
) -> None:
    """Work until SIGINT or SIGTERM, which lets the task at hand end; or until nothing waits.

    Raises BioklokFailure where the database cannot be used for this.
    """
    queue = make_queue(store)
    add_weekly(queue, store, clock)
    async with queue.open_async():
        await _look(queue, store, clock, stalled_s)
        looking = asyncio.create_task(_keep_looking(queue, store, clock, stalled_s))
        try:
            await queue.run_worker_async(
                queues=[WEEKLY],
                wait=not until_empty,
                delete_jobs="successful",
                install_signal_handlers=True,
                stalled_worker_timeout=stalled_s,
            )
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking


async def _look(
    queue: procrastinate.App, store: Store, clock: Callable[[], float], stalled_s: float
) -> None:
    await put_due(queue, store, int(clock()))
    await free_stalled(queue, stalled_s)


async def _keep_looking(
    queue: procrastinate.App, store: Store, clock: Callable[[], float], stalled_s: float
) -> None:
    while True:
        await asyncio.sleep(_LOOK_S)
        with contextlib.suppress(BioklokFailure):  # a server that starts anew: at the next look
            await _look(queue, store, clock, stalled_s)
