"""Data that leaves the program: on stdout, or in a file that is whole or not there."""

import os
import select
import sys
from pathlib import Path
from typing import TextIO

from bioklok.errors import BioklokFailure
from bioklok.files import replaced


def emit(data: str | bytes) -> None:
    """Write data to stdout: text as UTF-8 whatever the terminal's encoding, and all of it, now.

    Where nobody reads any more (`bioklok report ... | head`) that is no failure. Raises
    BioklokFailure where stdout takes no more.
    """
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(_bytes(data))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        silence()
    except OSError as error:
        raise BioklokFailure(f"cannot write to stdout: {error.strerror}") from error


def silence(stream: TextIO | None = None) -> None:
    """Drop what stdout (or another stream) still holds and could not get rid of; else Python tries
    again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), (stream or sys.stdout).fileno())


def is_unread(fd: int) -> bool:
    """Say whether this is a pipe or socket whose reader has gone."""
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    return any(event & (select.POLLERR | select.POLLHUP) for _fd, event in poll.poll(0))


def write(path: Path, data: str | bytes) -> None:
    """Write a whole file or none; a device such as /dev/stdout is written as it is.

    Raises BioklokFailure where it cannot be written.
    """
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            path.write_bytes(_bytes(data))
            return
    except OSError as error:
        raise BioklokFailure(f"cannot write {path}: {error.strerror}") from error
    with replaced(path) as partial:
        partial.write_bytes(_bytes(data))


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data
