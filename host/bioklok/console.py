"""What a person at a terminal sees: progress and messages on stderr, data on stdout."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from bioklok.output import silence


class _Messages(Console):
    def on_broken_pipe(self) -> None:
        """Where nobody reads the messages any more, the work goes on without them."""
        self.quiet = True
        silence(sys.stderr)


err = _Messages(stderr=True, highlight=False)

Report = Callable[[int, int], None]


class _Rate(ProgressColumn):
    """How many of the task's units a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        unit = task.fields["unit"]
        text = "" if speed is None else f"{speed / task.fields['per']:,.1f} {unit}/s"
        return Text(text, style="progress.data.speed")


class _Amount(ProgressColumn):
    """Done and total in the task's own unit."""

    def render(self, task: Task) -> Text:
        unit = task.fields["unit"]
        per = task.fields["per"]
        total = "?" if task.total is None else f"{task.total / per:,.0f}"
        return Text(f"{task.completed / per:,.0f}/{total} {unit}", style="progress.download")


def _line() -> Column:
    return Column(no_wrap=True)


def _bar(remaining: ProgressColumn, *, transient: bool = False, disable: bool = False) -> Progress:
    """What every bar shows; in 80 columns it is the bar that gets shorter, and nothing wraps."""
    return Progress(
        TextColumn("{task.description}", table_column=_line()),
        BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=4, max_width=28)),
        _Amount(table_column=_line()),
        _Rate(table_column=_line()),
        remaining,
        console=err,
        expand=True,
        transient=transient,
        disable=disable,
    )


@contextmanager
def progress(label: str, unit: str, per: int = 1) -> Iterator[Report]:
    """Show a bar for a long piece of work; gives `report(done, total)`.

    unit: what is counted, `per` of the reported steps each ("hours" with 3600 seconds). On a
    terminal the bar moves; in a log file there is one line at the end.
    """
    bar = _bar(TimeRemainingColumn(elapsed_when_finished=True, compact=True, table_column=_line()))
    with bar:
        task = bar.add_task(label, total=None, unit=unit, per=per)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield report


@contextmanager
def bars(unit: str) -> Iterator[Callable[[str], AbstractContextManager[Report]]]:
    """Show a bar for each of several pieces of work that run side by side, with rate and time left.

    Gives `bar(label)`: a context with `report(done, total)`, whose bar goes when it ends. `say` may
    be used meanwhile. In a log file there are no bars.
    """
    remaining = TimeRemainingColumn(compact=True, table_column=_line())
    live = _bar(remaining, transient=True, disable=not err.is_terminal)

    @contextmanager
    def bar(label: str) -> Iterator[Report]:
        task = live.add_task(label, total=None, unit=unit, per=1)

        def report(done: int, total: int) -> None:
            live.update(task, completed=done, total=total)

        try:
            yield report
        finally:
            live.remove_task(task)

    with live:
        yield bar


def say(text: str) -> None:
    """A message for the person, on stderr."""
    err.print(text, soft_wrap=True, markup=False, emoji=False)  # it may name files
