"""Sealing what is a person's own: AES-256-GCM (NIST SP 800-38D) under their data key.

A sealed value is 12 random bytes (the nonce), the ciphertext and 16 bytes that prove it. What it
belongs to (`about`) is proven along, so that no row can be put in the place of another. With random
nonces of 96 bits a key is good for 2**32 values (section 8.3); a student has some 10,000 a year.
"""

import json
import os
from typing import Any

from biocore.page import PAGE_BYTES
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bioklok.errors import BioklokFailure

NONCE_BYTES = 12
OVERHEAD_BYTES = NONCE_BYTES + 16


class Sealer:
    """Seals and opens under one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, about: str) -> bytes:
        """Return `plain` sealed, with OVERHEAD_BYTES more."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """Return what was sealed. Raises BioklokFailure where it was changed or is another's."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError):
            raise BioklokFailure(
                f"what is stored about {about} was changed or belongs to another key: "
                "restore a copy of the database together with its keys"
            ) from None

    def seal_json(self, value: Any, about: str) -> bytes:
        """Seal what JSON can say."""
        return self.seal(json.dumps(value, ensure_ascii=False).encode(), about)

    def open_json(self, sealed: bytes, about: str) -> Any:
        """Open what `seal_json` sealed."""
        return json.loads(self.open(sealed, about))


def about_page(school_id: str, journal: int, sequence: int) -> str:
    """Return what a page is proven to be."""
    return f"page {school_id}/{journal}/{sequence}"


def open_page(
    school_id: str, journal: int, sequence: int, data: bytes, sealer: Sealer | None
) -> bytes:
    """Return a page as it was received; one that is nobody's is kept bare."""
    if sealer is None or len(data) < PAGE_BYTES + OVERHEAD_BYTES:
        return data
    return sealer.open(data, about_page(school_id, journal, sequence))
