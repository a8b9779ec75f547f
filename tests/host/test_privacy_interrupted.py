"""An erasing that is cut off, or that others work against meanwhile, leaves nothing half done."""

import json
import signal
import subprocess
import sys
import threading

import pytest
from bioklok.errors import BioklokFailure
from bioklok.office.erasure import erase, finish
from bioklok.office.intake import Intake
from bioklok.school.people import Role
from bioklok.store import Store
from bioklok.store.vault import KeyGone
from sqlalchemy import text
from support.campus import DEVICE, NOW, SCHOOL, campus
from support.privacy import NAME, WORDS, fill, mentions, rows
from support.synthetic import Info, Minute, pages

LATER = NOW + 5 * 86_400


@pytest.fixture
def store(database_url):
    with campus(database_url) as opened:
        fill(opened)
        yield opened


# It makes a child for each number that it reads; the child counts what it hands to the database and
# to the disk of the keys, and dies before that step. (A process of its own, as it has one thread.)
_KILLED = """
import os, signal, sys
from sqlalchemy import event
from bioklok.office.erasure import erase
from bioklok.store import open_store, vault

def child(last):
    steps = 0
    def step(*_):
        nonlocal steps
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)
    with open_store(sys.argv[1], "oost") as store:
        event.listen(store.engine, "before_cursor_execute", step)
        event.listen(store.engine, "commit", step)
        real_unlink, real_fsync = vault.Path.unlink, os.fsync
        vault.Path.unlink = lambda self, *a, **k: (step(), real_unlink(self, *a, **k))[1]
        os.fsync = lambda fd: (step(), real_fsync(fd))[1]
        erase(store, None, "noor", 1800000000)

for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        child(int(line))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


def test_killed_at_every_step_it_is_either_all_there_or_ended_by_the_next_job(database_url):
    """Rows and key are both there, or a later job takes away what is left: never an orphan."""
    found = {True: 0, False: 0}
    with (
        campus(database_url) as store,
        subprocess.Popen(
            [sys.executable, "-c", _KILLED, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as driver,
    ):
        assert driver.stdin and driver.stdout
        keep = store.vault.key(SCHOOL, "sem")
        for last in range(1, 200):
            if "noor" not in {one.id for one in store.accounts()}:
                store.add_person("noor", NAME, {Role.STUDENT})
                store.hand_out(DEVICE["noor"], "noor")
            with store.desk("noor") as desk:
                desk.put_reflection("2026-W47", {"words": WORDS}, NOW)
            driver.stdin.write(f"{last}\n")
            driver.stdin.flush()
            ended = int(driver.stdout.readline())
            found[_is_whole_or_ended(store)] += 1
            assert store.vault.key(SCHOOL, "sem") == keep
            if ended == 0:
                break
            assert ended == -signal.SIGKILL
        driver.stdin.close()
    assert ended == 0, "it never came to its end"
    assert found[True] > 10 and found[False] > 5


def _is_whole_or_ended(store: Store) -> bool:
    if "noor" in {one.id for one in store.accounts()}:
        assert store.account("noor").name == NAME  # so the key is there as well
        assert _cards(store) == {"words": WORDS}
        return True
    assert finish(store)
    with pytest.raises(KeyGone):
        store.vault.key(SCHOOL, "noor")
    return False


def _cards(store: Store) -> object:
    with store.reading("noor") as desk:
        return desk.reflection("2026-W47")


def test_tasks_of_workers_that_name_the_student_go_too(database_url):
    if "postgresql" not in database_url:
        pytest.skip("a file has no workers")
    from bioklok.workers import make_queue

    with campus(database_url) as store:
        make_queue(store)
        with store.engine.begin() as connection:
            connection.execute(text("SET LOCAL search_path = bioklok_work"))
            add = text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
                " VALUES ('weekly', 'weekly', CAST(:args AS jsonb),"
                " CAST(:status AS procrastinate_job_status))"
            )
            for who, status in (("noor", "failed"), ("noor", "todo"), ("sem", "failed")):
                arguments = json.dumps({"school_id": SCHOOL, "student_id": who})
                connection.execute(add, {"args": arguments, "status": status})
        assert erase(store, None, "noor", LATER).is_complete
        with store.engine.connect() as connection:
            left = connection.execute(
                text("SELECT args->>'student_id' FROM bioklok_work.procrastinate_jobs")
            )
            assert left.scalars().all() == ["sem"]


def test_clients_that_go_on_meanwhile_bring_nothing_back(store: Store):
    """Syncs, requests and cards of several clients at once, while the student is erased."""
    noor = store.account("noor").person
    info, wrong = Info(DEVICE["noor"]), []
    goes_on = threading.Barrier(5)

    def client(n: int) -> None:
        goes_on.wait()
        for turn in range(40):
            sequence = 1000 + 40 * n + turn
            made = pages(NOW + 86_400 * 3 + 1800 * sequence, [Minute()] * 30, sequence=sequence)
            try:
                if n % 2:
                    Intake(store, lambda: LATER).commit_pages(info, made, LATER)
                else:
                    with store.desk("noor") as desk:
                        desk.put_reflection(f"2026-W{turn + 1:02}", {"words": WORDS}, LATER)
            except BioklokFailure:
                continue  # no such student, or a device that is to be wiped
            except Exception as error:
                wrong.append(error)
                raise

    threads = [threading.Thread(target=client, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    goes_on.wait()
    erase(store, noor, "noor", LATER)
    for thread in threads:
        thread.join()
    assert wrong == []
    assert mentions(rows(store), "noor") == set() and rows(store)["page"] == []
    assert finish(store)
    with pytest.raises(KeyGone):
        store.vault.key(SCHOOL, "noor")
