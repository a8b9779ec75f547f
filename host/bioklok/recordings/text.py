"""The text of a file, gzipped or not, whatever computer wrote it."""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

from bioklok.errors import BioklokFailure, NotFound

MOST_BYTES = 256 << 20  # of text: a year at 30 s has 60 MB
STDIN = Path("/dev/stdin")
_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = ",;\t"
_NO_TEXT = "is no text: export the recording as CSV, TXT or AWD"


@dataclass(frozen=True)
class Text:
    """What stands in a file.

    name: of the file, for messages. content: its lines, whatever ends them. data: the same in an
    encoding in which ASCII is itself; UTF-8 where it is not given.
    """

    name: str
    content: str
    data: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if not self.data:
            object.__setattr__(self, "data", self.content.encode("utf-8", "replace"))

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        # Not splitlines(): only these end a line in such files.
        return self.content.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def head(self, n: int) -> Iterator[str]:
        """Yield the first n lines, without looking at the others."""
        start = 0
        for line_number in range(n):
            end = self.content.find("\n", start)
            line = self.content[start : max(end, start)].removesuffix("\r")
            if end < 0 or "\r" in line:  # the last one, or ends that are not all alike
                yield from self.lines[line_number:n]
                return
            yield line
            start = end + 1

    def line(self, n: int) -> str:
        """Return line n, counted from 1, which is there."""
        return next(islice(self.head(n), n - 1, None))

    def failure(self, line: int, what: str) -> BioklokFailure:
        """Return the one-line error about a line, counted from 1."""
        return BioklokFailure(f"{self.name}, line {line}: {what}")


def read_text(path: Path) -> Text:
    """Read a file. Raises BioklokFailure for one that cannot be read or is no text."""
    try:
        # As it is open already: it may be a socket, or be read in part.
        with open(0 if path == STDIN else path, "rb", closefd=path != STDIN) as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}") from error
    except OSError as error:
        raise BioklokFailure(f"cannot read {path}: {error.strerror}") from error
    if data[:2] == _GZIP:
        try:
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise BioklokFailure(f"{path.name} is a damaged gzip file: fetch it again") from error
    if len(data) > MOST_BYTES:
        raise BioklokFailure(f"{path.name} holds more than {MOST_BYTES >> 20} MB: cut it")
    if data[:2] in _UTF16:
        return _utf16(path, data)
    if b"\0" in data:
        raise BioklokFailure(f"{path.name} {_NO_TEXT}")
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        content = data.decode("cp1252", errors="replace")
    return Text(path.name, content, data)


def _utf16(path: Path, data: bytes) -> Text:
    try:
        content = data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise BioklokFailure(f"{path.name} is damaged UTF-16: export it again") from error
    if "\0" in content:
        raise BioklokFailure(f"{path.name} {_NO_TEXT}")
    return Text(path.name, content)


def separator(line: str) -> str:
    """Return what separates the cells of a header."""
    return max(_SEPARATORS, key=line.count)
