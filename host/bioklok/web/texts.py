"""The words on the pages: one TOML file a language, and dates and times said in it."""

import tomllib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from biocore.decision import REASONS

from bioklok.errors import BioklokFailure

LANGUAGES = ("nl", "en")
DEFAULT_LANGUAGE = "nl"


class Texts:
    """The words of one language. `texts("key", name=...)` fills in a sentence."""

    def __init__(self, language: str, words: dict[str, Any]) -> None:
        self.language = language
        self.words = words

    def __call__(self, key: str, **values: object) -> str:
        return str(self.words[key]).format(**values)

    def weekday(self, day: date) -> str:
        return str(self.words["weekdays"][day.weekday()])

    def long_date(self, day: date) -> str:
        """A day with its weekday: maandag 16 november."""
        return self(
            "date",
            weekday=self.weekday(day),
            day=day.day,
            month=self.words["months"][day.month - 1],
        )

    def short_date(self, day: date) -> str:
        """A day without its weekday: 16 november."""
        return self("date_short", day=day.day, month=self.words["months"][day.month - 1])

    def moment(self, moment: datetime, this_year: int | None = None) -> str:
        """A day and a time: maandag 16 november 10:30; with its year where that is another."""
        day = self.long_date(moment.date())
        if this_year is not None and moment.year != this_year:
            day = f"{day} {moment.year}"
        return f"{day} {moment:%H:%M}"

    def number(self, value: int) -> str:
        """A number with the language's mark between thousands."""
        return f"{value:,}".replace(",", "." if self.language == "nl" else ",")

    def reason(self, code: int) -> str:
        """Why the lamp showed what it did: a sentence for a code of biocore.decision.REASONS."""
        return self(f"reason_{REASONS[code]}")

    def days(self, n: int) -> str:
        return self("one_day") if n == 1 else self("many_days", n=n)

    def seconds(self, n: int) -> str:
        return self("one_second") if n == 1 else self("many_seconds", n=n)

    def times(self, n: int) -> str:
        return self("one_time") if n == 1 else self("many_times", n=n)

    def time_band(self, moment: datetime) -> str:
        """A time as the half hour around it: a wrist device knows no better."""
        quarter = timedelta(minutes=15)
        low = moment - timedelta(minutes=moment.minute % 15, seconds=moment.second)
        if moment - low < quarter / 2:
            low -= quarter
        return self("between", low=f"{low:%H:%M}", high=f"{low + 2 * quarter:%H:%M}")

    def hours_band(self, minutes: int) -> str:
        """A duration as half an hour to either side, in half hours."""
        half_hours = round(minutes / 30)
        low, high = self._half(max(half_hours - 1, 0)), self._half(half_hours + 1)
        return self("hours_band", low=low, high=high)

    @staticmethod
    def _half(half_hours: int) -> str:
        whole, half = divmod(half_hours, 2)
        return f"{whole or ''}½" if half else f"{whole}"


@cache
def texts_in(language: str) -> Texts:
    """Return the words of a language of `LANGUAGES`. Raises BioklokFailure for another."""
    if language not in LANGUAGES:
        raise BioklokFailure(f"no texts in language {language!r}: choose {' or '.join(LANGUAGES)}")
    file = files("bioklok.web") / "translations" / f"{language}.toml"
    return Texts(language, tomllib.loads(file.read_text(encoding="utf-8")))


def choose(asked: str | None, accept: str | None, default: str) -> str:
    """Return the language of a page: what the address asks, else the browser, else `default`."""
    if asked in LANGUAGES:
        return asked
    for language in _by_preference(accept or ""):
        if language in LANGUAGES:
            return language
    return default


def _by_preference(accept: str) -> Sequence[str]:
    """Read an Accept-Language header (RFC 9110, 12.5.4); what cannot be read counts as last."""
    weighed = []
    for place, item in enumerate(accept.split(",")):
        tag, _, parameter = item.strip().partition(";")
        quality = parameter.strip().removeprefix("q=") or "1"
        try:
            weight = float(quality)
        except ValueError:
            weight = 0.0
        if weight > 0:
            weighed.append((-weight, place, tag.split("-")[0].lower()))
    return [tag for _weight, _place, tag in sorted(weighed)]
