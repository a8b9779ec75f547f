"""`inventory` beside the tables themselves, as the rows of the table in docs/privacy.md."""

from collections.abc import Iterator

from sqlalchemy import LargeBinary
from sqlmodel import SQLModel

from bioklok.store.inventory import INVENTORY


def rows() -> Iterator[tuple[str, str, str, str, str, str]]:
    """Yield table, column, purpose, who sees it, sealed or not, how long. KeyError for a gap."""
    for name, held in INVENTORY.items():
        table = SQLModel.metadata.tables[name]
        for n, column in enumerate(table.columns):
            yield (
                f"`{table.name}`" if n == 0 else "",
                f"`{column.name}`",
                held.columns[column.name],
                held.seen_by if n == 0 else "",
                _protection(table.name, column.name, isinstance(column.type, LargeBinary)),
                held.kept if n == 0 else "",
            )


def _protection(table: str, column: str, is_binary: bool) -> str:
    if column == "wrapped_key":
        return "under the master key"
    is_digest = (table, column) in {("ticket", "digest"), ("credential", "body")}
    return "hash or public key" if is_digest else "sealed" if is_binary else ""
