"""The gateway's listener: which path is answered how, and the timers beside the calls."""

from __future__ import annotations

import asyncio
import socket

import msgspec

from homarus.errors import DiskFull, HomeNotWritable
from homarus.gateway import refusals, stages
from homarus.gateway.exchange import Exchange
from homarus.gateway.formats import BY_PATH, FORMATS
from homarus.gateway.refusals import Refusal, Refused
from homarus.gateway.spool import SYNC_WITHIN
from homarus.gateway.wire.inbound import Inbound, Request
from homarus.gateway.wire.limits import Limits, Reaper
from homarus.gateway.wire.outbound import Pool
from homarus.gateway.worker import Worker

_JSON = b"content-type: application/json\r\n"
_TEXT = b"content-type: text/plain; version=0.0.4; charset=utf-8\r\n"
_LOOPBACK = frozenset((b"localhost", b"127.0.0.1", b"[::1]"))


class Server:
    """Serves calls until closed. Needs no control plane, only what its worker holds."""

    def __init__(
        self,
        worker: Worker,
        *,
        limits: Limits | None = None,
        hosts: frozenset[bytes] = _LOOPBACK,
        pool: Pool | None = None,
    ) -> None:
        self.worker = worker
        self.limits = limits or Limits()
        self.reaper = Reaper(worker.clock.monotonic)
        self.pool = pool or Pool(self.limits, self.reaper)
        self._hosts = hosts
        self._connections: set[Inbound] = set()
        self._listener: asyncio.Server | None = None
        self._timers: list[asyncio.Task[None]] = []
        self._synced = 0

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port. Raises OSError if the port is taken."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            self._accept, host, port, backlog=1024, family=socket.AF_UNSPEC
        )
        self._timers = [loop.create_task(self._sync()), loop.create_task(self._tidy())]
        bound: int = self._listener.sockets[0].getsockname()[1]
        return bound

    async def close(self, *, grace: float = 5.0) -> None:
        """Take no more calls, let those under way end within ``grace``, then cut the rest."""
        if self._listener is not None:
            self._listener.close()
        waited = 0.0
        while self.worker.cells.in_flight and waited < grace:
            await asyncio.sleep(0.02)
            waited += 0.02
        for connection in list(self._connections):
            connection.hang_up()
        self.pool.close()
        for timer in self._timers:
            timer.cancel()
        await asyncio.gather(*self._timers, return_exceptions=True)
        await asyncio.sleep(0)

    def _accept(self) -> Inbound:
        connection = Inbound(self, self.limits, self.reaper)
        connection.kept_in = self._connections
        return connection

    # ---- requests

    def serve(self, connection: Inbound, request: Request) -> None:
        """Answer one request; see `homarus.gateway.wire.inbound.Service`."""
        if not self._welcome(request):
            connection.respond(403, _JSON, b'{"error":{"message":"This Host is not served."}}')
            return
        path = request.target.partition(b"?")[0]
        format_ = BY_PATH.get(path)
        if format_ is not None and request.method == b"POST":
            Exchange(self.worker, self.pool, connection, format_).begin(request)
        elif request.method not in (b"GET", b"HEAD"):
            status = 405 if format_ is None and path in _GETTABLE else 404
            connection.respond(status, _JSON, _NO_SUCH_PATH)
        else:
            self._get(connection, request, path)

    def _get(self, connection: Inbound, request: Request, path: bytes) -> None:
        status, head, body = 404, _JSON, _NO_SUCH_PATH
        if path == b"/healthz":
            status, head, body = 200, _JSON, b'{"status":"ok"}'
        elif path == b"/readyz":
            obstacle = self.worker.obstacle()
            status = 503 if obstacle else 200
            body = msgspec.json.encode({"ready": not obstacle, "reason": obstacle})
        elif path == b"/metrics":
            status, head, body = 200, _TEXT, self.worker.cells.render(self._gauges())
        elif path == b"/v1/models":
            status, head, body = self._models(request)
        elif path.startswith(_REFUSALS):
            words = self.worker.said.about(path[len(_REFUSALS) :].decode("latin-1"))
            if words:
                status, body = 200, msgspec.json.encode({"message": words})
        elif path in BY_PATH:
            status, head = 405, _JSON + b"allow: POST\r\n"
        if request.method == b"HEAD":
            connection.close_after()  # the length of a body that is not sent would mislead
            connection.start(status, head)
            connection.finish()
        else:
            connection.respond(status, head, body)

    def _models(self, request: Request) -> tuple[int, bytes, bytes]:
        snapshot = self.worker.snapshot
        anthropic = b"anthropic-version" in request.known
        format_ = FORMATS["anthropic" if anthropic else "openai"]
        refusal = None
        if snapshot is None:
            refusal = Refusal(Refused.UNAVAILABLE, self.worker.obstacle())
        else:
            key = stages.authenticate(snapshot, request.known, current=self.worker.current)
            refusal = key if isinstance(key, Refusal) else None
        if refusal is not None or snapshot is None or isinstance(key, Refusal):
            refusal = refusal or Refusal(Refused.UNAVAILABLE, "")
            status = refusals.status(refusal.reason, format_.name)
            body = format_.error(status=status, kind=refusal.reason, message=refusal.message)
            return status, refusals.head(refusal.reason), body
        served = [
            name
            for name in snapshot.names.get(key.workspace, ())
            if (key.workspace, name, format_.name) in snapshot.ways
        ]
        if anthropic:
            rows = [{"type": "model", "id": name, "display_name": name} for name in served]
            return 200, _JSON, msgspec.json.encode({"data": rows, "has_more": False})
        listed = [
            {"id": name, "object": "model", "created": 0, "owned_by": "homarus"} for name in served
        ]
        return 200, _JSON, msgspec.json.encode({"object": "list", "data": listed})

    def _welcome(self, request: Request) -> bool:
        """A browser that was lured here says so by its Origin or by a Host we do not have."""
        if b"origin" in request.known:
            return False
        host = request.known.get(b"host", b"localhost").lower()
        name, _, port = host.rpartition(b":")
        return (name if port.isdigit() else host) in self._hosts

    def _gauges(self) -> dict[str, float]:
        worker = self.worker
        age = worker.clock.monotonic() - worker.fresh_at
        return {
            "snapshot_age_seconds": age if age != float("inf") else -1.0,
            "snapshot_version": worker.snapshot.version if worker.snapshot else 0,
            "spool_records": worker.spool.seq,
            "connections": len(self._connections),
        }

    # ---- timers

    async def _sync(self) -> None:
        loop = asyncio.get_running_loop()
        spool = self.worker.spool
        while True:
            await asyncio.sleep(SYNC_WITHIN * 0.8)  # the rest is for the sync itself
            try:
                if spool.seq != self._synced:
                    seq = spool.seq
                    await loop.run_in_executor(None, spool.sync)
                    self._synced = seq
                if spool.short or self.worker.broken:
                    await loop.run_in_executor(None, spool.prepare_spare)
                    self.worker.broken = ""
            except (DiskFull, HomeNotWritable, OSError) as fault:
                self.worker.broken = str(fault)
                await asyncio.sleep(1.0)

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self.reaper.sweep()
            self.worker.tidy()


_GETTABLE = frozenset((b"/healthz", b"/readyz", b"/metrics", b"/v1/models"))
_REFUSALS = b"/v1/refusals/"
"""Followed by a trace id, which only the call's own control plane, supervisor and bot know."""
_NO_SUCH_PATH = b'{"error":{"message":"No such path here.","type":"invalid_request_error"}}'
