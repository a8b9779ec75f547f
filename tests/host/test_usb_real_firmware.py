"""The whole firmware, compiled, goes over the cable onto a real MicroPython, and lives there."""

import json
from collections.abc import Callable
from time import monotonic

import pytest
from biocore.page import H_N_EPOCHS, H_SEQUENCE, PAGE_BYTES, VALID, check, header
from bioklok.usb.build import read_build
from support.board_on_cable import BoardOnCable
from support.build_folder import in_slot, named_slot
from support.command import bioklok
from support.real_build import make_real_build

WAIT_S = 120
PARTS = ("accelerometer", "light", "flash", "radio", "key", "clock", "battery", "restart")


@pytest.fixture
def board(tmp_path):
    with BoardOnCable(tmp_path, size_kb=1600) as made:
        yield made


def device(board: BoardOnCable, folder, *arguments: object) -> str:
    done = bioklok(folder, "device", *arguments, "--port", board.port)
    assert done.returncode == 0, done.stderr
    return done.stdout


def later(board: BoardOnCable, holds: Callable[[dict[str, bytes]], bool]) -> dict[str, bytes]:
    """Look at the flash until that holds: the board's own time runs ahead of ours."""
    until = monotonic() + WAIT_S
    while True:
        files = board.files()
        if holds(files):
            return files
        assert monotonic() < until, (sorted(files), bytes(board.said[-2000:]))
        assert board.is_running_a_program(), bytes(board.said[-2000:])


def pages(files: dict[str, bytes]) -> list[bytes]:
    """The pages in the sectors of the journal; what is no page of it does not pass its check."""
    found = []
    for path, content in files.items():
        if path.startswith("journal/"):
            whole = content.ljust(4096, b"\xff")
            cut = [whole[at : at + PAGE_BYTES] for at in range(0, len(whole), PAGE_BYTES)]
            found += [page for page in cut if check(page) == VALID]
    return found


def newest(files: dict[str, bytes]) -> int:
    """The number of the last page; how many there are says little of a ring that is full."""
    return max(header(page)[H_SEQUENCE] for page in pages(files))


def test_it_is_deployed_says_that_it_runs_and_keeps_what_it_measured(board, tmp_path):
    build = make_real_build(tmp_path / "build")
    assert len(read_build(build).files) > 50
    device(board, tmp_path, "deploy", build)
    device(board, tmp_path, "provision")
    found = json.loads(device(board, tmp_path, "selftest", "--json"))
    assert found == dict.fromkeys(PARTS, "ok")
    files = later(
        board,
        lambda files: json.loads(files["slot.json"])["good"] and len(pages(files)) >= 2,
    )
    assert json.loads(files["slot.json"]) == {"slot": "a", "tries": 0, "good": True}
    assert named_slot(files) == "a"
    kept = {path: data for path, data in files.items() if path.startswith("a/")}
    assert kept.pop("a/manifest.hmac")  # sealed with its key
    assert kept == in_slot(build, "a")
    assert all(header(page)[H_N_EPOCHS] > 0 for page in pages(files))

    # A newer one beside it, while that one lives; it goes on from the same journal.
    before = newest(files)
    newer = make_real_build(tmp_path / "newer", build=read_build(build).build + 1)
    device(board, tmp_path, "deploy", newer)
    files = later(
        board,
        lambda files: json.loads(files["slot.json"])["good"] and newest(files) > before,
    )
    assert named_slot(files) == "b" and files["key"]
