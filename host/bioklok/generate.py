"""Writes the parts of the docs that follow from the code: `make gen`, checked by `make gen-check`.

A generated part stands between `<!-- gen:NAME -->` and `<!-- /gen -->` in a file of docs/.
"""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from biocore import button, decision, frame, gatt, incoming, lamp, message, page, record

from bioklok.worked_session import OPCODE_NAMES, worked_session

DOCS = Path(__file__).resolve().parents[2] / "docs"
_PART = re.compile(r"(<!-- gen:(\w+) -->\n).*?(<!-- /gen -->)", re.DOTALL)
_SIZES = {"B": 1, "b": 1, "H": 2, "h": 2, "I": 4, "8s": 8, "16s": 16}


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
            ("very long press", f"{button.WIPE_MS} ms", "kept for wiping; does nothing yet"),
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
}


def renewed(text: str) -> str:
    """Return a document with its generated parts made anew. KeyError for an unknown part."""
    return _PART.sub(lambda part: part[1] + PARTS[part[2]]() + part[3], text)


def main(arguments: Sequence[str]) -> int:
    stale = []
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        new = renewed(text)
        if new != text:
            stale.append(path.name)
            if "--check" not in arguments:
                path.write_text(new, encoding="utf-8")
    if stale and "--check" in arguments:
        sys.stderr.write(f"not as the code says: {', '.join(stale)}; run make gen\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
