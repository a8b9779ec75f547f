"""Ports: which one is meant, what is on it, and one line with what to do where it fails."""

import base64
import fcntl
import json
import os
import struct
import sys
import threading

import pytest
from bioklok.errors import BioklokFailure, NotFound
from bioklok.usb import listing
from bioklok.usb.build import read_build
from bioklok.usb.cable import cable_to
from bioklok.usb.deploy import deploy
from bioklok.usb.flash import flash_drive, flash_esp
from bioklok.usb.ports import Port, chosen
from support.board_on_cable import BoardOnCable
from support.build_folder import make_build
from support.command import bioklok, failed

ESPRESSIF, UNKNOWN = 0x303A, 0x1234


def port(device: str, vendor: int | None) -> Port:
    return Port(device, "a thing", vendor)


def test_the_only_board_is_meant_and_strangers_are_not():
    ports = [port("/dev/ttyS0", None), port("/dev/ttyACM1", ESPRESSIF), port("/dev/x", UNKNOWN)]
    assert chosen(None, ports) == "/dev/ttyACM1"
    assert chosen("/dev/other", ports) == "/dev/other"
    with pytest.raises(NotFound, match="no board found on a cable: plug one in"):
        chosen(None, [ports[0], ports[2]])
    with pytest.raises(BioklokFailure, match=r"--port: /dev/a \(a thing\), /dev/b \(a thing\)"):
        chosen(None, [port("/dev/a", ESPRESSIF), port("/dev/b", 0x2E8A)])


# -- list ----------------------------------------------------------------------------------------


def test_list_tells_who_is_on_each_port(tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    with (
        BoardOnCable(tmp_path / "1", "e0e1e2e3e4e5e6e7") as ours,
        BoardOnCable(tmp_path / "2") as empty,
    ):
        with cable_to(ours.port) as cable:
            build = read_build(make_build(tmp_path / "build"))
            deploy(cable, build, lambda _: None, lambda done, total: None)
        start = len(ours.said)
        ports = ["--port", ours.port, "--port", empty.port, "--port", "/dev/none"]
        done = bioklok(tmp_path, "device", "list", "--json", *ports)
        assert done.returncode == 0, done.stderr
        first, second, third = json.loads(done.stdout)
        assert first["board"]["device_id"] == "e0e1e2e3e4e5e6e7"
        assert first["board"]["running"] == "a"
        assert first["board"]["slots"] == {
            "a": {"board": "bench", "version": "1.0.0", "build": 100},
            "b": None,
        }
        assert first["board"]["name"] == "micropython" and first["board"]["has_key"] is False
        assert second["board"]["device_id"] == "0a1b2c3d4e5f0000"
        assert second["board"]["running"] is None
        assert third["board"] is None and "there is no port /dev/none" in third["note"]
        # Asking stopped its program: it runs again.
        ours.wait_for(b"RUNNING 1.0.0", start)
        shown = bioklok(tmp_path, "device", "list", "--port", ours.port, COLUMNS="200").stdout
        assert "1.0.0 (build 100) in slot a, no key" in shown


def test_a_port_of_a_stranger_s_device_is_not_spoken_to(monkeypatch):
    stranger = port("/dev/none", UNKNOWN)
    monkeypatch.setattr(listing, "found_ports", lambda: [stranger])
    (found,) = listing.look(None)
    assert found.facts is None and "not asked" in found.note


# -- what goes wrong -----------------------------------------------------------------------------


@pytest.fixture
def silent():
    """A serial device on which nobody answers."""
    master, slave = os.openpty()
    yield os.ttyname(slave)
    os.close(master)
    os.close(slave)


def test_no_such_port(tmp_path):
    line = failed(bioklok(tmp_path, "device", "logs", "--port", "/dev/none"))
    assert "there is no port /dev/none: 'bioklok device list' shows" in line


def test_no_serial_port(tmp_path):
    (tmp_path / "file").write_text("")
    line = failed(bioklok(tmp_path, "device", "logs", "--port", "file"))
    assert "file is no serial port" in line


def test_a_port_that_another_program_holds(silent):
    with open(silent, "rb+", buffering=0) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BioklokFailure, match="close what else has it open"), cable_to(silent):
            pass


