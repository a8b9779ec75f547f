"""Recordings become worlds; what is damaged is refused by name before anything runs."""

import gzip
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from bioklok.errors import BioklokFailure
from bioklok.simulator.recording import open_recording
from bioklok.simulator.resample import to_seconds
from hypothesis import given, settings
from hypothesis import strategies as st
from support import geneactiv

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def opened(path, rate=None):
    return open_recording(path, rate, AMSTERDAM)


def seconds(world):
    return np.concatenate(list(world.chunks))


def test_geneactiv_values_time_and_button(tmp_path):
    pages = geneactiv.still(40)
    one = geneactiv.sample(0.5, -0.25, 1.5, 400)
    pages[10] = one * 300
    down = geneactiv.sample(0, 0, 1, 100, pressed=True)
    up = geneactiv.sample(0, 0, 1, 100)
    pages[20] = up * 100 + down * 50 + up * 150
    world = opened(geneactiv.write(tmp_path / "a.bin", pages))
    assert world.start_utc_s == 1553194680  # 2019-03-21 14:58:00 -04:00
    assert world.n_seconds == 120
    assert world.button == [(61000, 0), (61500, 1)]
    data = seconds(world)
    assert len(data) == 120
    assert data["mg"][0].tolist() == [[0, 0, 1000]] * 25
    assert data["mg"][31].tolist() == [[500, -252, 1500]] * 25  # steps of 4 mg in the file
    assert data["light_mlx"][31] == 400_000


@pytest.mark.parametrize(
    ("name", "spoil", "says"),
    [
        ("cut off page", lambda t: t[: len(t) - 2000], "cut off"),
        ("missing pages", lambda t: t[: t.rindex("Recorded Data")], "of 5 pages"),
        ("not hexadecimal", lambda t: t.replace("10FB", "10GB", 1), "not hexadecimal"),
        ("no calibration", lambda t: t.replace("x gain:25000\n", ""), "header is damaged"),
        ("no zone", lambda t: t.replace("GMT -04:00", "somewhere"), "header is damaged"),
        ("bad time", lambda t: t.replace("14:58:03:000", "14:58"), "no readable time"),
        ("a gap", lambda t: t.replace("14:58:06:000", "15:58:06:000"), "+3600.0 s"),
    ],
)
def test_damaged_geneactiv_is_refused_by_name(tmp_path, name, spoil, says):
    path = geneactiv.write(tmp_path / "a.bin", geneactiv.still(5))
    text = path.read_text(encoding="latin1")
    spoiled = spoil(text)
    assert spoiled != text, name
    path.write_text(spoiled, encoding="latin1")
    with pytest.raises(BioklokFailure) as failure:
        opened(path)
    assert says in str(failure.value)
    assert "\n" not in str(failure.value)


def csv_rows(n, rate, start="2026-11-16T08:00:00"):
    base = np.datetime64(start, "ms")
    step = 1000 / rate
    return [
        f"{base + np.timedelta64(round(i * step), 'ms')},{i % 7},0,{1000 + i % 3},{50 + i}"
        for i in range(n)
    ]


def write_csv(path, rows, header="time,x_mg,y_mg,z_mg,lux"):
    text = "\n".join([header, *rows]) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_csv_with_a_zone_from_outside(tmp_path, name):
    world = opened(write_csv(tmp_path / name, csv_rows(50 * 70, 50)))
    assert world.start_utc_s == 1794812400  # 07:00 UTC
    assert world.n_seconds == 70
    data = seconds(world)
    assert len(data) == 70
    # the mean of samples 2k and 2k+1
    expected = [round((2 * k % 7 + (2 * k + 1) % 7) / 2 + 1e-9) for k in range(3)]
    assert np.abs(data["mg"][0][:3, 0] - expected).max() <= 1
    assert abs(int(data["light_mlx"][0]) - 74_500) <= 1


def test_csv_button_column(tmp_path):
    rows = [f"{row},{1 if 100 <= i < 110 else 0}" for i, row in enumerate(csv_rows(500, 25))]
    world = opened(write_csv(tmp_path / "a.csv", rows, "time,x_mg,y_mg,z_mg,lux,button"))
    assert world.button == [(4000, 0), (4400, 1)]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (csv_rows(100, 25) + csv_rows(100, 25, "2026-11-16T09:00:00"), "without a gap"),
        (csv_rows(100, 25)[::-1], "without a gap"),
        ([*csv_rows(10, 25), "2026-11-16T08:00:01,a,b,c,d"], "cannot be read"),
        ([*csv_rows(10, 25), "2026-11-16T08:00:01,1"], "cannot be read"),
        ([], "no samples"),
    ],
)
def test_damaged_csv_is_refused_in_one_line(tmp_path, rows, says):
    with pytest.raises(BioklokFailure) as failure:
        opened(write_csv(tmp_path / "a.csv", rows))
    assert says in str(failure.value)
    assert "\n" not in str(failure.value)


