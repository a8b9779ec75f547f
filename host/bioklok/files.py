"""Files that are whole or not there, and one writer at a time."""

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bioklok.errors import BioklokFailure

_MARK = ".bioklok-"  # begins the short names of what stands beside a file for a while


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Give a new name beside `path`: the file made there takes the place of `path` on success.

    On failure it is removed and `path` stays as it was. A symbolic link stays one: the file that
    it names is replaced. Raises BioklokFailure where that cannot be done.
    """
    target = Path(os.path.realpath(path))
    partial = target.with_name(f"{_MARK}{secrets.token_hex(8)}.tmp")
    try:
        yield partial
        if target.exists():
            shutil.copymode(target, partial)
        partial.replace(target)
    except OSError as error:
        raise BioklokFailure(f"cannot write {path}: {error.strerror}") from error
    finally:
        with suppress(OSError):  # not there, and perhaps its folder is not either
            partial.unlink()


@contextmanager
def alone(path: Path, else_say: str) -> Iterator[None]:
    """Hold a lock on `path`, a file or folder, there or not. BioklokFailure(else_say) where
    another program holds it.

    The system lets go of the lock however this program ends.
    """
    place = Path(os.path.realpath(path))
    name = hashlib.sha256(os.fsencode(place.name)).hexdigest()[:16]
    lock = place.with_name(f"{_MARK}{name}.lock")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        fd = _locked(lock, else_say)
    except OSError as error:
        raise BioklokFailure(f"cannot write {path}: {error.strerror}") from error
    try:
        yield
    finally:
        # Gone before it is let go: who comes meanwhile finds no name, or notices (see _locked).
        lock.unlink(missing_ok=True)
        os.close(fd)


def _locked(lock: Path, else_say: str) -> int:
    while True:
        fd = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The one before us may have removed the name after we opened it.
            if os.path.samestat(os.fstat(fd), os.stat(lock)):
                return fd
        except BlockingIOError as error:
            os.close(fd)
            raise BioklokFailure(else_say) from error
        except FileNotFoundError:
            pass  # removed just now: try again
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
