"""The keys that this host shares with its devices: one of 32 bytes each, wrapped at rest.

Wrapping is AES key wrap (RFC 3394) under the master key (`store.master`), which is not in the
database: whoever copies the database alone has no key. No key appears in a message, repr or log.
"""

from biocore.crypto import KEY_BYTES
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from bioklok.errors import BioklokFailure
from bioklok.store import MASTER_BYTES, MASTER_VARIABLE, Store, master_key


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

    @classmethod
    def of(cls, store: Store) -> "Keyring":
        """Return the keys of a store under its own master key, which is made at the first use.

        Raises BioklokFailure where it is gone, cannot be used or is another.
        """
        return cls(store, master_key(store.place, is_in_use=bool(store.device_keys())))

    def __repr__(self) -> str:
        return f"<Keyring of {self._store.place.name}>"

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
                f"the device keys in {self._store.place.name} were locked with another master key: "
                f"put back {self._store.place.master_file} or {MASTER_VARIABLE} as it was"
            ) from None
