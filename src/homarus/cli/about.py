"""``homarus about``: the installation that this command speaks to."""

from __future__ import annotations

from homarus.cli.connect import connect
from homarus.cli.output import AsJson, show_one


def about(as_json: AsJson = False) -> None:
    """Show the server's version, its addresses, its database and its system."""
    with connect() as api:
        show_one(api.get("/v1/about"), as_json=as_json)
