"""What a person at a terminal sees: progress and messages on stderr, data on stdout."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

err = Console(stderr=True, highlight=False)

Report = Callable[[int, int], None]


class _Amount(ProgressColumn):
    """Done and total in the task's own unit."""

    def render(self, task: Task) -> Text:
        unit = task.fields["unit"]
        per = task.fields["per"]
        total = "?" if task.total is None else f"{task.total / per:,.0f}"
        return Text(f"{task.completed / per:,.0f}/{total} {unit}", style="progress.download")


@contextmanager
def progress(label: str, unit: str, per: int = 1) -> Iterator[Report]:
    """Show a bar for a long piece of work; gives `report(done, total)`.

    unit: what is counted, `per` of the reported steps each ("hours" with 3600 seconds). On a
    terminal the bar moves; in a log file there is one line at the end.
    """
    bar = Progress(
        TextColumn("{task.description:<34}"),
        BarColumn(bar_width=28),
        _Amount(),
        TimeRemainingColumn(elapsed_when_finished=True, compact=True),
        console=err,
    )
    with bar:
        task = bar.add_task(label, total=None, unit=unit, per=per)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield report


def say(text: str) -> None:
    """A message for the person, on stderr."""
    err.print(text, soft_wrap=True)
