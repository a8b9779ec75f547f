"""The table of ETSI EN 303 645: complete, honest, and with evidence that is there."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "etsi-303645.md").read_text(encoding="utf-8")
STATUS = ("met", "partly", "not met", "not applicable")
# V2.1.1 (2020-06): how many provisions a clause has, and which are mandatory by Table B.1.
CLAUSES = {
    "4": (1, {1}),
    "5.1": (5, {1, 2, 3, 4, 5}),
    "5.2": (3, {1}),
    "5.3": (16, {2, 3, 7, 8, 10, 13, 16}),
    "5.4": (4, {1, 2, 3, 4}),
    "5.5": (8, {1, 5, 7, 8}),
    "5.6": (9, {1, 2, 4}),
    "5.7": (2, set()),
    "5.8": (3, {2, 3}),
    "5.9": (3, set()),
    "5.10": (1, set()),
    "5.11": (4, {1}),
    "5.12": (3, set()),
    "5.13": (1, {1}),
    "6": (5, {1, 2, 3, 5}),
}


@dataclass(frozen=True)
class Provision:
    name: str
    kind: str
    asks: str
    status: str
    how: str
    shown_by: str

    @property
    def is_mandatory(self) -> bool:
        return self.kind.startswith("M")

    @property
    def evidence(self) -> list[str]:
        return re.findall(r"`([^`]+)`", self.shown_by)


def provisions(page: str = PAGE) -> list[Provision]:
    rows = re.findall(r"^\| (\d[\d.]*-\d+) \|(.*)\|$", page, re.MULTILINE)
    return [
        Provision(name, *(cell.strip() for cell in cells))
        for name, rest in rows
        if len(cells := rest.split("|")) == 5
    ]


def faults(found: list[Provision]) -> list[str]:
    """What is wrong with rows, a line each."""
    wrong = []
    for one in found:
        if one.status not in STATUS:
            wrong.append(f"{one.name}: {one.status} is no status")
        if one.status == "met" and not one.evidence:
            wrong.append(f"{one.name}: met, shown by nothing")
        if one.status != "met" and len(one.how) < 15:
            wrong.append(f"{one.name}: {one.status}, without a reason")
        if one.status == "not applicable" and one.is_mandatory and " C (" not in one.kind:
            wrong.append(f"{one.name}: mandatory without a condition, so it applies")
        wrong += [f"{one.name}: no {what}" for what in one.evidence if not is_there(what)]
    return wrong


def is_there(what: str) -> bool:
    path, _, test = what.partition("::")
    if not (ROOT / path).is_file():
        return False
    return not test or test in names_in(path)


@cache
def names_in(path: str) -> frozenset[str]:
    text = (ROOT / path).read_text(encoding="utf-8")
    return frozenset(re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE))


def test_every_provision_of_the_standard_is_there_once_and_in_order():
    wanted = [f"{clause}-{n}" for clause, (many, _) in CLAUSES.items() for n in range(1, many + 1)]
    assert [one.name for one in provisions()] == wanted
    assert len(wanted) == 68


def test_what_is_mandatory_is_called_so():
    for one in provisions():
        clause, _, number = one.name.rpartition("-")
        assert one.is_mandatory == (int(number) in CLAUSES[clause][1]), one.name
        assert re.match(r"[MR]( C)?( \(.+\))?$", one.kind), one.name
    assert sum(len(mandatory) for _, mandatory in CLAUSES.values()) == 33


def test_what_is_named_is_there_and_what_is_met_is_shown():
    assert faults(provisions()) == []


def test_what_is_not_met_or_does_not_apply_has_a_reason():
    assert all(one.how for one in provisions())
    assert any(one.status == "not met" for one in provisions())


def test_the_summary_counts_right():
    counted = Counter((one.is_mandatory, one.status) for one in provisions())
    for status in STATUS:
        assert f"| {status} | {counted[True, status]} | {counted[False, status]} |" in PAGE


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("| M | x | met | how it is met | |", "shown by nothing"),
        ("| M | x | met | how | `docs/none.md` |", "no docs/none.md"),
        (
            "| M | x | met | how | `tests/core/test_crypto.py::test_none` |",
            "no tests/core/test_crypto.py::test_none",
        ),
        ("| R | x | not met | - | |", "without a reason"),
        ("| M | x | not applicable | because it is so, we think | |", "so it applies"),
        ("| M | x | done | because it is so, we think | |", "done is no status"),
    ],
)
def test_each_kind_of_fault_is_found(row, says):
    assert any(says in fault for fault in faults(provisions(f"| 5.1-1 {row}")))
