"""With the keyboard alone: Tab comes to everything in the order of the eye, and one sees where.

The browser is asked where the focus goes and how it is drawn; WCAG 2.2: 2.1.1, 2.4.1, 2.4.3, 2.4.7,
2.4.11, and 1.4.11 for the ring around what has the focus.
"""

import re

import pytest
from support.browser import NARROW, PASSWORD, WIDE, Tour
from support.school_web import WEEK

# Everything that a person can act on here, in the order of the page; of radio buttons one.
WATCH = """(isWhole) => {
  const main = document.querySelector("main");
  const asked = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const isFirst = (one) => {
    const group = [...document.getElementsByName(one.name)];
    return one === (group.find((other) => other.checked) || group[0]);
  };
  const all = [...document.querySelectorAll(asked)].filter((one) =>
    one.tabIndex >= 0 && !one.disabled && one.type !== "hidden" && one.checkVisibility()
    && (one.type !== "radio" || isFirst(one)) && (isWhole || main.contains(one)));
  if (!isWhole) main.focus();
  window.expected = all.map((one) => one.outerHTML.slice(0, 120));
  window.reached = [];
  window.isAround = false;
  document.addEventListener("focusin", ({target}) => {
    window.isAround = window.isAround || window.reached.length > 0 && target === window.first
      || !isWhole && !main.contains(target);
    if (window.isAround) return;
    window.first = window.first || target;
    const style = getComputedStyle(target), box = target.getBoundingClientRect();
    window.reached.push({
      place: all.indexOf(target),
      html: target.outerHTML.slice(0, 120),
      ring: [style.outlineStyle, parseFloat(style.outlineWidth), style.outlineColor],
      box: [box.left + scrollX, box.top + scrollY, box.right + scrollX, box.bottom + scrollY],
      seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      isSkip: target.matches(".skip"),
    });
  });
}"""
STATE = """() => ({isAround: window.isAround, reached: window.reached, expected: window.expected,
  paper: getComputedStyle(document.body).backgroundColor})"""
FOCUSED = "document.activeElement.matches('{}')"


@pytest.mark.parametrize("person", ["nobody", "noor", "pa", "max", "ada"])
def test_tab_reaches_everything_in_order(site, person):
    pages = site.pages(person)
    if person in ("pa", "max", "ada"):  # what everybody has in the same way is Noor's to show
        pages = [one for one in pages if one not in ("/account", "/nowhere")]
    walk(site, person, pages, NARROW)


@pytest.mark.soak
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("person", ["nobody", "noor", "sem", "pa", "max", "eva", "ada"])
def test_tab_reaches_everything_on_a_wide_screen(site, person, scheme):
    walk(site, person, site.pages(person), WIDE, color_scheme=scheme)


def walk(site, person, pages, size, **more):
    context = site.context(person, viewport=size, reduced_motion="reduce", **more)
    tour = Tour(context.new_page(), person)
    for address in tour.through(pages):
        # What stands above the content is the same on each page: the first shows it.
        tour.wrong += [(address, *one) for one in faults(tour.page, is_whole=len(tour.seen) == 1)]
    context.close()
    assert not tour.wrong, tour.told()
    assert len(tour.seen) >= 3


def faults(page, is_whole=True):
    """Press Tab through a page, or its content, and return what is wrong with the focus's way."""
    page.evaluate(WATCH, is_whole)
    state = page.evaluate(STATE)
    for _ in range(
        3 * len(state["expected"]) + 12 if state["expected"] else 0
    ):  # a date has three places of its own
        if state["isAround"]:
            break
        for _ in range(4):
            page.keyboard.press("Tab")
        state = page.evaluate(STATE)
    places = [one["place"] for one in state["reached"] if one["place"] >= 0]
    missing = set(range(len(state["expected"]))) - set(places)
    found = [("not reached", state["expected"][one]) for one in sorted(missing)]
    if places != sorted(places):
        found.append(("in another order", places))
    before = None
    for one in state["reached"]:
        if one["isSkip"]:
            continue
        style, width, colour = one["ring"]
        if style == "none" or width < 2 or contrast(colour, state["paper"]) < 3:
            found.append(("no ring to see", one["html"], one["ring"]))
        if not one["seen"]:
            found.append(("out of sight", one["html"]))
        if before and goes_back(before["box"], one["box"]):
            found.append(("goes back", before["html"], one["html"]))
        before = one
    return found


