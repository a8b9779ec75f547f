"""A board on a USB cable: the real unix MicroPython with its own raw REPL behind a pseudo-terminal.

What is ours is what a port has in C and in silicon: soft reset (a fresh interpreter), the flash
under LittleFS, clock and unique id (board_start.py), and the cable. The cable can be pulled after
any byte, and the power can go in the middle of any flash write.
"""

import os
import select
import threading
import tty
from contextlib import suppress
from pathlib import Path

from support.board_chip import INTERRUPT, WAIT_S, Chip

UP = b"\x1f"  # board_start.py is there
RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
PROMPT = b"\n>>> "  # at the start of a line: a program may print the rest of it


class BoardOnCable:
    """A context. `port` is what a tool opens; `said` all that the board printed."""

    def __init__(self, folder: Path, unique_id: str = "0a1b2c3d4e5f", size_kb: int = 160) -> None:
        self.said = bytearray()
        self.port = ""
        self._changed = threading.Condition()
        self._host = self._host_slave = -1
        self._wake, self._waker = os.pipe()
        self._chip = Chip(folder, unique_id, size_kb, self._on_exit)
        self.clock = self._chip.clock
        self._has_power = self._exited = False
        self._to_board = bytearray()
        self._to_host = bytearray()
        self._until_pull = -1
        self._cut = 0
        self.n_from_host = 0
        self._is_up = self._is_held = self._is_raw = False
        self._ended = self._is_plug_wanted = False
        self._thread = threading.Thread(target=self._relay, daemon=True)

    def __enter__(self) -> "BoardOnCable":
        self._thread.start()
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._poke()
        self._thread.join()
        self._chip.stop()
        self._unplug()
        os.close(self._wake)
        os.close(self._waker)

    # -- what a person does ----------------------------------------------------------------------

    def plug(self) -> None:
        """Put the cable in: a new port. A board without power starts."""
        with self._changed:
            self._is_plug_wanted = True
            self._poke()
            assert self._changed.wait_for(lambda: not self._is_plug_wanted, WAIT_S)

    def pull_after(self, n_bytes: int) -> None:
        """Pull the cable after so many more bytes from the tool; the board has a battery."""
        self._until_pull = n_bytes

    def cut_power_after(self, n_writes: int) -> None:
        """From its next start on the board has power for so many writes to its flash."""
        self._cut = n_writes

    def n_flash_writes(self) -> int:
        """How many writes there were in the life that `cut_power_after` was for."""
        return int(self._chip.writes.read_text())

    def wait_for(self, mark: bytes, start: int = 0) -> int:
        """Wait until the board has printed `mark`; return where it ends in `said`."""
        with self._changed:
            assert self._changed.wait_for(lambda: mark in self.said[start:], WAIT_S), bytes(
                self.said[start:][-2000:]
            )
            return self.said.index(mark, start) + len(mark)

    def wait_until_sent(self, n_bytes: int) -> None:
        """Wait until the tool has sent so many bytes since the cable was put in."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.n_from_host >= n_bytes, WAIT_S)

    def is_running_a_program(self) -> bool:
        """Whether something runs, and no prompt waits."""
        return not self._chip.reads()

    def files(self) -> dict[str, bytes]:
        """What is on its flash, read by an interpreter of its own."""
        return self._chip.files()

    # -- the cable, in a thread of its own ---------------------------------------------------------

    def _relay(self) -> None:
        while not self._ended:
            with self._changed:
                watched = [self._chip.terminal, self._wake] + (
                    [self._host] if self._host >= 0 else []
                )
                writing = [self._host] if self._to_host and self._host >= 0 else []
            # Whether it reads by now is something to look at, and no event.
            is_waiting = bool(self._to_board) or (self._is_raw and not self._is_up)
            limit = 0.002 if is_waiting else None
            readable, _, _ = select.select(watched, writing, [], limit)
            if self._wake in readable:
                os.read(self._wake, 4096)
            with self._changed:
                if self._is_plug_wanted:
                    self._new_cable()
                self._take_from_board()
                if self._exited:
                    self._after_exit()
                self._enter_raw()
                self._take_from_host()
                self._give_to_board()
                self._give_to_host()
                self._changed.notify_all()

    def _take_from_board(self) -> None:
        with suppress(BlockingIOError):
            while data := os.read(self._chip.terminal, 65536):
                if UP in data and not self._is_up:
                    data = data.replace(UP, b"", 1)
                    self._is_up = not self._is_raw
                self._to_host += data
                self._hear(data)

    def _hear(self, data: bytes) -> None:
        """Note what it said, and which of its prompts came last: more may have come behind it."""
        known = len(self.said)
        self.said += data
        raw, friendly = (
            self.said.rfind(prompt, max(0, known - len(prompt) + 1))
            for prompt in (RAW_PROMPT, PROMPT)
        )
        if raw > friendly or (friendly >= 0 and self._is_up):
            self._is_raw = raw > friendly

    def _enter_raw(self) -> None:
        """A port that restarts in raw REPL comes up in it; this one has to be told."""
        is_there = self._is_raw and not self._is_up and self.said.endswith(PROMPT)
        if is_there and self._chip.reads():
            os.write(self._chip.terminal, b"\x01")
            self._is_up = True

    def _take_from_host(self) -> None:
        if self._host < 0:
            return
        with suppress(BlockingIOError):
            data = os.read(self._host, 4096)
            if 0 <= self._until_pull <= len(data):
                data = data[: self._until_pull]
                self._unplug()
            elif self._until_pull > 0:
                self._until_pull -= len(data)
            self.n_from_host += len(data)
            self._to_board += data

    def _give_to_board(self) -> None:
        """On a chip input waits in a buffer; this port drops what comes while a program runs. So it
        is given what it reads, and to a program nothing but Ctrl-C, once that rests: what comes
        after one waits until it reads, or until there is another (the unix port can miss one)."""
        while self._to_board and self._is_up and self._has_power:
            at = self._to_board.find(INTERRUPT)
            if self._is_held and at < 0 and not self._chip.reads():
                return
            self._is_held = False
            if self._chip.reads():
                n = os.write(self._chip.terminal, self._to_board[: 512 if at < 0 else at + 1])
            elif at >= 0:
                if not self._chip.interrupt():
                    return
                self._is_held = True
                n = at + 1
            else:
                return
            del self._to_board[:n]

    def _give_to_host(self) -> None:
        if self._host < 0:
            self._to_host.clear()
        with suppress(BlockingIOError):
            while self._to_host:
                del self._to_host[: os.write(self._host, self._to_host[:2048])]
        del self._to_host[:-100_000]  # nobody reads

    def _new_cable(self) -> None:
        self._unplug()
        self._host, self._host_slave = os.openpty()
        tty.setraw(self._host_slave)
        os.set_blocking(self._host, False)
        self.port = os.ttyname(self._host_slave)
        self._until_pull = -1
        self.n_from_host = 0
        self._to_board.clear()
        self._to_host.clear()
        if not self._has_power:
            self._start(is_raw=False)
        self._is_plug_wanted = False

    def _unplug(self) -> None:
        if self._host >= 0:
            os.close(self._host)
            os.close(self._host_slave)
        self._host = self._host_slave = -1

    def _poke(self) -> None:
        os.write(self._waker, b"x")

    # -- the board -------------------------------------------------------------------------------

    def _start(self, is_raw: bool) -> None:
        self._is_up = self._is_held = self._exited = False
        self._is_raw, self._has_power = is_raw, True
        self._chip.start(is_raw, self._cut)
        self._cut = 0

    def _on_exit(self) -> None:
        self._exited = True
        self._poke()

    def _after_exit(self) -> None:
        if self._chip.lost_power():  # and with it the USB device goes
            self._has_power = self._exited = False
            self._unplug()
            return
        reset = b"MPY: soft reboot\r\n"
        self.said += reset
        self._to_host += reset
        self._start(self._is_raw)
