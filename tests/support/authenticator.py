"""An authenticator in software: makes passkeys and signs with them as W3C Web Authentication says.

It speaks as `static/passkey.js` does, which is all that a browser adds.
"""

import base64
import hashlib
import json
import secrets
import struct

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, USER_VERIFIED, KEY_INCLUDED = 0x01, 0x04, 0x40


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Authenticator:
    """One passkey for one site. `flags`: what it says of its owner."""

    def __init__(self, origin="http://localhost", name="localhost"):
        self.origin, self.name = origin, name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.flags = USER_PRESENT | USER_VERIFIED
        self.count = 0

    def create(self, options):
        """The answer to navigator.credentials.create."""
        numbers = self.key.public_key().public_numbers()
        x, y = (one.to_bytes(32, "big") for one in (numbers.x, numbers.y))
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        told = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        data = self._data(KEY_INCLUDED) + told
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(options, "webauthn.create", attestationObject=b64(attestation))

    def get(self, options):
        """The answer to navigator.credentials.get."""
        self.count += 1
        data = self._data(0)
        client = self._client(options, "webauthn.get")
        signed = data + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            options, "webauthn.get", authenticatorData=b64(data), signature=b64(signature)
        )

    def _data(self, more):
        name = hashlib.sha256(self.name.encode()).digest()
        return name + struct.pack(">BI", self.flags | more, self.count)

    def _client(self, options, kind):
        challenge = json.loads(options)["challenge"]
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _answer(self, options, kind, **response):
        response["clientDataJSON"] = b64(self._client(options, kind))
        told = {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key"}
        return json.dumps({**told, "response": response, "clientExtensionResults": {}})
