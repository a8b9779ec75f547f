"""With JavaScript off: signing in, every page, and the forms that matter."""

import pytest
from support.browser import BEGINNERS, NARROW, NEEDED, PASSWORD, VISITORS, Tour
from support.school_web import WEEK

playwright = pytest.importorskip("playwright.sync_api", reason=NEEDED)
OFF = {"java_script_enabled": False, "viewport": NARROW}


def test_scripts_are_really_off(site):
    page = site.context("nobody", **OFF).new_page()
    page.goto("data:text/html,<p id=p>off</p><script>p.textContent = 'on'</script>")
    assert page.locator("p").inner_text() == "off"
    page.context.close()


@pytest.mark.parametrize("person", [one for one in VISITORS if one not in BEGINNERS])
def test_signed_in_by_a_link_and_every_page(site, person):
    context = site.browser.new_context(base_url=site.address, locale="nl-NL", **OFF)
    page = context.new_page()
    page.goto(site.link(person))
    page.locator("main button").click()
    page.wait_for_url(lambda url: "/link/" not in url)
    assert page.locator("nav.rooms a[aria-current=page]").count() == 1
    tour = Tour(page, person)
    for address in tour.through(site.pages(person)):
        if not page.locator("h1").inner_text().strip():
            tour.wrong.append((address, "no heading"))
        here = page.locator("nav.rooms a[aria-current], .own-links a[aria-current]").count()
        if here != (address != "/nowhere"):
            tour.wrong.append((address, "does not say where one is"))
    context.close()
    assert not tour.wrong, tour.told()
    assert len(tour.seen) >= 4


def test_a_password_made_and_used(site):
    page = site.context("nobody", **OFF).new_page()
    page.goto(site.invitation("sem"))
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.locator("main form").first.locator("button").click()
    page.wait_for_url("**/me*")
    page.locator(".own-links button").click()
    page.wait_for_url("**/sign-in*")
    for name, words in (("school", "oost"), ("person", "sem"), ("password", PASSWORD)):
        page.locator(f"[name={name}]").first.fill(words)
    page.locator("main button").first.click()
    page.wait_for_url("**/me*")
    page.context.close()


def test_share_after_a_look_and_take_back(site):
    expect = playwright.expect
    page, mentor = (site.context(one, **OFF).new_page() for one in ("noor", "max"))
    here, there = f"/me/weeks/{WEEK}/sharing", f"/students/noor/weeks/{WEEK}"
    page.goto(here)
    page.get_by_role("button", name="Deze week van iedereen terugnemen").click()
    expect(page.locator(".rows")).to_have_count(0)
    assert mentor.goto(there).status == 404
    page.check("[name=part][value=light]")
    page.check("[name=viewer][value=max]")
    page.get_by_role("button", name="Bekijk wat zij zien").click()
    expect(page.locator(".preview")).to_be_visible()
    page.get_by_role("button", name="Ja, deel dit").click()
    expect(page.locator(".rows li")).to_have_count(1)
    assert mentor.goto(there).status == 200
    expect(mentor.locator(".who")).to_have_text("Noor")
    page.locator(".rows button").click()
    expect(page.locator(".rows")).to_have_count(0)
    assert mentor.goto(there).status == 404
    for one in (page, mentor):
        one.context.close()


def test_a_passkey_says_that_it_needs_a_script(site):
    for is_on in (False, True):
        page = site.context("ada", viewport=NARROW, java_script_enabled=is_on).new_page()
        page.goto("/account")
        page.get_by_role("button", name="Een passkey maken").click()
        page.wait_for_url("**/passkeys/ask*")
        told = page.get_by_text("moet JavaScript aan staan")
        playwright.expect(told).to_be_visible(visible=not is_on)
        page.context.close()
