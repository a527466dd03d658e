"""The supervisor dialect, version 1: everything a supervisor and the control plane say.

A session: the control plane sends `Challenge`; the supervisor answers `Hello`; the control
plane answers `Welcome` (or closes). Desired state is level-triggered: `Desired` is always the
whole pointer, the last one wins, and start, stop, pause, restart and configure are never
commands. Closing codes: 4401 identity, 4410 fenced (stop the runtime, exit, never come back),
4426 version (``reason`` says which to install), 4409 replaced by a newer session.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from homarus.kit.canonical import digest
from homarus.ports.runtime_host import ChannelState

VERSIONS = (1, 1)
"""[min, max] that this code speaks."""
MAX_FRAME = 1 << 20
CLOSE_IDENTITY, CLOSE_REPLACED, CLOSE_FENCED, CLOSE_VERSION = 4401, 4409, 4410, 4426
GATEWAY_KEY = "HOMARUS_GATEWAY_KEY"
"""Reserved secret name: this generation's own key for the AI gateway."""
RUNTIME_TOKEN = "HOMARUS_RUNTIME_TOKEN"  # noqa: S105 - a name, not a value
"""Reserved secret name: the runtime's own token, made by the supervisor for one start."""


class RunState(StrEnum):
    """What the control plane wants of the runtime, and what the supervisor reports of it.

    The control plane asks for ``running``, ``paused`` or ``stopped`` only.
    """

    WAITING = "waiting"  # for a start slot, memory, secrets: the reason says which
    INSTALLING = "installing"
    STARTING = "starting"
    RUNNING = "running"
    DEGRADED = "degraded"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"  # gave up: breaker, validator, exit for configuration


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rendered file; see `homarus.ports.runtime_model.RenderedFile`."""

    area: str
    path: str
    owner: str
    content: str


class RunUnit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one revision means for a supervisor. Fetched by digest, verified, then staged."""

    revision: str
    runtime: str
    version: str
    isolation: str
    memory_mb: int
    files: tuple[File, ...]
    secrets: tuple[str, ...]
    settings: dict[str, str] = {}

    def digest(self) -> str:
        """``sha256:<hex>`` of the canonical JSON of this unit."""
        return digest(msgspec.to_builtins(self))


class Pointer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole desired state, small enough to be sent whole every time."""

    revision: str
    digest: str
    run: RunState
    restart_nonce: int
    secrets_version: int
    gateway_url: str


# ---- control plane -> supervisor


class Challenge(msgspec.Struct, frozen=True, tag="challenge"):
    nonce: str
    versions: tuple[int, int] = VERSIONS


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    """The session stands, under ``epoch``; everything sent under an older one is dropped."""

    epoch: int
    heartbeat_s: float
    server_time: str
    desired: Pointer
    acked: int
    """Highest ``seq`` of this generation's results that is stored; the rest are sent again."""


class Desired(msgspec.Struct, frozen=True, tag="desired"):
    pointer: Pointer


class Unit(msgspec.Struct, frozen=True, tag="unit"):
    """Answer to `UnitGet`."""

    re: str
    unit: RunUnit


class Secrets(msgspec.Struct, frozen=True, tag="secrets"):
    """Answer to `SecretsGet`: kept in memory only. ``missing`` names have no value now."""

    re: str
    version: int
    values: dict[str, str]
    missing: tuple[str, ...] = ()


class Command(msgspec.Struct, frozen=True, tag="command"):
    """Do one thing once. ``key`` identifies it for ever; it may be delivered many times."""

    key: str
    kind: str
    """``turn`` (params ``text``, ``traceparent``; once only) or ``logs`` (params ``cursor``,
    ``limit`` in bytes; answered as JSON ``{"cursor", "text"}``, repeatable, not journalled)."""
    deadline: str
    """RFC 3339, in server time; past it the supervisor answers ``expired``."""
    params: dict[str, str]


class Acked(msgspec.Struct, frozen=True, tag="acked"):
    """Everything up to ``seq`` is stored; the journal may forget it."""

    seq: int


# ---- supervisor -> control plane


