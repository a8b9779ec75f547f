"""One conversation with the MicroPython on a port, over mpremote's serial transport.

What the transport itself says in an error is never shown and never kept: it may repeat what was
sent, and what was sent may be a key.
"""

import io
import os
import stat
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any

from bioklok.errors import BioklokFailure, NotFound
from bioklok.usb.answers import EndlessAnswer, Lines, board_failure, parsed, silent
from bioklok.usb.on_board import MARK
from bioklok.usb.ports import MISSING

try:  # pyserial lets it through where the system has it; Windows has none
    from termios import error as _LineError
except ImportError:
    _LineError = OSError  # type: ignore[assignment, misc]

ANSWER_S = 10.0
# A start with an application on trial looks all its files over first (firmware/slots.py).
_START_S = 25.0
# A Ctrl-C that comes while boot.py runs ends that, and main.py starts: then it takes another.
_TRIES = 3
_READ_S = 1.0  # of one read; then the transport looks at its own limits
_RESET_S = 4.0  # asked again too soon, it is interrupted in the start it was about to speak of
_WRITE_S = 5.0
_INTERRUPT, _FRIENDLY, _SOFT_RESET = b"\r\x03", b"\x02", b"\x04"
_PROMPT, _RESET = b">>> ", b"soft reboot\r\n"
_TRACEBACK = b"Traceback (most recent call last)"


