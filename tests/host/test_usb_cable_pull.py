"""The cable is pulled, or the power goes, at any moment of a deploy; then deploy again."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from bioklok.errors import BioklokFailure
from bioklok.usb.build import Build, read_build
from bioklok.usb.cable import cable_to
from bioklok.usb.deploy import deploy
from support.board_on_cable import BoardOnCable
from support.build_folder import in_slot, make_build, named_slot

N_PULLS = 6
N_CUTS = 6


@dataclass
class Bench:
    """A board's flash, empty or with a build in each slot (b runs); and the build to deploy."""

    flash: Path
    build: Path
    n_bytes: int  # that the tool sends in a whole deploy of the second build
    n_writes: int  # upper bound of writes to flash in it


def put(board: BoardOnCable, build: Build) -> str:
    with cable_to(board.port) as cable:
        done = deploy(cable, build, lambda _: None, lambda done, total: None)
        cable.restart(0.0)
    return done.slot


@pytest.fixture(scope="module", params=["empty", "full"])
def bench(request, tmp_path_factory) -> Bench:
    folder = tmp_path_factory.mktemp(request.param)
    new = make_build(folder / "new", "1.1.0", 101)
    with BoardOnCable(folder) as board:
        if request.param == "full":
            put(board, read_build(make_build(folder / "1", "1.0.0", 99)))
            put(board, read_build(make_build(folder / "2", "1.0.1", 100)))
            board.wait_for(b"RUNNING 1.0.1")
    flash = folder / "before.bin"
    shutil.copy(folder / "flash.bin", flash)
    with BoardOnCable(folder) as board:
        board.cut_power_after(1_000_000)
        put(board, read_build(new))
        return Bench(flash, new, board.n_from_host, board.n_flash_writes())


def board_of(bench: Bench, folder: Path) -> BoardOnCable:
    shutil.copy(bench.flash, folder / "flash.bin")
    return BoardOnCable(folder)


def check_after(board: BoardOnCable, bench: Bench, before: str | None) -> None:
    """What is named is whole, whatever happened; and the same command does the rest."""
    middle = named_slot(board.files())
    board.plug()
    build = read_build(bench.build)
    start = len(board.said)
    slot = put(board, build)
    board.wait_for(b"RUNNING 1.1.0 on bench", start)
    files = board.files()
    assert named_slot(files) == slot
    assert in_slot(bench.build, slot).items() <= files.items()
    assert not [path for path in files if path.endswith(".new")]
    # It ran the old one until it ran the new one: the slot that ran was never written to.
    assert slot == "a" != before
    assert middle in (before, slot)


@pytest.mark.parametrize("n", range(N_PULLS))
def test_a_pulled_cable_leaves_a_board_that_starts(bench, tmp_path, n):
    with board_of(bench, tmp_path) as board:
        before = named_slot(board.files())
        board.pull_after(1 + n * bench.n_bytes // N_PULLS)
        with pytest.raises(BioklokFailure, match="went away: put the cable in again"):
            put(board, read_build(bench.build))
        check_after(board, bench, before)


@pytest.mark.parametrize("n", range(N_CUTS))
def test_power_that_goes_in_a_flash_write_leaves_a_board_that_starts(bench, tmp_path, n):
    with board_of(bench, tmp_path) as board:
        before = named_slot(board.files())
        board.cut_power_after(1 + n * bench.n_writes // N_CUTS)
        with pytest.raises(BioklokFailure, match="went away: put the cable in again"):
            put(board, read_build(bench.build))
        check_after(board, bench, before)


@pytest.mark.parametrize("from_end", range(1, 6))
def test_power_that_goes_in_one_of_the_last_flash_writes(bench, tmp_path, from_end):
    """Around the rename of slot.json every write counts."""
    with board_of(bench, tmp_path) as board:
        before = named_slot(board.files())
        board.cut_power_after(bench.n_writes + 1 - from_end)
        with pytest.raises(BioklokFailure, match="went away: put the cable in again"):
            put(board, read_build(bench.build))
        check_after(board, bench, before)


@pytest.mark.soak
def test_power_that_goes_in_any_flash_write(bench, tmp_path):
    for n in range(1, bench.n_writes + 1):
        with board_of(bench, tmp_path) as board:
            before = named_slot(board.files())
            board.cut_power_after(n)
            with pytest.raises(BioklokFailure, match="went away"):
                put(board, read_build(bench.build))
            check_after(board, bench, before)


@pytest.mark.soak
def test_a_cable_pulled_all_along_a_deploy(bench, tmp_path):
    for n in range(1, bench.n_bytes, 211):
        with board_of(bench, tmp_path) as board:
            before = named_slot(board.files())
            board.pull_after(n)
            with pytest.raises(BioklokFailure, match="went away"):
                put(board, read_build(bench.build))
            check_after(board, bench, before)