def goes_back(before, after):
    """Whether `after` lies above `before`, or beside it on the left."""
    left, top, _, bottom = before
    if after[3] <= top + 1:
        return True
    overlap = min(bottom, after[3]) - max(top, after[1])
    return overlap > min(bottom - top, after[3] - after[1]) / 2 and after[2] <= left


def contrast(one, other):
    """Contrast of two colours as the browser writes them (WCAG 2.2, relative luminance)."""
    lights = sorted(luminance(colour) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour):
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_fault_is_found(browser):
    page = browser.new_page()
    page.set_content(
        "<body style='background:#fff'><button style='position:absolute;top:200px'>low</button>"
        "<a href='/' style='outline:none'>no ring</a><button tabindex=3>first</button>"
    )
    kinds = {one[0] for one in faults(page)}
    page.close()
    assert kinds == {"in another order", "no ring to see", "goes back"}


@pytest.mark.parametrize("address", ["/me", "/me/strips"])
def test_one_key_skips_to_the_content(site, address):
    context = site.context("noor", viewport=NARROW)
    page = context.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED.format(".skip"))
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    context.close()


def tab_to(page, selector):
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED.format(selector)):
            return
    raise AssertionError(f"Tab does not come to {selector} on {page.url}")


def test_sign_in_with_a_password(site):
    """An invitation is taken and a password used, without a mouse."""
    context = site.context("nobody", viewport=NARROW)
    page = context.new_page()
    page.goto(site.invitation("eva"))
    for field in ("#password", "#again"):
        tab_to(page, field)
        page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/students*")
    tab_to(page, ".own-links button")
    page.keyboard.press("Space")
    page.wait_for_url("**/sign-in*")
    for name, words in (("school", "oost"), ("person", "eva"), ("password", PASSWORD + "?")):
        tab_to(page, f"[name={name}]")
        page.keyboard.type(words)
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert")
    assert "klopt niet samen" in alert.inner_text()
    tab_to(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator("[name=own]").first.is_checked()
    tab_to(page, "main button")
    page.keyboard.press("Space")
    page.wait_for_url("**/students*")
    context.close()


def test_choose_cards(site):
    context = site.context("noor", viewport=NARROW)
    page = context.new_page()
    page.goto(f"/me/weeks/{WEEK}/cards")
    tab_to(page, "[name=noticed][value=morning]")
    page.keyboard.press("Space")
    tab_to(page, "[name=noticed_words]")
    page.keyboard.type("Na gym was ik wakker.")
    tab_to(page, "[name=experiment]")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[name=experiment]:checked").get_attribute("value")
    tab_to(page, "main button")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert page.locator("[name=noticed][value=morning]").is_checked()
    assert page.locator("[name=noticed_words]").input_value() == "Na gym was ik wakker."
    assert page.locator("[name=experiment]:checked").get_attribute("value") == chosen != "same_bed"
    context.close()


def test_ask_for_a_strip(site):
    context = site.context("noor", viewport=NARROW)
    page = context.new_page()
    page.goto("/me/strips")
    before = page.locator(".rows > li").count()
    tab_to(page, "#lesson")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    asked = page.locator("#lesson option:checked").inner_text()
    tab_to(page, "#reason")
    page.keyboard.press("ArrowDown")
    tab_to(page, "form.card button")
    page.keyboard.press("Enter")
    page.wait_for_function("n => document.querySelectorAll('.rows > li').length > n", arg=before)
    assert asked in page.locator(".rows").inner_text()
    context.close()
