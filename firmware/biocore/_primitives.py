"""AES and HMAC of each interpreter under one name. The only place that knows where they come from.

MicroPython has AES and SHA-256 in C (`cryptolib`, `hashlib`) but no HMAC; CPython brings `hmac` and
the `cryptography` package.
"""

try:
    from hmac import compare_digest as equal
    from hmac import digest as _digest

    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

    def hmac_sha256(key, *parts):  # pyright: ignore[reportRedeclaration]
        """HMAC-SHA256 (RFC 2104) of bytes, which may come in parts that follow each other."""
        return _digest(key, parts[0] if len(parts) == 1 else b"".join(parts), "sha256")

    def aes_block(key, block):
        """One block through AES, forward."""
        return Cipher(AES(key), ECB()).encryptor().update(block)

    def cbc_encrypt_in(key, iv, buffer):
        """AES-CBC of the whole blocks in a buffer, in its place."""
        buffer[:] = Cipher(AES(key), CBC(iv)).encryptor().update(buffer)

    def cbc_decrypt(key, iv, text):
        """Return what was encrypted in whole blocks."""
        return Cipher(AES(key), CBC(iv)).decryptor().update(text)

except ImportError:
    from hashlib import sha256

    from cryptolib import aes

    _BLOCK = 64
    _INNER = bytes([0x36 ^ i for i in range(256)])
    _OUTER = bytes([0x5C ^ i for i in range(256)])

    def _padded(key, table):
        block = bytearray(_BLOCK)
        for i in range(_BLOCK):
            block[i] = table[key[i] if i < len(key) else 0]
        return block

    def hmac_sha256(key, *parts):
        if len(key) > _BLOCK:
            key = sha256(key).digest()
        inner = sha256(_padded(key, _INNER))
        for part in parts:
            inner.update(part)
        outer = sha256(_padded(key, _OUTER))
        outer.update(inner.digest())
        return outer.digest()

    def equal(one, other):
        """Compare without telling by the time it takes where two values differ."""
        if len(one) != len(other):
            return False
        difference = 0
        for i in range(len(one)):
            difference |= one[i] ^ other[i]
        return difference == 0

    def aes_block(key, block):
        return aes(key, 1).encrypt(block)

    def cbc_encrypt_in(key, iv, buffer):
        aes(key, 2, iv).encrypt(buffer, buffer)

    def cbc_decrypt(key, iv, text):
        return aes(key, 2, iv).decrypt(text)
