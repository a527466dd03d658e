"""The command ``homarus``: its commands put together, and the boundary where errors end."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Mapping
from typing import Annotated, Any

import typer
import typer.main
from rich.markup import escape
from typer.exceptions import TyperException

from homarus.cli.lazy import Commands
from homarus.cli.output import err, show_error, show_error_document
from homarus.cli.version import version
from homarus.errors import HomarusError, Internal, Invalid

COMMANDS: Mapping[str, str] = {
    "login": "homarus.cli.login:login",
    "apply": "homarus.cli.bot:apply",
    "kill": "homarus.cli.bot_verbs:kill",
    "calls": "homarus.cli.calls:calls",
    "version": "homarus.cli.version:version",
    "bot": "homarus.cli.bot:app",
    "user": "homarus.cli.user:app",
    "token": "homarus.cli.token:app",
    "secret": "homarus.cli.secret:app",
    "provider": "homarus.cli.provider:app",
    "budget": "homarus.cli.budget:app",
    "audit": "homarus.cli.audit:app",
    "target": "homarus.cli.target:targets",
    "runtime": "homarus.cli.target:runtimes",
    "about": "homarus.cli.about:about",
}
"""Every command that stands alone, and every noun with commands of its own: where each is."""

USAGE, INTERRUPTED = 2, 130


def build(more: Mapping[str, str] | None = None) -> Any:
    """Return the whole command line; ``more`` are commands that only a role can offer (up)."""
    app = typer.Typer(
        name="homarus",
        help="One control plane for fleets of autonomous agents.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    group: Any = typer.main.get_command(app)
    group.commands = Commands({**(more or {}), **COMMANDS})
    return group


def execute(arguments: list[str], more: Mapping[str, str] | None = None) -> int:
    """Run a command and return its exit code; errors are printed, never raised."""
    as_json = "--json" in itertools.takewhile(lambda word: word != "--", arguments)
    try:
        code = build(more)(arguments, standalone_mode=False)
    except HomarusError as fault:
        show_error(fault, as_json=as_json)
        return fault.exit_code
    except TyperException as fault:
        _show_usage(fault.format_message(), as_json=as_json)
        return USAGE
    except (KeyboardInterrupt, typer.Abort):
        err().print("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except OSError as fault:
        hint = "Give another path, or mend this one."
        show_error(Invalid(_file_words(fault), hint=hint), as_json=as_json)
        return Invalid.exit_code
    except Exception:  # the boundary of the command line
        logging.getLogger(__name__).exception("cli.bug")
        ours = Internal("A fault inside Homarus.", hint="Please report what is above.")
        show_error(ours, as_json=as_json)
        return Internal.exit_code
    return code if isinstance(code, int) else 0


def _show_version(asked: bool) -> None:
    if asked:
        version()
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """Take the options that stand before every command."""


def _file_words(fault: OSError) -> str:
    where = f"{fault.filename}: " if fault.filename else ""
    return f"{where}{fault.strerror or fault}."


def _show_usage(message: str, *, as_json: bool) -> None:
    if as_json:
        show_error_document("usage", message, USAGE, hint="add --help to see what there is")
        return
    # Without words the help was asked for by giving nothing, and is on the screen already.
    if message:
        err().print(f"[red bold]error:[/red bold] {escape(message)}")
        err().print("[yellow bold]hint:[/yellow bold] add --help to see what there is")