def test_what_is_no_recording(tmp_path):
    for name, content in (("a.txt", b"hello"), ("b.bin", bytes(range(256)) * 40), ("c", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BioklokFailure, match="no recording this can replay"):
            opened(tmp_path / name)
    with pytest.raises(BioklokFailure, match="there is no file"):
        opened(tmp_path / "nothing.bin")
    (tmp_path / "d.csv.gz").write_bytes(b"no gzip at all")
    with pytest.raises(BioklokFailure, match="compression is damaged"):
        opened(tmp_path / "d.csv.gz")


@settings(max_examples=40, deadline=None)
@given(
    rate=st.sampled_from([10.0, 12.5, 25.0, 30.0, 50.0, 75.0, 85.7, 100.0]),
    n_seconds=st.integers(2, 200),
    cuts=st.lists(st.integers(1, 5000), max_size=6),
)
def test_any_rate_in_any_pieces_gives_every_second_once(rate, n_seconds, cuts):
    n = int(np.ceil(n_seconds * rate))
    g = np.tile([0.1, -0.2, 0.9], (n, 1))
    lux = np.full(n, 123.0)
    places = sorted({c % n for c in cuts} - {0})
    pieces = zip(np.split(g, places), np.split(lux, places), strict=True)
    data = np.concatenate(list(to_seconds(pieces, rate)))
    assert len(data) == int(n / rate + 1e-6)
    assert (data["mg"] == [100, -200, 900]).all()
    assert (data["light_mlx"] == 123_000).all()


def test_a_slow_wave_keeps_its_shape_at_an_odd_rate():
    rate = 85.7
    t = np.arange(int(rate * 300)) / rate
    g = np.stack([np.sin(t), np.cos(t), np.zeros_like(t)], axis=1)
    pieces = zip(np.array_split(g, 9), np.array_split(np.zeros_like(t), 9), strict=True)
    data = np.concatenate(list(to_seconds(pieces, rate)))
    at = (np.arange(len(data) * 25) + 0.5) / 25
    assert np.abs(data["mg"].reshape(-1, 3)[:, 0] / 1000 - np.sin(at)).max() < 0.012


def test_recordings_are_one_only_if_every_byte_is(tmp_path):
    """Same name, size and start: what lies in them tells two wrists apart."""
    seeds = set()
    for folder, z in (("a", 1.0), ("b", -1.0), ("again", 1.0)):
        (tmp_path / folder).mkdir()
        path = geneactiv.write(tmp_path / folder / "x.bin", geneactiv.still(3, z=z))
        seeds.add(opened(path).seed)
        rows = [row.replace(",1000,", f",{round(z * 100):+}00,") for row in csv_rows(50, 25)]
        seeds.add(opened(write_csv(tmp_path / folder / "x.csv", rows)).seed)
    assert len(seeds) == 4
    path.rename(tmp_path / "another-name.bin")
    assert opened(tmp_path / "another-name.bin").seed in seeds


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("x gain:25000", "x gain:0"),
        ("y gain:25000", "y gain:nan"),
        ("z offset:100", "z offset:inf"),
        ("Volts:50", "Volts:0"),
        ("Lux:1000", "Lux:0"),
        ("Number of Pages:5", "Number of Pages:0"),
        ("Number of Pages:5", "Number of Pages:-5"),
    ],
)
def test_a_calibration_that_cannot_be_is_refused(tmp_path, was, now):
    path = geneactiv.write(tmp_path / "a.bin", geneactiv.still(5))
    text = path.read_text(encoding="latin1")
    assert was in text
    path.write_text(text.replace(was, now), encoding="latin1")
    with pytest.raises(BioklokFailure, match="header is damaged"):
        opened(path)


@pytest.mark.parametrize("cells", ["nan,0,1000,5", "0,inf,1000,5", "0,0,1000,nan", "a,0,0,0", "1"])
def test_the_row_that_cannot_be_read_is_named(tmp_path, cells):
    rows = csv_rows(90, 25)
    rows[60] = rows[60].split(",")[0] + "," + cells
    with pytest.raises(BioklokFailure, match="row 62 cannot be read"):
        opened(write_csv(tmp_path / "a.csv", rows))


@pytest.mark.parametrize("time", ["nan", "inf", "someday"])
def test_a_time_that_is_none_is_refused(tmp_path, time):
    with pytest.raises(BioklokFailure, match="row 2 cannot be read"):
        opened(write_csv(tmp_path / "a.csv", [f"{time},0,0,0,0", *csv_rows(50, 25)]))


def test_times_from_the_start_of_something_are_no_times(tmp_path):
    rows = [f"{i / 25},0,0,1000,5" for i in range(100)]
    with pytest.raises(BioklokFailure, match="no date: write times as 2026"):
        opened(write_csv(tmp_path / "a.csv", rows))
    late = [f"{4.3e9 + i / 25:.2f},0,0,1000,5" for i in range(100)]
    with pytest.raises(BioklokFailure, match="1971 to 2105"):
        opened(write_csv(tmp_path / "b.csv", late))


def test_a_stray_quote_and_a_damaged_block_are_one_line(tmp_path):
    quote = [*csv_rows(10, 25), '"' + "x" * 200_000]
    with pytest.raises(BioklokFailure, match="cannot be read as CSV"):
        opened(write_csv(tmp_path / "a.csv", quote))
    path = write_csv(tmp_path / "b.csv.gz", csv_rows(5000, 25))
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = b"\xff" * 40
    path.write_bytes(data)
    with pytest.raises(BioklokFailure, match="compression is damaged"):
        opened(path)
