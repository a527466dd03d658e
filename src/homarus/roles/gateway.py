"""The AI gateway's process.

``python -m homarus.roles.gateway --home FOLDER --port N --control-url URL``; on the first start
the enrolment token is the first line of standard input. Prints ``ready PORT`` once it listens
(calls may still be refused until the first snapshot: ask ``/readyz``). Ends with SIGTERM or
SIGINT: calls under way get five seconds, then everything is handed in and the spool sealed.

Exit codes: 0 asked to end, 6 not enrolled or refused, 9 control plane not reachable for the
enrolment, 21 port taken, 22 disk full, 23 home not writable.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import signal
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import structlog
import uvloop

from homarus.errors import (
    AlreadyRunning,
    HomarusError,
    HomeNotWritable,
    PortTaken,
    Unauthenticated,
    Unavailable,
)
from homarus.gateway.home import GatewayHome, Identity, Meta, boot_id, new_private_key
from homarus.gateway.link import Link, Shipment, seal
from homarus.gateway.server import Server
from homarus.gateway.snapshot import build
from homarus.gateway.spool import Quarantined, Spool
from homarus.gateway.worker import Worker
from homarus.kit.clock import SystemClock
from homarus.kit.ids import new_id
from homarus.protocol.identity import encode_key
from homarus.roles.logs import log_to_stderr
from homarus.roles.problems import last_words, say_ready, tie

log = structlog.get_logger(__name__)
ENROL_PATH = "/v1/gateways/enrol"
GRACE = 5.0


def enrol(home: GatewayHome, control_url: str, token: str) -> Identity:
    """Register a new key with ``token``; repeating it with a lost answer is harmless.

    Raises:
        Unauthenticated: the control plane does not take the token.
        Unavailable: it cannot be reached.
    """
    pending = home.folder / "enrolling.key"
    if not pending.exists():
        pending.touch(mode=0o600)
        pending.write_text(new_private_key())
    private = pending.read_text()
    identity = Identity("", "", private)
    public = encode_key(identity.key().public_key().public_bytes_raw())
    document = _post(control_url, {"token": token, "public_key": public, "facts": {}})
    identity = Identity(document["subject"], document["session_path"], private)
    home.remember(identity)
    pending.unlink()
    return identity


def _post(control_url: str, body: dict[str, object]) -> dict[str, str]:
    url = urlsplit(control_url)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=10)
    try:
        headers = {"content-type": "application/json"}
        connection.request("POST", url.path.rstrip("/") + ENROL_PATH, json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read(65_536)
    except OSError as fault:
        raise Unavailable(f"The control plane at {control_url} cannot be reached.") from fault
    finally:
        connection.close()
    if answer.status != 200:
        raise Unauthenticated(f"The control plane refused the enrolment (HTTP {answer.status}).")
    document: dict[str, str] = json.loads(text)
    return document


def leftovers(home: GatewayHome) -> list[Shipment]:
    """Take over the spools of processes that died, sealed so that nothing follows."""
    found = []
    for folder in sorted(home.spools.iterdir()):
        meta = home.spool_meta(folder)
        if meta is None:
            continue
        try:
            spool = Spool(folder)
        except AlreadyRunning:
            continue  # its process lives
        except Quarantined as damaged:
            log.error("gateway.spool_damaged", worker=meta.worker, why=str(damaged))
            continue
        seal(spool, crashed=meta.boot_id != boot_id())
        spool.sync()
        found.append(Shipment(meta.worker, spool))
    return found


async def _linked(worker: Worker) -> None:
    """Wait, five seconds at most, for the control plane; it may be away, and we serve anyway."""
    for _ in range(100):
        if worker.leases.transmit is not None:
            return
        await asyncio.sleep(0.05)


async def serve(home: GatewayHome, identity: Identity, *, port: int, control_url: str) -> None:
    """Run until asked to end."""
    clock = SystemClock()
    old = leftovers(home)
    worker_id = new_id("wrk", now=clock.now())
    folder = home.spools / worker_id
    home.describe_spool(folder, Meta(worker_id, boot_id()))
    worker = Worker(Spool(folder), id_=worker_id, clock=clock)
    cached = home.cached(identity)
    if cached is not None:
        worker.load(build(cached.version, bytes.fromhex(cached.pepper), cached.tables))
        worker.skew = cached.skew
        worker.confirm(max(0.0, clock.now().timestamp() - cached.confirmed_at))
    server = Server(worker)
    try:
        bound = await server.start("127.0.0.1", port)
    except OSError as taken:
        raise PortTaken(
            f"The AI gateway cannot listen on port {port}.",
            hint="End what listens there, or give another port.",
        ) from taken
    link = Link(worker, identity, home, control_url, clock, leftovers=old)
    linking = asyncio.create_task(link.run())
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await _linked(worker)
    say_ready(str(bound))
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait({waiting, linking}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await server.close(grace=GRACE)
    seal(worker.spool, crashed=False)
    settled = not linking.done() and await link.settle(within=3.0)
    linking.cancel()
    with suppress(asyncio.CancelledError):
        await linking
    if settled:
        worker.spool.destroy()
    else:
        worker.spool.close()  # the next start hands in the rest


def main() -> int:
    """Run the process; see the module for what it prints and returns."""
    parser = argparse.ArgumentParser(prog="homarus.roles.gateway")
    parser.add_argument("--home", type=Path, required=True, help="folder of this gateway")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--control-url", required=True)
    parser.add_argument("--log", type=Path, help="where standard error goes; it is bounded")
    parser.add_argument("--parent", type=int, default=0, help="end when this process does")
    given = parser.parse_args()
    tie(given.parent)
    log_to_stderr(given.log)
    home = GatewayHome(given.home)
    try:
        try:
            home.make()
        except OSError as fault:
            raise HomeNotWritable(f"{given.home} cannot be written.") from fault
        identity = home.identity()
        if identity is None:
            identity = enrol(home, given.control_url, sys.stdin.readline().strip())
        uvloop.run(
            serve(home, identity, port=given.port, control_url=given.control_url.rstrip("/"))
        )
    except HomarusError as fault:
        return last_words(fault)
    return 0


if __name__ == "__main__":
    sys.exit(main())
