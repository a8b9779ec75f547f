"""A provisioned board with applications in its two slots, and a host that updates it."""

import hashlib
import json

import manifest as manifests
from app.update import Update
from biocore.message import FILE_MANIFEST, OFFER, PIECE, SWITCH, UPDATE_TAKEN
from lfs_flash import AT, format_and_mount, put
from slots import Slots

KEY = bytes(range(32))
ROOT = AT + "/"
PIECE_BYTES = 700


def application(build, sizes=(900, 1500, 40, 0)):
    """Files by name, and their manifest's bytes."""
    files = {}
    for n, size in enumerate(sizes):
        files["app/m%d.mpy" % n] = bytes([(build * 31 + n * 7 + i) & 255 for i in range(size)])
    lines = []
    for name in sorted(files):
        digest = "".join(["%02x" % one for one in hashlib.sha256(files[name]).digest()])
        lines.append(json.dumps({"path": name, "size": len(files[name]), "sha256": digest}))
    first = '{"board": "test", "version": "1", "build": %d, "files": [' % build
    return files, ("%s\n%s\n]}\n" % (first, ",\n".join(lines))).encode()


def seal_of(text, key=KEY):
    """HMAC-SHA256 of bytes: manifest.seal is that of a file."""
    put(ROOT + "sealed", text)
    return manifests.seal(ROOT + "sealed", key)


def lay(slot, build):
    files, manifest = application(build)
    for name, data in files.items():
        put(ROOT + slot + "/" + name, data)
    put(ROOT + slot + "/manifest.json", manifest)
    put(ROOT + slot + "/manifest.hmac", seal_of(manifest))


def board(state=b'{"slot": "a", "tries": 0, "good": true}', b=0):
    """A provisioned board with build 10 in a."""
    flash = format_and_mount()
    put(ROOT + "key", KEY)
    lay("a", 10)
    if b:
        lay("b", b)
    if state is not None:
        put(ROOT + "slot.json", state)
    return flash


def start():
    slots = Slots(ROOT)
    return slots, slots.choose()


def offer(coming, manifest, seal=None):
    """Offer a manifest and send it, by messages; what came of it."""
    seal = seal_of(manifest) if seal is None else seal
    number, offset, code = coming.answer(OFFER, (len(manifest), seal, 0, 0, 0))[2:]
    while code == UPDATE_TAKEN and number == FILE_MANIFEST:
        number, offset, code = write(
            coming, number, offset, manifest[offset : offset + PIECE_BYTES]
        )
    return code


def write(coming, number, offset, data):
    """Send a piece; (number, offset) that is wanted next, and the code."""
    return coming.answer(PIECE, (number, offset, 0, data))


def switch(coming):
    return coming.answer(SWITCH, (0,))[0]


def update(build):
    """The whole of it, as a host does; returns (what came of it, bytes sent). Raises OSError where
    the flash had no power for it."""
    slots, _ = start()
    coming = Update(slots)
    files, manifest = application(build)
    code = offer(coming, manifest)
    names = sorted(files)
    sent = 0
    while code == UPDATE_TAKEN and coming.place is not None:
        n, offset = coming.place
        piece = files[names[n]][offset : offset + PIECE_BYTES]
        code = write(coming, n, offset, piece)[2]
        sent += len(piece)
    return (code if code != UPDATE_TAKEN else switch(coming)), sent
