"""The master key: under it all other keys are wrapped (AES key wrap, RFC 3394).

It is not in the database: whoever copies that alone has no key. It comes from the environment
variable BIOKLOK_MASTER_KEY (64 hexadecimal digits), else from a file beside the database that only
its owner may read, made at the first use. It appears in no message, repr or log.
"""

import os
import secrets
import stat
from pathlib import Path

from bioklok.errors import BioklokFailure
from bioklok.store.place import Place

MASTER_VARIABLE = "BIOKLOK_MASTER_KEY"
MASTER_BYTES = 32
FOLDER_VARIABLE = "BIOKLOK_KEYS"
NAME_DIGITS = 40  # of the name of a data key's file: `vault`


def keys_folder(place: Place) -> Path:
    """Return the folder of the data keys that are locked under a database's master key."""
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else place.keys_folder


def master_key(place: Place, *, is_in_use: bool = False) -> bytes:
    """Return the master key of a database, made where there is none yet and nothing is locked.

    is_in_use: something is known to be locked under it; data keys in their folder are looked for
    here. Raises BioklokFailure where it is gone, cannot be made or read, is not whole, or others
    may read it.
    """
    given = os.environ.get(MASTER_VARIABLE)
    if given is not None:
        return _from_hex(given, MASTER_VARIABLE)
    path = place.master_file
    try:
        # Looked for again after the folder: who makes the first data key there has made the master
        # key before it.
        if not path.exists() and (is_in_use or _has_keys(keys_folder(place))) and not path.exists():
            raise BioklokFailure(
                f"the master key {path} is not there, and keys are locked under one: put it back "
                f"or set {MASTER_VARIABLE}; a database of its own wants a {FOLDER_VARIABLE} of its "
                "own"
            )
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            put_whole(path, f"{secrets.token_hex(MASTER_BYTES)}\n".encode("ascii"))
        return _read(path)
    except OSError as error:
        raise BioklokFailure(
            f"the master key {path} cannot be used ({error.strerror}): "
            f"make its folder usable or set {MASTER_VARIABLE}"
        ) from None


def _has_keys(folder: Path) -> bool:
    try:
        return any(len(name) == NAME_DIGITS for name in os.listdir(folder))
    except FileNotFoundError:
        return False


def put_whole(path: Path, content: bytes) -> None:
    """Put a new file at `path`, whole and for the owner alone, unless another program was first."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, path)  # unlike a rename, it never replaces a key that is in use
        except FileExistsError:
            return
    finally:
        partial.unlink()
    if os.name == "posix":  # elsewhere a folder cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # without the key, what will be wrapped under it is lost
        finally:
            os.close(folder)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BioklokFailure(
                f"others may read the master key {path}: allow only yourself (chmod 600)"
            )
        return _from_hex(file.read(4096).decode("ascii", errors="replace"), str(path))


def _from_hex(text: str, place: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != MASTER_BYTES:
        raise BioklokFailure(
            f"{place} holds no master key: it is {2 * MASTER_BYTES} hexadecimal digits"
        )
    return key
