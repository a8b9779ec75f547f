"""A week as one object, its JSON and its charts."""

import json
import math
import random
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import numpy as np
import pytest
from biocore.record import MARK_GRADE_SHIFT
from bioklok.errors import BioklokFailure
from bioklok.reports import day_chart as chart
from bioklok.reports.week import build_week, monday_of, week_from_pages, week_of, weeks_with_data
from bioklok.store import open_store
from support.synthetic import (
    DEVICE_ID,
    Info,
    Minute,
    local_minutes,
    pages,
    school_day,
    school_week,
    utc_s,
)

SVG = "{http://www.w3.org/2000/svg}"
WORDS = {key: key for key in ("title", "description", "activity", "light", "sleep", "unknown")}
WORDS |= {key: key for key in ("sharp", "tired", "strip")}


def test_a_school_week():
    week = week_from_pages(school_week(), "noor", "2026-W47")
    assert (week.n_epochs, week.n_moments, week.coverage) == (10080, 10080, 1.0)
    assert [night.date for night in week.nights] == [day.date for day in week.days]
    for night in week.nights:
        assert f"{night.onset:%H:%M} {night.offset:%H:%M}" == "22:30 07:15"
        assert night.duration_min == 525
    values = {name: metric.value for name, metric in week.metrics.items()}
    # By hand: 60 min outside; the night's 2 mg; 13:00-22:30 awake or evening, 12-13 outside.
    assert values["sleep_onset"] == 22 * 60 + 30
    assert values["sleep_offset"] == 7 * 60 + 15
    assert values["sleep_duration"] == 525
    assert values["time_above_250lx"] == 60
    assert (values["l5"], values["l5_onset"]) == (2.0, 0)
    # 07:15-20:00 holds 40 mg with an hour of 80 mg in it: the first 10 h with that hour.
    assert (values["m10"], values["m10_onset"]) == (44.0, 435)
    assert values["ra"] == pytest.approx(42 / 46)
    assert [(mark.kind, f"{mark.time:%a %H:%M}") for mark in week.marks[:2]] == [
        ("sharp", "Mon 10:30"),
        ("tired", "Mon 15:00"),
    ]
    assert len(week.marks) == 14
    assert [mark.time.isoformat() for mark in week.strips] == ["2026-11-18T14:00:00+01:00"]
    monday = week.days[0]
    assert (int(monday.asleep[:435].sum()), int(monday.asleep[435:1350].sum())) == (435, 0)
    assert int(monday.asleep[1350:].sum()) == 90


def test_a_grade_told_on_a_page_is_no_press_of_the_button():
    graded = [Minute(marks=5 << MARK_GRADE_SHIFT)] + [Minute()] * 99
    week = week_from_pages(pages(utc_s("2026-11-16T10:00"), graded), "noor", "2026-W47")
    assert week.marks == () and week.strips == ()


def test_of_a_night_that_was_not_found_it_is_not_known_whether_one_slept():
    awake = [Minute()] * (7 * 1440)
    week = week_from_pages(pages(utc_s("2026-11-16T00:00"), awake), "noor", "2026-W47")
    usual = week.to_dict()["usual_day"]
    assert usual["n_days"] == [7] * 24 and usual["asleep_days"] == [None] * 24