class Cable:
    """A board in raw REPL. Made by `cable_to`.

    Every method raises BioklokFailure where the board went away, fell silent or raised.
    """

    def __init__(self, transport: Any, port: str) -> None:
        self._transport = transport
        self.port = port
        self.is_over = False  # the board has been left, or is lost

    def call(
        self,
        function: str,
        *arguments: Any,
        timeout_s: float = ANSWER_S,
        on_line: Callable[[str], None] | None = None,
    ) -> Any:
        """Call a function of `on_board.py` and return its answer. on_line: gets other lines that
        the board prints meanwhile. timeout_s: how long it may be silent."""
        words = ", ".join(_literal(argument) for argument in arguments)
        answers: list[Any] = []

        def take(line: str) -> None:
            if line.startswith(MARK):
                answers.append(parsed(line.removeprefix(MARK), self.port))
            elif on_line is not None:
                on_line(line)

        self._run(f"answer({function}({words}))", timeout_s, take)
        if not answers:
            raise BioklokFailure(f"{silent(self.port)}")
        return answers[-1]

    def begin(self, is_fresh: bool, answer_s: float) -> None:
        """Stop the board's program, enter raw REPL and send `on_board.py`."""
        for left in reversed(range(_TRIES)):
            try:
                with self._watched():
                    self._transport.enter_raw_repl(is_fresh, answer_s / _TRIES)
                break
            except BioklokFailure:
                if self.is_over:
                    raise
                if not left:
                    self.is_over = True
                    with suppress(OSError):  # should it have heard the half of it
                        self._transport.serial.write(_INTERRUPT + b"\r" + _FRIENDLY + _SOFT_RESET)
                    raise
        text = Path(__file__).with_name("on_board.py").read_text(encoding="utf-8")
        # `typing` is for the host's checks; a board has none.
        self._run(text.replace("from typing import Any\n", "Any = None\n"), ANSWER_S, None)
        self.call("keep_awake")
        self.call("forgive")

    def restart(self, listen_s: float) -> str:
        """Restart the board's program (a soft reset) and return what it prints within `listen_s`.

        Raises BioklokFailure where the program ended meanwhile.
        """
        with self._watched():
            self._leave()
            heard = self._heard(listen_s)
        if heard.endswith(_PROMPT) or _TRACEBACK in heard:
            raise BioklokFailure(
                f"the program on {self.port} ended at once: "
                f"look why with 'bioklok device logs --follow --port {self.port}'"
            )
        return heard.decode(errors="replace")

    def restart_and_follow(self, on_text: Callable[[str], None], seconds: float) -> None:
        """Restart the board's program and hand on what it prints, for so long."""
        with self._watched():
            heard = self._leave()
        on_text(heard.decode(errors="replace"))
        self.listen(on_text, seconds)

    def listen(self, on_text: Callable[[str], None], seconds: float) -> None:
        """Hand on what the board prints, for so long."""
        serial = self._transport.serial
        serial.timeout = 0.1
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with self._watched():
                got = bytes(serial.read(max(1, serial.in_waiting)))
            if got:
                on_text(got.decode(errors="replace"))

    def close(self) -> None:
        """Leave the board running and close the port, whatever state both are in."""
        if not self.is_over:
            with suppress(Exception):  # it is lost, or it restarts
                self._leave()
        with suppress(Exception):  # clearing the lines of a port that is gone
            self._transport.close()
        self._transport.serial.close()

    def _leave(self) -> bytes:
        """Out of whatever it does, out of raw REPL, and start boot.py and main.py anew.

        Again where it says nothing of a soft reset: a board that was just starting, or changing
        from one prompt to the other, may throw away what it was sent meanwhile. Returns what it
        said where it never spoke of one: it may have started by itself in between.
        """
        self.is_over = True
        heard = b""
        for _ in range(_TRIES):
            self._transport.serial.write(_INTERRUPT)
            self._transport.serial.write(b"\r" + _FRIENDLY)
            heard += self._transport.read_until(1, _PROMPT, timeout=_READ_S)
            self._transport.serial.write(_SOFT_RESET)
            said = self._transport.read_until(1, _RESET, timeout=_RESET_S)
            if said.endswith(_RESET):
                return b""
            heard += said
        return heard

    def _heard(self, seconds: float) -> bytes:
        """What comes after the soft reset; until a prompt, at most so long."""
        serial = self._transport.serial
        serial.timeout = 0.1
        until = time.monotonic() + seconds
        heard = b""
        while time.monotonic() < until and not heard.endswith(_PROMPT) and _TRACEBACK not in heard:
            heard += bytes(serial.read(max(1, serial.in_waiting)))
        return heard

    def _run(self, source: str, timeout_s: float, on_line: Callable[[str], None] | None) -> None:
        lines = Lines(on_line)
        with self._watched():
            self._transport.exec_raw_no_follow(source)
            _, error = self._transport.follow(timeout_s, lines.take)
        if error:
            raise board_failure(error.decode(errors="replace"), self.port)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Turn what the transport raises into one line; drop what it prints."""
        from mpremote.transport import TransportError  # type: ignore[import-untyped] # noqa: PLC0415

        try:
            with redirect_stdout(io.StringIO()):
                yield
        except (OSError, _LineError):  # pyserial's own are OSErrors
            self.is_over = True
            raise BioklokFailure(
                f"the board on {self.port} went away: put the cable in again and repeat the command"
            ) from None
        except EndlessAnswer:
            self.is_over = True
            raise BioklokFailure(
                f"the board on {self.port} answers without end: press its reset button and repeat"
            ) from None
        except (TransportError, struct.error):
            raise BioklokFailure(silent(self.port)) from None


@contextmanager
def cable_to(port: str, *, is_fresh: bool = True, answer_s: float = _START_S) -> Iterator[Cable]:
    """Stop the program of the board on `port`, give a conversation, and start it again at the end.

    However it ends, Ctrl-C included, the board is left out of raw REPL with its program running.
    is_fresh: begin with a soft reset, so that memory and radio are free. Raises NotFound where
    there is no such port or no mpremote, BioklokFailure where it is not ours to open or does not
    answer.
    """
    cable = Cable(_opened(port), port)
    try:
        cable.begin(is_fresh, answer_s)
        yield cable
    finally:
        cable.close()


@contextmanager
def only_listening(port: str) -> Iterator[Cable]:
    """Give a cable whose board is not stopped: for `listen` alone."""
    cable = Cable(_opened(port), port)
    cable.is_over = True
    try:
        yield cable
    finally:
        cable.close()


def _opened(port: str) -> Any:
    try:
        from mpremote.transport import TransportError  # noqa: PLC0415
        from mpremote.transport_serial import (  # type: ignore[import-untyped] # noqa: PLC0415
            SerialTransport,
        )
    except ImportError:
        raise NotFound(MISSING) from None
    try:
        transport = SerialTransport(port, timeout=_READ_S)
        transport.serial.write_timeout = _WRITE_S
    except (TransportError, OSError, ValueError, _LineError):
        raise _why_closed(port) from None
    return transport


def _why_closed(port: str) -> BioklokFailure:
    """Why a port could not be opened: the transport does not say."""
    if os.name == "nt":  # there a port is no file that one could look at
        return BioklokFailure(
            f"{port} cannot be opened: 'bioklok device list' shows the ports there are; close what "
            "else has it open (a terminal, another bioklok)"
        )
    try:
        mode = os.stat(port).st_mode
    except OSError:
        return NotFound(f"there is no port {port}: 'bioklok device list' shows those there are")
    if not stat.S_ISCHR(mode):
        return BioklokFailure(f"{port} is no serial port: 'bioklok device list' shows those")
    if not os.access(port, os.R_OK | os.W_OK):
        return BioklokFailure(
            f"{port} is not yours to use: join the group that owns it (Debian: "
            "sudo usermod -aG dialout $USER), then sign in again"
        )
    return BioklokFailure(
        f"{port} cannot be opened: close what else has it open (a terminal, another bioklok), "
        "or unplug it and plug it in again"
    )


def _literal(value: Any) -> str:
    """What both Pythons read: numbers, text, bytes, and lists of them."""
    return repr(value)
