"""The command line: an ordinary client of the API. One module per noun; `main` puts it together.

How to add a noun: write ``cli/<noun>.py`` with ``app = typer.Typer(...)`` and its commands, and
add it to ``NOUNS`` in `homarus.cli.main`. A command opens the API with ``with connect() as
api:``, and shows what it got with `homarus.cli.output`: a table for people, ``--json`` for
programs. It raises our errors and never prints them itself.
"""