def test_json_says_what_the_contract_asks():
    plain = week_from_pages(school_week(), "noor", "2026-W47").to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert set(plain["metrics"]) == {
        *("is", "iv", "ra", "l5", "l5_onset", "m10", "m10_onset", "sri", "lri", "msf_sc"),
        *("social_jetlag", "sleep_onset", "sleep_offset", "sleep_duration", "time_above_250lx"),
        *("phase_cbtmin", "cosinor_mesor", "cosinor_amplitude", "cosinor_acrophase"),
    }
    for metric in plain["metrics"].values():
        assert set(metric) == {"value", "unit", "n_days", "coverage", "reason"}
        assert metric["n_days"] == 7
        assert (metric["value"], metric["reason"]) != (None, None)
    # Seven equal days and nights.
    assert (plain["metrics"]["is"]["value"], plain["metrics"]["sri"]["value"]) == (1, 100)
    assert plain["metrics"]["lri"]["value"] == 100
    assert plain["metrics"]["social_jetlag"]["value"] == 0
    assert plain["nights"][0] == {
        "date": "2026-11-16",
        "onset": "2026-11-16T22:30:00+01:00",
        "offset": "2026-11-17T07:15:00+01:00",
        "duration_min": 525,
        "worn": True,
    }
    assert [day["date"] for day in plain["days"]][::6] == ["2026-11-16", "2026-11-22"]
    assert plain["strips"] == [{"time": "2026-11-18T14:00:00+01:00"}]


def test_the_order_of_pages_and_pages_sent_twice_change_nothing():
    made = school_week()
    mixed = made + made[::3]
    random.Random(1).shuffle(mixed)
    expected = week_from_pages(made, "noor", "2026-W47").to_dict()
    assert week_from_pages(mixed, "noor", "2026-W47").to_dict() == expected


def test_from_the_store_it_is_the_same(tmp_path):
    made = school_week()
    with open_store(f"sqlite:///{tmp_path / 'b.sqlite'}") as store:
        store.commit_pages(Info(), made, 1000)
        store.ensure_student("noor")
        store.assign(DEVICE_ID, "noor")
        assert weeks_with_data(store, "noor") == ["2026-W48", "2026-W47", "2026-W46"]
        week = build_week(store, "noor", "2026-W47")
        assert week.to_dict() == week_from_pages(made, "noor", "2026-W47").to_dict()
        with pytest.raises(BioklokFailure, match="no time zone"):
            build_week(store, "noor", "2026-W47", "Europe/Nowhere")


@pytest.mark.parametrize(
    ("week", "n_minutes"), [("2026-W13", 167 * 60), ("2026-W43", 169 * 60), ("2026-W47", 168 * 60)]
)
def test_weeks_in_which_the_clock_changes(week, n_minutes):
    monday = monday_of(week)
    first = utc_s(f"{monday - timedelta(days=1)}T12:00")
    end = utc_s(f"{monday + timedelta(days=7)}T12:00")
    made = pages(first, local_minutes(first, end, school_day))
    found = week_from_pages(made, "noor", week)
    assert found.n_moments == n_minutes
    assert {len(day.grid) for day in found.days} == {1440, 1440 + (n_minutes - 168 * 60)}
    assert found.metrics["sleep_onset"].value == 22 * 60 + 30
    assert found.metrics["sleep_offset"].value == 7 * 60 + 15
    for day in found.days:
        svg = ET.fromstring(chart.day_svg(day, WORDS))
        hours = [e.text for e in svg.iter(SVG + "text") if "hour-label" in e.get("class", "")]
        assert hours[0] == "0"
        assert hours[-1] == "24"
        assert hours == sorted(set(hours), key=int)


def test_weeks_are_iso_weeks():
    assert monday_of("2026-W47") == date(2026, 11, 16)
    assert monday_of("2020-W53") == date(2020, 12, 28)
    assert week_of(date(2027, 1, 3)) == "2026-W53"
    for bad in ("2026-47", "2026-W54", "2025-W53", "2026-W00", "0000-W01", "x", "2026-W47 "):
        with pytest.raises(BioklokFailure, match="write it as 2026-W47"):
            monday_of(bad)


def drawn(made):
    week = week_from_pages(made, "noor", "2026-W47")
    return [ET.fromstring(chart.day_svg(day, WORDS)) for day in week.days]


def classes(svg):
    return [element.get("class") for element in svg.iter() if element.get("class")]


