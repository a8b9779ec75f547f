"""Makes the picture in the README: `make screenshots`. Needs Chromium.

Runs the demo into a folder of its own, and takes the picture from the report that a student can
take along as a file: it is the page of the dashboard, with nothing beside it.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
BIOKLOK = Path(sys.executable).with_name("bioklok")
WIDTH, HEIGHT = 1000, 1180
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
FLAGS += ["--disable-background-networking"]


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.stderr.write("no chromium here: install it to make screenshots\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        url, report = f"sqlite:///{folder}/bioklok.sqlite", f"{folder}/week.html"
        subprocess.run([BIOKLOK, "demo", "--once", "--data", folder], check=True)
        week = ["--student", "demo", "--week", "2026-W47", "--format", "html", "--lang", "en"]
        subprocess.run([BIOKLOK, "report", *week, "-o", report, "--database", url], check=True)
        subprocess.run(
            [
                chromium,
                *FLAGS,
                f"--user-data-dir={folder}/chromium",
                f"--window-size={WIDTH},{HEIGHT}",
                f"--screenshot={HERE / 'pictures' / 'week'}.png",
                f"file://{report}",
            ],
            check=True,
            capture_output=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
