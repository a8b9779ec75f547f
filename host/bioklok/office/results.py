"""What became of a job, as counts: one short line that programs, terminals and pages all read."""

import re

_LINE = re.compile(r"[a-z_]+ [0-9]+(, [a-z_]+ [0-9]+)*")


def line_of(**counts: int) -> str:
    """Return counts as a line, such as "students 9, failed 1": the first, and all that are not 0.

    Its words are names of `web.words.COUNTS`.
    """
    parts = [f"{name} {n}" for at, (name, n) in enumerate(counts.items()) if n or not at]
    return ", ".join(parts)


def counts_of(line: str) -> list[tuple[str, int]]:
    """Return the counts of a line; none where it is no such line: an earlier version wrote it."""
    if not _LINE.fullmatch(line):
        return []
    pairs = (part.split(" ") for part in line.split(", "))
    return [(name, int(n)) for name, n in pairs]
