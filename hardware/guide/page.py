"""The parts of the guide that follow from the wiring: the pilot's wires as sentences."""

from bioklok.boards.files import wiring_tables
from bioklok.boards.wiring import read_wiring

BOARD = "esp32c3_pilot"
LANGUAGES = ("en", "nl")


def tables() -> dict[str, str]:
    """Return the generated parts of the guide by their names."""
    board = {BOARD: read_wiring()[BOARD]}
    return {f"guide_wires_{language}": wiring_tables(language, board) for language in LANGUAGES}
