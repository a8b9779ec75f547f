"""Makes the pictures in the README, and those that tests compare with: `make screenshots`.

Builds the demo in a folder of its own, serves it, signs in as its people and takes pictures with
the Chromium of this computer. Then writes tests/browser/pictures anew; look at those before they
are committed.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bioklok.demo_school import MENTOR, SCHOOL, STUDENT
from bioklok.office import accounts
from bioklok.web import Settings, create_app

HERE = Path(__file__).parent
TESTS = HERE.parent / "tests"
sys.path[:0] = [str(TESTS), str(HERE.parent / "firmware")]
from support.browser import FLAGS, chromium, served  # noqa: E402

BIOKLOK = Path(sys.executable).with_name("bioklok")
MOST_BYTES = 150_000
WIDE = {"viewport": {"width": 1280, "height": 1000}}
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 1.5}


def main() -> int:
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ImportError:
        sys.stderr.write("no playwright here: pip install playwright\n")
        return 1
    if chromium() is None:
        sys.stderr.write("no chromium here: install it, or name one in BIOKLOK_CHROMIUM\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([BIOKLOK, "demo", "--once", "--data", folder], check=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            _take_all(browser, f"sqlite:///{folder}/bioklok.sqlite")
            browser.close()
    again = [sys.executable, "-m", "pytest", "-q", TESTS / "browser" / "test_pictures.py"]
    environment = {**os.environ, "BIOKLOK_PICTURES": "write"}
    return subprocess.run(again, env=environment, check=False).returncode


def _take_all(browser: Any, url: str) -> None:
    app = create_app(Settings(database_url=url))
    store = app.state.store.of(SCHOOL)
    week = _fullest_week(store, STUDENT)
    pages = {
        "today": (STUDENT, "/me"),
        "week": (STUDENT, f"/me/weeks/{week}"),
        "strips": (STUDENT, "/me/strips"),
        "mentor": (MENTOR, f"/students/{STUDENT}/weeks/{week}"),
    }
    with served(app) as address:
        for name, (person, path) in pages.items():
            link = accounts.make_link(store, person, int(time.time()))
            for suffix, look in (("", WIDE), ("-phone", PHONE)):
                context = browser.new_context(base_url=address, locale="en-GB", **look)
                _take(context, link, path, HERE / "pictures" / f"{name}{suffix}.png")
                link = accounts.make_link(store, person, int(time.time()))
                context.close()
    store.close()


def _fullest_week(store: Any, student: str) -> str:
    """Return the week of which most was measured."""
    measured: Counter[str] = Counter()
    for start_utc_s, n_epochs in store.spans_of(student):
        year, week, _ = datetime.fromtimestamp(start_utc_s, UTC).isocalendar()
        measured[f"{year}-W{week:02}"] += n_epochs
    return measured.most_common(1)[0][0]


def _take(context: Any, link: str, path: str, file: Path) -> None:
    page = context.new_page()
    page.goto(f"/link/{link}")
    page.locator("main button").click()
    page.wait_for_url(lambda url: "/link/" not in url)
    page.goto(f"{path}?lang=en")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=file, animations="disabled")
    if file.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{file} is larger than {MOST_BYTES} bytes: make its window smaller")


if __name__ == "__main__":
    sys.exit(main())
