"""``homarus bot``: make, look at, change and delete bots."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from homarus.cli import bot_talk, bot_verbs
from homarus.cli.connect import connect
from homarus.cli.following import follow
from homarus.cli.manifest import read_manifests, read_value
from homarus.cli.output import AsJson, say, show_list, show_one
from homarus.client.api import Api, Document
from homarus.errors import Invalid, NotFound

app = typer.Typer(help="Autonomous agents under management.", no_args_is_help=True)
bot_verbs.add_to(app)
bot_talk.add_to(app)

BotName = Annotated[str, typer.Argument(metavar="BOT", help="Its name or id.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Return before it is so.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="A key of the spec, as tools.exec=full."),
]


@app.command("create")
def create_bot(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and hyphens.")],
    model: Annotated[str, typer.Option(help="The model route it calls.")] = "demo",
    runtime: Annotated[str, typer.Option(help="What it runs.")] = "openclaw",
    persona: Annotated[str, typer.Option(help="Who it is.")] = "",
    goals: Annotated[list[str] | None, typer.Option("--goal", help="What it is for.")] = None,
    settings: Set = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Make a bot and wait until it runs."""
    spec: dict[str, Any] = {
        "name": name,
        "model": model,
        "runtime": {"name": runtime},
        "persona": persona,
        "goals": goals or [],
    }
    _assign(spec, settings or [])
    with connect() as api:
        made = api.post("/v1/bots", spec)
        if not no_wait:
            follow(api, made["operation_id"], quiet=as_json)
        bot = api.get(f"/v1/bots/{made['id']}")
    say(f"Bot {name} is {bot['state']}.", as_json=as_json, document=bot)


@app.command("list")
def list_bots(
    search: Annotated[str, typer.Option(help="Part of the name, or KEY=VALUE of a label.")] = "",
    state: Annotated[
        list[str] | None, typer.Option(help="Only bots in this state; may be repeated.")
    ] = None,
    fleet: Annotated[str, typer.Option(help="Only bots of this fleet.")] = "",
    runtime: Annotated[str, typer.Option(help="Only bots of this runtime.")] = "",
    model: Annotated[str, typer.Option(help="Only bots that call this model name.")] = "",
    sort: Annotated[str, typer.Option(help="name, created or changed.")] = "created",
    order: Annotated[str, typer.Option(help="asc or desc.")] = "asc",
    as_json: AsJson = False,
) -> None:
    """List bots, oldest first unless --sort says otherwise."""
    wanted: dict[str, Any] = {"q": search, "state": state or [], "fleet": fleet}
    wanted |= {"runtime": runtime, "model": model, "sort": sort, "order": order}
    with connect() as api:
        bots = list(api.pages("/v1/bots", **wanted))
    columns = ["name", "state", "reason", "runtime", "model", "fleet", "isolation"]
    if any((search, state, fleet, runtime, model)):
        empty = "No bot is like that. homarus bot list"
    else:
        empty = "No bots. homarus bot create NAME"
    show_list(bots, columns, as_json=as_json, empty=empty)


@app.command("get")
def get_bot(name: BotName, as_json: AsJson = False) -> None:
    """Show a bot: its state and why, its spec, what its supervisor reports."""
    with connect() as api:
        bot = api.get(f"/v1/bots/{name}")
        placement = _placement(api, name)
    if as_json:
        show_one({**bot, "placement": placement}, as_json=True)
        return
    shown = {k: v for k, v in bot.items() if k not in ("spec", "deleting")}
    report = (placement or {}).get("report") or {}
    kept = ("pid", "restarts", "phases", "issues", "findings")
    told = {**{k: report.get(k) for k in kept}, **_inventory(report.get("inventory") or {})}
    show_one({**shown, **told, **bot["spec"]}, as_json=False)


@app.command("edit")
def edit_bot(
    name: BotName,
    settings: Set = None,
    file: Annotated[str, typer.Option("-f", "--file", help="A manifest with the new spec.")] = "",
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Change a bot's spec, and show what that changed."""
    if bool(file) == bool(settings):
        raise Invalid("Say what to change.", hint="Either --set PATH=VALUE or -f FILE.")
    with connect() as api:
        bot = api.get(f"/v1/bots/{name}")
        spec = _one_bot(file) if file else bot["spec"]
        _assign(spec, settings or [])
        applied = api.put(f"/v1/bots/{name}", {"spec": spec, "version": bot["version"]})
        if not no_wait:
            follow(api, applied["operation_id"], quiet=as_json)
    for change in applied["changes"] if not as_json else []:
        say(f"  {change['path']}: {change['before']} -> {change['after']}")
    say(f"Bot {name}: {applied['outcome']}.", as_json=as_json, document=applied)


@app.command("delete")
def delete_bot(
    name: BotName,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Stop a bot and remove it with its files, for good."""
    if not yes:
        typer.confirm(f"Delete bot {name} with its memory and files?", abort=True)
    with connect() as api:
        asked = api.delete(f"/v1/bots/{name}")
        follow(api, asked["operation_id"], quiet=as_json)
    say(f"Bot {name} is deleted.", as_json=as_json, document=asked)


def apply(
    file: Annotated[str, typer.Option("-f", "--file", help="Manifests; - is standard input.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Make bots be like their manifests: all of them, or none."""
    with connect() as api:
        body = {"manifests": read_manifests(file), "dry_run": dry_run}
        applied = api.post("/v1/apply", body)
        for one in applied["items"]:
            if not as_json:
                say(f"bot {one['name']}: {one['outcome']}{' (dry run)' if dry_run else ''}")
                for change in one["changes"]:
                    say(f"  {change['path']}: {change['before']} -> {change['after']}")
            if not no_wait and not dry_run:
                follow(api, one["operation_id"], quiet=as_json)
    if as_json:
        show_one(applied, as_json=True)


def _inventory(inventory: Document) -> Document:
    """Channels and skills in a line each; nothing while no runtime is ready."""
    if not inventory:
        return {}
    channels = [
        " ".join(filter(None, (c["name"], c["state"], c["detail"]))) for c in inventory["channels"]
    ]
    ready = [skill["name"] for skill in inventory["skills"] if skill["ready"]]
    skills = f"{len(ready)} of {len(inventory['skills'])} ready"
    shown = {"channels": channels, "skills": f"{skills}: {', '.join(ready)}" if ready else skills}
    if inventory["problem"]:
        shown["inventory"] = f"as of {inventory['asked_at'] or 'never'}: {inventory['problem']}"
    return shown


def _placement(api: Api, name: str) -> Document | None:
    """Its newest placement; None for a bot that was never placed."""
    try:
        return api.get(f"/v1/bots/{name}/placement")
    except NotFound:
        return None


def _one_bot(file: str) -> dict[str, Any]:
    documents = read_manifests(file)
    if len(documents) != 1:
        raise Invalid(
            f"{file} holds {len(documents)} documents.", hint="homarus apply -f takes many."
        )
    document = documents[0]
    document.pop("kind", None)
    return document


def _assign(spec: dict[str, Any], settings: list[str]) -> None:
    """Put ``a.b=value`` into the spec; values are YAML: true, 3 and [a, b] mean what they say."""
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals or not path:
            raise Invalid(f"{setting!r} is no PATH=VALUE.", hint="For example tools.exec=full.")
        *folders, leaf = path.split(".")
        place: Any = spec
        for folder in folders:
            place = place.setdefault(folder, {})
            if not isinstance(place, dict):
                raise Invalid(f"{path}: {folder} is not a group of keys.")
        place[leaf] = read_value(text)
