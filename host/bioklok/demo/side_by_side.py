"""Several wrists at once: a process for each, as many at a time as there are cores."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from types import TracebackType

from bioklok.demo.wrists import Plan
from bioklok.errors import BioklokFailure

_STOP_S = 10.0

# Is told how far it is: seconds of the world done, of so many.
Report = Callable[[int, int], None]


def n_cores() -> int:
    """Return how many processes run here side by side."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class SideBySide:
    """Runs `demo_wrist` for plans, within a `with` block; whatever runs when it is left is stopped.

    with SideBySide(2) as wrists:
        future = wrists.start(plan, flash, report)      # its result: seconds it took
    """

    def __init__(self, n_at_once: int) -> None:
        self._pool = ThreadPoolExecutor(n_at_once, thread_name_prefix="wrist")
        self._lock = Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._is_stopping = False

    def __enter__(self) -> "SideBySide":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._is_stopping = True
            running = list(self._running)
        for process in running:
            process.terminate()  # it stops its device and clears away what it began
        for process in running:
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def start(self, plan: Plan, flash: Path, report: Report) -> "Future[float]":
        """Measure a plan into `flash` as soon as a core is free; the result is the seconds it took,
        0 where the image was there. Its exception: BioklokFailure."""
        return self._pool.submit(self._measure, plan, flash, report)

    def _measure(self, plan: Plan, flash: Path, report: Report) -> float:
        process = self._process(plan, flash)
        took_s = None
        try:
            assert process.stdout is not None and process.stderr is not None
            with process:
                for line in process.stdout:
                    said = json.loads(line)
                    if isinstance(said, list):
                        report(said[0], said[1])
                    else:
                        took_s = float(said["took_s"])
                why = process.stderr.read().strip()
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode or took_s is None:
            last = why.splitlines()[-1] if why else f"exit code {process.returncode}"
            raise BioklokFailure(f"{plan.label}: {last}")
        return took_s

    def _process(self, plan: Plan, flash: Path) -> "subprocess.Popen[str]":
        # -P: what lies in the folder from where somebody calls is not to be imported.
        command = [sys.executable, "-P", "-m", "bioklok.demo_wrist"]
        with self._lock:
            if self._is_stopping:
                raise BioklokFailure("stopped")
            process = subprocess.Popen(
                [*command, plan.life.to_json(), str(flash)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,  # Ctrl-C is the host's to handle
            )
            self._running.add(process)
        return process
