"""The chip of board_on_cable.py: a MicroPython process on a terminal of its own, and its flash."""

import fcntl
import json
import os
import platform
import signal
import subprocess
import termios
import threading
import tty
from collections.abc import Callable
from functools import cache
from pathlib import Path

from bioklok.simulator.interpreter import find_micropython

START = Path(__file__).with_name("board_start.py")
FLASH = START.with_name("board_flash.py")
WAIT_S = 30
HEAP = "320k"
INTERRUPT = b"\x03"

# The numbers of poll, select, nanosleep, clock_nanosleep, restart_syscall, pselect6 and ppoll, and
# of write, in Linux' tables of the two machines that this is run on.
_SLEEPS = {"x86_64": (7, 23, 35, 230, 219, 270, 271), "aarch64": (101, 115, 128, 72, 73)}
_WRITE = {"x86_64": 1, "aarch64": 64}


class Chip:
    """`terminal` is where its USB would be. folder: for its flash, which stays there.

    on_exit: called, in another thread, when the interpreter has ended.
    """

    def __init__(self, folder: Path, unique_id: str, size_kb: int, on_exit: Callable[[], None]):
        self._flash = folder / "flash.bin"
        self.clock = folder / "clock.txt"
        self.writes = folder / "writes.txt"
        self._id = unique_id
        self._on_exit = on_exit
        self._python = _micropython()
        if not self._flash.exists():
            self._flash.write_bytes(b"\xff" * size_kb * 1024)
            self._script("make")
        self.terminal, self._slave = os.openpty()
        os.set_blocking(self.terminal, False)
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: threading.Thread | None = None

    def start(self, is_raw: bool, cut: int) -> None:
        """Run boot.py, and main.py unless `is_raw`. cut: see board_start.py."""
        self._set_terminal()
        self._process = subprocess.Popen(
            [self._python, "-X", f"heapsize={HEAP}", "-i", START],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
            preexec_fn=_own_terminal,  # noqa: PLW1509 - one call to the system
            env={
                "PATH": os.environ["PATH"],
                "BOARD_FLASH": str(self._flash),
                "BOARD_CLOCK": str(self.clock),
                "BOARD_ID": self._id,
                "BOARD_CUT": str(cut),
                "BOARD_WRITES": str(self.writes),
                "BOARD_RAW": "1" if is_raw else "",
            },
        )
        self._watcher = threading.Thread(target=self._watch, args=(self._process,), daemon=True)
        self._watcher.start()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self._on_exit()

    def stop(self) -> None:
        """Take the power away for good."""
        if self._process is not None and self._watcher is not None:
            self._process.kill()
            self._watcher.join()
        os.close(self.terminal)
        os.close(self._slave)

    def lost_power(self) -> bool:
        """Whether the interpreter was killed, rather than ended by itself or by a reset."""
        return self._process is not None and self._process.returncode == -signal.SIGKILL

    def reads(self) -> bool:
        """Whether the interpreter waits for input: then its terminal makes no signals."""
        return not termios.tcgetattr(self._slave)[3] & termios.ISIG

    def interrupt(self) -> bool:
        """Ctrl-C for the program that runs, if it is where that does no harm; return whether.

        The unix port raises right in its signal handler. In the middle of its heap's work that
        leaves the heap locked, and it waits for itself for ever (1 to 2 of 100 times). So it is
        stopped, looked at, and interrupted only where it sleeps or prints.
        """
        assert self._process is not None
        pid = self._process.pid
        try:
            os.kill(pid, signal.SIGSTOP)
            os.waitid(os.P_PID, pid, os.WSTOPPED)
            try:
                if is_safe := _is_at_rest(pid):
                    os.write(self.terminal, INTERRUPT)
            finally:
                os.kill(pid, signal.SIGCONT)
        except (ProcessLookupError, ChildProcessError):  # it has just ended
            return False
        return is_safe

    def files(self) -> dict[str, bytes]:
        """What is on its flash, read by an interpreter of its own."""
        found = json.loads(self._script("read"))
        return {path: bytes.fromhex(text) for path, text in found.items()}

    def _set_terminal(self) -> None:
        """As while a program runs: bytes as they are, except that Ctrl-C interrupts."""
        tty.setraw(self._slave)
        modes = termios.tcgetattr(self._slave)
        modes[3] |= termios.ISIG | termios.NOFLSH
        termios.tcsetattr(self._slave, termios.TCSANOW, modes)

    def _script(self, what: str) -> bytes:
        command = [self._python, "-X", "heapsize=8m", FLASH, self._flash, what]
        return subprocess.run(command, capture_output=True, timeout=WAIT_S, check=True).stdout


@cache
def _micropython() -> Path:
    return find_micropython()


def _is_at_rest(pid: int) -> bool:
    """Whether a stopped process is in a call that sleeps or prints (/proc/pid/syscall, proc(5)).

    Where that cannot be known: yes.
    """
    machine = platform.machine()
    try:
        number, *arguments = Path(f"/proc/{pid}/syscall").read_text().split()
    except OSError:
        return True
    if machine not in _SLEEPS:
        return True
    if not arguments:  # "running": it has just gone on
        return False
    is_print = int(number) == _WRITE[machine] and arguments[0] == "0x1"
    return is_print or int(number) in _SLEEPS[machine]


def _own_terminal() -> None:
    """Have Ctrl-C on this terminal interrupt this process."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
