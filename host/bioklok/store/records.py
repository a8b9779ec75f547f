"""The school's plain data as JSON in a column, and back. Pydantic reads the types themselves."""

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from bioklok.errors import BioklokFailure

_T = TypeVar("_T")


_adapters: dict[Any, TypeAdapter[Any]] = {}  # making one takes longer than using it


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def to_json(value: Any) -> str:
    """Return a dataclass of `bioklok.school` as JSON."""
    return str(_adapter(type(value)).dump_json(value), "utf-8")


def from_json(kind: type[_T], text: str) -> _T:
    """Return what `to_json` wrote. Raises BioklokFailure where a column holds something else."""
    try:
        found: _T = _adapter(kind).validate_json(text)
    except ValidationError as error:
        raise BioklokFailure(
            f"a stored {kind.__name__} cannot be read: restore a copy of the database"
        ) from error
    return found
