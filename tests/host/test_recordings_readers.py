"""Files of other devices, as their makers write them: what is read, and what is refused."""

import gzip
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from bioklok.errors import BioklokFailure
from bioklok.recordings.moments import Order
from bioklok.recordings.opening import open_recording, recording_of
from bioklok.recordings.recording import minutes
from bioklok.recordings.text import Text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

AMSTERDAM = ZoneInfo("Europe/Amsterdam")

ENGLISH = """"Actiware Export File  (Version 05.00 )"
"Epoch Length:","30","seconds",""
"SLEEP","1","04/07/2015","21:20:30","05/07/2015","06:56:30","576.00"

"Line","Date","Time","Off-Wrist Status","Activity","Marker","White Light","Sleep/Wake","Interval",
"1","04/07/2015","11:59:00 PM","0","NaN","0","0.01","NaN","ACTIVE",
"2","04/07/2015","11:59:30 PM","0","5","1","1.61E+02","1","ACTIVE",
"3","05/07/2015","12:00:00 AM","1","7","0","0.00","0","ACTIVE",
"4","05/07/2015","12:00:30 AM","0","12","0","2.50","0","ACTIVE",
"""
GERMAN = """"Actiware-Exportdatei (Version 05.00 )"
"Zeile","Datum","Zeit","Status „Nicht am Handgelenk“","Aktivität","Markierung","Weißes Licht",\
"Schlaf/Wach"
1,30.06.2019,23:59:30,0,307,0,"184,13",1
2,01.07.2019,00:00:00,1,kZ,0,"2,35E+02",kZ
3,01.07.2019,00:00:30,0,3,1,"0,00",0
"""
FRENCH = """"Fichier d'exportation Actiware (Version 05.00)"
"Ligne","Secondes","Date","Heure","Activité","Marqueur","Lumière blanche","Sommeil/Éveil",
"1","0","28/02/2015","23:59:00","0","0","279.17","NAN"
"2","60","1/03/2015","0:00:00","11","1","285.28","1"
"""
ACTTRUST = """+-------------+ Condor Instruments Report +-------------+
MODE : PIM/TAT/ZCM
DATE/TIME;MS;EVENT;TEMPERATURE;PIM;PIMn;LIGHT;STATE
31/01/2020 23:59:00;0;0;29.38;1851;30.85;384.44;0
01/02/2020 00:00:00;0;1;29.47;2683;44.71;324.20;4
01/02/2020 00:01:00;0;0;29.56;5260;87.66;0.00;0
"""
AWD = "Demo\r\n22-Apr-1997\r\n09:38:00 AM \r\n 4 \r\n57\r\nP4012590327\r\nM\r\n"
AWD += "671 , 0.00\r\n429 , 345.10 M\r\n0 , 9.80\r\n"


def read(text, order=None, zone=AMSTERDAM, name="file.csv"):
    return recording_of(Text(name, text), zone, order)


def local(found, zone=AMSTERDAM):
    return [f"{datetime.fromtimestamp(s, zone):%Y-%m-%d %H:%M:%S}" for s in found.utc_s.tolist()]


def own(rows, header="time,activity,lux,marker"):
    return "\n".join([header, *rows]) + "\n"


def test_actiware_in_english():
    found = read(ENGLISH)
    assert (found.kind, found.epoch_s) == ("actiware", 30)
    assert local(found)[::3] == ["2015-07-04 23:59:00", "2015-07-05 00:00:30"]
    assert np.isnan(found.activity[0]) and found.activity[1:].tolist() == [5, 7, 12]
    assert found.light_lx.tolist() == [0.01, 161, 0, 2.5]
    assert found.off_wrist.tolist() == [False, False, True, False]
    assert found.marker.tolist() == [False, True, False, False]
    assert np.isnan(found.asleep[0]) and found.asleep[1:].tolist() == [0, 1, 1]


def test_actiware_in_german_with_decimal_commas():
    found = read(GERMAN)
    assert local(found)[0] == "2019-06-30 23:59:30"
    assert found.light_lx.tolist() == [184.13, 235, 0]
    assert found.off_wrist.tolist() == [False, True, False]
    assert found.asleep[[0, 2]].tolist() == [0, 1] and np.isnan(found.asleep[1])


def test_actiware_in_french():
    found = read(FRENCH)
    assert (found.epoch_s, local(found)[1]) == (60, "2015-03-01 00:00:00")
    assert (found.activity.tolist(), found.marker.tolist()) == ([0, 11], [False, True])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("packed", [False, True])
def test_encodings_and_gzip(tmp_path, encoding, packed):
    data = GERMAN.replace("\n", "\r\n").encode(encoding)
    path = tmp_path / "export.csv"
    path.write_bytes(gzip.compress(data) if packed else data)
    found = open_recording(path, AMSTERDAM)
    assert found.activity[[0, 2]].tolist() == [307, 3]