def test_a_port_that_is_somebody_else_s(silent, monkeypatch):
    """Root may open any port: so it is held as well, and the rights are said to be missing."""
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with open(silent, "rb+", buffering=0) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with (
            pytest.raises(BioklokFailure, match=r"not yours to use: .*dialout"),
            cable_to(silent),
        ):
            pass


def test_nobody_answers(silent, capsys):
    with (
        pytest.raises(BioklokFailure, match=r"no MicroPython answers on .*reset button"),
        cable_to(silent, answer_s=0.3),
    ):
        pass
    assert capsys.readouterr() == ("", "")


def test_a_program_that_hears_no_ctrl_c(tmp_path):
    # It prints where it already hears nothing: an interrupt may come while it still prints.
    lines = ["mark = 'BUSY'", "while 1:", "  try:", "    if mark: mark = print(mark)"]
    lines += ["    while 1: pass", "  except KeyboardInterrupt: pass", ""]
    main = "\n".join(lines)
    with BoardOnCable(tmp_path) as board:
        with cable_to(board.port) as cable:
            cable.call("begin", "main.py")
            cable.call("add", base64.b64encode(main.encode()))
            cable.call("end", "main.py")
        board.wait_for(b"BUSY")
        with (
            pytest.raises(BioklokFailure, match="no MicroPython answers"),
            cable_to(board.port, answer_s=0.3),
        ):
            pass


def test_a_board_that_is_no_board(tmp_path):
    """Something that answers, and no MicroPython: it repeats what it hears."""
    master, slave = os.openpty()
    ended = threading.Event()

    def repeat() -> None:
        while not ended.is_set():
            os.write(master, os.read(master, 100))

    threading.Thread(target=repeat, daemon=True).start()
    with (
        pytest.raises(BioklokFailure, match="no MicroPython answers"),
        cable_to(os.ttyname(slave), answer_s=0.3),
    ):
        pass
    ended.set()


def test_without_mpremote(silent, monkeypatch):
    monkeypatch.setitem(sys.modules, "mpremote.transport_serial", None)
    with pytest.raises(NotFound, match="needs mpremote and pyserial"), cable_to(silent):
        pass


def test_an_answer_that_cannot_be_read_does_not_repeat_it(tmp_path):
    with (
        BoardOnCable(tmp_path) as board,
        cable_to(board.port) as cable,
        pytest.raises(BioklokFailure, match="answered what nobody can read") as failure,
    ):
        cable.call("print", "\x1esecret")
    assert "secret" not in str(failure.value)


def test_what_the_board_raises_is_named_and_not_quoted(tmp_path):
    with BoardOnCable(tmp_path) as board, cable_to(board.port) as cable:
        with pytest.raises(BioklokFailure, match=r"answered ValueError: repeat") as failure:
            cable.call("int", "secret")
        assert "secret" not in str(failure.value)
        with pytest.raises(BioklokFailure, match=r"answered OSError \(\[Errno 2\] ENOENT\)"):
            cable.call("rename", "x", "y")


# -- flash ---------------------------------------------------------------------------------------


@pytest.fixture
def esptool(tmp_path, monkeypatch):
    """Stands in for the user's esptool, which may not be part of this project: notes its words."""
    folder = tmp_path / "bin"
    folder.mkdir()
    tool = folder / "esptool"
    lines = [f'echo "$@" >> {tmp_path}/said', "echo Writing...", f"exec test ! -e {tmp_path}/fail"]
    tool.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return tmp_path


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "esp32c3.bin"
    path.write_bytes(b"\xe9\x03\x02\x20")
    return path


