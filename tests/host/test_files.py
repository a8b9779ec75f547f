"""Files are whole or not there, links stay links, and two writers do not share one place."""

import os
import signal
import subprocess
import sys

import pytest
from bioklok.errors import BioklokFailure
from bioklok.files import alone, replaced
from bioklok.output import write
from bioklok.simulator.image import new_image, read_identity

BUSY = "another is at it"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.json"
    write(path, "first")
    path.chmod(0o640)
    write(path, "second")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("second", 0o640)
    with pytest.raises(ZeroDivisionError), replaced(path) as partial:
        partial.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "second"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_as_long_as_names_get_is_written(tmp_path):
    path = tmp_path / ("n" * 250)
    write(path, "text")
    assert path.read_text() == "text"
    with pytest.raises(BioklokFailure, match="too long"):
        write(tmp_path / ("n" * 300), "text")
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_one_and_its_file_is_written(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to("there/file.json")
    for text in ("new", "newer"):
        write(link, text)
        assert link.is_symlink()
        assert (tmp_path / "there" / "file.json").read_text() == text
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(BioklokFailure, match="cannot write"):
        write(tmp_path / "loop" / "x", "text")


def test_a_file_of_the_users_that_looks_like_ours_is_left_alone(tmp_path):
    other = tmp_path / "k.json.partial"
    other.write_text("mine")
    write(tmp_path / "k.json", "text")
    with new_image(tmp_path / "k.flash", "seed"):
        pass
    assert other.read_text() == "mine"
    assert {p.name for p in tmp_path.iterdir()} == {"k.json", "k.json.partial", "k.flash"}


def test_the_second_writer_is_refused_and_the_first_is_not_disturbed(tmp_path):
    path = tmp_path / "a.flash"
    with new_image(path, "first") as image:
        with (
            pytest.raises(BioklokFailure, match="another simulation is writing"),
            new_image(path, "second"),
        ):
            pytest.fail("two at once")
        with new_image(tmp_path / "b.flash", "beside"):
            pass
        assert image.is_file()
    first = read_identity(path)
    with new_image(path, "second"):
        pass
    assert read_identity(path) != first
    assert {p.name for p in tmp_path.iterdir()} == {"a.flash", "b.flash"}


def test_a_lock_is_one_thing_under_all_names_and_goes_with_its_program(tmp_path):
    (tmp_path / "link").symlink_to("place")
    program = (
        "import sys; from pathlib import Path; from bioklok.files import alone\n"
        "with alone(Path(sys.argv[1]), ''):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, tmp_path / "place"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(BioklokFailure, match=BUSY), alone(tmp_path / "link", BUSY):
            pytest.fail("two at once")
        os.kill(holder.pid, signal.SIGKILL)
    with alone(tmp_path / "link", BUSY):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["link"]
