"""Makes the pictures in the README: `make screenshots`. Needs Chromium.

Runs the demo into a folder of its own, serves it, and takes the pictures from the pages.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
BIOKLOK = Path(sys.executable).with_name("bioklok")
PORT = 8765
PICTURES = {"week": ("/students/demo/weeks/2026-W47?lang=en", 1000, 1180)}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
FLAGS += ["--disable-background-networking"]


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.stderr.write("no chromium here: install it to make screenshots\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bioklok.sqlite"
        subprocess.run([BIOKLOK, "demo", "--once", "--data", folder], check=True)
        server = subprocess.Popen(
            [BIOKLOK, "serve", "--port", str(PORT)],
            env={**os.environ, "BIOKLOK_DATABASE_URL": url},
        )
        try:
            wait_for(f"http://127.0.0.1:{PORT}/healthz")
            for name, (path, width, height) in PICTURES.items():
                subprocess.run(
                    [
                        chromium,
                        *FLAGS,
                        f"--user-data-dir={folder}/chromium",
                        f"--window-size={width},{height}",
                        f"--screenshot={HERE / 'pictures' / name}.png",
                        f"http://127.0.0.1:{PORT}{path}",
                    ],
                    check=True,
                    capture_output=True,
                )
        finally:
            server.terminate()
            server.wait(10)
    return 0


def wait_for(url: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(url)
            return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise SystemExit("the dashboard did not start")


sys.exit(main())
