"""Puts a build on a board: into the slot that does not run, then one rename.

At each moment slot.json names a slot that is whole. The manifest goes first and comes last, so that
a slot that is being filled has none; files that are there already are not sent again, so a deploy
that was cut short goes on where it was.
"""

import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from bioklok.errors import BioklokFailure
from bioklok.usb import board
from bioklok.usb.board import BoardFacts
from bioklok.usb.build import MANIFEST, Build, check_fits
from bioklok.usb.cable import Cable

SEAL = "manifest.hmac"
SLOT = "slot.json"
KEY = "key"
log = logging.getLogger("bioklok.usb")

Report = Callable[[int, int], None]
KeyOf = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Deployed:
    """What a deploy came to. n_sent: files that were not there yet."""

    slot: str
    n_sent: int
    n_kept: int
    has_key: bool


def deploy(
    cable: Cable,
    build: Build,
    key_of: KeyOf,
    report: Report,
    *,
    may_be_older: bool = False,
    may_be_other_board: bool = False,
) -> Deployed:
    """Copy `build` onto the board and have slot.json name it; the caller restarts the board.

    key_of: gives a device's key by its id, asked only where the board has one. report: done and
    total, bytes. Raises BioklokFailure where the board is another than the build is for, or cannot
    be reached.
    """
    facts = board.facts_of(cable)
    check_fits(build, facts.mpy)
    _check_wanted(build, facts, may_be_older, may_be_other_board)
    key = _key(facts, key_of)
    slot = _target(cable, build, facts)
    wanted = {f"{slot}/{path}": data for path, data in build.files.items()}
    total = board.total_bytes([*wanted.values(), *build.root.values()])
    missing = board.differing(cable, {path: sha256(d).hexdigest() for path, d in wanted.items()})
    done = total - board.total_bytes(wanted[path] for path in missing)

    def sent(n: int) -> None:
        nonlocal done
        done = min(done + n, total)
        report(done, total)

    done -= board.total_bytes(build.root.values())
    report(done, total)
    manifest = f"{slot}/{MANIFEST}"
    has_manifest = not board.differing(cable, {manifest: sha256(build.manifest).hexdigest()})
    if missing or not has_manifest:
        board.remove(cable, manifest)  # from here on the slot is nobody's
        _clear(cable, slot, set(wanted))
        for path, data in wanted.items():
            if path in missing:
                board.put_checked(cable, path, data, sent)
    _seal(cable, slot, build.manifest, key)
    if missing or not has_manifest:
        board.put_whole(cable, manifest, build.manifest)
    n_root = _put_root(cable, build, sent)
    _name(cable, slot, facts)
    return Deployed(
        slot, len(missing) + n_root, len(wanted) + len(build.root) - len(missing) - n_root,
        key is not None,
    )  # fmt: skip


def seal_slots(cable: Cable, key: bytes) -> list[str]:
    """Lay a new key's HMAC beside the manifest of each slot that is whole; return those."""
    sealed = []
    for slot in board.SLOTS:
        manifest = board.read(cable, f"{slot}/{MANIFEST}")
        if manifest is None:
            continue
        if not _is_whole(cable, slot, manifest):
            board.remove(cable, f"{slot}/{SEAL}")
            continue
        _seal(cable, slot, manifest, key)
        sealed.append(slot)
    return sealed


def seal_of(key: bytes, manifest: bytes) -> bytes:
    """Return the 32 bytes that stand beside a manifest: HMAC-SHA256 over its bytes."""
    return hmac.digest(key, manifest, "sha256")


def _check_wanted(build: Build, facts: BoardFacts, older: bool, other_board: bool) -> None:
    runs = facts.firmware
    if runs is None:
        return
    if runs.board != build.board and not other_board:
        raise BioklokFailure(
            f"wrong board: this one is a {runs.board}, the build is for {build.board}; "
            "if the board was named wrongly before, add --other-board"
        )
    if runs.build > build.build and not older:
        raise BioklokFailure(
            f"the board runs build {runs.build} ({runs.version}), which is newer than build "
            f"{build.build} ({build.version}): add --older to go back"
        )


def _key(facts: BoardFacts, key_of: KeyOf) -> bytes | None:
    """The board's key, to seal the manifest; None: it has none yet."""
    if facts.key_sha256 is None:
        return None
    key = key_of(facts.device_id)
    if key is None or sha256(key).hexdigest() != facts.key_sha256:
        raise BioklokFailure(
            f"this computer does not have the key of {facts.device_id}: deploy where it was "
            "provisioned, or first give it a new one with 'bioklok device provision'"
        )
    return key


def _target(cable: Cable, build: Build, facts: BoardFacts) -> str:
    """The slot to fill: the running one where all of the build is in it, else the other. Where
    none is named, one without a manifest or with this one's."""
    if facts.running is None:
        ours = sha256(build.manifest).hexdigest()
        there = board.digests_of(cable, [f"{slot}/{MANIFEST}" for slot in board.SLOTS])
        free = [path[0] for path, digest in there.items() if digest in (None, ours)]
        return free[0] if free else board.SLOTS[0]
    wanted = {f"{facts.running}/{p}": sha256(data).hexdigest() for p, data in build.files.items()}
    wanted[f"{facts.running}/{MANIFEST}"] = sha256(build.manifest).hexdigest()
    if not board.differing(cable, wanted):
        return facts.running
    return "b" if facts.running == "a" else "a"


def _clear(cable: Cable, slot: str, wanted: set[str]) -> None:
    for path in board.files_below(cable, slot):
        if path not in wanted:
            board.remove(cable, path)


def _seal(cable: Cable, slot: str, manifest: bytes, key: bytes | None) -> None:
    seal = f"{slot}/{SEAL}"
    if key is None:
        board.remove(cable, seal)
        return
    value = seal_of(key, manifest)
    if board.differing(cable, {seal: sha256(value).hexdigest()}):
        board.put_whole(cable, seal, value)


def _put_root(cable: Cable, build: Build, sent: Callable[[int], None]) -> int:
    digests = {name: sha256(data).hexdigest() for name, data in build.root.items()}
    other = board.differing(cable, digests)
    for name in other:
        board.put_whole(cable, name, build.root[name])
    sent(board.total_bytes(build.root.values()))
    return len(other)


def _name(cable: Cable, slot: str, facts: BoardFacts) -> None:
    """Have slot.json name the slot, in one step. It is good once it has run, which boot.py and the
    firmware find out."""
    if facts.running == slot:
        return
    text = json.dumps({"slot": slot, "tries": 0, "good": False})
    board.put_whole(cable, SLOT, text.encode())


def _is_whole(cable: Cable, slot: str, manifest: bytes) -> bool:
    try:
        files = json.loads(manifest)["files"]
        wanted = {f"{slot}/{one['path']}": str(one["sha256"]) for one in files}
    except (KeyError, TypeError, ValueError):
        return False
    return not board.differing(cable, wanted)
