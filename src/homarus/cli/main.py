"""The command ``homarus``: its nouns put together, and the boundary where errors end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
import typer
from rich.markup import escape
from typer.exceptions import TyperException

from homarus.cli import (
    audit,
    bot,
    bot_verbs,
    calls,
    doctor,
    login,
    provider,
    secret,
    token,
    user,
    version,
)
from homarus.cli.output import err, show_error
from homarus.errors import HomarusError, Internal, Invalid

NOUNS: dict[str, typer.Typer] = {
    "bot": bot.app,
    "user": user.app,
    "token": token.app,
    "secret": secret.app,
    "provider": provider.app,
    "audit": audit.app,
}
"""Every noun with commands of its own."""

VERBS = (login.login, bot.apply, bot_verbs.kill, calls.calls, doctor.doctor, version.version)
"""Every command that stands alone."""

USAGE, INTERRUPTED = 2, 130
_log = structlog.get_logger(__name__)


def build(more: Sequence[Callable[..., object]] = ()) -> typer.Typer:
    """Return the whole command line; ``more`` are commands that only a role can offer (up)."""
    app = typer.Typer(
        name="homarus",
        help="One control plane for fleets of autonomous agents.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for verb in (*more, *VERBS):
        app.command()(verb)
    for name, noun in NOUNS.items():
        app.add_typer(noun, name=name)
    return app


def execute(arguments: list[str], more: Sequence[Callable[..., object]] = ()) -> int:
    """Run a command and return its exit code; errors are printed, never raised."""
    try:
        code = build(more)(arguments, standalone_mode=False)
    except HomarusError as fault:
        show_error(fault)
        return fault.exit_code
    except TyperException as fault:
        _show_usage(fault.format_message())
        return USAGE
    except (KeyboardInterrupt, typer.Abort):
        err().print("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except OSError as fault:
        show_error(Invalid(_file_words(fault), hint="Give another path, or mend this one."))
        return Invalid.exit_code
    except Exception:  # noqa: BLE001 - the boundary of the command line
        _log.exception("cli.bug")
        show_error(Internal("A fault inside Homarus.", hint="Please report what is above."))
        return Internal.exit_code
    return code if isinstance(code, int) else 0


def _file_words(fault: OSError) -> str:
    where = f"{fault.filename}: " if fault.filename else ""
    return f"{where}{fault.strerror or fault}."


def _show_usage(message: str) -> None:
    # Without words the help was asked for by giving nothing, and is on the screen already.
    if message:
        err().print(f"[red bold]error:[/red bold] {escape(message)}")
        err().print("[yellow bold]hint:[/yellow bold] add --help to see what there is")
