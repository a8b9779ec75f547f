"""Writes the parts of the docs that follow from the code: `make gen`, checked by `make gen-check`;
and the boards' pins, from hardware/wiring.toml.

A generated part stands between `<!-- gen:NAME -->` and `<!-- /gen -->` in a file of docs/. What was
measured comes from docs/measured/, which the runs in benchmarks/ write when they are told --keep.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from biocore import button, decision, frame, gatt, incoming, lamp, message, page, record

from bioklok.boards.files import generated_files, wiring_tables
from bioklok.errors import BioklokFailure, NotFound
from bioklok.store import inventory_rows
from bioklok.store.erasure import PLAN
from bioklok.web.access_table import TABLE
from bioklok.worked_session import OPCODE_NAMES, worked_session

DOCS = Path(__file__).resolve().parents[2] / "docs"
_PART = re.compile(r"(<!-- gen:(\w+) -->\n).*?(<!-- /gen -->)", re.DOTALL)
_SIZES = {"B": 1, "b": 1, "H": 2, "h": 2, "I": 4, "8s": 8, "16s": 16, "32s": 32}


def _table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _fields(fields: Sequence[Sequence[str]]) -> str:
    rows, at = [], 0
    for name, code, unit, text in fields:
        rows.append((at, _SIZES[code], f"`{name}`", unit, text))
        at += _SIZES[code]
    return _table(("offset", "bytes", "field", "unit", "meaning"), rows)


def _bits(table: Sequence[tuple[str, int, int, str]]) -> str:
    rows = [
        (low if n == 1 else f"{low}-{low + n - 1}", f"`{name}`", text)
        for name, low, n, text in table
    ]
    return _table(("bits", "name", "meaning"), rows)


def _messages() -> str:
    pages = f"one to {message.PAGES_PER_MESSAGE} pages of {page.PAGE_BYTES} bytes"
    rows: list[tuple[object, ...]] = [(message.PAGES, "PAGES", pages)]
    for opcode, fields in message.FIELDS.items():
        text = "; ".join(f"`{name}` {_SIZES[code]} B, {what}" for name, code, what in fields)
        rows.append((opcode, OPCODE_NAMES[opcode], text or "-"))
    return _table(("opcode", "message", "fields in order"), sorted(rows))


def _limits() -> str:
    return _table(
        ("what", "value"),
        [
            ("protocol version", frame.PROTOCOL_VERSION),
            ("page", f"{page.PAGE_BYTES} B, at most {page.MAX_EPOCHS} epochs"),
            (
                "header and checksum of a data frame",
                f"{frame.HEADER_BYTES + frame.CRC_BYTES} B",
            ),
            ("acknowledgement", f"{frame.ACK_BYTES} B"),
            ("frames under way", f"at most {frame.WINDOW}"),
            ("longest message", f"{incoming.MAX_MESSAGE_BYTES} B"),
            ("MTU that is asked for", gatt.WANTED_MTU),
            ("service", f"`{gatt.SERVICE_UUID}`"),
            ("host to device (RX)", f"`{gatt.RX_UUID}`"),
            ("device to host (TX)", f"`{gatt.TX_UUID}`"),
        ],
    )


def _gestures() -> str:
    return _table(
        ("gesture", "time", "does"),
        [
            ("one press", "", "shows the lamp; leaves no mark"),
            ("two presses", f"within {button.GAP_MS} ms", "marks *sharp*"),
            ("three presses", f"within {button.GAP_MS} ms", "marks *tired*"),
            ("long press", f"{button.LONG_MS} ms or more", "asks for a strip"),
            (
                "very long press",
                f"{button.WIPE_MS} ms",
                "let go within 20 s, by day: wipes log, settings and key; three soft swells say so",
            ),
        ],
    )


def _lamp() -> str:
    rows = []
    for state, (colour, keyframes) in zip(lamp.STATES, lamp.PATTERNS, strict=True):
        length_ms = sum(duration for duration, _ in keyframes)
        rows.append((state, "#{:02X}{:02X}{:02X}".format(*colour), f"{length_ms} ms"))
    return _table(("state", "colour", "pattern's length"), rows)


def _reasons() -> str:
    return _table(("code", "reason"), list(enumerate(decision.REASONS)))


def _session() -> str:
    rows = [f"{line.sender:<6} {line.what:<6} {line.frame.hex()}" for line in worked_session()]
    return "```\n" + "\n".join(rows) + "\n```\n"


def _inventory() -> str:
    heads = ("table", "column", "what for", "who sees it", "protected", "how long")
    return _table(heads, list(inventory_rows.rows()))


def _erasing() -> str:
    return _table(
        ("table", "column", "when the person is erased"),
        [(f"`{table}`", f"`{column}`", fate.value) for (table, column), fate in PLAN.items()],
    )


def measured(folder: Path = DOCS / "measured") -> dict[str, str]:
    """Return the tables that runs have kept, by name.

    NotFound where a file cannot be read, or two runs call their tables the same.
    """
    tables: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))["tables"]
            new = {name: _table(table["heads"], table["rows"]) for name, table in kept.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as failure:
            raise NotFound(
                f"docs/measured/{path.name} has no tables: make it anew, its run has --keep"
            ) from failure
        if twice := sorted(tables.keys() & new.keys()):
            raise NotFound(f"{path.name} and another file both have the table {twice[0]}")
        tables |= new
    return tables


def _access() -> str:
    rows = [(row.method, f"`{row.path}`", row.who, row.whom) for row in TABLE]
    return _table(("", "address", "who", "about whom"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "header": lambda: _fields(page.HEADER_FIELDS),
    "epoch": lambda: _fields(record.EPOCH_FIELDS),
    "flags": lambda: _bits(record.EPOCH_FLAGS),
    "marks": lambda: _bits(record.EPOCH_MARKS),
    "messages": _messages,
    "limits": _limits,
    "gestures": _gestures,
    "lamp": _lamp,
    "reasons": _reasons,
    "session": _session,
    "access": _access,
    "inventory": _inventory,
    "erasing": _erasing,
    "pins": wiring_tables,
}


def renewed(text: str, tables: Mapping[str, str]) -> str:
    """Return a document with its generated parts made anew, from the code or from these tables.

    NotFound for a part that is neither.
    """

    def part(found: re.Match[str]) -> str:
        name = found[2]
        if name not in PARTS and name not in tables:
            raise NotFound(
                f"nothing makes the part {name}: name another, or keep its run's results"
            )
        return found[1] + (PARTS[name]() if name in PARTS else tables[name]) + found[3]

    return _PART.sub(part, text)


def main(arguments: Sequence[str]) -> int:
    """Write the generated parts, or with --check only say which are not as they should be."""
    try:
        return _renew("--check" in arguments)
    except BioklokFailure as failure:
        sys.stderr.write(f"{failure}\n")
        return 1


def _renew(is_check: bool) -> int:
    stale, tables = [], measured()
    wanted = generated_files()
    for path in sorted(DOCS.rglob("*.md")):
        wanted[path] = renewed(path.read_text(encoding="utf-8"), tables)
    for path, new in wanted.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != new:
            stale.append(path.name)
            if not is_check:
                path.parent.mkdir(exist_ok=True)  # a board that is new
                path.write_text(new, encoding="utf-8")
    if stale and is_check:
        sys.stderr.write(f"not as the code says: {', '.join(stale)}; run make gen\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
