"""One line a wrist while the demo runs: where each of them is, and how far."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from bioklok.console import err

_HOUR_S = 3600


class Line:
    """The line of one wrist."""

    def __init__(self, bars: Progress, label: str) -> None:
        self._bars = bars
        self._task = bars.add_task(label, start=False, total=1, state="waits")

    def hours(self, done_s: int, total_s: int) -> None:
        """So much of its world went through the firmware."""
        self._bars.start_task(self._task)
        state = f"{done_s // _HOUR_S}/{total_s // _HOUR_S} hours lived"
        self._bars.update(self._task, completed=done_s, total=total_s, state=state)

    def radio(self, where: str) -> Callable[[int, int], None]:
        """Begin a sync; gives the report of its pages."""
        self._bars.start_task(self._task)

        def report(done: int, total: int) -> None:
            state = f"{done}/{total} pages, {where}"
            self._bars.update(self._task, completed=done, total=total, state=state)

        return report

    def ends(self, state: str) -> None:
        """It is where it belongs."""
        self._bars.update(self._task, completed=1, total=1, state=state)
        self._bars.stop_task(self._task)


@contextmanager
def board() -> Iterator[Callable[[str], Line]]:
    """Show lines; gives `line(label)`. In 80 columns it is the bar that gets shorter. In a log file
    they stand there once, at the end."""
    one_line = Column(no_wrap=True)
    bars = Progress(
        TextColumn("{task.description}", table_column=one_line),
        BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=4, max_width=28)),
        TextColumn("{task.fields[state]}", table_column=Column(no_wrap=True, min_width=22)),
        TimeElapsedColumn(table_column=one_line),
        console=err,
        expand=True,
    )
    with bars:
        yield lambda label: Line(bars, label)
