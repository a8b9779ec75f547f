"""`bioklok analyse` and `bioklok import`, as processes and on real recordings."""

import gzip
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from bioklok.recordings.analysed import analyse
from bioklok.recordings.nights import stated_spans
from bioklok.recordings.opening import open_recording, recording_of
from bioklok.recordings.pages import journal_of, pages_of
from bioklok.recordings.text import Text
from bioklok.reports.week import week_from_pages
from support.command import bioklok, failed

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NAMES = {"is", "iv", "ra", "l5", "l5_onset", "m10", "m10_onset", "sri", "lri", "msf_sc"}
NAMES |= {"social_jetlag", "sleep_onset", "sleep_offset", "sleep_duration", "time_above_250lx"}
NAMES |= {"phase_cbtmin", "cosinor_mesor", "cosinor_amplitude", "cosinor_acrophase"}


def week_csv(n_days=7, sleep=True, zone=None):
    """Identical days from Monday on: asleep 23:00-07:00, moving by the clock, bright 12-13."""
    start = datetime(2026, 11, 16, tzinfo=zone)
    lines = ["time,activity,lux,marker" + (",sleep" if sleep else "")]
    for i in range(n_days * 1440):
        moment = start + timedelta(minutes=i)
        minute = i % 1440
        asleep = minute < 420 or minute >= 1380
        counts = 0 if asleep and minute % 40 else 20 if asleep else 150 + minute % 97
        lux = 0 if asleep else 900 if 720 <= minute < 780 else 120
        said = f",{int(asleep)}" if sleep else ""
        lines.append(f"{moment.isoformat()},{counts},{lux},{int(minute == 600)}{said}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def week(tmp_path):
    path = tmp_path / "week.csv"
    path.write_text(week_csv())
    return path


def analysed(text, zone=AMSTERDAM):
    return analyse(recording_of(Text("x.csv", text), zone), zone)


def test_json_is_what_the_contract_says(tmp_path, week):
    done = bioklok(tmp_path, "analyse", week, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert set(found["metrics"]) == NAMES
    for metric in found["metrics"].values():
        assert set(metric) == {"value", "unit", "n_days", "coverage", "reason"}
        assert metric["value"] is not None and metric["reason"] is None
    value = {name: metric["value"] for name, metric in found["metrics"].items()}
    assert (value["is"], value["sri"], value["lri"]) == (1, 100, 100)
    assert (value["sleep_onset"], value["sleep_offset"], value["sleep_duration"]) == (
        1380,
        420,
        480,
    )
    assert (value["social_jetlag"], value["msf_sc"], value["time_above_250lx"]) == (0, 180, 60)
    assert (found["coverage"], found["sleep_source"]) == (1, "file")
    assert found["nights"][1] == {
        "date": "2026-11-16",
        "onset": "2026-11-16T23:00:00+01:00",
        "offset": "2026-11-17T07:00:00+01:00",
        "duration_min": 480,
        "worn": True,
    }
    # The first and the last night are cut off by the recording's ends.
    assert [night["duration_min"] for night in found["nights"]] == [None, *6 * [480], None]
    assert len(found["days"]) == 7 and all(day["valid"] for day in found["days"])
    assert found["markers"][0] == "2026-11-16T10:00:00+01:00"


def test_text_a_pipe_and_gzip(tmp_path, week):
    packed = tmp_path / "week.csv.gz"
    packed.write_bytes(gzip.compress(week.read_bytes()))
    text = bioklok(tmp_path, "analyse", packed, "--format", "text").stdout
    assert "sleep_onset" in text and "23:00" in text and "Mon 16 Nov" in text
    assert json.loads(bioklok(tmp_path, "analyse", packed).stdout)["n_epochs"] == 7 * 1440


def test_zones_and_free_days(tmp_path, week):
    here = json.loads(bioklok(tmp_path, "analyse", week, "--tz", "Asia/Tokyo").stdout)
    assert here["start"] == "2026-11-16T00:00:00+09:00"
    path = tmp_path / "zoned.csv"
    path.write_text(week_csv(3, zone=AMSTERDAM))
    zoned = json.loads(bioklok(tmp_path, "analyse", path, "--tz", "UTC").stdout)
    assert zoned["metrics"]["sleep_onset"]["value"] == 1320
    assert zoned["metrics"]["msf_sc"]["reason"]  # no free day between Monday and Wednesday
    free = bioklok(tmp_path, "analyse", path, "--free", "2026-11-17")
    assert json.loads(free.stdout)["metrics"]["msf_sc"]["value"] == 180


def test_wrong_use_and_failures(tmp_path, week):
    broken = tmp_path / "broken.csv"
    broken.write_text(week_csv(1).replace(",120,", ",much,", 1))
    assert "line 422: light 'much' is no number" in failed(bioklok(tmp_path, "analyse", broken))
    for wrong in (["--tz", "Mars/Base"], ["--dayfirst", "--monthfirst"], ["--free", "someday"]):
        assert bioklok(tmp_path, "analyse", week, *wrong).returncode == 2
    empty = tmp_path / "empty.csv"
    empty.write_text("time,activity,lux,marker\n2026-11-16 07:00,,,\n2026-11-16 07:01,,,\n")
    assert "no epoch" in failed(bioklok(tmp_path, "analyse", empty))


def test_analyse_loads_no_database_and_no_web(tmp_path, week):
    """What keeps it quick: nothing of the store, the radio or the pages is imported."""
    code = (
        "import sys, bioklok.cli\n"
        f"sys.argv = ['bioklok', 'analyse', {str(week)!r}, '--format', 'json']\n"
        "try:\n    bioklok.cli.main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'sqlalchemy', 'fastapi', 'bleak', 'bumble', 'cryptography', 'jinja2'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stderr == "[]\n"


def test_what_nobody_said_of_sleep_is_found_by_the_finder():
    found = analysed(week_csv(7, sleep=False))
    assert found.sleep.source == "found"
    told = [night for night in found.sleep.nights if night.onset and night.offset]
    assert len(told) == 6
    for night in told:
        bed = night.onset.replace(hour=23, minute=0)
        assert abs(night.onset - bed) <= timedelta(minutes=15)
    assert found.metrics["sri"].value > 95


def test_a_table_is_not_asleep():
    """Off the wrist from 20:00 to noon: no night, and no minute of it counts."""
    lines = week_csv(3, sleep=False).split("\n")
    for i in range(1200, 2160):
        at, _counts, lux, marker = lines[i + 1].split(",")
        lines[i + 1] = f"{at},,{lux},{marker}"
    found = analysed("\n".join(lines))
    assert found.sleep.nights[1].onset is None and found.sleep.nights[1].offset is None
    assert found.minutes.valid[1200:2160].sum() == 0
    assert found.coverage == pytest.approx(1 - 960 / 4320)


@pytest.mark.parametrize(("first", "minutes"), [("2026-03-29", 1380), ("2026-10-25", 1500)])
def test_days_of_23_and_25_hours(first, minutes):
    start = int(datetime.fromisoformat(first).replace(tzinfo=AMSTERDAM).timestamp())
    times = [datetime.fromtimestamp(start + 60 * i, AMSTERDAM) for i in range(minutes + 1440)]
    rows = [f"{moment.isoformat()},{moment.hour + 1},1,0" for moment in times]
    found = analysed("\n".join(["time,activity,lux,marker", *rows]))
    assert [day.n_minutes for day in found.days] == [minutes, 1440]
    assert found.coverage == 1
    assert found.metrics["m10"].value == pytest.approx(sum(range(15, 25)) / 10)


def test_stated_sleep_is_joined_and_its_ends_are_known_or_not():
    asleep = np.zeros(1440)
    asleep[100:300] = asleep[340:600] = 1
    asleep[800:900] = 1  # a nap
    (span,) = stated_spans(asleep)
    assert (span.onset, span.wake, span.onset_known, span.wake_known) == (100, 600, True, True)
    asleep[600] = np.nan
    assert [span.wake_known for span in stated_spans(asleep)] == [False]


# -- import ---------------------------------------------------------------------------------------


def test_an_import_is_a_week_of_the_store_once(tmp_path, week):
    first = bioklok(tmp_path, "import", week, "--student", "noor")
    assert first.returncode == 0, first.stderr
    assert "336 pages, 336 new" in first.stdout and "2026-W47" in first.stdout
    assert "no mg" in first.stderr and "marker" in first.stderr
    packed = tmp_path / "again.csv.gz"
    packed.write_bytes(gzip.compress(week.read_bytes()))
    assert "336 pages, 0 new" in bioklok(tmp_path, "import", packed, "--student", "noor").stdout
    otherwise = bioklok(tmp_path, "import", week, "--student", "noor", "--tz", "Asia/Tokyo")
    assert "is in the store already" in failed(otherwise).replace("\n", " ")
    report = bioklok(tmp_path, "report", "--student", "noor", "--week", "2026-W47")
    stored = json.loads(report.stdout)
    alone = json.loads(bioklok(tmp_path, "analyse", week).stdout)
    assert stored["coverage"] == 1 and stored["marks"] == []
    for name in ("is", "iv", "ra", "l5_onset", "m10_onset", "lri", "time_above_250lx"):
        expected = alone["metrics"][name]["value"]
        assert stored["metrics"][name]["value"] == pytest.approx(expected, abs=1e-4), name
    edges = [(n["onset"], n["offset"]) for n in alone["nights"] if n["duration_min"]]
    assert [(n["onset"], n["offset"]) for n in stored["nights"]][:6] == edges


def test_a_recording_of_somebody_else_makes_nobody(tmp_path, week):
    assert bioklok(tmp_path, "import", week, "--student", "noor").returncode == 0
    others = bioklok(tmp_path, "import", week, "--student", "sem")
    assert "of another student: erase it there first" in failed(others).replace("\n", " ")
    assert bioklok(tmp_path, "import", week, "--student", "s em").returncode == 2
    assert bioklok(tmp_path, "user", "list").stdout.split("\t")[0] == "noor"
    assert bioklok(tmp_path, "user", "list").stdout.count("\n") == 1
    bioklok(tmp_path, "erase", "noor", "--yes")
    assert "336 new" in bioklok(tmp_path, "import", week, "--student", "sem").stdout


def test_counts_beyond_a_page_are_divided_so_that_ratios_and_onsets_hold(tmp_path):
    rows = [row.split(",") for row in week_csv().splitlines()]
    for minute, row in enumerate(rows[1:]):
        is_high = 900 <= minute % 1440 < 1020  # 7000 or 400 000: the week's M10 and RA ask it
        row[1] = str(int(row[1]) * (1600 if is_high else 50))
    path = tmp_path / "high.csv"
    path.write_text("\n".join(",".join(row) for row in rows))
    done = bioklok(tmp_path, "import", path, "--student", "noor")
    assert done.returncode == 0, done.stderr
    highest = max(int(row[1]) for row in rows[1:])
    (line,) = [line for line in done.stderr.splitlines() if "divided by" in line]
    assert f"divided by {-(-highest // 65535)}," in line
    report = bioklok(tmp_path, "report", "--student", "noor", "--week", "2026-W47")
    stored = json.loads(report.stdout)["metrics"]
    alone = json.loads(bioklok(tmp_path, "analyse", path).stdout)["metrics"]
    for name in ("is", "iv", "ra", "l5_onset", "m10_onset"):
        assert stored[name]["value"] == pytest.approx(alone[name]["value"], abs=1e-3), name


def test_one_absurd_minute_does_not_flatten_the_others(tmp_path, week):
    week.write_text(week.read_text().replace("2026-11-18T12:34:00,", "2026-11-18T12:34:00,9999"))
    line = failed(bioklok(tmp_path, "import", week, "--student", "noor"))
    assert "in the minute of 2026-11-18 12:34:00+01:00" in line
    assert bioklok(tmp_path, "analyse", week).returncode == 0


def test_pages_of_a_recording_with_holes_hold_only_what_was_measured():
    lines = week_csv(2, sleep=False).split("\n")
    del lines[301:400]
    found = analysed("\n".join(lines))
    journal = journal_of(bytes(32), 0)
    pages = pages_of(found, journal.journal_id)
    assert pages == pages_of(found, journal.journal_id)
    week = week_from_pages(pages, "noor", "2026-W47", "Europe/Amsterdam")
    assert week.n_moments == 2880 - 99
    assert not week.days[0].grid.present[300:399].any()


# -- real recordings ------------------------------------------------------------------------------


def test_three_weeks_over_the_change_of_clocks(data_dir):
    path = data_dir / "arcascope_actiwatch" / "sample_actiwatch.csv"
    if not path.exists():
        pytest.skip(f"no {path}")
    zone = ZoneInfo("America/Detroit")
    found = analyse(open_recording(path, zone), zone)
    assert (found.recording.epoch_s, len(found.recording)) == (30, 55651)
    day = next(day for day in found.days if str(day.date) == "2019-03-10")
    assert day.n_minutes == 23 * 60
    assert np.diff(found.recording.utc_s).max() == 30  # it ran on
    assert found.metrics["is"].n_days >= 18