class Hello(msgspec.Struct, frozen=True, tag="hello", forbid_unknown_fields=True):
    subject: str
    """``<bot id>/<generation>``."""
    signature: str
    versions: tuple[int, int] = VERSIONS
    facts: dict[str, str] = {}


class UnitGet(msgspec.Struct, frozen=True, tag="unit_get", forbid_unknown_fields=True):
    id: str
    digest: str


class SecretsGet(msgspec.Struct, frozen=True, tag="secrets_get", forbid_unknown_fields=True):
    id: str
    names: tuple[str, ...]


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something a person should know although the bot runs (plain isolation, undone drift)."""

    code: str
    message: str


class Channel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where people reach the bot besides us."""

    name: str
    state: ChannelState
    detail: str


class Skill(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A packaged capability of the bot; ``detail`` says what it lacks when it is not ready."""

    name: str
    ready: bool
    detail: str
    source: str


class Inventory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the runtime that runs now said it has, those that are ready first."""

    channels: tuple[Channel, ...] = ()
    skills: tuple[Skill, ...] = ()
    left_out: int = 0
    """How many more there are than are listed."""
    asked_at: str = ""
    """RFC 3339. With a ``problem``: when the last answer came (empty: none ever did).
    Without: since when this holds at the latest; it is asked again every minute."""
    problem: str = ""
    """Why the last question was not answered; empty when it was."""


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything the supervisor observes. Sent whole on change, at most once a second."""

    run: RunState
    reason: str
    """For a person: why it is not (yet) as desired; empty when it is."""
    fault: str = ""
    """Code of the error (`homarus.errors`) that made it give up, where one did."""
    revision: str = ""
    """The revision that the runtime really runs."""
    applied: str = ""
    """Digest of the unit that the runtime really runs."""
    rejected: str = ""
    """Digest of a unit that was refused; the old one still runs."""
    issues: tuple[tuple[str, str], ...] = ()
    """(path, words) of the runtime's own validator, for ``rejected`` or a failed start."""
    restart_nonce: int = 0
    """The restart request that the running process answers."""
    secrets_version: int = 0
    secret_fingerprints: dict[str, str] = {}
    """Per name the first 16 hex digits of HMAC-SHA256 of the value, keyed with the nonce."""
    pid: int = 0
    restarts: int = 0
    phases: dict[str, float] = {}
    """Seconds of each phase of the last start: install, validate, slot (waited), start, ready."""
    progress: tuple[int, int] = (0, 0)
    """(done, total) while installing."""
    findings: tuple[Finding, ...] = ()
    facts: dict[str, str] = {}
    inventory: Inventory | None = None
    """None while no runtime is ready, and until it was asked."""


class Status(msgspec.Struct, frozen=True, tag="status", forbid_unknown_fields=True):
    epoch: int
    report: Report


class Heartbeat(msgspec.Struct, frozen=True, tag="heartbeat", forbid_unknown_fields=True):
    """Alive, and the last `Report` still holds: ``digest`` is of it."""

    epoch: int
    digest: str


class Delta(msgspec.Struct, frozen=True, tag="delta", forbid_unknown_fields=True):
    """A piece of a turn's answer; may be lost, hence the offset."""

    epoch: int
    key: str
    offset: int
    text: str


class Result(msgspec.Struct, frozen=True, tag="result", forbid_unknown_fields=True):
    """A step of a command, journalled before it is sent and repeated until `Acked`.

    state: ``accepted`` (before acting), then one of ``done``, ``failed``, ``expired``,
    ``unknown`` (acted, and the outcome cannot be had). ``seq`` rises over all generations
    of a bot, with gaps; 0 (a ``logs`` answer, or a refusal before acceptance) is not stored
    by the supervisor and needs no `Acked`. A successor may report a command of its predecessor.
    """

    epoch: int
    seq: int
    key: str
    state: str
    text: str = ""
    usage: dict[str, int] = {}


ToSupervisor = Challenge | Welcome | Desired | Unit | Secrets | Command | Acked
ToControl = Hello | UnitGet | SecretsGet | Status | Heartbeat | Delta | Result

encode = msgspec.json.Encoder().encode
decode_to_supervisor = msgspec.json.Decoder(ToSupervisor).decode
decode_to_control = msgspec.json.Decoder(ToControl).decode
