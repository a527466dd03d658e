"""An error that crossed the wire is the leaf it was, so that exit codes are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from homarus.client.faults import fault_of, leaves
from homarus.errors import (
    Forbidden,
    HomarusError,
    Internal,
    Invalid,
    Issue,
    ManifestInvalid,
    NotFound,
    TooMany,
    Transient,
    Unavailable,
)
from homarus.web.problems import document, render


def _made(kind: type[HomarusError]) -> HomarusError:
    if issubclass(kind, ManifestInvalid):
        return kind("words", issues=[Issue("a.b", "wrong", "do this")], hint="mend")
    if issubclass(kind, TooMany):
        return kind("words", retry_after=timedelta(seconds=7), hint="mend")
    if issubclass(kind, Transient):
        return kind("words", delay=timedelta(seconds=7))
    return kind("words", hint="mend", detail="the inside")


@pytest.mark.parametrize("kind", list(leaves()), ids=lambda kind: kind.__name__)
def test_every_leaf_comes_back(kind: type[HomarusError]) -> None:
    sent = _made(kind)
    problem = document(sent, "req")
    assert "the inside" not in str(problem)

    came = fault_of(problem, status=sent.status, retry_after=7)

    assert type(came) is kind
    assert (came.message, came.hint, came.exit_code) == ("words", sent.hint, sent.exit_code)
    assert came.extras() == sent.extras()


def test_codes_and_docs_are_unique() -> None:
    codes = [kind.code for kind in leaves()]
    assert len(codes) == len(set(codes))
    assert all(kind.__doc__ for kind in leaves())


def test_waiting_times_travel() -> None:
    answer = render(TooMany("words", retry_after=timedelta(seconds=1.2)), "req")
    assert answer.headers["retry-after"] == "2"
    came = fault_of({"code": "too_many"}, status=429, retry_after=2)
    assert isinstance(came, TooMany)
    assert came.retry_after == timedelta(seconds=2)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, Forbidden), (404, NotFound), (503, Unavailable), (418, Invalid), (502, Internal)],
)
def test_an_answer_without_a_code_falls_to_its_status(
    status: int, kind: type[HomarusError]
) -> None:
    assert type(fault_of({}, status=status)) is kind
