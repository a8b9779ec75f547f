"""Reads a MeLiDos site: light and activity a minute a row, and sleepiness ratings with their time.

Layout (Hilden et al. 2025, doi 10.5281/zenodo.16893901): at the top a CSV (gzip or not) of all
people with Id, Datetime (UTC), PIM, LIGHT; for each person a folder whose name ends in the same
number, with a REDCap export of ratings (column kss, local start times) among its currentconditions.
"""

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

MINUTE_S = 60


@dataclass(frozen=True)
class Rating:
    """One answer on the Karolinska Sleepiness Scale, 1 (extremely alert) to 9 (fighting sleep)."""

    utc_s: int
    minute_of_day: int  # local
    kss: int


@dataclass(frozen=True, eq=False)
class Person:
    """`activity` (PIM counts) and `light_lx`, one a minute from `start_utc_s` on; NaN: missing."""

    name: str
    start_utc_s: int
    activity: NDArray[np.float64]
    light_lx: NDArray[np.float64]
    ratings: tuple[Rating, ...]


def read_people(folder: Path, zone: ZoneInfo) -> list[Person]:
    """Everybody in `folder` who has both minutes and ratings, by name.

    Raises FileNotFoundError where there is no table of minutes.
    """
    minutes = _read_minutes(folder)
    people = []
    for home in sorted(path for path in folder.iterdir() if path.is_dir()):
        number = _number(home.name)
        ratings = _read_ratings(home, zone)
        if number in minutes and ratings:
            people.append(_person(home.name, minutes[number], ratings))
    return people


def _number(name: str) -> str:
    digits: list[str] = re.findall(r"\d+", name)
    return digits[-1].lstrip("0") if digits else name


def _rows(path: Path) -> Iterator[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as stream:
        head = stream.readline()
        stream.seek(0)
        delimiter = ";" if head.count(";") > head.count(",") else ","
        for row in csv.DictReader(stream, delimiter=delimiter):
            yield {key: value or "" for key, value in row.items() if isinstance(key, str)}


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # empty or NA
        return float("nan")


def _read_minutes(folder: Path) -> dict[str, list[tuple[int, float, float]]]:
    paths = sorted({*folder.glob("*.csv"), *folder.glob("*.csv.gz")})
    people: dict[str, list[tuple[int, float, float]]] = {}
    for path in paths:
        for row in _rows(path):
            if not {"Id", "Datetime", "PIM", "LIGHT"} <= row.keys():
                break
            moment = datetime.fromisoformat(row["Datetime"]).replace(tzinfo=UTC)
            people.setdefault(_number(row["Id"]), []).append(
                (int(moment.timestamp()), _float(row["PIM"]), _float(row["LIGHT"]))
            )
    if not people:
        raise FileNotFoundError(f"no table with Id, Datetime, PIM and LIGHT in {folder}")
    return people


def _read_ratings(home: Path, zone: ZoneInfo) -> list[Rating]:
    """In the order given. A time that summer time's end makes double is the first of the two."""
    ratings = []
    for path in sorted(home.glob("**/currentconditions/*.csv")):
        for row in _rows(path):
            kss = _float(row.get("kss", ""))
            begun = [row[key] for key in row if key.startswith("startdate") and row[key]]
            if begun and 1 <= kss <= 9:
                moment = datetime.fromisoformat(begun[0]).replace(tzinfo=zone)
                ratings.append(
                    Rating(int(moment.timestamp()), moment.hour * 60 + moment.minute, round(kss))
                )
    return sorted(ratings, key=lambda rating: rating.utc_s)


def _person(name: str, minutes: list[tuple[int, float, float]], ratings: list[Rating]) -> Person:
    start = min(row[0] for row in minutes) // MINUTE_S
    length = max(row[0] for row in minutes) // MINUTE_S - start + 1
    activity = np.full(length, np.nan)
    light = np.full(length, np.nan)
    for utc_s, pim, lux in minutes:
        activity[utc_s // MINUTE_S - start] = pim
        light[utc_s // MINUTE_S - start] = lux
    return Person(name, start * MINUTE_S, activity, light, tuple(ratings))
