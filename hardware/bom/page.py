"""The parts lists as tables for hardware/bom/README.md."""

from hardware.bom.lists import (
    CASE,
    CLAIMED_EURO,
    CLASSES,
    HERE,
    LISTS,
    WIRING,
    Row,
    cell_mah,
    charge_rate,
    euro_range,
    fits_case,
    read_list,
    read_toml,
)


def tables() -> dict[str, str]:
    """Return the generated parts by name."""
    lists = {name: read_list(name) for name in LISTS}
    found = {f"bom_{name.replace('-', '_')}": _list(rows) for name, rows in lists.items()}
    return {
        **found,
        "bom_sums": _sums(lists),
        "bom_classes": _classes(),
        "bom_cell": _cell(lists["breakout"]),
    }


def _table(headings: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def _list(rows: list[Row]) -> str:
    return _table(
        ["", "part", "maker, number", "how many", "class", "why", "note", "instead"],
        [
            [
                row.ref,
                row.part,
                _bought(row),
                f"{row.quantity:g}" + ("" if row.unit == "piece" else f" {row.unit}"),
                row.price_class,
                row.why,
                "" if row.note == "-" else row.note,
                "" if row.alternatives == "-" else row.alternatives,
            ]
            for row in rows
        ],
    )


def _bought(row: Row) -> str:
    maker = "any maker" if row.maker == "any" else row.maker
    return maker if row.maker_number == "-" else f"{maker}: {row.maker_number}"


def _sums(lists: dict[str, list[Row]]) -> str:
    return _table(
        ["list", "board", "rows", "euro, least to most", "middle", "asked for"],
        [
            [
                f"[{name}.csv]({name}.csv)",
                f"`{LISTS[name]}`",
                str(len(rows)),
                "{} to {}".format(*euro_range(rows)),
                f"{sum(euro_range(rows)) / 2:.0f}",
                f"about {CLAIMED_EURO[name]}" if name in CLAIMED_EURO else "",
            ]
            for name, rows in lists.items()
        ],
    )


def _classes() -> str:
    rows = [[name, f"{low} to {high} euro"] for name, (low, high) in CLASSES.items()]
    return _table(["class", "what a device uses of it costs"], rows)


def _cell(rows: list[Row]) -> str:
    """What the charger does to the list's cell and to that of the wiring, and whether it fits."""
    board = LISTS["breakout"]
    charging = read_toml(HERE / "charging.toml")
    charger, source = charging[board]["charger_ma"], charging[board]["source"]
    wired = float(read_toml(WIRING)["boards"][board]["battery_mah"])
    listed = cell_mah(rows) or 0.0
    lines = [
        f"The board charges with up to {charger} mA ({source}), and nothing in the program can"
        f" change that. A cell of {listed:.0f} mAh takes it at {charge_rate(board, listed):.2f} C;"
        f" the most that such cells commonly allow is {charging['most_c']:g} C."
    ]
    if wired != listed:
        rate = charge_rate(board, wired)
        lines.append(
            f"`hardware/wiring.toml` and the days in hardware/power speak of {wired:.0f} mAh: that"
            f" would be {rate:.2f} C, so **such a cell only where its own datasheet allows it**."
        )
    case = read_toml(CASE) if CASE.is_file() else {}
    if fits_case(rows, case) is False:
        lines.append(
            "**The cell of this list does not go into the case as it is** (made for:"
            f" {case['cell']['title']}): change `[cell]` in hardware/enclosure/parts.toml and run"
            " `make hardware`."
        )
    return "\n".join(lines) + "\n"
