"""Waiting for an operation, with its steps on the screen as they happen."""

from __future__ import annotations

import time

from homarus.cli.output import err
from homarus.client.api import Api, Document
from homarus.errors import Conflict, Unavailable

WITHIN_S = 120.0
_LOOK_EVERY_S = 0.4


def follow(api: Api, operation_id: str | None, *, quiet: bool = False) -> Document | None:
    """Return the operation once it has succeeded; None if there was nothing to do.

    Raises:
        Conflict: it failed, or another change took its place; the reason says which.
        Unavailable: it is still under way after two minutes.
    """
    if operation_id is None:
        return None
    shown = 0
    operation = api.get(f"/v1/operations/{operation_id}")
    end = time.monotonic() + WITHIN_S
    while time.monotonic() < end:
        operation = api.get(f"/v1/operations/{operation_id}")
        for step in operation["steps"][shown:]:
            if not quiet:
                err().print(f"  {step['words']}", markup=False)
        shown = max(shown, len(operation["steps"]))
        match operation["state"]:
            case "succeeded":
                return operation
            case "failed":
                raise Conflict(
                    f"{operation['kind']} of {operation['subject']} failed: {operation['error']}",
                    hint=f"homarus bot get {operation['subject']}",
                )
            case "superseded":
                raise Conflict(f"Another change of {operation['subject']} took its place.")
        time.sleep(_LOOK_EVERY_S)
    steps = operation["steps"]
    last = f": {steps[-1]['words']}" if steps else ""
    raise Unavailable(
        f"{operation['kind']} of {operation['subject']} is still under way{last}.",
        hint=f"homarus bot get {operation['subject']}",
    )
