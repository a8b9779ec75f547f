"""The `bioklok` command as a process of its own."""

import os
import resource
import subprocess
import sys
from pathlib import Path

BIOKLOK = Path(sys.executable).with_name("bioklok")


def environment_of(folder: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BIOKLOK_")}
    return {**kept, "BIOKLOK_DATABASE_URL": f"sqlite:///{folder / 'store.sqlite'}", **more}


def bioklok(
    folder: Path,
    *arguments: object,
    limit_bytes: int | None = None,
    stdout: int = subprocess.PIPE,
    said: str = "",
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        # A disk that is full after so many bytes, without root: writes beyond fail.
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return subprocess.run(
        [BIOKLOK, *map(str, arguments)],
        cwd=folder,
        env=environment_of(folder, **environment),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        input=said,  # by the one at the keyboard; else nobody is there
        preexec_fn=limit if limit_bytes is not None else None,
        check=False,
    )


def failed(done: subprocess.CompletedProcess[str]) -> str:
    """The one line, after any progress bars."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout
    lines = [line for line in done.stderr.splitlines() if line.startswith("bioklok: ")]
    assert len(lines) == 1 and done.stderr.rstrip().endswith(lines[0])
    return lines[0]
