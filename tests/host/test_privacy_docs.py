"""What the documents promise about data is what the code does."""

import json
import re
import runpy
from pathlib import Path

import pytest
from bioklok.office.settings import Retention
from bioklok.store import inventory, inventory_rows
from sqlalchemy import LargeBinary
from sqlmodel import SQLModel

ROOT = Path(__file__).parents[2]
PRIVACY = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
SBOM = json.loads((ROOT / "docs" / "sbom.json").read_text(encoding="utf-8"))


def test_every_column_has_a_purpose_and_every_purpose_a_column():
    tables = SQLModel.metadata.tables
    assert set(inventory.INVENTORY) == set(tables)
    for name, held in inventory.INVENTORY.items():
        assert set(held.columns) == {column.name for column in tables[name].columns}, name
        assert held.seen_by and held.kept and all(held.columns.values()), name


def test_the_document_says_of_each_column_whether_it_is_sealed():
    told = {row[:2]: row[4] for row in _rows()}
    columns = {
        (table.name, column.name): column
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
    }
    assert set(told) == set(columns)
    for key, column in columns.items():
        assert bool(told[key]) == (
            isinstance(column.type, LargeBinary)
            or key in {("ticket", "digest"), ("credential", "body")}
        )
        assert f"| `{key[1]}` | {inventory.INVENTORY[key[0]].columns[key[1]]} |" in PRIVACY


def _rows() -> list[tuple[str, ...]]:
    table, found = "", []
    for name, column, *rest in inventory_rows.rows():
        table = name.strip("`") or table
        found.append((table, column.strip("`"), *rest))
    return found


def test_a_column_that_nobody_gave_a_purpose_is_found(monkeypatch):
    held = inventory.INVENTORY["feed"]
    less = {name: what for name, what in held.columns.items() if name != "host"}
    monkeypatch.setitem(inventory.INVENTORY, "feed", inventory.Held(held.seen_by, held.kept, less))
    with pytest.raises(KeyError, match="host"):
        list(inventory_rows.rows())


def test_the_days_that_are_promised_are_those_that_are_kept():
    usual = Retention()
    assert f"| minutes, as the device sent them | {usual.raw_days} days |" in PRIVACY
    assert f"| who looked | {usual.look_days} days |" in PRIVACY
    assert f"| notes of syncs | {usual.session_days} days |" in PRIVACY
    assert inventory.INVENTORY["page"].kept.startswith(f"{usual.raw_days} days")
    assert inventory.INVENTORY["look"].kept == f"{usual.look_days} days"
    assert inventory.INVENTORY["sync_session"].kept == f"{usual.session_days} days"


def test_the_commands_that_are_named_are_there():
    from bioklok.cli import app
    from typer.main import get_command

    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    text = PRIVACY + (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`bioklok ([a-z]+)", text))
    assert {"export", "erase", "retention", "restore"} <= named <= known
    for link in re.findall(r"\]\(([^)#]+)\)", PRIVACY):
        assert (ROOT / "docs" / link).exists(), link


def test_the_bill_of_materials_is_what_the_lock_pins():
    made = runpy.run_path(str(ROOT / "docs" / "sbom.py"))
    locked = made["pinned"]((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert len(locked) > 100
    listed = {one["name"]: one["version"] for one in SBOM["components"]}
    assert listed == {name: version for name, (version, _) in locked.items()}
    assert (SBOM["bomFormat"], SBOM["specVersion"]) == ("CycloneDX", "1.6")
    assert len({one["bom-ref"] for one in SBOM["components"]}) == len(SBOM["components"])


def test_what_ships_has_a_licence_that_lets_it():
    """No GPL or AGPL; of what only another kind of computer installs no licence is known here."""
    n_known = 0
    for one in SBOM["components"]:
        words = json.dumps(one["licenses"])
        other = any(p["name"] == "bioklok:only_on" for p in one["properties"])
        if one["scope"] == "excluded":
            continue
        assert one["licenses"] or other, one["name"]
        assert not re.search(r"(?<!L)GPL|Affero|(?<!Lesser )General Public", words), one["name"]
        n_known += bool(one["licenses"])
    assert n_known > 50


def test_a_lock_is_read_as_it_is_written():
    pinned = runpy.run_path(str(ROOT / "docs" / "sbom.py"))["pinned"]
    text = (
        "A_b==1.2 \\\n    --hash=sha256:00\n"
        "c[x]==3 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
        "d==4.0.post1 ; python_version < '3.12'\n"
    )
    assert pinned(text) == {
        "a-b": ("1.2", None),
        "c": ("3", "sys_platform == 'win32'"),
        "d": ("4.0.post1", "python_version < '3.12'"),
    }