def test_acttrust():
    found = read(ACTTRUST)
    assert (found.kind, found.epoch_s) == ("acttrust", 60)
    assert local(found)[1] == "2020-02-01 00:00:00"
    assert found.activity.tolist() == [1851, 2683, 5260]
    assert found.off_wrist.tolist() == [False, True, False]
    assert found.marker.tolist() == [False, True, False]


def test_awd_with_light_markers_and_am():
    found = read(AWD)
    assert (found.kind, found.epoch_s) == ("awd", 60)
    assert local(found)[0] == "1997-04-22 09:38:00"
    assert found.activity.tolist() == [671, 429, 0]
    assert found.light_lx.tolist() == [0, 345.1, 9.8]
    assert found.marker.tolist() == [False, True, False]
    # On another model the second value is temperature.
    assert np.isnan(read(AWD.replace("P40", "T40")).light_lx).all()


def test_our_csv_with_and_without_a_zone():
    naive = read(own(["2026-11-16 07:30,12,250.5,0", "2026-11-16T07:31:00,,,1"]))
    assert naive.utc_s.tolist()[0] == datetime(2026, 11, 16, 6, 30, tzinfo=UTC).timestamp()
    assert np.isnan(naive.activity[1]) and np.isnan(naive.light_lx[1]) and naive.marker[1]
    assert np.isnan(naive.asleep).all() and not naive.says_nights
    zoned = own(
        ["2026-11-16T06:30:00Z,1,0,0,1", "2026-11-16T07:31:00.000+01:00,2,0,0,0"],
        "time,activity,lux,marker,sleep",
    )
    found = read(zoned, zone=ZoneInfo("Asia/Tokyo"))
    assert (found.utc_s - found.utc_s[0]).tolist() == [0, 60]
    assert found.utc_s[0] == naive.utc_s[0]
    assert (found.asleep.tolist(), found.says_nights) == ([1, 0], True)


def dated(form, start, n, step_s=3600 * 6):
    moments = [start + timedelta(seconds=step_s * i) for i in range(n)]
    return own([f"{moment:{form}},1,1,0" for moment in moments])


@pytest.mark.parametrize("form", ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d-%m-%y %H:%M"])
def test_the_order_of_day_and_month_is_found(form):
    """Read the other way, days from the 3rd of April on would leap by a month each."""
    found = read(dated(form, datetime(2020, 4, 3), 2 * 96, 900))
    assert (local(found)[0], local(found)[-1]) == ("2020-04-03 00:00:00", "2020-04-04 23:45:00")
    whole = read(dated(form, datetime(2020, 4, 3), 14 * 96, 900))
    assert local(whole)[-1] == "2020-04-16 23:45:00"


def test_what_stays_open_asks():
    text = dated("%d/%m/%Y %H:%M", datetime(2020, 4, 3), 24, 900)
    with pytest.raises(BioklokFailure, match="--dayfirst or --monthfirst"):
        read(text)
    assert local(read(text, Order.DAY_FIRST))[0][:10] == "2020-04-03"
    assert local(read(text, Order.MONTH_FIRST))[0][:10] == "2020-03-04"
    # 4/4 is the same both ways.
    assert local(read(dated("%d/%m/%Y %H:%M", datetime(2020, 4, 4), 24, 900)))


def naive_rows(first, last, zone=AMSTERDAM, step_s=900):
    """Wall times as a recorder that follows the zone would write them."""
    start, end = (
        int(datetime.fromisoformat(t).replace(tzinfo=zone).timestamp()) for t in (first, last)
    )
    utc = range(start, end, step_s)
    rows = [f"{datetime.fromtimestamp(s, zone):%Y-%m-%d %H:%M:%S},1,1,0" for s in utc]
    return list(utc), own(rows)


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24", "2026-11-16"])
def test_a_recorder_that_follows_the_clocks(day):
    end = f"{datetime.fromisoformat(day) + timedelta(days=3):%Y-%m-%d}"
    utc, text = naive_rows(day, end)
    assert read(text).utc_s.tolist() == utc


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_a_recorder_that_does_not(day):
    start = datetime.fromisoformat(day)
    utc_s = int(start.replace(tzinfo=AMSTERDAM).timestamp())
    found = read(dated("%Y-%m-%d %H:%M:%S", start, 288, 900))
    assert found.utc_s.tolist() == [utc_s + 900 * i for i in range(288)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no recording that is known"),
        ("hello\nworld\n", "is no recording that is known"),
        (own([]), "fewer than two epochs"),
        (own(["2026-11-16 07:30,1,1,0", "2026-11-16 07:31,x,1,0"]), "line 3: activity 'x' is no"),
        (own(["2026-11-16 07:30,1,1,0", "2026-11-16 07:31,-5,1,0"]), "line 3: activity '-5' is"),
        (
            own(["2026-11-16 07:30,1,1,0", "2026-11-16 07:31,1e308,1,0"]),
            "line 3: activity '1e308' is beyond",
        ),
        (
            own(["2026-11-16 07:30,1,1,0", "2026-11-16 07:31,1,2e13,0"]),
            "line 3: light '2e13' is beyond",
        ),
        (AWD.replace("429 , 345.10 M", "9" * 400), "line 9: activity '999"),
        (
            AWD.replace("429 , 345.10 M", "429 , 9999999999999"),
            "line 9: light '9999999999999' is beyond",
        ),
        (own(["2026-11-16 07:30,1,1,0", "2026-11-16 07:31"]), "line 3: there is no activity"),
        (own(["2026-11-16 07:30,1,1,0", "", "2026-13-16 07:31,1,1,0"]), "line 4: '2026-13-16'"),
        (own(["2026-11-16 07:30,1,1,0", "2026-11-16 25:31,1,1,0"]), "line 3: '25:31' is no time"),
        (own(["2026-11-16 07:30,1,1,0", "2026-11-16 :31:00,1,1,0"]), "line 3: ':31:00' is no time"),
        (own(["2026-11-16 07:30,1,1,0", "2026-11-16 07:29,1,1,0"]), "line 3: this time does not"),
        (own(["2026-11-16 07:30,1,1,0", "2026-11-16 07:31Z,1,1,0"]), "line 3: times with and"),
        (own(["2026-11-16 07:30:00,1,1,0", "2026-11-16 07:30:07,1,1,0"]), "epochs of 7 s"),
        (AWD.replace("429 , 345.10 M", "4x9"), "line 9: '4x9' is no epoch"),
        (AWD.replace(" 4 ", " 77 "), "line 4: '77' is no code"),
        (AWD.replace("22-Apr-1997", "31-Feb-1997"), "line 2: '31-Feb-1997' is no date"),
        (ACTTRUST.replace("2683", "many"), "line 5: activity 'many' is no number"),
        (GERMAN.replace("01.07.2019", "01.07"), "line 4: '01.07' is no date"),
    ],
)
def test_a_broken_file_is_one_line_with_its_place(text, message):
    with pytest.raises(BioklokFailure) as failure:
        read(text)
    assert message in str(failure.value) and "\n" not in str(failure.value)