def test_esptool_is_called_for_the_chip(esptool, image):
    flash_esp(image, "esp32c3", "/dev/ttyACM0", erase=False)
    flash_esp(image, "esp32", "/dev/ttyUSB0", erase=True)
    assert (esptool / "said").read_text().splitlines() == [
        f"--chip esp32c3 --port /dev/ttyACM0 --baud 460800 write_flash 0x0 {image}",
        "--chip esp32 --port /dev/ttyUSB0 erase_flash",
        f"--chip esp32 --port /dev/ttyUSB0 --baud 460800 write_flash 0x1000 {image}",
    ]


def test_esptool_that_fails_is_one_line_after_its_own(esptool, image):
    (esptool / "fail").touch()
    options = ["--chip", "esp32c3", "--port", "/dev/none"]
    done = bioklok(esptool, "device", "flash", image, *options, PATH=os.environ["PATH"])
    assert "esptool failed, see above: hold BOOT" in failed(done)
    assert "Writing..." in done.stderr


def test_without_esptool(image, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotFound, match="pipx install esptool"):
        flash_esp(image, "esp32c3", "/dev/none", erase=False)


def test_what_is_no_image_is_not_written(esptool, tmp_path):
    (tmp_path / "x.elf").write_bytes(b"\x7fELF")
    with pytest.raises(BioklokFailure, match=r"x\.elf is no image for an ESP32"):
        flash_esp(tmp_path / "x.elf", "esp32c3", "/dev/none", erase=True)
    with pytest.raises(NotFound, match="cannot read"):
        flash_esp(tmp_path / "none.bin", "esp32c3", "/dev/none", erase=True)
    assert not (esptool / "said").exists()


def uf2(family: int, n_blocks: int = 200) -> bytes:
    """Blocks after microsoft/uf2, README."""
    head = struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, 0x10000000, 256, 0, n_blocks, family)
    return (head + bytes(476) + struct.pack("<I", 0x0AB16F30)) * n_blocks


@pytest.fixture
def drive(tmp_path):
    folder = tmp_path / "RPI-RP2"
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text("UF2 Bootloader v3.0\r\nModel: R\r\nBoard-ID: RPI-RP2\r\n")
    return folder


def test_a_uf2_is_copied_to_the_drive(drive, tmp_path):
    data = uf2(0xE48BFF56)
    (tmp_path / "pico.uf2").write_bytes(data)
    done = bioklok(tmp_path, "device", "flash", "pico.uf2", "--drive", drive)
    assert done.returncode == 0, done.stderr
    assert (drive / "firmware.uf2").read_bytes() == data
    assert "Next: bioklok device deploy" in done.stderr


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (uf2(0xE48BFF59), "is for an RP2350, the board on .* is an RP2040"),
        (b"\xe9" + bytes(511), "is no .uf2"),
        (uf2(0xE48BFF56)[:-1], "is no .uf2"),
    ],
)
def test_a_wrong_uf2_is_not_copied(drive, tmp_path, data, words):
    (tmp_path / "x.uf2").write_bytes(data)
    with pytest.raises(BioklokFailure, match=words):
        flash_drive(tmp_path / "x.uf2", drive, lambda done, total: None)
    assert not (drive / "firmware.uf2").exists()


def test_a_drive_that_fills_up_is_no_success(drive, tmp_path):
    (tmp_path / "pico.uf2").write_bytes(uf2(0xE48BFF56))
    words = ["device", "flash", "pico.uf2", "--drive", drive]
    line = failed(bioklok(tmp_path, *words, limit_bytes=40_000))
    assert "ended early" in line and "BOOTSEL" in line


def test_another_drive_is_refused(tmp_path):
    (tmp_path / "pico.uf2").write_bytes(uf2(0xE48BFF56))
    line = failed(bioklok(tmp_path, "device", "flash", "pico.uf2", "--drive", tmp_path))
    assert "is not a board's drive: hold BOOTSEL" in line


def test_a_port_or_a_drive(tmp_path, image):
    for options in ([], ["--chip", "esp32", "--drive", "x"], ["--chip", "stm32"]):
        assert bioklok(tmp_path, "device", "flash", image, *options).returncode == 2
