"""Rings of tests. What stands in `core` runs on both interpreters, in `firmware` on MicroPython.

Both hold plain functions with plain asserts. One MicroPython process, with the bounded heap of the
device, runs each file; every function is a test of its own in the one summary.
"""

import ast
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from bioklok.simulator.interpreter import environment, find_micropython

TESTS = Path(__file__).parent
HEAP = "480k"  # a file of tests beside the firmware; what a device needs: e2e/test_small_heap.py
LIMIT_S = 120

# What a shell starts in the background ignores Ctrl-C, and so would all that is started from here:
# tests that press it would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class MicroPythonFailure(Exception):
    """A test failed over there; carries its traceback."""


class MicroPythonFile(pytest.File):
    """A file of tests that MicroPython runs, once, when the first of them is asked for."""

    _results: dict[str, str | None] | None = None
    _output = ""

    def collect(self) -> Iterator[pytest.Item]:
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        self.names = [
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ]
        for name in self.names:
            yield MicroPythonTest.from_parent(self, name=f"{name}[micropython]", test=name)

    def result(self, name: str) -> str | None:
        if self._results is None:
            self._results = {}
            done = subprocess.run(
                [
                    find_micropython(),
                    "-X",
                    f"heapsize={HEAP}",
                    TESTS / "micropython_runner.py",
                    self.path,
                    *self.names,
                ],
                env=environment(),
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
            self._output = done.stdout + done.stderr
            for line in done.stdout.splitlines():
                if line.startswith("RESULT "):
                    answer = json.loads(line.removeprefix("RESULT "))
                    self._results[answer["test"]] = answer["error"]
        if name not in self._results:
            return f"MicroPython did not get to this test:\n{self._output}"
        return self._results[name]


class MicroPythonTest(pytest.Item):
    def __init__(self, *, test: str, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.test = test  # not "function": that name is pytest's own

    def runtest(self) -> None:
        assert isinstance(self.parent, MicroPythonFile)
        error = self.parent.result(self.test)
        if error is not None:
            raise MicroPythonFailure(error)

    def repr_failure(self, excinfo, style=None):  # type: ignore[no-untyped-def]
        if isinstance(excinfo.value, MicroPythonFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.parent == TESTS / "core" and file_path.match("test_*.py"):
        return MicroPythonFile.from_parent(parent, path=file_path)
    return None


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector):  # type: ignore[no-untyped-def]
    if module_path.parent == TESTS / "firmware":
        return MicroPythonFile.from_parent(parent, path=module_path)
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Where tests run side by side (`make test`), those of one file stay together: they share what
    they set up. Those over the virtual radio run one after the other: they are timed."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "air" if file.startswith(("tests/e2e/", "tests/contract/")) else file

    return ByFile(config, log)


@pytest.fixture
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the keys of databases on a server with the test, not with the person who runs it."""
    monkeypatch.setenv("BIOKLOK_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("BIOKLOK_MASTER_KEY", "5a" * 32)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, own_keys: None) -> str:
    """An empty database of each kind, up to date."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bioklok.sqlite'}"
    from bioklok.store import place_of, upgrade
    from support.postgresql import new_database

    url = new_database(f"t{abs(hash(request.node.nodeid)) % 10**12}")
    upgrade(place_of(url))
    return url


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real recordings that are not part of the project; skips where it is absent."""
    root = TESTS.parent
    folder = Path(os.environ.get("BIOKLOK_DATA", root.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no recordings at {folder} (set BIOKLOK_DATA)")
    return folder
