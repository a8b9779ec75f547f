"""The real firmware as a build for the board of board_on_cable.py: compiled for this computer, with
the fake chips and the stand-in for `bluetooth` beside it."""

from pathlib import Path

from bioklok.boards.build import (
    FIRMWARE,
    STAY_SOURCE,
    build_number,
    compile_file,
    find_mpy_cross,
    project_version,
    write_manifest,
)
from bioklok.boards.closure import needed_files

BOARD = "bench"
LIKE = "pico_w"  # whose rooms come along; its own pins do not
_MORE = (
    *("drivers/lis3dh.py", "drivers/veml7700.py", "drivers/rgb_pwm.py"),
    *("hw/button.py", "hw/flash_files.py", "hw/provisioned.py", "hw/radio.py"),
    *("sim/bus.py", "sim/hand.py", "sim/lis3dh.py", "sim/_lis3dh_viper.py", "sim/pins.py"),
    *("sim/power.py", "sim/veml7700.py", "sim/virtual_time.py"),
)
_STAND_INS = ("bluetooth.py", "simair.py", "simgatt.py")


def make_real_build(folder: Path, build: int | None = None) -> Path:
    """Return a build folder with all of firmware/app and firmware/biocore that a board gets."""
    sources = {
        path: source
        for path, source in needed_files(FIRMWARE, LIKE).items()
        if path.partition("/")[0] in ("app", "biocore")
    }
    sources |= {path: FIRMWARE / path for path in _MORE}
    sources |= {name: FIRMWARE / "sim" / "modules" / name for name in _STAND_INS}
    sources["board.py"] = Path(__file__).with_name("bench_board.py")
    cross = find_mpy_cross()
    for path, source in sources.items():
        target = folder / "a" / Path(path).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        compile_file(cross, "x64", source, path, target)
    for name in STAY_SOURCE:
        (folder / name).write_bytes((FIRMWARE / name).read_bytes())
    write_manifest(folder / "a", BOARD, project_version(), build or build_number())
    return folder
