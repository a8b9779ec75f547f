"""Reading what somebody filled in: each field checked, and beside it what to do where it is wrong.

The keys of `Form.errors` are names of fields, its values keys of the texts. Nothing here raises
for what a person, or a hostile program, can send.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, time
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import FormData

_Choice = TypeVar("_Choice", bound=StrEnum)
LINE_LETTERS = 80
TEXT_LETTERS = 600
_WHOLE = re.compile(r"[0-9]{1,6}")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


class Form:
    """A form that was filled in. Each method reads a field; what is wrong goes to `errors`."""

    def __init__(self, filled: FormData) -> None:
        self._filled = filled
        self.errors: dict[str, str] = {}

    @property
    def is_good(self) -> bool:
        """Whether all that was read so far was usable."""
        return not self.errors

    def given(self, name: str) -> str:
        """Return a field as it was sent, to show it again; a file or nothing is empty."""
        value = self._filled.get(name, "")
        # No text has a NUL, and PostgreSQL keeps none.
        return value if isinstance(value, str) and "\0" not in value else ""

    def many(self, name: str) -> list[str]:
        """Return all values of a field that can be chosen more than once."""
        return [
            one for one in self._filled.getlist(name) if isinstance(one, str) and "\0" not in one
        ]

    def is_ticked(self, name: str) -> bool:
        """Say whether a box was ticked."""
        return self.given(name) == "yes"

    def text(self, name: str, most: int = LINE_LETTERS, *, is_needed: bool = False) -> str:
        """Return a line or a text, without what no screen shows."""
        return self._checked(name, self.given(name), most, is_needed)

    def line(self, name: str, *, is_needed: bool = False) -> str:
        """Return a text on one line: what stood apart is joined by a space."""
        return self._checked(name, " ".join(self.given(name).split()), LINE_LETTERS, is_needed)

    def _checked(self, name: str, given: str, most: int, is_needed: bool) -> str:
        plain = unicodedata.normalize("NFC", given).replace("\r\n", "\n")
        kept = "".join(
            one for one in plain if one == "\n" or unicodedata.category(one) not in ("Cc", "Cs")
        ).strip()
        if is_needed and not kept:
            self.errors[name] = "error_needed"
        if len(kept) > most:
            self.errors[name] = "error_long"
        return kept[:most]

    def choice(self, name: str, kind: type[_Choice]) -> _Choice | None:
        """Return one of an enumeration; None, and an error, for what is none of it."""
        found = _member(kind, self.given(name))
        if found is None:
            self.errors[name] = "error_choose"
        return found

    def maybe(self, name: str, kind: type[_Choice]) -> _Choice | None:
        """Return one of an enumeration; None where nothing was chosen."""
        return self.choice(name, kind) if self.given(name) else None

    def choices(self, name: str, kind: type[_Choice]) -> list[_Choice]:
        """Return the ticked members, each once, in the order of the enumeration; at least one."""
        ticked = {_member(kind, one) for one in self.many(name)}
        found = [one for one in kind if one in ticked]
        if not found or None in ticked:
            self.errors[name] = "error_tick"
        return found

    def some_of(self, name: str, known: Iterable[str]) -> list[str]:
        """Return the ticked ones of what there is to tick; at least one."""
        ticked = set(self.many(name))
        found = [one for one in known if one in ticked]
        if not found or len(found) != len(ticked):
            self.errors[name] = "error_tick"
        return found

    def whole(self, name: str, low: int, high: int, wrong: str = "error_number") -> int:
        """Return a whole number in [low, high]; `low`, and the error `wrong`, for anything else."""
        given = self.given(name).strip()
        if not _WHOLE.fullmatch(given) or not low <= int(given) <= high:
            self.errors[name] = wrong
            return low
        return int(given)

    def maybe_whole(self, name: str, low: int, high: int) -> int | None:
        """Return a whole number; None where the field is empty."""
        return self.whole(name, low, high) if self.given(name).strip() else None

    def day(self, name: str) -> date | None:
        """Return a day; None, and an error, for what is none or lies in no school's time."""
        try:
            found = date.fromisoformat(self.given(name).strip())
        except ValueError:
            found = None
        if found is None or not 1900 <= found.year <= 2105:
            self.errors[name] = "error_day"
            return None
        return found

    def maybe_day(self, name: str) -> date | None:
        """Return a day; None where the field is empty."""
        return self.day(name) if self.given(name).strip() else None

    def clock(self, name: str) -> time | None:
        """Return a time of the day as 08:30; None, and an error, for what is none."""
        match = _CLOCK.fullmatch(self.given(name).strip())
        if match is None:
            self.errors[name] = "error_clock"
            return None
        return time(int(match[1]), int(match[2]))


def _member(kind: type[_Choice], value: str) -> _Choice | None:
    return next((one for one in kind if one.value == value), None)
