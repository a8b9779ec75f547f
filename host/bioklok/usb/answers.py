"""What a board says, taken apart: lines, answers and exceptions. A board may be broken or hostile:
whatever comes is one line for a person, and none of it can steer a terminal or quote a secret."""

import json
import re
from collections.abc import Callable
from typing import Any

from bioklok.errors import BioklokFailure

_MOST_BYTES = 1_000_000  # of an answer: a thousand names, a hundred digests
_MOST_WORD = 80
# The only words of a board's exception that are shown: none that could quote what was sent.
_SAID = re.compile(
    r"(?P<kind>[A-Za-z]\w*)"
    r"(?:: (?P<about>\[Errno \d+\] \w+|\d+|no module named '[\w.]+'"
    r"|memory allocation failed[\w, ]*))?"
)


class BoardFailure(BioklokFailure):
    """The board raised an exception of its own; `kind` is its class."""

    def __init__(self, text: str, kind: str) -> None:
        super().__init__(text)
        self.kind = kind


class EndlessAnswer(Exception):
    """The board goes on and on."""


class Lines:
    """Puts the board's output together to lines. The transport gives single bytes. Raises
    EndlessAnswer where there is no end of them."""

    def __init__(self, on_line: Callable[[str], None] | None) -> None:
        self._on_line = on_line
        self._begun = bytearray()
        self._left = _MOST_BYTES

    def take(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise EndlessAnswer
        for byte in data:
            if byte in b"\n\x04":
                if self._on_line is not None and self._begun:
                    self._on_line(self._begun.decode(errors="replace").rstrip("\r"))
                self._begun.clear()
            else:
                self._begun.append(byte)


def silent(port: str) -> str:
    """Return what to say of a port on which nothing answers."""
    return (
        f"no MicroPython answers on {port}: press the board's reset button and repeat the command; "
        "a board that never had one needs 'bioklok device flash'"
    )


def board_failure(traceback: str, port: str) -> BoardFailure:
    """Return what to say of an exception on the board."""
    lines = traceback.strip().splitlines()
    said = _SAID.fullmatch(lines[-1].strip()) if lines else None
    kind = said["kind"] if said else (lines[-1].partition(":")[0] if lines else "")
    kind = kind if kind.isidentifier() else "an error"
    about = f" ({said['about']})" if said and said["about"] else ""
    if "ENOSPC" in about or about == " (28)":
        return BoardFailure(f"the file system of the board on {port} is full", kind)
    if kind == "KeyboardInterrupt":
        return BoardFailure(f"the board on {port} was interrupted: repeat the command", kind)
    return BoardFailure(f"the board on {port} answered {kind}{about}: repeat the command", kind)


def parsed(text: str, port: str) -> Any:
    """Return an answer's value. Raises BioklokFailure where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise unreadable(port) from None


def unreadable(port: str) -> BioklokFailure:
    """Return the failure for an answer that is none."""
    return BioklokFailure(f"the board on {port} answered what nobody can read: repeat the command")


def word(value: Any) -> str:
    """Return a name that a board gave, as it may be shown: short, and in letters that print."""
    return "".join(c for c in str(value)[:_MOST_WORD] if c.isprintable())
