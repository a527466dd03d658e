"""Where everything of one bot and one generation lies. Deterministic, so a crash hides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from homarus.kit.files import write_atomic


class Placement(msgspec.Struct, frozen=True):
    """``placement.json``: what a supervisor must know besides its token. Holds no secret."""

    bot_id: str
    bot_name: str
    generation: int
    nonce: str
    install_id: str
    memory_mb: int
    boot_id: str
    start_slots: int
    host_memory_mb: int
    testing: bool = False
    """Fault points listen to the environment; only tests and proofs set it."""


class Arrival(msgspec.Struct, frozen=True):
    """What arrives on standard input, once: never on disk, never in an argument."""

    control_url: str
    gateway_url: str
    token: str


class Endpoint(msgspec.Struct, frozen=True):
    """``run/endpoint.json``, written by the api role whenever its addresses change."""

    control_url: str
    gateway_url: str


@dataclass(frozen=True, slots=True)
class Folders:
    """All paths of one generation of one bot under ``home``."""

    home: Path
    bot_id: str
    generation: int

    @property
    def endpoint(self) -> Path:
        return self.home / "run" / "endpoint.json"

    @property
    def host(self) -> Path:
        """Host-wide locks: start slots, memory, ports, user ids."""
        return self.home / "run" / ".host"

    @property
    def store(self) -> Path:
        return self.home / "runtimes"

    @property
    def bot_run(self) -> Path:
        return self.home / "run" / self.bot_id

    @property
    def state_lock(self) -> Path:
        return self.bot_run / "state.lock"

    @property
    def journal(self) -> Path:
        return self.bot_run / "journal"

    @property
    def run(self) -> Path:
        return self.bot_run / str(self.generation)

    @property
    def placement(self) -> Path:
        return self.run / "placement.json"

    @property
    def run_lock(self) -> Path:
        return self.run / "run.lock"

    @property
    def owner(self) -> Path:
        return self.run / "owner.json"

    @property
    def stopped(self) -> Path:
        """Marker written before a placement is taken down: no supervisor starts past it."""
        return self.run / "stopped"

    @property
    def key(self) -> Path:
        return self.run / "key"

    @property
    def enrolled(self) -> Path:
        return self.run / "enrolled.json"

    @property
    def log(self) -> Path:
        return self.run / "supervisor.log"

    @property
    def output(self) -> Path:
        """What the runtime prints; a file, so that it survives the supervisor."""
        return self.run / "runtime.log"

    @property
    def config(self) -> Path:
        return self.run / "config"

    @property
    def candidate(self) -> Path:
        return self.run / "candidate"

    @property
    def socket(self) -> Path:
        return self.run / "socket" / "secrets.sock"

    @property
    def account(self) -> Path:
        """The small passwd and group files that a sandbox shows."""
        return self.run / "account"

    @property
    def bot(self) -> Path:
        return self.home / "bots" / self.bot_id

    @property
    def state(self) -> Path:
        return self.bot / "state"

    @property
    def bot_home(self) -> Path:
        return self.bot / "home"

    def make(self) -> None:
        """Create the folders, private to this user; repeating it changes nothing."""
        for folder in (self.host, self.run, self.bot, self.state, self.bot_home):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.store.mkdir(parents=True, exist_ok=True, mode=0o755)


class TrialFolders(Folders):
    """The same generation with a state and a home of no worth, for a validator alone."""

    __slots__ = ()

    @property
    def bot(self) -> Path:
        return self.run / "trial"


def read_placement(folder: Path) -> Placement | None:
    """The placement of a run folder; None when it was never made or is unreadable."""
    try:
        return msgspec.json.decode((folder / "placement.json").read_bytes(), type=Placement)
    except (OSError, msgspec.MsgspecError):
        return None


def write_placement(folders: Folders, placement: Placement) -> None:
    """Make the placement durable; from here on a crash leaves a findable folder."""
    write_atomic(folders.placement, msgspec.json.encode(placement))


def read_endpoint(folders: Folders) -> Endpoint | None:
    """The addresses as the api role last wrote them, or None."""
    try:
        return msgspec.json.decode(folders.endpoint.read_bytes(), type=Endpoint)
    except (OSError, msgspec.MsgspecError):
        return None
