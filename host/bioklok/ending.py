"""How a command ends: its exit code, and one line for a person where it failed.

0 done, 1 it failed, 2 wrong use (click says that), 143 somebody ended it (SIGTERM). A reader that
has gone (`| head`) is no failure.
"""

import fcntl
import logging
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from biocore.errors import BioklokError

from bioklok.errors import BioklokFailure
from bioklok.output import is_unread, silence


def _on_sigterm(_number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)  # so that what is half done is cleared away


def run(app: Callable[[], object]) -> None:
    """Run a command; a failure a person can act on is one line on stderr and exit code 1."""
    if sys.stderr is None:  # closed, as by 2>&-
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    if sys.stdout is None:  # what is opened next would take its place, and get the data
        sys.stderr.write("bioklok: stdout is closed: send it somewhere, such as > /dev/null\n")
        sys.exit(1)
    logging.getLogger("bumble").setLevel(logging.ERROR)  # it warns of what a lost link explains
    signal.signal(signal.SIGTERM, _on_sigterm)
    # Whoever meets a broken pipe may put something else there. Not as 0, where stdin is closed.
    out = fcntl.fcntl(sys.stdout.fileno(), fcntl.F_DUPFD_CLOEXEC, 3)
    code: str | int | None = 0
    try:
        try:
            app()
        except SystemExit as end:
            if isinstance(end.__context__, BrokenPipeError):  # click and rich make an exit of it
                raise end.__context__ from None
            code = end.code
        sys.stdout.flush()
    except (BioklokFailure, BioklokError) as failure:
        code = 1
        sys.stderr.write(f"bioklok: {failure}\n")
        try:
            sys.stdout.flush()
        except OSError:
            silence()
    except OSError as error:  # a disk or a terminal that goes away under any of the above
        is_over = isinstance(error, BrokenPipeError) and is_unread(out)
        silence()
        if not is_over:  # `bioklok report ... | head` is no failure
            code = 1
            about = f" ({error.filename})" if error.filename is not None else ""
            sys.stderr.write(f"bioklok: {error.strerror or error}{about}\n")
    sys.exit(code)
