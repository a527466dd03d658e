"""The command line against a real server: what people and programs see."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from tests.integration.api.conftest import Cli

import homarus
from homarus.core.scopes import Role


async def test_version(cli: Cli) -> None:
    assert (await cli("version")).out == f"homarus {homarus.__version__}\n"
    assert (await cli("version", "--json")).json == {"version": homarus.__version__}


async def test_users_are_made_granted_and_removed(cli: Cli) -> None:
    made = (await cli("user", "create", "Ann@example.test", "--role", "viewer", "--json")).json
    assert made["login_link"].startswith(f"{cli.url}/login#hlk_")

    granted = await cli("user", "grant", "ann@example.test", "--role", "operator@lab", "--json")
    assert granted.json["grants"] == [{"role": "operator", "fleet": "lab"}]
    listed = await cli("user", "list")
    assert "operator@lab" in listed.out
    assert "owner@example.test" in listed.out
    assert (await cli("user", "get", made["id"], "--json")).json["email"] == "ann@example.test"

    assert (await cli("user", "delete", "ann@example.test")).code == 0
    gone = await cli("user", "get", "ann@example.test")
    assert gone.code == 4
    assert "error: There is no user" in gone.err
    assert "hint: homarus user list" in gone.err


async def test_a_login_link_gives_this_machine_a_token_of_its_own(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = (await cli("user", "create", "ann@example.test", "--role", "viewer", "--json")).json
    monkeypatch.delenv("HOMARUS_URL")
    monkeypatch.delenv("HOMARUS_TOKEN")

    assert (await cli("token", "list")).code == 6
    assert (await cli("login", made["login_link"])).code == 0

    saved = tmp_path / "home" / "cli.json"
    assert saved.stat().st_mode & 0o777 == 0o600
    assert json.loads(saved.read_text())["url"] == cli.url
    tokens = (await cli("token", "list", "--json")).json
    assert [t["user_id"] for t in tokens] == [made["id"]]
    assert (await cli("user", "list")).code == 7, "a viewer sees no users"
    assert (await cli("login", made["login_link"])).code == 6, "the link was used"


async def test_a_password_logs_in_too(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("typer.prompt", lambda *_a, **_k: "wrong password")
    refused = await cli("login", "--email", "owner@example.test")
    assert refused.code == 6
    assert "do not belong together" in refused.err


async def test_tokens(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    made = (await cli("token", "create", "ci", "--scope", "user:read", "--days", "1")).out.strip()
    assert made.startswith("hom_")
    monkeypatch.setenv("HOMARUS_TOKEN", made)
    assert (await cli("user", "list")).code == 0
    assert (await cli("secret", "list")).code == 7
    monkeypatch.setenv("HOMARUS_TOKEN", cli.ours.owner_token)
    tokens = (await cli("token", "list", "--json")).json
    (ci,) = [t for t in tokens if t["name"] == "ci"]
    assert (await cli("token", "revoke", ci["id"])).code == 0
    monkeypatch.setenv("HOMARUS_TOKEN", made)
    assert (await cli("user", "list")).code == 6


async def test_secrets_come_by_input_or_environment_and_are_never_shown(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("marked-value\n"))
    first = await cli("secret", "set", "TOKEN", "--json")
    monkeypatch.setenv("FROM_HERE", "marked-value-2")
    second = await cli("secret", "set", "TOKEN", "--env", "FROM_HERE")
    others = (("list",), ("list", "--json"), ("get", "TOKEN"), ("rotate-master-key",))
    shown = [first, second, *[await cli("secret", *words) for words in others]]

    assert first.json["version"] == 1
    assert "version 2" in second.out
    assert all(ran.code == 0 and "marked" not in ran.out + ran.err for ran in shown)
    async with cli.ours.store.read() as session:
        opened = await cli.ours.foundation.secrets.open_values(
            session, cli.ours.owner.workspace_id, ["TOKEN"]
        )
    assert opened.values == {"TOKEN": "marked-value-2"}
    assert (await cli("secret", "delete", "TOKEN")).code == 0
    assert (await cli("secret", "delete", "TOKEN")).code == 4
    assert (await cli("secret", "set", "TOKEN", "--env", "NOT_THERE")).code == 3


async def test_bad_input_is_listed_with_how_to_mend_it(cli: Cli) -> None:
    refused = await cli("user", "create", "ann@example.test", "--role", "vewer")
    assert refused.code == 3
    assert "grants[0].role: not an allowed value" in refused.err
    assert "Did you mean viewer?" in refused.err
    assert refused.out == ""
    assert refused.err.count("not an allowed value") == 1, "said once"


async def test_errors_are_json_where_json_is_asked_for(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = await cli("user", "create", "ann@example.test", "--role", "vewer", "--json")
    told = json.loads(refused.err)
    assert (refused.out, refused.code, told["exit_code"]) == ("", 3, 3)
    assert (told["code"], told["issues"][0]["path"]) == ("manifest_invalid", "grants[0].role")
    gone = await cli("user", "get", "nobody@example.test", "--json")
    assert json.loads(gone.err)["code"] == "not_found"
    assert json.loads(gone.err)["hint"].startswith("homarus user list")
    wrong = await cli("token", "create", "--json")
    assert (wrong.code, json.loads(wrong.err)["code"]) == (2, "usage")
    missing = await cli("audit", "verify", "no-such-file", "--json")
    assert "no-such-file" in json.loads(missing.err)["detail"]
    monkeypatch.setenv("HOMARUS_URL", "http://127.0.0.1:9")
    away = await cli("user", "list", "--json")
    assert (away.code, json.loads(away.err)["code"]) == (9, "unavailable")


async def test_usage_errors_and_a_server_that_is_away_have_codes(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = await cli("user", "nonsense")
    assert (wrong.code, wrong.err.splitlines()[0]) == (2, "error: No such command 'nonsense'.")
    assert (await cli("token", "create")).code == 2
    monkeypatch.setenv("HOMARUS_URL", "http://127.0.0.1:9")
    away = await cli("user", "list")
    assert away.code == 9
    assert "hint: Start it: homarus up" in away.err


class TestAudit:
    async def _export(self, cli: Cli, tmp_path: Path) -> Path:
        await cli.ours.add_user("ann", Role.VIEWER)
        while await cli.ours.foundation.sequencer.turn():
            pass
        file = tmp_path / "audit.jsonl"
        assert (await cli("audit", "export", str(file), "--json")).json["events"] >= 5
        return file

    async def test_an_export_is_verified_without_a_server(
        self, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = await self._export(cli, tmp_path)
        store = (await cli("audit", "verify", "--json")).json
        monkeypatch.setenv("HOMARUS_URL", "http://127.0.0.1:9")
        offline = (await cli("audit", "verify", str(file), "--json")).json

        assert offline == store
        assert offline["ok"]
        assert (await cli("audit", "verify", str(file), "--head", offline["last_hash"])).code == 0
        assert (await cli("audit", "verify", str(file), "--head", "0" * 63 + "1")).code == 10

    @pytest.mark.parametrize("what", ["change", "swap", "cut middle", "cut end", "garbage"])
    async def test_a_tampered_export_is_refused(self, cli: Cli, tmp_path: Path, what: str) -> None:
        file = await self._export(cli, tmp_path)
        lines = file.read_text().splitlines()
        match what:
            case "change":
                lines[2] = lines[2].replace("user.create", "user.delete")
                assert lines != file.read_text().splitlines()
            case "swap":
                lines[2], lines[3] = lines[3], lines[2]
            case "cut middle":
                del lines[3]
            case "cut end":
                del lines[-1]
            case "garbage":
                lines[3] = "not json"
        file.write_text("\n".join(lines) + "\n")

        ran = await cli("audit", "verify", str(file))
        assert ran.code == 10
        assert "TAMPERED" in ran.out

    async def test_what_is_no_export_is_said_so(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "x").write_text("{}\n")
        assert (await cli("audit", "verify", str(tmp_path / "x"))).code == 3

    async def test_the_list_is_for_people_and_programs(self, cli: Cli) -> None:
        assert "workspace.create" in (await cli("audit", "list")).out
        found = (await cli("audit", "list", "--action", "user.create", "--json")).json
        assert [e["action"] for e in found] == ["user.create"]
        sought = ("audit", "list", "--search", "user.c", "--actor", "setup", "--json")
        assert [e["action"] for e in (await cli(*sought)).json] == ["user.create"]
        assert (await cli("audit", "list", "--until", "2000-01-01T00:00:00Z", "--json")).json == []
        assert (await cli("audit", "list", "--since", "yesterday")).code == 3
