"""A real board on a real cable. It loses what is on it: journal, key, settings.

BIOKLOK_BOARD_PORT=/dev/ttyACM0 names the board, BIOKLOK_BOARD_BUILD=build/NAME what to put on it
(`make build BOARD=NAME`). Without them these tests are skipped.
"""

import json
import os
from pathlib import Path

import pytest
from bioklok.keyring import Keyring
from bioklok.store import master_key, open_store
from support.command import bioklok

PORT = os.environ.get("BIOKLOK_BOARD_PORT", "")
BUILD = os.environ.get("BIOKLOK_BOARD_BUILD", "")

pytestmark = pytest.mark.skipif(
    not (PORT and BUILD), reason="no board: set BIOKLOK_BOARD_PORT and BIOKLOK_BOARD_BUILD"
)


def done_by(folder: Path, *arguments: str) -> str:
    done = bioklok(folder, "device", *arguments, "--port", PORT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def who(folder: Path) -> dict:
    (found,) = json.loads(done_by(folder, "list", "--json"))
    assert found["board"] is not None, found["note"]
    return found["board"]


@pytest.fixture(autouse=True)
def wiped_afterwards(tmp_path):
    yield
    done_by(tmp_path, "wipe", "--yes")


def test_it_says_who_it_is(tmp_path):
    board = who(tmp_path)
    assert board["name"] == "micropython"
    assert len(board["device_id"]) == 16 and board["mpy"]


def test_it_takes_a_build_and_runs_it(tmp_path):
    build = Path(BUILD).resolve()
    made = json.loads((build / "a" / "manifest.json").read_text())
    done_by(tmp_path, "deploy", str(build), "--older", "--other-board")
    assert ": 0 files sent" in done_by(tmp_path, "deploy", str(build))
    board = who(tmp_path)
    assert board["slots"][board["running"]]["build"] == made["build"]


def test_it_takes_a_new_key_each_time(tmp_path):
    device_id = who(tmp_path)["device_id"]
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        keyring = Keyring(store, master_key(store.place))
        done_by(tmp_path, "provision", "--wrist", "left")
        first = keyring.key_of(device_id)
        assert "has a new key" in done_by(tmp_path, "provision", "--wrist", "left")
        assert keyring.key_of(device_id) not in (None, first)
    assert who(tmp_path)["has_key"] is True
    # With the right key it lets itself be sealed.
    done_by(tmp_path, "deploy", str(Path(BUILD).resolve()), "--older", "--other-board")


def test_a_wipe_takes_the_key(tmp_path):
    done_by(tmp_path, "provision")
    done_by(tmp_path, "wipe", "--yes")
    assert who(tmp_path)["has_key"] is False
