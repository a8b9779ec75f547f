"""A student's copy holds everything that the database holds of them, and nothing of others."""

import csv
import io
import json
import tracemalloc
import zipfile

import pytest
from biocore.record import EPOCH_FIELDS
from bioklok.errors import NotFound
from bioklok.office import privacy
from bioklok.office.beside import beside
from bioklok.office.erasure import erase
from bioklok.office.export import EXPORTED
from bioklok.office.export_words import _WORDS, FILES
from bioklok.reports.week import build_week
from bioklok.store import Store, Student, open_store
from bioklok.store.erasure import PLAN
from bioklok.web.pages import week_html
from support.campus import DEVICE, NOW, campus
from support.command import bioklok, failed
from support.privacy import FEED, N_MINUTES, WEEK, WORDS, fill
from support.synthetic import Info, Minute, local_minutes, morning_person, pages, utc_s

LATER = NOW + 5 * 86_400


@pytest.fixture
def store(tmp_path):
    with campus(f"sqlite:///{tmp_path / 'b.sqlite'}") as opened:
        yield opened


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_table_that_holds_something_of_a_student_is_in_a_file_that_is_explained():
    assert set(EXPORTED) == {table for table, _ in PLAN}
    assert {*EXPORTED.values(), "minutes.csv", "weeks/"} == set(FILES)
    assert _WORDS["nl"].keys() == _WORDS["en"].keys()


def test_all_of_it_is_there_and_nothing_that_opens_a_door(store: Store):
    made = fill(store)
    files = unpacked(privacy.export_zip(store, "noor", LATER, week_html))
    for name in EXPORTED.values():
        assert [one for one in files if one.startswith(name)], name
    papers = {name: json.loads(files[name]) for name in files if name.endswith(".json")}
    assert papers["person.json"]["name"] == "Noor de Vries"
    assert papers["person.json"]["person"]["born"] == "2013-05-04"
    assert {tie["name"] for tie in papers["people.json"]} == {
        "Petra de Vries",
        "Quinten Smit",
        "Mees Mulder",
    }
    said = papers["consent-and-sharing.json"]
    assert [one["by_id"] for one in said if "answer" in one] == ["p", "noor"]
    assert [one["step"] for one in said if "step" in one] == ["previewed", "shared"]
    assert [one["viewer_id"] for one in papers["who-looked.json"]] == ["m"]
    assert papers["strips.json"]["reasons"][0]["reason"] == "rest"
    assert {one["kind"] for one in papers["strips.json"]["entries"]} >= {"grant", "reserve"}
    assert papers["cards.json"] == {WEEK: {"words": WORDS}}
    assert papers["weekly-figures.json"] == {WEEK: {"n_epochs": 1}}
    assert papers["timetable.json"]["source"]["host"] == "elo.somtoday.nl"
    assert papers["timetable.json"]["snapshots"][0]["lessons"]
    assert papers["bioklok.json"]["worn"][0]["device_id"] == DEVICE["noor"]
    assert len(papers["syncs.json"]) == 1
    assert {one["kind"] for one in papers["sign-in.json"]["tickets"]} == {"invitation", "session"}
    assert files["pages/pages.bin"] == b"".join(made)
    assert papers[f"weeks/{WEEK}.json"] == build_week(store, "noor", WEEK).to_dict()
    assert b"<svg" in files[f"weeks/{WEEK}.html"]
    everything = b"".join(files.values())
    digests = [row.digest for kind in ("invitation", "session") for row in store.tickets(kind)]
    for secret in (FEED, "argon2id", *digests):
        assert secret.encode() not in everything
    for other in (b"Sem Bakker", b"Tuur", DEVICE["sem"].encode()):
        assert other not in everything


def test_a_week_to_read_says_what_the_students_own_page_says(store: Store):
    """The sharp hours, the lessons in them, the timetable."""
    start, end = utc_s("2026-10-28T12:00"), utc_s("2026-11-17T12:00")
    minutes = local_minutes(start, end, morning_person)
    store.commit_pages(Info(DEVICE["noor"]), pages(start, minutes), NOW + 2 * 86_400)
    files = unpacked(privacy.export_zip(store, "noor", LATER, week_html))
    noor = store.account("noor")
    told = Student("noor", noor.name, noor.timezone)
    for week in ("2026-W45", WEEK):
        there = beside(store, noor, week)
        made = week_html(build_week(store, "noor", week), told, "nl", there)
        assert files[f"weeks/{week}.html"].decode() == made
    page = files[f"weeks/{WEEK}.html"].decode()
    assert "jouw scherpe uren meestal" in page and 'class="lesson"' in page
    assert "<strong>maandag</strong> 2e uur WI, 3e uur NE" in page
    assert "jouw scherpe uren meestal" not in files["weeks/2026-W44.html"].decode()


