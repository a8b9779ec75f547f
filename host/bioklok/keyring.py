"""The keys that this host shares with its devices: one of 32 bytes each, wrapped at rest.

Wrapping is AES key wrap (RFC 3394) under a master key that is not in the database: whoever copies
the database alone has no key. The master key comes from the environment variable
BIOKLOK_MASTER_KEY (64 hexadecimal digits), else from a file beside the database that only its owner
may read, made at the first start. Neither kind of key appears in a message, a repr or a log.
"""

import os
import secrets
import stat
from pathlib import Path

from biocore.crypto import KEY_BYTES
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from bioklok.errors import BioklokFailure
from bioklok.store import Store, database_path

MASTER_VARIABLE = "BIOKLOK_MASTER_KEY"
MASTER_BYTES = 32


class Keyring:
    """Device keys by device id (16 hexadecimal digits), kept in `store` under the key `master`.

    Raises BioklokFailure where the keys in the store were wrapped under another master key.
    """

    def __init__(self, store: Store, master: bytes) -> None:
        if len(master) != MASTER_BYTES:
            raise ValueError(f"the master key has {len(master)} bytes, wants {MASTER_BYTES}")
        self._store = store
        self._master = master
        self.all()  # a master key that does not fit must not be used to add another key

    def __repr__(self) -> str:
        return f"<Keyring of {self._store.path.name}>"

    def key_of(self, device_id: str) -> bytes | None:
        """Return a device's key; None where this host has none."""
        wrapped = self._store.device_key(device_id)
        return None if wrapped is None else self._unwrap(wrapped)

    def all(self) -> dict[str, bytes]:
        """Return all keys by device id."""
        return {
            device_id: self._unwrap(wrapped)
            for device_id, wrapped in self._store.device_keys().items()
        }

    def add(self, device_id: str, key: bytes) -> None:
        """Keep a device's 32-byte key. A device that is provisioned again has a new key: the old
        one is replaced."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a device key has {KEY_BYTES} bytes, this one {len(key)}")
        self._store.put_device_key(device_id, aes_key_wrap(self._master, key))

    def _unwrap(self, wrapped: bytes) -> bytes:
        try:
            return aes_key_unwrap(self._master, wrapped)
        except InvalidUnwrap:
            raise BioklokFailure(
                f"the device keys in {self._store.path} were locked with another master key: "
                f"put back {_master_file(self._store.path)} or {MASTER_VARIABLE} as it was"
            ) from None


def master_key(database_url: str) -> bytes:
    """Return the master key of a database, made where there is none yet.

    Raises BioklokFailure where it cannot be made or read, is not whole, or others may read it.
    """
    given = os.environ.get(MASTER_VARIABLE)
    if given is not None:
        return _from_hex(given, MASTER_VARIABLE)
    path = _master_file(database_path(database_url))
    try:
        if not path.exists():
            _make(path)
        return _read(path)
    except OSError as error:
        raise BioklokFailure(
            f"the master key {path} cannot be used ({error.strerror}): "
            f"make its folder usable or set {MASTER_VARIABLE}"
        ) from None


def _master_file(database: Path) -> Path:
    return database.with_name(database.name + ".key")


def _make(path: Path) -> None:
    """Put a new key at `path`, whole and for the owner alone, unless another program was first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(MASTER_BYTES) + "\n")
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
