"""A board that answers anything at all: one line for a person, nothing that steers a terminal, no
end that is waited for; and a computer without a terminal's lines."""

import io
import subprocess
import sys
from typing import Any

import pytest
from bioklok.errors import BioklokFailure
from bioklok.usb import board, upkeep
from bioklok.usb.answers import EndlessAnswer, Lines, board_failure, parsed, word
from bioklok.usb.board import BoardFacts, SlotFacts
from bioklok.usb.listing import Found, table
from bioklok.usb.ports import Port
from rich.console import Console

STRANGE: list[Any] = [None, 1, -1.5, True, "x", "\x1b[2J", [], [1], {}, {"slot": 3}, [[[]]], [None]]
FACTS = {
    "name": "micropython",
    "version": "1.25.0",
    "machine": "a board",
    "mpy": 6,
    "unique_id": "0a1b",
    "free_bytes": 1,
    "key_sha256": None,
    "slot": {"slot": "a"},
    "slots": {"a": None, "b": None},
}


class Liar:
    """A cable whose board gives the same answer to everything."""

    port = "/dev/ttyACM0"

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def call(self, function: str, *arguments: Any, **options: Any) -> Any:
        return self.answer


@pytest.mark.parametrize("answer", STRANGE)
@pytest.mark.parametrize(
    "ask",
    [
        board.facts_of,
        lambda cable: board.read(cable, "settings.json"),
        lambda cable: board.files_below(cable, "a"),
        lambda cable: board.digests_of(cable, ["a/x", "a/y"]),
        lambda cable: upkeep.erase_journal(cable, "a", lambda done, total: None),
        upkeep.self_test,
        upkeep.faults,
    ],
)
def test_whatever_it_answers_is_an_answer_or_one_line(ask, answer):
    try:
        ask(Liar(answer))
    except BioklokFailure as failure:
        assert "\n" not in str(failure) and "\x1b" not in str(failure)


@pytest.mark.parametrize("field", FACTS)
@pytest.mark.parametrize("answer", STRANGE)
def test_no_field_of_a_board_can_be_anything(field, answer):
    try:
        facts = board.facts_of(Liar(FACTS | {field: answer}))
    except BioklokFailure:
        return
    assert len(facts.device_id) == 16 and int(facts.device_id, 16) >= 0
    assert facts.name.isprintable() and facts.version.isprintable() and facts.machine.isprintable()


def test_its_names_of_files_stay_below_the_folder_that_was_asked_for():
    liar = Liar(["a/app/x.mpy", "key", "b/manifest.json", "/key", "ab/x"])
    assert board.files_below(liar, "a") == ["a/app/x.mpy"]


def test_nothing_it_says_steers_the_terminal_or_is_taken_for_markup():
    facts = BoardFacts(
        *("n", "[red]1.0", "[/oops]", 6, "00", 1, None, "a"),
        {"a": SlotFacts("[b]", "[link=x]", 1), "b": None},
    )
    out = io.StringIO()
    found = [Found(Port("[p]", "[/d]", None), facts, ""), Found(Port("p", "[/d]", None), None, "n")]
    Console(file=out, width=200).print(table(found))
    assert "[red]1.0" in out.getvalue() and "[/oops]" in out.getvalue()
    assert word("\x1b]0;x\x07a\u202eb\n" + "c" * 999) == "]0;xab" + "c" * 70
    assert "\x1b" not in str(board_failure("OSError: \x1b[2J", "p"))


def test_an_answer_without_end_is_not_waited_for_or_kept():
    lines = Lines(None)
    with pytest.raises(EndlessAnswer):
        for _ in range(10_000):
            lines.take(b"x" * 1000)


@pytest.mark.parametrize("text", ["", "[" * 100_000, "nan,", '{"a":', "\x00", '{"a": 1e999}x'])
def test_text_that_is_no_answer_is_one_line(text):
    with pytest.raises(BioklokFailure, match="answered what nobody can read"):
        parsed(text, "/dev/x")


def test_a_computer_without_termios_can_speak_to_a_board():
    code = "import sys; sys.modules['termios'] = None; import bioklok.usb.cable, bioklok.cli_device"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
