"""The reader of Actiware exports, which the tests on recordings stand on."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from support import actiware

HEADER = '"Line","Date","Time","Off-Wrist Status","Activity","Marker","Interval Status",'


def export(rows, nights=(), separator=","):
    lines = ['"Actiware Export File"', *nights, "", HEADER, "", *rows]
    return "\r\n".join(lines).replace('","', f'"{separator}"')


def write(path: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    data = text.encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize(
    ("dates", "times", "encoding", "separator"),
    [
        (("14/05/2017", "15/05/2017"), ("11:59:00 PM", "12:00:00 AM"), "utf-8-sig", ","),
        (("05/14/2017", "05/15/2017"), ("23:59:00", "00:00:00"), "utf-16", ";"),
        (("2017-05-14", "2017-05-15"), ("23:59", "0:00"), "cp1252", "\t"),
        (("9.5.17", "10.5.17"), ("11:59:00 p.m.", "12:00:00 a.m."), "utf-8", ","),
    ],
)
def test_exports_of_any_computer_are_read(tmp_path, dates, times, encoding, separator):
    rows = [
        f'"1","{dates[0]}","{times[0]}","0","40","1","ACTIVE",',
        f'"2","{dates[1]}","{times[1]}","1","NaN","0","EXCLUDED",',
    ]
    night = f'"SLEEP","1","{dates[0]}","{times[0]}","{dates[1]}","{times[1]}","1.00",'
    text = export(rows, [night, '"SLEEP","2","NaN","NaN","NaN","NaN","NaN",'], separator)
    found = actiware.read(write(tmp_path / "é.csv.gz", text, encoding))
    assert (found.start.hour, found.start.minute) == (23, 59)
    assert found.counts[0] == 40 and np.isnan(found.counts[1])
    assert found.off_wrist.tolist() == [False, True]
    assert found.marker.tolist() == [True, False]
    assert found.nights == [(0, 1)]


def test_what_cannot_be_told_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    one = '"1","{}","{}","0","40","0","ACTIVE",'
    with pytest.raises(ValueError, match="no table"):
        actiware.read(write(path, "a,b\n1,2\n"))
    with pytest.raises(ValueError, match="empty"):
        actiware.read(write(path, export([])))
    with pytest.raises(ValueError, match="2 ways"):
        actiware.read(write(path, export([one.format("5/5/2017", "10:00")])))
    with pytest.raises(ValueError, match="0 ways"):
        actiware.read(write(path, export([one.format("32/13/2017", "10:00")])))
    half = [one.format("14/05/2017", f"10:00:{s}") for s in ("00", "30")]
    with pytest.raises(ValueError, match="minute"):
        actiware.read(write(path, export(half)))
