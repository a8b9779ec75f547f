"""A school's decisions as a TOML file, for whoever edits them in the terminal."""

import json
import tomllib
from datetime import date, datetime, time
from typing import Any

from bioklok.errors import BioklokFailure
from bioklok.office.settings import Settings
from bioklok.store.records import from_json, to_json


def to_toml(settings: Settings) -> str:
    """Return decisions as TOML. What has no limit is left out, as TOML has no word for it."""
    return "\n".join(_lines(json.loads(to_json(settings)), ())).lstrip("\n") + "\n"


def from_toml(text: str, name: str) -> Settings:
    """Read decisions. Raises BioklokFailure: `name` (of the file) and what is wrong with it."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BioklokFailure(f"{name} is no TOML: {error}") from None
    try:
        settings = from_json(Settings, json.dumps(found, default=_plain))
    except (BioklokFailure, TypeError, ValueError) as error:
        raise BioklokFailure(f"{name}: {_why(error)}") from None
    strange = _strange(found, json.loads(to_json(settings)))
    if strange:
        raise BioklokFailure(f"{name}: {strange} is no setting: look at its spelling")
    return settings


def _strange(given: Any, known: Any) -> str | None:
    """The first key that was not taken over; None: all were."""
    if isinstance(given, dict):
        for key, value in given.items():
            below = _strange(value, known[key]) if key in known else ""
            if below is not None:
                return f"{key}.{below}".rstrip(".")
    elif isinstance(given, list) and given and isinstance(given[0], dict):
        return next((one for one in map(_strange, given, known) if one is not None), None)
    return None


def _why(error: Exception) -> str:
    """What pydantic found wrong first, as "rules.periods.0.first: ..."."""
    found = getattr(error.__cause__, "errors", None)
    if found is None:
        return "these are no settings: begin with what 'bioklok school settings' prints"
    first = found()[0]
    return f"{'.'.join(map(str, first['loc']))}: {str(first['msg']).splitlines()[0]}"


def _lines(table: dict[str, Any], path: tuple[str, ...]) -> list[str]:
    """The plain values of a table first, then its tables, then its lists of tables."""
    plain, below = [], []
    for key, value in table.items():
        if value is None:
            continue
        here = ".".join((*path, key))
        if isinstance(value, dict):
            below += ["", f"[{here}]", *_lines(value, (*path, key))]
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            for one in value:
                below += ["", f"[[{here}]]", *_lines(one, (*path, key))]
        else:
            # What is left JSON and TOML write alike: text, numbers, true, lists.
            plain.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    return plain + below


def _plain(value: object) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError("it holds what is neither text nor number")
