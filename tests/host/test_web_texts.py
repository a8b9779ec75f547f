"""The words on the pages: both languages whole, and no more exact than a wrist knows."""

import re
import tomllib
from datetime import datetime
from importlib.resources import files

import pytest
from biocore.decision import REASONS
from bioklok.errors import BioklokFailure
from bioklok.web.texts import choose, texts_in


def test_a_language_without_texts_is_one_line():
    with pytest.raises(BioklokFailure, match="choose nl or en"):
        texts_in("fr")


def test_which_language():
    assert choose(None, None, "nl") == "nl"
    assert choose("fr", "de, fr;q=0.8", "nl") == "nl"
    assert choose(None, "nl;q=0.1, en;q=0.2", "nl") == "en"
    assert choose(None, "en;q=0, nl", "en") == "nl"
    assert choose(None, "en;q=bad, *", "nl") == "nl"


def test_both_languages_have_the_same_keys_and_places():
    folder = files("bioklok.web") / "translations"
    nl, en = (
        tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        for name in ("nl", "en")
    )
    assert list(nl) == list(en)
    for key, value in nl.items():
        assert type(value) is type(en[key])
        if isinstance(value, list):
            assert len(value) == len(en[key])
        else:
            assert sorted(re.findall(r"{\w*}", value)) == sorted(re.findall(r"{\w*}", en[key])), key


def test_every_text_is_used():
    source = "".join(
        file.read_text(encoding="utf-8")
        for folder in (files("bioklok.web"), files("bioklok.web") / "templates")
        for file in folder.iterdir()
        if file.name.endswith((".py", ".html"))
    )
    built = {f"chart_{name}" for name in ("activity", "light", "sleep", "unknown")}
    built |= {f"chart_{name}" for name in ("sharp", "school", "morning", "dip")}
    built |= {f"reason_{name}" for name in REASONS}
    for key in texts_in("nl").words:
        assert f'"{key}"' in source or f"'{key}'" in source or key in built, key


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_reason_of_the_lamp_is_a_sentence_of_its_own(language):
    sentences = [texts_in(language).reason(code) for code in range(len(REASONS))]
    assert len(set(sentences)) == len(REASONS)
    for sentence in sentences:
        assert sentence[0].isupper() and sentence.endswith(".") and len(sentence.split()) <= 16


def test_bands_say_no_more_than_a_wrist_knows():
    nl = texts_in("nl")

    def band(time):
        return nl.time_band(datetime.fromisoformat(f"2026-11-16T{time}"))

    assert band("22:30") == "tussen 22:15 en 22:45"
    assert band("22:37") == "tussen 22:15 en 22:45"
    assert band("22:38") == "tussen 22:30 en 23:00"
    assert band("00:05") == "tussen 23:45 en 00:15"
    assert nl.hours_band(470) == "ongeveer 7½ tot 8½ uur"
    assert nl.hours_band(30) == "ongeveer 0 tot 1 uur"
    assert nl.hours_band(45) == "ongeveer ½ tot 1½ uur"
