"""Flash images on the command line: what may be written over, and whose device it is."""

import pytest
from bioklok.errors import BioklokFailure
from bioklok.simulator.image import IMAGE_BYTES, KEY_BYTES, new_image, read_identity
from support.command import bioklok, failed

RAW = "time,x_mg,y_mg,z_mg,lux\n" + "".join(
    f"2026-11-16T08:00:{second:02}Z,0,0,1000,5\n" for second in range(60)
)


def test_a_recording_is_not_written_over_by_its_own_replay(tmp_path):
    raw = tmp_path / "raw.csv"
    raw.write_text(RAW)
    line = failed(bioklok(tmp_path, "replay", "raw.csv", "--flash", "raw.csv"))
    assert line == "bioklok: raw.csv is no flash image: choose another --flash"
    assert raw.read_text() == RAW
    line = failed(bioklok(tmp_path, "simulate", "--days", "1", "--flash", "raw.csv"))
    assert "raw.csv is no flash image" in line
    assert raw.read_text() == RAW
    assert list(tmp_path.iterdir()) == [raw]


@pytest.mark.parametrize("size", [1, IMAGE_BYTES - 1, IMAGE_BYTES, IMAGE_BYTES + 1])
def test_what_is_no_image_stays(tmp_path, size):
    there = tmp_path / "there"
    there.write_bytes(b"x" * size)
    with pytest.raises(BioklokFailure, match="is no flash image"), new_image(there, "seed"):
        pass
    assert there.read_bytes() == b"x" * size


def test_an_image_one_that_was_wiped_and_an_empty_file_are_written_over(tmp_path):
    there = tmp_path / "there"
    there.touch()
    for seed in ("one", "two", "three"):
        with new_image(there, seed):
            pass
        made = read_identity(there)
        assert made.key != bytes(KEY_BYTES)
        if seed == "two":
            there.write_bytes(there.read_bytes()[:-KEY_BYTES] + bytes(KEY_BYTES))


def test_the_device_that_is_named_is_synced_or_none(tmp_path):
    with new_image(tmp_path / "a.flash", "seed"):
        pass
    found = read_identity(tmp_path / "a.flash").device_id
    other = "0" * 16
    line = failed(bioklok(tmp_path, "sync", "--virtual", "a.flash", "--device", other))
    assert line == f"bioklok: a.flash is the device {found}, not {other}"
    assert not (tmp_path / "store.sqlite").exists()
    done = bioklok(tmp_path, "sync", "--virtual", "a.flash", "--device", found)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{found}: ")
