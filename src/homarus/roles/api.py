"""The ``api`` role: one control plane, listening on loopback.

``SIGTERM`` ends it and leaves the bots running; ``SIGUSR1`` parks the bots, and says ``parked``
(docs/decisions/0003). Says ``ready`` and a JSON document on standard output once it serves.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import uvicorn

from homarus.adapters.targets.local.target import LocalTarget
from homarus.client.credential import FILE, Credential, load_credential, save_credential
from homarus.errors import HomarusError, PortTaken
from homarus.kit.clock import SystemClock
from homarus.ports.target import Target
from homarus.roles.control_plane import ControlPlane, Options, announce, open_control_plane
from homarus.roles.logs import log_to_stderr
from homarus.roles.problems import last_words, say, say_ready, tie
from homarus.settings import OWNER, PREFIX, Settings, load_settings

PARK_WITHIN = timedelta(seconds=40)


def main(argv: list[str]) -> int:
    """Run the role; return its exit code."""
    parser = argparse.ArgumentParser(prog="homarus.roles.api")
    parser.add_argument("--log", type=Path, help="where standard error goes; it is bounded")
    parser.add_argument("--parent", type=int, default=0, help="end when this process ends")
    parser.add_argument("--arm-gateway", action="store_true", help="make a gateway's enrolment")
    given = parser.parse_args(argv)
    os.umask(0o077)
    tie(given.parent)
    log_to_stderr(given.log)
    try:
        asyncio.run(serve(load_settings(), arm_gateway=given.arm_gateway))
    except HomarusError as fault:
        return last_words(fault)
    return 0


async def serve(settings: Settings, *, arm_gateway: bool) -> None:
    """Serve until a signal asks for the end."""
    options = Options(
        home=settings.home,
        database=settings.database_url,
        port=settings.api_port,
        gateway_port=settings.gateway_port,
        demo_port=settings.demo_port,
        master_key=settings.master_key.get_secret_value() if settings.master_key else None,
    )

    def make_targets(install_id: str) -> Mapping[str, Target]:
        return {"local": LocalTarget(home=settings.home, install_id=install_id)}

    plane = await open_control_plane(options, SystemClock(), make_targets)
    try:
        first = await _first_start(plane, settings.home, options.control_url)
        listening = _listen(options.port)
        announce(options)
        await _serve(plane, listening, first, arm_gateway=arm_gateway)
    finally:
        await plane.store.close()


async def _serve(
    plane: ControlPlane, listening: socket.socket, first: Mapping[str, str], *, arm_gateway: bool
) -> None:
    config = uvicorn.Config(
        plane.app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=1 << 21,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    asked, parking = asyncio.Event(), asyncio.Event()
    for number, event in (
        (signal.SIGTERM, asked),
        (signal.SIGINT, asked),
        (signal.SIGUSR1, parking),
    ):
        loop.add_signal_handler(number, event.set)
    serving = asyncio.create_task(server.serve([listening]))
    running = asyncio.create_task(plane.run())
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event
        await asyncio.sleep(0.01)
    told = dict(first)
    if arm_gateway:
        told["gateway_token"] = await plane.gateways.arm()
    say_ready(json.dumps(told))
    parked = asyncio.create_task(_park(plane, parking))
    ends = {asyncio.create_task(asked.wait()), serving, running}
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    parked.cancel()
    server.should_exit = True
    await serving
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


class _Server(uvicorn.Server):
    """Leaves signals to us: what they mean here is more than "stop serving"."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _park(plane: ControlPlane, parking: asyncio.Event) -> None:
    """Once asked, stop every bot and say how that went; go on serving all the while."""
    await parking.wait()
    empty = await plane.reconciler.park(within=PARK_WITHIN)
    say("parked" if empty else "not parked: something still runs")


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as fault:
        listening.close()
        raise PortTaken(
            f"Port {port} is taken by another program.",
            hint=f"End that program, or choose another port: HOMARUS_API_PORT={port + 100}",
        ) from fault
    return listening


async def _first_start(plane: ControlPlane, home: Path, url: str) -> dict[str, str]:
    """Make owner, workspace and the CLI's credential where they are missing."""
    bootstrap = plane.foundation.bootstrap
    made = await bootstrap.first_start(email=OWNER, name="Owner")
    environment = {f"{PREFIX}HOME": str(home)}
    if made is not None:
        save_credential(environment, Credential(url, made.cli_token))
        return {"login_link": f"{url}/login#{made.login_link}"}
    if not (home / FILE).exists():
        save_credential(environment, Credential(url, await bootstrap.new_cli_token()))
    else:
        kept = load_credential(environment)
        if kept.url != url:
            save_credential(environment, Credential(url, kept.token))
    return {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
