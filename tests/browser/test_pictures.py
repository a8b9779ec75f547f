"""A dozen pages look as they did: small grey pictures of them in pictures/, compared.

Where letters fall otherwise, on another computer, this skips and says so. So does a picture that
differs in a browser of which nobody has seen yet that it draws as the one that made them.
`make screenshots` makes the pictures anew; look at them before they are committed.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
from support.browser import NARROW, WIDE
from support.browser_pictures import differs, picture, read, write
from support.school_web import WEEK

PICTURES = Path(__file__).parent / "pictures"
MADE_WITH = PICTURES / "made_with.json"
IS_WRITING = os.environ.get("BIOKLOK_PICTURES") == "write"
# name -> person, address, size, colours
PAGES = {
    "sign-in": ("nobody", "/sign-in", NARROW, "light"),
    "today": ("noor", "/me", WIDE, "light"),
    "today-phone-dark": ("noor", "/me", NARROW, "dark"),
    "strips": ("noor", "/me/strips", WIDE, "dark"),
    "strips-phone": ("noor", "/me/strips", NARROW, "light"),
    "cards-phone": ("noor", f"/me/weeks/{WEEK}/cards", NARROW, "light"),
    "sharing": ("noor", f"/me/weeks/{WEEK}/sharing", WIDE, "light"),
    "bioklok-phone": ("noor", "/me/bioklok", NARROW, "light"),
    "data-phone-dark": ("noor", "/me/data", NARROW, "dark"),
    "shared": ("max", "/students", WIDE, "light"),
    "requests-phone": ("max", "/requests", NARROW, "light"),
    "children-phone": ("pa", "/children", NARROW, "light"),
    "people": ("ada", "/school", WIDE, "light"),
    "people-phone": ("ada", "/school", NARROW, "light"),
    "devices": ("ada", "/school/devices", WIDE, "dark"),
}
LETTERS = """async () => {
  await document.fonts.load('700 20px "Atkinson Next"');
  const paper = new OffscreenCanvas(240, 30).getContext("2d");
  paper.font = '700 20px "Atkinson Next"';
  paper.fillText("Welke letters zijn dit? 09:50", 2, 20);
  return [...paper.getImageData(0, 0, 240, 30).data].join();
}"""


@pytest.fixture(scope="module")
def desk(browser):
    return browser.new_page()


@pytest.fixture(scope="module")
def is_known(site, browser):
    """Whether this browser is one that draws as the pictures say. Skips where letters differ."""
    context = site.context("nobody")
    page = context.new_page()
    page.goto("/sign-in")
    letters = hashlib.sha256(page.evaluate(LETTERS).encode()).hexdigest()[:16]
    context.close()
    version = browser.version.split(".")[0]
    if IS_WRITING:
        PICTURES.mkdir(exist_ok=True)
        here = {"chromium": [version], "letters": letters}
        MADE_WITH.write_text(json.dumps(here, indent=1) + "\n", encoding="utf-8")
    made_with = json.loads(MADE_WITH.read_text(encoding="utf-8"))
    if made_with["letters"] != letters:
        pytest.skip("pictures were made where letters fall otherwise: make screenshots")
    return version in made_with["chromium"]


@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_looks_as_it_did(site, desk, is_known, name):
    person, address, size, scheme = PAGES[name]
    context = site.context(person, viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    page.evaluate("document.fonts.ready")
    taken = picture(page, desk, 0.25 if size is WIDE else 0.5)
    if name == "today":  # a page without one of its parts is another picture
        page.evaluate("document.querySelector('.today').remove()")
        assert differs(picture(page, desk, 0.25), taken)
    context.close()
    path = PICTURES / f"{name}.png"
    if IS_WRITING:
        write(path, taken)
    difference = differs(taken, read(path))
    if difference and not is_known:
        pytest.skip(f"{name}: {difference}, in a browser that is new: look, then make screenshots")
    assert not difference, f"{path.name}: {difference}; look, and then make screenshots"
    assert path.stat().st_size <= 20_000


def test_no_picture_is_left_over():
    assert {one.stem for one in PICTURES.glob("*.png")} == set(PAGES)


def test_a_picture_is_read_as_it_was_written(tmp_path):
    shades = np.random.default_rng(1).integers(0, 16, (9, 7), np.uint8)
    write(tmp_path / "x.png", shades)
    assert differs(shades, read(tmp_path / "x.png")) == ""
    assert np.array_equal(shades, read(tmp_path / "x.png"))
    assert differs(shades, 15 - shades) and differs(shades, shades[:-1])
