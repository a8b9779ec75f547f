"""Every page of everybody in a real browser: what axe finds, what the console says, what fits.

The pages come from the table that the app is held to (access_table), so a new one is looked at
without a word here. `make test` looks at each page in both themes, in Dutch and wide, and lets it
be laid out at 360 px and at 200 % zoom; the whole product of languages, themes and widths is for
`make soak`.
"""

import pytest
from support.browser import BEGINNERS, NARROW, NEEDED, VISITORS, WIDE, Tour
from support.school_web import WEEK

axe = pytest.importorskip("axe_playwright_python.base", reason=NEEDED)
ZOOMED = {"width": 640, "height": 512}  # a screen of 1280 x 1024 at 200 %
# What is worth knowing of a violation; minor and moderate ones are advice.
RUN = """options => axe.run(document, options).then(found => found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => one.id + ": " + one.nodes.map(node => node.html.slice(0, 160)).join(" | ")))"""
OPTIONS = {"resultTypes": ["violations"], "preload": False, "ancestry": False}
# What a theme can change; the rest of a page is the same in both.
OF_COLOURS = {**OPTIONS, "runOnly": ["color-contrast", "link-in-text-block"]}
MOVES = """() => [...document.querySelectorAll("a, button")].map(one => getComputedStyle(one))
    .some(one => one.transitionDuration !== "0s" || one.animationName !== "none")"""
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def test_axe_finds_what_is_wrong(browser):
    page = browser.new_page()
    page.set_content("<p style='color:#ccc;background:#fff'>pale</p><input><img src=x>")
    found = " ".join(violations(page))
    page.close()
    assert all(rule in found for rule in ("color-contrast", "label", "image-alt"))


@pytest.mark.parametrize("person", list(VISITORS))
def test_every_page(site, person):
    """axe in both themes, no error in the console, nothing wider than the screen."""
    tour = tour_of(site, person)
    for address in tour.through(site.pages(person)):
        for size in (NARROW, ZOOMED, WIDE):
            tour.page.set_viewport_size(size)
            if tour.page.evaluate(TOO_WIDE):
                tour.wrong.append((address, "wider than", size["width"]))
        if person in BEGINNERS[1:]:
            continue  # their roles are looked at with the others; all of it by `make soak`
        tour.wrong += [(address, "light", one) for one in violations(tour.page)]
        tour.page.emulate_media(color_scheme="dark")
        found = violations(tour.page, OF_COLOURS, is_loaded=True)
        tour.wrong += [(address, "dark", one) for one in found]
        tour.page.emulate_media(color_scheme="light")
    tour.page.context.close()
    assert not tour.wrong, tour.told()
    assert len(tour.seen) >= (13 if person in ("noor", "sem") else 4)


@pytest.mark.soak
@pytest.mark.parametrize("size", [NARROW, ZOOMED, WIDE], ids=["360", "200 %", "1280"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("person", list(VISITORS))
def test_every_page_in_every_way(site, person, language, scheme, size):
    scale = 2 if size is ZOOMED else 1
    tour = tour_of(site, person, viewport=size, color_scheme=scheme, device_scale_factor=scale)
    for address in tour.through([f"{one}?lang={language}" for one in site.pages(person)]):
        tour.wrong += [(address, one) for one in violations(tour.page)]
        if tour.page.evaluate(TOO_WIDE):
            tour.wrong.append((address, "too wide"))
        if tour.page.locator("html").get_attribute("lang") != language:
            tour.wrong.append((address, "another language"))
    tour.page.context.close()
    assert not tour.wrong, tour.told()


@pytest.mark.parametrize("address", ["/me", "/me/bioklok", "/me/strips"])
def test_as_somebody_has_set_it(site, address):
    """High contrast, no motion, and the page on paper."""
    tour = tour_of(site, "noor", contrast="more")
    for _ in tour.through([address]):
        tour.wrong += violations(tour.page, OF_COLOURS)
        assert not tour.page.evaluate(MOVES)
        tour.page.emulate_media(reduced_motion="no-preference")
        assert tour.page.evaluate(MOVES)
        tour.page.emulate_media(media="print")
        assert tour.page.locator("nav:visible, button:visible").count() == 0
    tour.page.context.close()
    assert not tour.wrong, tour.told()
    assert tour.seen == [address]


def test_letters_come_from_here_and_stay(site):
    """The page asks for one font before it is laid out, and another page does not ask again."""
    context = site.context("noor")
    page, asked = context.new_page(), []
    page.on("request", lambda one: asked.append(one.url.removeprefix(site.address)))
    page.goto("/me")
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.fonts.check('700 16px \"Atkinson Next\"')")
    assert not [one for one in asked if "://" in one]
    fonts = [one for one in asked if one.endswith(".woff2")]
    assert len(fonts) == 1
    answer = context.request.get(fonts[0])
    assert "immutable" in answer.headers["cache-control"]
    style = context.request.get("/static/style.css")
    assert style.headers["cache-control"] == "no-cache" and style.headers["etag"]
    again = context.request.get(
        "/static/style.css", headers={"if-none-match": style.headers["etag"]}
    )
    assert again.status == 304
    gone = context.request.get("/static/fonts/none.woff2")
    assert gone.status == 404 and gone.headers["cache-control"] == "no-store"
    context.close()


def tour_of(site, person, **more):
    """Return a tab in which nothing moves, so that colours are what they come to be."""
    return Tour(site.context(person, reduced_motion="reduce", **more).new_page(), person)


def violations(page, options=OPTIONS, is_loaded=False):
    """Return what axe calls serious or critical on this page, rule by rule."""
    if not is_loaded:
        page.evaluate(axe.AXE_SCRIPT)
    return page.evaluate(RUN, options)


# Words of a drawing that are neither seen whole nor out of sight: [class, words].
CUT = """() => [...document.querySelectorAll("#days svg text")].filter(word => {
    const seen = word.closest(".scroll").getBoundingClientRect();
    const own = word.getBoundingClientRect();
    return own.left < seen.left || (own.left < seen.right && own.right > seen.right);
}).map(word => [word.getAttribute("class"), word.textContent])"""


@pytest.mark.parametrize("width", [320, 360, 412, 480, 600, 700])
def test_on_a_phone_the_drawings_keep_their_words_and_cut_none(site, width):
    context = site.context("noor", viewport={"width": width, "height": 740})
    page = context.new_page()
    page.goto(f"/me/weeks/{WEEK}")
    page.evaluate("document.fonts.ready")
    assert page.locator(".usual .school").count() == 1
    assert page.locator(".usual .school-word").is_visible()
    assert page.locator(".usual .sleep-word").is_visible()
    assert page.evaluate(CUT) == []
    hours = page.locator("#days svg .hour-label")
    assert hours.count() > 4 and hours.first.is_visible()
    context.close()
