"""Write the reference pages from the code they describe; ``--check`` says which are out of date.

.venv/bin/python scripts/gen_docs.py [--check]
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from homarus.cli.main import INTERRUPTED, USAGE, build
from homarus.client.faults import leaves
from homarus.core.scopes import FLEET_SCOPES, ROLES, SCOPES
from homarus.errors import HomarusError
from homarus.http.app import assemble
from homarus.roles.main import COMMANDS
from homarus.settings import PREFIX, Settings

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- written by scripts/gen_docs.py; do not edit -->\n"


def pages() -> dict[str, str]:
    """Every page by its name in docs/reference, as it should be."""
    return {
        "openapi.json": json.dumps(assemble().openapi(), indent=1, sort_keys=True) + "\n",
        "errors.md": errors_page(),
        "cli.md": cli_page(),
        "settings.md": settings_page(),
        "roles.md": roles_page(),
    }


def errors_page() -> str:
    """Codes, statuses and exit codes."""
    rows = [
        f"| `{kind.code}` | {kind.status} | {kind.exit_code} | {_first_sentence(kind)} |"
        for kind in leaves(HomarusError)
    ]
    return "\n".join(
        [
            NOTE,
            "# Errors and exit codes",
            "",
            "Every error of the API is `application/problem+json` with a stable `code`; the",
            "command line ends with the exit code beside it. 0 is success; besides the codes",
            f"below, {USAGE} is a wrong command line, {INTERRUPTED} an interruption, and",
            "`homarus audit verify` ends with 10 if the log was tampered with.",
            "With `--json` a command prints its error as JSON, too, to the error stream.",
            "",
            "| code | status | exit code | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def cli_page() -> str:
    """Every command with its arguments and options."""
    root = build(COMMANDS)
    lines = [NOTE, "# Commands", ""]
    for path, command in _commands(root, "homarus"):
        lines += [f"## `{path}`", "", inspect.cleandoc(command.help or ""), ""]
        lines += [f"- {_parameter(one)}" for one in command.params if _is_shown(one)]
        lines.append("")
    return "\n".join(lines)


def settings_page() -> str:
    """Every setting with its default."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default if field.default not in (None, "", ()) else "-"
        rows.append(f"| `{PREFIX}{name.upper()}` | `{name}` | {default} | {field.description} |")
    return "\n".join(
        [
            NOTE,
            "# Settings",
            "",
            "From the environment, or from `config.toml` in the home folder; the environment",
            "wins. An unknown key in the file is refused by its name.",
            "",
            "| environment | file | default | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def roles_page() -> str:
    """Scopes, and which role holds them."""
    roles = list(ROLES)
    lines = [
        NOTE,
        "# Roles and scopes",
        "",
        "A role is granted on the workspace or on one fleet. A grant on a fleet carries only the",
        "scopes marked with a star, and those on bots are good for that fleet alone. A token holds",
        "at most what its user holds.",
        "",
        f"| scope | meaning | {' | '.join(roles)} |",
        f"|---|---|{'---|' * len(roles)}",
    ]
    for scope, meaning in SCOPES.items():
        star = " *" if scope in FLEET_SCOPES else ""
        held = " | ".join("yes" if scope in ROLES[role] else "" for role in roles)
        lines.append(f"| `{scope}`{star} | {meaning} | {held} |")
    return "\n".join([*lines, ""])


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    inside = getattr(command, "commands", None)
    if inside is None:
        yield path, command
        return
    for name in sorted(inside):
        yield from _commands(inside[name], f"{path} {name}")


def _is_shown(parameter: Any) -> bool:
    return parameter.name != "help" and not getattr(parameter, "hidden", False)


def _parameter(parameter: Any) -> str:
    argument = parameter.param_type_name == "argument"
    name = (parameter.metavar or parameter.name.upper()) if argument else ", ".join(parameter.opts)
    return f"`{name}` {getattr(parameter, 'help', None) or ''}".rstrip()


def _first_sentence(kind: type[HomarusError]) -> str:
    return inspect.getdoc(kind).split("\n\n")[0].replace("\n", " ")  # type: ignore[union-attr]


def main() -> int:
    """Write or check every page; return the exit code."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, wanted in pages().items():
        page = FOLDER / name
        if page.exists() and page.read_text() == wanted:
            continue
        stale.append(name)
        if not check:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(wanted)
    for name in stale:
        print(f"docs/reference/{name}: {'out of date, run make docs' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