def test_files_that_cannot_be_read(tmp_path):
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(gzip.compress(ENGLISH.encode())[:-20])
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\x00\x01\x02" * 100)
    for path, message in (
        (tmp_path / "absent.csv", "there is no file"),
        (tmp_path, "cannot read"),
        (broken, "damaged gzip"),
        (binary, "is no text"),
    ):
        with pytest.raises(BioklokFailure, match=message):
            open_recording(path, AMSTERDAM)


def test_minutes_of_half_minutes():
    found = minutes(read(ENGLISH))
    # 23:59: one of two epochs has a value; 00:00: one is off the wrist.
    assert found.activity.tolist() == [5, 12]
    assert found.counts.tolist() == [10, 24]
    assert found.light_lx.tolist() == [161, 2.5]
    assert (found.marker.tolist(), found.off_wrist.tolist()) == ([True, False], [False, True])


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([5, 10, 15, 20, 30, 60]),
    st.lists(st.one_of(st.none(), st.integers(0, 500)), min_size=2, max_size=80),
    st.integers(0, 59),
)
def test_minutes_are_the_means_of_their_epochs(epoch_s, values, skew_min):
    start = datetime(2026, 11, 16, 7, skew_min)
    rows = [
        f"{start + timedelta(seconds=epoch_s * i):%Y-%m-%d %H:%M:%S},{'' if v is None else v},,"
        for i, v in enumerate(values)
    ]
    found = minutes(read(own(rows)))
    per = 60 // epoch_s
    for i, value in enumerate(found.activity.tolist()):
        held = [v for v in values[i * per : (i + 1) * per] if v is not None]
        if len(held) * epoch_s >= 30:
            assert value == pytest.approx(sum(held) / len(held))
        else:
            assert np.isnan(value)


FILES = [ENGLISH, GERMAN, FRENCH, ACTTRUST, AWD, own(["2026-11-16 07:30,1,2,0"] * 2)]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.integers(0, 2000), st.text(max_size=4), st.integers(0, 6)), max_size=4),
    st.sampled_from([None, *Order]),
)
def test_damaged_files_end_in_a_recording_or_one_line(text, damage, order):
    for at, put, cut in damage:
        place = at % len(text)
        text = text[:place] + put + text[place + cut :] or "x"
    try:
        found = read(text, order)
        minutes(found)
    except BioklokFailure as failure:
        assert "\n" not in str(failure)
    else:
        assert (np.diff(found.utc_s) > 0).all()
        assert not (found.activity < 0).any()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FILES), st.binary(max_size=30), st.integers(0, 3000), st.booleans())
def test_damaged_bytes_end_the_same_way(tmp_path_factory, text, junk, at, packed):
    data = text.encode("cp1252", errors="replace")
    data = gzip.compress(data) if packed else data
    path = tmp_path_factory.mktemp("fuzz") / "file"
    path.write_bytes(data[: at % len(data)] + junk + data[at % len(data) :])
    try:
        minutes(open_recording(path, AMSTERDAM))
    except BioklokFailure as failure:
        assert "\n" not in str(failure)