def test_a_chart_has_its_parts():
    wednesday = drawn(school_week())[2]
    names = classes(wednesday)
    assert names.count("sleep") == 2
    assert names.count("unknown") == 0
    assert [name for name in names if name.startswith("mark")] == [
        *("mark sharp", "mark strip", "mark tired"),
    ]
    assert wednesday.find(SVG + "title").text == "title"
    assert wednesday.find(SVG + "desc").text == "description"
    first_sleep = next(e for e in wednesday.iter(SVG + "rect") if e.get("class") == "sleep")
    width = (chart.RIGHT - chart.LEFT) * 435 / 1440
    assert float(first_sleep.get("width")) == pytest.approx(width, abs=0.1)
    for element in wednesday.iter():
        for key, value in element.attrib.items():
            assert "nan" not in value, (element.tag, key)
            assert key != "style", "the content security policy refuses inline styles"


def test_the_unknown_is_hatched_and_said():
    monday, tuesday, *_rest = drawn(pages(utc_s("2026-11-16T08:00"), [Minute()] * 300))
    assert classes(monday).count("unknown") == 2
    assert classes(tuesday).count("unknown") == 1
    assert "unknown" in [text.text for text in tuesday.iter(SVG + "text")]
    assert classes(tuesday).count("activity") == 0


def test_words_are_escaped():
    day = week_from_pages([], "noor", "2026-W47").days[0]
    svg = chart.day_svg(day, {**WORDS, "title": "<script>&"})
    assert "<script>" not in svg
    assert ET.fromstring(svg).find(SVG + "title").text == "<script>&"


def test_scales():
    assert chart.activity_height(np.array([0.0, 100, 5000, np.nan])).tolist() == [0, 0.5, 1, 0]
    light = np.array([0.0, 1, 100, 10_000, 99_999])
    assert chart.light_height(light).tolist() == [0, 0, 0.5, 1, 1]
    nan = math.nan
    means = chart.bins(np.array([1.0, 3.0, nan, nan, 2.0, nan, nan, nan, nan, nan, 7.0]))
    np.testing.assert_array_equal(means, [2.0, nan, 7.0])


@pytest.mark.parametrize(
    "made",
    [
        [],
        pages(utc_s("2026-11-18T00:00"), [Minute()] * 1440),
        pages(utc_s("2026-11-16T00:00"), [Minute("table", still_hour=True)] * 10080),
        pages(utc_s("2026-11-16T00:00"), [Minute()] * 60, clock_set=False),
    ],
    ids=["empty", "one day", "never worn", "clock never set"],
)
def test_weeks_with_little_in_them(made):
    week = week_from_pages(made, "noor", "2026-W47")
    json.dumps(week.to_dict(), allow_nan=False)
    assert len(week.days) == 7
    assert week.metrics["sleep_onset"].value is None
    assert week.metrics["sleep_onset"].reason
    assert all(night.onset is None and night.duration_min is None for night in week.nights)
    for day in week.days:
        ET.fromstring(chart.day_svg(day, WORDS))


def test_years_that_no_device_has_measured_are_no_weeks():
    for week in ("9999-W52", "0001-W01", "1970-W01", "2106-W01"):
        with pytest.raises(BioklokFailure, match="write it as 2026-W47"):
            week_from_pages([], "noor", week)
    for week in ("1971-W01", "2105-W52"):
        json.dumps(week_from_pages([], "noor", week).to_dict())


def test_a_still_hour_within_a_night_leaves_the_week_whole():
    start, end = utc_s("2026-11-15T12:00"), utc_s("2026-11-23T12:00")
    minutes = local_minutes(start, end, school_day)
    at = (utc_s("2026-11-18T03:00") - start) // 60
    minutes[at] = Minute("asleep", still_hour=True)
    week = week_from_pages(pages(start, minutes), "noor", "2026-W47")
    assert week.metrics["sleep_duration"].n_days == 7
    assert week.metrics["sleep_duration"].value == 525
    assert week.n_moments == 10080
