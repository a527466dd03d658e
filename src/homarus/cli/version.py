"""``homarus version``."""

from __future__ import annotations

import homarus
from homarus.cli.output import AsJson, say


def version(as_json: AsJson = False) -> None:
    """Print the version of this command."""
    found = homarus.__version__
    say(f"homarus {found}", as_json=as_json, document={"version": found})
