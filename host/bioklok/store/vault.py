"""Data keys: one of 32 bytes for each person, in files of their own, wrapped under the master key.

What a person's rows hold in secret is sealed under their key (`sealing`). To erase somebody is to
destroy the key: then it cannot be read any more in any copy of the database, also in those that
somebody made before (school.md, Privacy). Therefore no key ever stands in the database, and
whoever keeps copies keeps those of this folder apart, and no longer than a month.
"""

import hashlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from bioklok.errors import BioklokFailure, NotFound
from bioklok.store.master import (
    FOLDER_VARIABLE,
    MASTER_VARIABLE,
    NAME_DIGITS,
    keys_folder,
    master_key,
    put_whole,
)
from bioklok.store.place import Place

KEY_BYTES = 32


class KeyGone(NotFound):
    """There is no key any more, or not yet: what is sealed under it cannot be read."""


class Vault:
    """The data keys of a database. A key is read anew each time: a destroyed one is gone at once,
    in every program that uses the folder."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.folder = keys_folder(place)
        self._master: bytes | None = None

    def __repr__(self) -> str:
        return f"<Vault beside {self._place.name}>"

    def key(self, school_id: str, person_id: str) -> bytes:
        """Return a person's key. Raises KeyGone, BioklokFailure."""
        try:
            wrapped = self._file(school_id, person_id).read_bytes()
        except FileNotFoundError:
            raise KeyGone(f"the data key of {person_id} is not there") from None
        except OSError as error:
            raise self._unusable(error) from None
        try:
            return aes_key_unwrap(self._unlocked(), wrapped)
        except InvalidUnwrap:
            raise BioklokFailure(
                f"the data keys in {self.folder} were locked with another master key: "
                f"put back {self._place.master_file} or {MASTER_VARIABLE} as it was"
            ) from None

    def make(self, school_id: str, person_id: str) -> bytes:
        """Return a person's key, made where there is none. Raises BioklokFailure."""
        file = self._file(school_id, person_id)
        try:
            if not file.exists():
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                put_whole(file, aes_key_wrap(self._unlocked(), secrets.token_bytes(KEY_BYTES)))
        except OSError as error:
            raise self._unusable(error) from None
        return self.key(school_id, person_id)

    def destroy(self, school_id: str, person_id: str) -> None:
        """Destroy a person's key; that there is none is no error. Raises BioklokFailure."""
        self.destroy_file(self.file_name(school_id, person_id))

    def destroy_file(self, name: str) -> None:
        """Destroy the key in a file, by its name (`file_name`). Raises BioklokFailure."""
        file = self.folder / name
        try:
            # Overwritten first, for disks that write in place; others keep it until they reuse it.
            with file.open("r+b") as opened:
                opened.write(secrets.token_bytes(file.stat().st_size))
                opened.flush()
                os.fsync(opened.fileno())
            file.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unusable(error) from None

    def _unlocked(self) -> bytes:
        if self._master is None:
            self._master = master_key(self._place)
        return self._master

    def file_name(self, school_id: str, person_id: str) -> str:
        """Return how the file with a person's key is called; it does not tell whose it is."""
        # Not the names themselves: some disks take Noor and noor for one.
        return hashlib.sha256(f"{school_id}/{person_id}".encode()).hexdigest()[:NAME_DIGITS]

    def _file(self, school_id: str, person_id: str) -> Path:
        return self.folder / self.file_name(school_id, person_id)

    def _unusable(self, error: OSError) -> BioklokFailure:
        return BioklokFailure(
            f"the data keys in {self.folder} cannot be used ({error.strerror}): "
            f"make the folder usable or set {FOLDER_VARIABLE}"
        )
