"""Keys, proofs and sealed messages. Pure; primitives come from `_primitives`.

Sealing is AEAD_AES_128_CBC_HMAC_SHA_256 (RFC 7518, section 5.2.3): encrypt with AES-128-CBC, then
authenticate with HMAC-SHA256, 16 bytes of tag. On the device that is some fifteen times cheaper
than CCM, whose mode would run in Python.

One 32-byte key per device, made on the host and written over USB. From it, for each session:

    Ks    = HMAC(K, "bioklok session 1" | nonce_host | nonce_device)
    proof = HMAC(Ks, "host proof") and HMAC(Ks, "device proof"), 16 bytes each
    Kx    = HMAC(Ks, "host to device") and HMAC(Ks, "device to host"): MAC key | encryption key
    Ix    = HMAC(Ks, "iv of ..."), 16 bytes

The initialisation vector of message n is AES(Ix, n): never repeated within a session and not to be
foretold, as CBC wants it (NIST SP 800-38A, appendix C), and it costs no bytes on the air.
"""

import struct

from biocore._primitives import aes_block, cbc_decrypt, cbc_encrypt_in, equal, hmac_sha256
from biocore.errors import DamagedData

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


KEY_BYTES = const(32)
NONCE_BYTES = const(16)
PROOF_BYTES = const(16)
TAG_BYTES = const(16)
SALT_BYTES = const(3)
BLOCK_BYTES = const(16)


def _associated_length(associated):
    """AL of RFC 7518: the length of the associated data in bits, 64-bit big-endian."""
    return struct.pack(">II", 0, 8 * len(associated))


def seal(key, iv, associated, text):
    """Encrypt and authenticate; returns ciphertext and tag. `key`: MAC key then encryption key."""
    sealed = _room_for(text)
    _seal_in(sealed, key, iv, associated, text)
    return sealed


def _room_for(text):
    """The one buffer of a seal: on a small chip a heap in pieces has no room for copies."""
    return bytearray(len(text) // BLOCK_BYTES * BLOCK_BYTES + BLOCK_BYTES + TAG_BYTES)


def _seal_in(sealed, key, iv, associated, text):
    size = len(sealed) - TAG_BYTES
    n = len(text)
    cipher = memoryview(sealed)[:size]
    cipher[:n] = text
    for i in range(n, size):
        cipher[i] = size - n
    cbc_encrypt_in(key[16:32], iv, cipher)
    tag = hmac_sha256(key[:16], associated, iv, cipher, _associated_length(associated))
    sealed[size:] = tag[:TAG_BYTES]


def unseal(key, iv, associated, sealed):
    """Return the text of `seal`. Raises DamagedData unless every bit is as it was sealed."""
    size = len(sealed) - TAG_BYTES
    if size < BLOCK_BYTES or size % BLOCK_BYTES:
        raise DamagedData("sealed message of %d bytes" % len(sealed))
    cipher = memoryview(sealed)[:size]
    tag = hmac_sha256(key[:16], associated, iv, cipher, _associated_length(associated))
    if not equal(tag[:TAG_BYTES], bytes(memoryview(sealed)[size:])):
        raise DamagedData("message does not pass its seal")
    text = cbc_decrypt(key[16:32], iv, cipher)
    # What passed the seal was padded by us: the last byte can be trusted.
    return text[: len(text) - text[-1]]


class Direction:
    """One direction's key and counter: seals or unseals messages 0, 1, 2 ... each just once."""

    def __init__(self, session_key, name):
        self._key = hmac_sha256(session_key, name)
        self._iv_key = hmac_sha256(session_key, b"iv of " + name)[:16]
        self.counter = 0

    def _next(self):
        counter = struct.pack(">IIII", 0, 0, 0, self.counter)
        self.counter += 1
        return aes_block(self._iv_key, counter), counter[12:]

    def seal(self, associated, text):
        """Seal the next message; `associated` bytes are authenticated with its number.

        MemoryError leaves the counter as it was where there was no room for the message: a shorter
        one may be sealed instead.
        """
        sealed = _room_for(text)
        iv, counter = self._next()
        _seal_in(sealed, self._key, iv, associated + counter, text)
        return sealed

    def unseal(self, associated, sealed):
        """Unseal the next message. After a failure the session is over: the counter has moved."""
        iv, counter = self._next()
        return unseal(self._key, iv, associated + counter, sealed)


HOST_TO_DEVICE = b"host to device"
DEVICE_TO_HOST = b"device to host"


def session_key(key, nonce_host, nonce_device):
    """Ks of a session: other nonces, other keys."""
    return hmac_sha256(key, b"bioklok session 1" + nonce_host + nonce_device)


def host_proof(ks):
    """What only a host with the device's key can say in this session."""
    return hmac_sha256(ks, b"host proof")[:PROOF_BYTES]


def device_proof(ks):
    """What only the device can say in this session."""
    return hmac_sha256(ks, b"device proof")[:PROOF_BYTES]


def advertising_tag(key, salt):
    """The 6 bytes of an advertisement: a salt of 3 bytes and 3 bytes of its HMAC.

    Who has the key recognises the device under every salt; nobody else can tell that two tags are
    of one device. (As a resolvable private address is made: Core Specification, volume 6, part B,
    1.3.2.2. It needs no clock, which a device may not have.)
    """
    if len(salt) != SALT_BYTES:
        raise ValueError("salt has %d bytes, wants %d" % (len(salt), SALT_BYTES))
    return salt + hmac_sha256(hmac_sha256(key, b"bioklok advertising"), salt)[:3]
