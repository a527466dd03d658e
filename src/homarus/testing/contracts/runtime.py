"""The contracts of `RuntimeModel` and `RuntimeHost`; subclass and give the named fixtures."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from homarus.core.specs import BotSpec
from homarus.errors import ManifestInvalid, Unavailable
from homarus.ports.runtime_host import Places, RuntimeHost, Ticket, TurnEvent
from homarus.ports.runtime_model import RuntimeModel

_MARK = re.compile(r"@\{([A-Z_]+)\}")


def spec_for(model: RuntimeModel, **more: object) -> BotSpec:
    """A small spec for this runtime."""
    return BotSpec.model_validate({"name": "tested", "runtime": {"name": model.name}, **more})


def places(root: Path) -> Places:
    """Folders below ``root``; a contract makes none of them."""
    return Places(
        node=root / "node",
        runtime=root / "runtime",
        config=root / "config",
        state=root / "state",
        workspace=root / "state" / "workspace",
        home=root / "home",
        socket=root / "socket",
        log=root / "state" / "log",
    )


class RuntimeModelContract:
    """Fixture ``model``. Rendering is pure and what it renders is accepted."""

    def test_equal_specs_render_equally(self, model: RuntimeModel) -> None:
        spec = spec_for(model, persona="kind", goals=["help"])
        again = BotSpec.model_validate_json(spec.model_dump_json())
        assert model.render(spec, model_route="m") == model.render(again, model_route="m")

    def test_what_it_renders_it_accepts(self, model: RuntimeModel) -> None:
        for policy in ("deny", "full"):
            spec = spec_for(model, tools={"exec": policy, "deny": ["browser"]})
            assert list(model.judge(model.render(spec, model_route="m"))) == []

    def test_a_spec_reaches_the_rendering(self, model: RuntimeModel) -> None:
        text = str(model.render(spec_for(model, persona="planted"), model_route="routed").files)
        assert "planted" in text
        assert "routed" in text

    def test_a_wrong_setting_is_named_by_its_path_in_the_spec(self, model: RuntimeModel) -> None:
        spec = spec_for(model, settings={"no_such_setting": 1})
        try:
            issues = list(model.judge(model.render(spec, model_route="m")))
        except ManifestInvalid as fault:
            issues = list(fault.issues)
        assert issues
        assert all(issue.path.startswith("settings") for issue in issues)
        assert "no_such_setting" in str(issues)

    def test_an_unknown_version_is_an_issue(self, model: RuntimeModel) -> None:
        spec = spec_for(model, runtime={"name": model.name, "version": "0.0.0-none"})
        issues = model.judge(model.render(spec, model_route="m"))
        assert [issue.path for issue in issues] == ["runtime.version"]


class RuntimePairContract:
    """Fixtures ``model`` and ``host``: what one half renders, the other can fill and launch."""

    def test_every_mark_is_filled(
        self, model: RuntimeModel, host: RuntimeHost, tmp_path: Path
    ) -> None:
        ticket = Ticket(port=5, token="t", gateway_url="http://x", paused=False)  # noqa: S106
        values = host.fill(places=places(tmp_path), ticket=ticket)
        rendered = model.render(spec_for(model, secrets=["A"]), model_route="m")
        marks = {mark for file in rendered.files for mark in _MARK.findall(file.content)}
        assert marks <= set(values)

    def test_a_launch_is_pure_and_carries_no_secret(
        self, host: RuntimeHost, tmp_path: Path
    ) -> None:
        ticket = Ticket(port=5, token="planted", gateway_url="http://x", paused=True)  # noqa: S106
        launch = host.launch(places=places(tmp_path), ticket=ticket)
        assert launch == host.launch(places=places(tmp_path), ticket=ticket)
        assert "planted" not in str(launch)

    async def test_nobody_at_home_is_not_an_error(self, host: RuntimeHost) -> None:
        ticket = Ticket(port=9, token="t", gateway_url="", paused=False)  # noqa: S106
        health = await host.health(ticket=ticket)
        assert not health.alive
        assert not health.ready
        await host.close()
        await host.close()


class RuntimeTurnContract:
    """Fixture ``open_host``: a host connected to a ready runtime (or its fake)."""

    async def _turn(self, host: RuntimeHost, turn_id: str) -> list[TurnEvent]:
        deadline = datetime.now(UTC) + timedelta(seconds=60)
        events = host.send(turn_id=turn_id, text="hello", traceparent="", deadline=deadline)
        return [event async for event in events]

    async def test_deltas_add_up_to_the_final_answer(self, open_host: RuntimeHost) -> None:
        *deltas, final = await self._turn(open_host, "turn_1")
        assert final.kind == "final"
        assert final.text
        text = ""
        for delta in deltas:
            assert delta.offset == len(text)
            text += delta.text
        assert text == final.text

    async def test_what_it_has_is_told_and_asking_changes_nothing(
        self, open_host: RuntimeHost
    ) -> None:
        first = await open_host.inventory()
        assert first == await open_host.inventory()
        await self.test_deltas_add_up_to_the_final_answer(open_host)
        await open_host.close()
        try:
            await open_host.inventory()
        except Unavailable:
            return
        raise AssertionError("what is not open cannot be asked")

    async def test_the_same_id_is_the_same_turn(self, open_host: RuntimeHost) -> None:
        first = (await self._turn(open_host, "turn_1"))[-1]
        again = (await self._turn(open_host, "turn_1"))[-1]
        assert (again.kind, again.text) == (first.kind, first.text)

    async def test_a_past_turn_is_recalled_and_an_unknown_one_is_not(
        self, open_host: RuntimeHost
    ) -> None:
        final = (await self._turn(open_host, "turn_1"))[-1]
        recalled = await open_host.recall(turn_id="turn_1")
        assert recalled is not None
        assert recalled.text == final.text
        assert await open_host.recall(turn_id="turn_never") is None
