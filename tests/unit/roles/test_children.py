"""The last words of a role become the launcher's error."""

from __future__ import annotations

import json

import pytest

from homarus import errors
from homarus.roles.children import reported


def _line(error: object, message: object = "m", hint: object = "h") -> str:
    return json.dumps({"error": error, "message": message, "hint": hint})


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("PortTaken", errors.PortTaken),
        ("StoreTooNew", errors.StoreTooNew),
        ("Invalid", errors.Invalid),
        ("Unavailable", errors.Unavailable),
        # Those that need more than words, or that are none of ours, are passed on as words.
        ("ManifestInvalid", errors.Unavailable),
        ("TooMany", errors.Unavailable),
        ("Issue", errors.Unavailable),
        ("annotations", errors.Unavailable),
        ("NoSuchError", errors.Unavailable),
        (7, errors.Unavailable),
    ],
)
def test_a_report_becomes_its_leaf(name: object, kind: type[Exception]) -> None:
    fault = reported(_line(name))
    assert type(fault) is kind
    assert isinstance(fault, errors.HomarusError)
    assert (fault.message, fault.hint) == ("m", "h")


@pytest.mark.parametrize(
    "line", ["", "Traceback", "7", "null", "[]", '"x"', "{}", '{"error": "PortTaken"}']
)
def test_other_last_words_are_no_report(line: str) -> None:
    assert reported(line) is None
