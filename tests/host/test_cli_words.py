"""What the command says of itself, and of what it was given that is wrong."""

import json
import subprocess
from importlib.metadata import version

import pytest
from bioklok.cli import Language
from bioklok.store import open_store
from bioklok.web.texts import LANGUAGES
from support.command import BIOKLOK, bioklok, environment_of, failed

OWN = "time,activity,lux,marker\n" + "".join(
    f"2026-11-16 {minute // 60:02}:{minute % 60:02},{minute % 97},1,0\n" for minute in range(1440)
)


def test_it_says_its_version(tmp_path):
    done = bioklok(tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, f"bioklok {version('bioklok')}\n")
    assert f"Bioklok            {version('bioklok')}" in bioklok(tmp_path, "doctor").stderr


@pytest.mark.parametrize("command", [["analyse"], ["import", "--student", "noor"]])
def test_a_hyphen_is_standard_input(tmp_path, command):
    done = subprocess.run(
        [BIOKLOK, *command, "-"],
        cwd=tmp_path,
        env=environment_of(tmp_path),
        input=OWN,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if command == ["analyse"]:
        assert json.loads(done.stdout)["n_epochs"] == 1440
    assert bioklok(tmp_path, *command, "").returncode == 2


def test_a_school_that_is_not_there_is_what_a_report_names(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        store.ensure_student("mila", "Mila")
    week = ("report", "--student", "mila", "--week", "2026-W47")
    assert "no school nosuch" in failed(bioklok(tmp_path, *week, "--school", "nosuch"))


def test_a_folder_and_a_file_that_is_not_there_are_named_as_such(tmp_path):
    assert failed(bioklok(tmp_path, "replay", tmp_path)) == (
        f"bioklok: {tmp_path} is a folder: name a recording in it"
    )
    assert "save it as a file first" in failed(bioklok(tmp_path, "replay", "/dev/null"))
    for command in (["replay", "nope"], ["user", "import", "nope"], ["analyse", "nope"]):
        assert failed(bioklok(tmp_path, *command)) == "bioklok: there is no file nope"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["report", "--student", "mila", "--week", "abc"], "there is no week 'abc'"),
        (["report", "--student", "mila", "--week", "2026-W47", "--lang", "fr"], "'fr'"),
        (["analyse", "own.csv", "--tz", "Mars/Phobos"], "no time zone 'Mars/Phobos'"),
        (["import", "own.csv", "--student", "mila", "--tz", "Mars/Phobos"], "no time zone"),
        (["replay", "own.csv", "--tz", "Mars/Phobos"], "no time zone"),
        (["sync", "--student", "mila", "--tz", "Mars/Phobos"], "no time zone"),
        (["device", "provision", "--tz", "Mars/Phobos"], "no time zone"),
        (["serve", "--cert", "x"], "TLS needs both --cert and --key"),
        (["serve", "--key", "x"], "TLS needs both --cert and --key"),
    ],
)
def test_what_is_typed_wrongly_is_wrong_use_and_makes_nothing(tmp_path, command, says):
    done = bioklok(tmp_path, *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in " ".join(done.stderr.replace("│", "").split())
    assert list(tmp_path.iterdir()) == []


def test_a_report_is_written_in_each_language_that_has_texts():
    assert list(Language) == list(LANGUAGES)
