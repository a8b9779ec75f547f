"""What an application's manifest says, read a line at a time: as a whole, beside the application
that runs, it would not fit into a chip's memory.

Lies at the root of the board as source, beside slots.py. It is JSON, and its lines are:

    {"board":"pico_w","version":"0.1.0","build":1795499892,"files":[
    {"path":"app/bookmarks.mpy","size":1286,"sha256":"8df2..."},
    ...
    ]}
"""

import hashlib
import json

_LINE_BYTES = 300
_PIECE_BYTES = 512
_BLOCK_BYTES = 64  # of SHA-256


def head(path):
    """What stands before the files, as a dict; None where there is no manifest that can be read."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.readline(_LINE_BYTES).strip() + b"]}")
        return found if isinstance(found["build"], int) and found["files"] == [] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def entries(path):
    """Yield (path in the slot, size in bytes, SHA-256 in hexadecimal digits) of each file.

    Raises ValueError at what is none, names a file outside its slot, or breaks off; OSError.
    """
    n = -1  # the line before the files
    with open(path, "rb") as file:
        for line in _lines(file):
            if line == b"]}" and n > 0:
                return
            if n >= 0:
                yield _entry(line)
            n += 1
    raise ValueError("breaks off")


def _lines(file):
    """Yield its lines, from pieces: byte by byte a chip takes a tenth of a second for them."""
    rest = b""
    while True:
        end = rest.find(b"\n")
        if end > _LINE_BYTES or (end < 0 and len(rest) > _LINE_BYTES):
            raise ValueError("no line of a manifest")
        if end >= 0:
            yield rest[:end].strip()
            rest = rest[end + 1 :]
            continue
        piece = file.read(_PIECE_BYTES)
        if not piece:
            yield rest.strip()
            return
        rest += piece


def _entry(line):
    try:
        one = json.loads(line[:-1] if line[-1:] == b"," else line)
        path, size, digest = one["path"], one["size"], one["sha256"]
        if _is_of_a_slot(path) and isinstance(size, int) and size >= 0 and len(digest) == 64:
            return path, size, digest
    except (KeyError, TypeError, IndexError, AttributeError):
        pass
    raise ValueError("no entry of a manifest")


def _is_of_a_slot(path):
    """Whether a name stays in its slot, and is none of what says what is in there."""
    parts = path.split("/")
    return not ("" in parts or "." in parts or ".." in parts or path.startswith("manifest."))


def seal(path, key):
    """HMAC-SHA256 (RFC 2104) of a file's bytes. biocore has one too, but lies in a slot, and that
    may be the broken one. Raises OSError."""
    key = key + bytes(_BLOCK_BYTES - len(key))
    inner = hashlib.sha256(bytes([one ^ 0x36 for one in key]))
    with open(path, "rb") as file:
        _feed(inner, file)
    return hashlib.sha256(bytes([one ^ 0x5C for one in key]) + inner.digest()).digest()


def digest(path):
    """SHA-256 of a file in hexadecimal digits; empty where there is none."""
    found = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            _feed(found, file)
    except OSError:
        return ""
    return "".join(["%02x" % one for one in found.digest()])


def _feed(digest, file):
    piece = bytearray(_PIECE_BYTES)
    n = file.readinto(piece)
    while n:
        digest.update(memoryview(piece)[:n])
        n = file.readinto(piece)
