"""Checking an audit export without a server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from homarus.errors import Invalid
from homarus.kit.hash_chain import ChainCheck

FORMAT = 1


@dataclass(frozen=True, slots=True)
class CheckedExport:
    """What an export is worth; ``problem`` is empty if nothing is wrong."""

    linked: int
    unlinked: int
    last_hash: str
    problem: str


def check_export(documents: Iterable[Any], *, head: str = "") -> CheckedExport:
    """Check header and links of an export, given as one document per line (None: not JSON).

    A cut at the end shows by the header; where the header may have been changed as well, by
    ``head``, the last hash as somebody wrote it down earlier.

    Raises:
        Invalid: this is not an audit export of a format that we know.
    """
    lines = iter(documents)
    header = next(lines, None)
    if not isinstance(header, dict) or header.get("homarus_audit") != FORMAT:
        raise Invalid("This is not an audit export.", hint="Make one: homarus audit export FILE")
    check = ChainCheck()
    broken = ""
    hashes = set()
    for number, document in enumerate(lines, 2):
        if not isinstance(document, dict):
            broken = f"line {number} is not a record"
            break
        hashes.add(document.get("hash"))
        check.feed([document])
    verdict = check.verdict()
    problem = verdict.problem or broken
    if not problem and verdict.linked != header.get("linked"):
        problem = f"{header.get('linked')} linked records were exported, {verdict.linked} are here"
    if not problem and verdict.last_hash != header.get("last_hash"):
        problem = "the last hash is not the one in the header"
    if not problem and verdict.unlinked != header.get("unlinked"):
        problem = "records at the end are missing"
    if not problem and head and head not in hashes:
        problem = "the hash that you gave is not in this log"
    return CheckedExport(verdict.linked, verdict.unlinked, verdict.last_hash, problem)
