"""Plain tables are read in one go, and hold then what the rows one by one hold."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from bioklok.errors import BioklokFailure
from bioklok.recordings import plain_rows as plain
from bioklok.recordings.moments import Order
from bioklok.recordings.opening import recording_of
from bioklok.recordings.rows import any_rows
from bioklok.recordings.table import Table
from bioklok.recordings.text import Text
from hypothesis import given, settings
from hypothesis import strategies as st

UTC = ZoneInfo("UTC")
WANTED = {1: "b", 0: "a", 3: "d"}
PLAIN = st.one_of(
    st.sampled_from(
        ["0", "12", '"1,5"', "kZ", " 7 ", "14:00:30", "16-11-2026", "2026-11-16T09:00Z"]
    ),
    st.integers(0, 10**12).map(str),
)
ODD = st.one_of(
    st.sampled_from(["", '"a""b"', '"', 'a"b', "é", "x" * 41, "\n", "\r", "a;b", '"a;b"', '"\n"']),
    st.text('ab,;"\r\n é0', max_size=4),
)


def rows_of(table: Table) -> list[tuple[int, tuple[str, ...]]]:
    cells = [[column.at(n) for n in range(len(table))] for column in table.columns.values()]
    return list(zip(table.lines, zip(*cells, strict=True), strict=True))


@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.lists(PLAIN, min_size=4, max_size=4), max_size=8),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 3), ODD), max_size=2),
    st.tuples(st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", "\n", "\r\n\r\n"])),
    st.tuples(st.integers(1, 80), st.integers(1, 5)),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
def test_what_is_read_in_one_go_is_what_the_rows_hold(rows, odd, ends, sizes, encoding):
    (end, last), (block, n_names) = ends, sizes
    for row, at, cell in odd:
        if row < len(rows):
            rows[row][at] = cell
    content = end.join(["one", "a;b;c;d", *(";".join(row) for row in rows)]) + last
    text = Text("x", content, content.encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain, "_BLOCK_BYTES", block)
        found = plain.plain_rows(text.data, 3, ";", list(WANTED), n_names)
    if found is not None:
        assert rows_of(found) == rows_of(any_rows(text, 3, ";", WANTED, n_names))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n", "\r\n\r\n"])
@pytest.mark.parametrize("block_bytes", [1, 30, 1 << 16])
def test_exports_are_read_in_one_go(monkeypatch, end, last, block_bytes):
    monkeypatch.setattr(plain, "_BLOCK_BYTES", block_bytes)
    row = '{0},2{0}.09.2019,14:00:{0}0,"{0}7,19",kZ,AKTIV é,'
    content = end.join(["Line", "", *(row.format(n) for n in range(1, 6))]) + last
    found = plain.plain_rows(content.encode(), 2, ",", [1, 2, 3, 4, 6], 7)
    assert found is not None
    assert rows_of(found) == [
        (n + 2, (f"2{n}.09.2019", f"14:00:{n}0", f"{n}7,19", "kZ", "")) for n in range(1, 6)
    ]


@pytest.mark.parametrize(
    "rows",
    [
        ["a;b;c;d", "a;b;c"],  # too short
        ["a;b;c;d", "a", "b;c;d"],
        ["a;b;c;d", "", "a;b;c;d"],
        ["a;b;c;d", 'a;"b', 'b";c;d'],  # over two lines
        ['a;b"b;c;d'],
        ['a;"b""b";c;d'],
        ["é;b;c;d"],
        ["a;;c;d"],  # whose first wanted cell is empty
        ["a;" + "b" * 41 + ";c;d"],
        ["a;b;c;d\ra;b;c;d"],
        ["a;b;c;d", '"a;b;c;d'],
        ["a;b;c"],
        [],
    ],
)
def test_a_table_that_is_not_plain_is_left_to_the_rows(rows):
    content = "\n".join(["x", *rows])
    assert plain.plain_rows(content.encode(), 2, ";", list(WANTED), 4) is None
    assert plain.plain_rows(content.encode(), 9, ";", list(WANTED), 4) is None


def test_rows_of_two_widths_are_not_plain_also_where_they_are_worked_out_apart(monkeypatch):
    monkeypatch.setattr(plain, "_BLOCK_BYTES", 1)
    for rows in ("a;b;c;d\na;b;c;d;e", "a;b;c;d;e\na;b;c;d", "a;b;c;d\na;b;c"):
        assert plain.plain_rows(rows.encode(), 1, ";", list(WANTED), 5) is None


def test_of_two_rows_that_are_too_short_the_first_is_told():
    text = Text("x", "a;b;c;d\na;b;c\na;b;c;d\na\n")
    with pytest.raises(BioklokFailure, match="line 2: there is no d"):
        any_rows(text, 1, ";", WANTED, 4)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("rows", "is_plain"),
    [
        (["a;b;c;d;", "a;b;c;d;"], True),  # each line ends with what sets cells apart
        (["a;b;c;d;;", "a;b;c;d;;"], True),
        (["a;b;c;d;", "a;b;c;d;e"], False),
        (["a;b;c;d;e;", "a;b;c;d;;"], False),
    ],
)
def test_cells_beyond_the_names_are_plain_where_they_are_empty(rows, is_plain, end):
    found = plain.plain_rows(end.join(rows).encode(), 1, ";", list(WANTED), 4)
    assert (found is not None) is is_plain


NAMES = "time,activity,lux,marker"


def own_of(*rows: str, names: str = NAMES) -> Text:
    return Text("own.csv", "\n".join([names, *rows]))


@pytest.mark.parametrize("n_right", [0, 1, 400])
@pytest.mark.parametrize(
    ("wrong", "n_cells"),
    [("2026-11-17 07:00:00,212,5,310,25,0", 6), ("2026-11-17 07:00,212,5,1,0", 5)],
)
def test_decimal_commas_between_commas_are_an_error_that_names_the_line(n_right, wrong, n_cells):
    right = [f"2026-11-16 {n // 60:02}:{n % 60:02},7,1,0" for n in range(n_right)]
    text = own_of(*right, wrong, wrong.replace("07:00", "07:01"))
    with pytest.raises(BioklokFailure) as caught:
        recording_of(text, UTC)
    assert str(caught.value) == (
        f"own.csv, line {n_right + 2}: {n_cells} cells under 4 names: where numbers have decimal "
        "commas, save it with ; between cells or with decimal points"
    )


def test_a_name_that_is_empty_is_no_name():
    text = own_of("2026-11-16 07:00,212,5,0,1", "2026-11-16 07:01,1,2,0,", names=NAMES + ",")
    with pytest.raises(BioklokFailure, match="line 2: 5 cells under 4 names: where"):
        recording_of(text, UTC)


def test_of_other_separators_no_word_about_commas():
    text = own_of(
        "2026-11-16 07:00;212,5;3;0", "2026-11-16 07:01;1;2;0;9", names=NAMES.replace(",", ";")
    )
    with pytest.raises(BioklokFailure, match=r"line 3: 5 cells under 4 names$"):
        recording_of(text, UTC)


@pytest.mark.parametrize("names", [NAMES, NAMES + ",", NAMES + ",note"])
def test_empty_cells_behind_the_others_are_allowed(names):
    found = recording_of(
        own_of("2026-11-16 07:00,2.5,5,0,,", '2026-11-16 07:01,"1,5",2,1, ,""', names=names), UTC
    )
    assert found.activity.tolist() == [2.5, 1.5]
    assert found.marker.tolist() == [False, True]


def week(clocks: Sequence[str], day: str = "16-11-2026") -> Text:
    rows = [f"{day} {clock},{n},1,0" for n, clock in enumerate(clocks)]
    return Text("week.csv", "\n".join(["time,activity,lux,marker", *rows]))


def test_the_first_line_that_is_wrong_is_told_whatever_its_cell():
    clocks = [f"{n // 60:02}:{n % 60:02}" for n in range(1, 600)]
    for wrong in ("99:99", "00:00:0x"):
        with pytest.raises(BioklokFailure, match=f"line 102: '{wrong}' is no time of day"):
            recording_of(week([*clocks[:100], wrong, *clocks[100:], "77:77"]), UTC, Order.DAY_FIRST)
    with pytest.raises(BioklokFailure, match="line 502: times with and without a zone are mixed"):
        recording_of(week([*clocks[:500], "09:00Z", *clocks[500:]]), UTC, Order.DAY_FIRST)
    text = week(clocks)
    low = text.content.replace(",300,1,", ",-3,1,").replace(",400,1,", ",x,1,")
    with pytest.raises(BioklokFailure, match="line 302: activity '-3' is below 0"):
        recording_of(Text("week.csv", low), UTC, Order.DAY_FIRST)
