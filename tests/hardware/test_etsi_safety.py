"""What the pages on safety and law promise is what code, lists and other pages say."""

import re
from pathlib import Path

import pytest
from biocore import lamp

from hardware.bom.lists import HERE, read_list, read_toml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SAFETY, VEILIGHEID, LAW, SECURITY = (
    path.read_text(encoding="utf-8")
    for path in (
        DOCS / "safety.md",
        DOCS / "safety.nl.md",
        DOCS / "law.md",
        ROOT / "SECURITY.md",
    )
)
_CHECK = re.compile(r"^(\d+)\. \[ \] (.+)$", re.MULTILINE)


def test_there_is_one_date_until_which_it_is_supported():
    dates = re.findall(r"\*\*Support until (\d+ \w+ \d{4})\*\*", SECURITY)
    assert len(dates) == 1
    section = LAW.split("## Support until")[1].split("##")[0]
    assert re.findall(r"\d+ \w+ 20\d\d", section) == dates


@pytest.mark.parametrize("page", [SAFETY, VEILIGHEID])
def test_the_lamp_keeps_the_limits_that_the_page_names(page):
    assert "`firmware/biocore/lamp.py`" in page and "`tests/core/test_lamp.py`" in page
    assert f"`MIN_PERIOD_MS` {lamp.MIN_PERIOD_MS}" in page and "1 Hz" in page
    assert lamp.MIN_PERIOD_MS == 1000
    assert f"{lamp.MIN_RAMP_MS} ms" in page
    assert "test_patterns_are_safe" in (ROOT / "tests/core/test_lamp.py").read_text()


@pytest.mark.parametrize("page", [SAFETY, VEILIGHEID])
def test_what_charges_the_cell_is_what_the_list_says(page):
    charger = read_toml(HERE / "charging.toml")["esp32c3_pilot"]["charger_ma"]
    assert f"{charger} mA" in page
    cell = next(row for row in read_list("breakout") if row.ref == "cell")
    least = re.search(r"charge current of (\d+) mA", cell.part)
    assert least and int(least[1]) >= charger
    assert page.count(f"{least[1]} mA") >= 2  # in the text and on the checklist


def test_both_languages_have_the_same_sections_rows_and_checks():
    def shape(page: str) -> list[str]:
        return [line[:2] for line in page.splitlines() if line[:2] in ("##", "- ", "| ")]

    assert shape(SAFETY) == shape(VEILIGHEID)
    english, dutch = _CHECK.findall(SAFETY), _CHECK.findall(VEILIGHEID)
    assert [n for n, _ in english] == [n for n, _ in dutch] == [str(n) for n in range(1, 16)]
    assert set(re.findall(r"\d+(?:[.,]\d+)?", VEILIGHEID.replace(",", "."))) == set(
        re.findall(r"\d+(?:\.\d+)?", SAFETY.replace(",", "."))
    )


@pytest.mark.parametrize("name", ["safety.md", "safety.nl.md", "law.md", "etsi-303645.md"])
def test_links_lead_somewhere(name):
    text = (DOCS / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    assert links and all((DOCS / link).exists() for link in links)


@pytest.mark.parametrize("page", [SAFETY, LAW])
def test_no_page_claims_a_certificate(page):
    assert not re.search(r"\bis certified\b|\bcertified (as|to|by)\b(?<!never certified as)", page)


def test_the_stick_s_microphone_is_told_of_and_has_no_code():
    assert "microphone" in SAFETY and "microfoon" in VEILIGHEID
    sources = [path.read_text() for path in (ROOT / "firmware").rglob("*.py")]
    assert not any(re.search(r"I2S|PDM|microphone", source) for source in sources)