def test_the_minutes_are_one_a_line_in_both_times_with_units(store: Store):
    fill(store)
    unset = pages(0, [Minute()] * 5, sequence=900, clock_set=False)
    store.commit_pages(Info(DEVICE["noor"]), unset, NOW)
    files = unpacked(privacy.export_zip(store, "noor", LATER))
    lines = list(csv.reader(io.StringIO(files["minutes.csv"].decode())))
    head = ["utc", "local [Europe/Amsterdam]", "device", "journal", "page"]
    assert lines[0] == head + [f"{name} [{unit}]" for name, _, unit, _ in EPOCH_FIELDS]
    assert len(lines) == 1 + N_MINUTES + 5
    assert lines[1][:2] == ["2026-11-16T06:00:00Z", "2026-11-16T07:00:00+01:00"]
    assert lines[2][0] == "2026-11-16T06:01:00Z"
    assert lines[1][5:] == [str(n) for n in Minute(marks=1).record()]
    assert [line[0] for line in lines[-5:]] == [""] * 5
    assert len(list(csv.reader(io.StringIO(files["pages/index.csv"].decode())))) == 1 + 48 + 1
    assert not [name for name in files if name.startswith("weeks/") and name.endswith(".html")]


def test_the_same_data_and_time_give_the_same_bytes(store: Store):
    fill(store)
    first = privacy.export_zip(store, "noor", LATER, week_html)
    assert privacy.export_zip(store, "noor", LATER, week_html) == first
    assert privacy.export_zip(store, "noor", LATER + 60, week_html) != first


def test_the_page_speaks_the_students_language_and_means_what_it_says(store: Store):
    store.set_language("noor", "en")
    page = unpacked(privacy.export_zip(store, "noor", LATER))["index.html"].decode()
    assert '<html lang="en">' in page and "This is your copy" in page
    store.set_language("noor", "fr")
    store.add_person("x", "<b>X</b>", store.account("noor").person.roles)
    page = unpacked(privacy.export_zip(store, "x", LATER))["index.html"].decode()
    assert '<html lang="nl">' in page and "Dit is jouw kopie" in page
    assert "&lt;b&gt;X" in page and "<b>X" not in page
    assert all(f"<dt>{name}</dt>" in page for name in FILES)


def test_who_has_nothing_gets_a_copy_of_nothing_and_strangers_none(store: Store):
    files = unpacked(privacy.export_zip(store, "tuur", LATER))
    assert files["pages/pages.bin"] == b"" and json.loads(files["syncs.json"]) == []
    for who in ("a", "p", "nobody"):
        with pytest.raises(NotFound):
            privacy.export_zip(store, who, LATER)
    erase(store, None, "tuur", LATER)
    with pytest.raises(NotFound):
        privacy.export_zip(store, "tuur", LATER)


def test_weeks_are_written_as_they_are_made(store: Store, tmp_path):
    """What is in memory does not grow with the weeks: the pages pass through."""
    info = Info(DEVICE["noor"])
    peaks = []
    for weeks in (1, 3):
        start = NOW + (0 if weeks == 1 else 7 * 86_400)
        minutes = [Minute()] * (7 * 1440 * (1 if weeks == 1 else 2))
        made = pages(start, minutes, sequence=0 if weeks == 1 else 1000)
        store.commit_pages(info, made, start + 1)
        tracemalloc.start()
        with (tmp_path / f"{weeks}.zip").open("wb") as file:
            privacy.write_export(store, "noor", LATER, file)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]
    assert peaks[1] < 40_000_000


def test_the_commands(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with open_store(url) as store:
        store.ensure_student("kit", "Kit")
        store.commit_pages(Info(), pages(NOW, [Minute()] * 90), NOW)
        store.assign(Info().device_id, "kit")
    done = bioklok(tmp_path, "export", "kit", "-o", "kit.zip")
    assert (done.returncode, done.stdout) == (0, "kit.zip\n"), done.stderr
    files = unpacked((tmp_path / "kit.zip").read_bytes())
    assert b"<svg" in files[f"weeks/{WEEK}.html"]
    assert (tmp_path / "kit.zip").stat().st_mode & 0o077 == 0
    assert "no student sam" in failed(bioklok(tmp_path, "export", "sam", "-o", "sam.zip"))
    assert not (tmp_path / "sam.zip").exists()
    for wrong in (("export",), ("export", "kit"), ("export", "kit", "-o", "x", "--all", "y")):
        assert bioklok(tmp_path, *wrong).returncode == 2
    unasked = bioklok(tmp_path, "erase", "kit")
    assert "--yes" in failed(unasked) and "for good? There is no way back." in unasked.stderr
    no = bioklok(tmp_path, "erase", "kit", said="n\n")
    assert (no.returncode, no.stdout) == (1, "") and "nothing was erased" in no.stderr
    with open_store(url) as store:
        assert store.student("kit").name == "Kit"
        store.ensure_student("noor", "Noor")
    yes = bioklok(tmp_path, "erase", "noor", said="y\n")
    assert (yes.returncode, yes.stdout) == (0, "noor: erased\n"), yes.stderr
    done = bioklok(tmp_path, "erase", "kit", "--yes")
    assert (done.returncode, done.stdout) == (0, "kit: erased\n"), done.stderr
    assert Info().device_id in done.stderr
    assert "no student kit" in failed(bioklok(tmp_path, "erase", "kit", "--yes"))
    assert "no school west" in failed(bioklok(tmp_path, "retention", "--school", "west"))
    done = bioklok(tmp_path, "retention", "--dry-run")
    assert done.returncode == 0 and done.stdout.startswith("home: would empty 0 pages")
    assert Info().device_id in done.stderr
    with open_store(url) as store:
        assert "retention" not in store.jobs()
    assert bioklok(tmp_path, "retention").returncode == 0
    with open_store(url) as store:
        assert store.jobs()["retention"].result.startswith("pages 0")
