"""Answers while they are written."""

from __future__ import annotations

import pytest

from homarus.domains.turn.hub import LONGEST, MOST, AnswerHub


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([(0, "he"), (2, "llo")], "hello"),
        ([(0, "he"), (3, "lost")], "he"),
        ([(1, "lost")], ""),
        ([(0, "he"), (0, "he"), (2, "y")], "hey"),
        ([(0, "hello"), (1, "i")], "hi"),
    ],
)
def test_pieces_grow_an_answer(pieces: list[tuple[int, str]], text: str) -> None:
    hub = AnswerHub()
    for offset, piece in pieces:
        hub.add("t", offset, piece)
    assert hub.text("t") == text


def test_a_piece_and_the_end_wake_the_reader_and_nothing_stays() -> None:
    hub = AnswerHub()
    ticket = hub.signal("t").ticket()
    hub.add("t", 0, "x")
    assert ticket.is_set()
    ticket = hub.signal("t").ticket()
    hub.add("t", 5, "lost")
    assert not ticket.is_set()
    hub.end("t")
    assert ticket.is_set()
    assert (hub.text("t"), hub._signals) == ("", {})
    hub.end("t")


def test_the_oldest_answer_is_forgotten_first() -> None:
    hub = AnswerHub()
    for number in range(MOST):
        hub.add(str(number), 0, "x")
    hub.add("0", 1, "y")
    hub.add("new", 0, "x")
    assert (hub.text("0"), hub.text("1"), hub.text("new")) == ("xy", "", "x")


@pytest.mark.parametrize(("letter", "width"), [("x", 1), ("\N{GREEK SMALL LETTER PI}", 2)])
def test_an_answer_grows_to_its_bound_and_no_further(letter: str, width: int) -> None:
    hub = AnswerHub()
    whole = letter * (LONGEST // width)
    hub.add("t", 0, whole)
    assert hub.text("t") == whole
    hub.add("t", len(whole), letter)
    hub.add("u", 0, whole + letter)
    assert (hub.text("t"), hub.text("u")) == (whole, "")
