"""From a unit to a running process: install, stage beside, validate, swap, spawn."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from homarus.errors import Issue, Unavailable
from homarus.kit.clock import Clock
from homarus.ports.runtime_host import Launch, Places, ProgressSink, RuntimeHost, Ticket
from homarus.protocol.supervisor import RunUnit
from homarus.supervisor import files
from homarus.supervisor.admission import bot_user
from homarus.supervisor.bot_folder import give
from homarus.supervisor.faults import Faults
from homarus.supervisor.folders import Folders, Placement, TrialFolders
from homarus.supervisor.isolation import PLAIN, SANDBOX, Wall, command, places, sandbox_problem
from homarus.supervisor.logs import trim
from homarus.supervisor.process import Child, run_once, spawn
from homarus.supervisor.secrets import SecretSocket
from homarus.supervisor.sweep import sweep

HostLoader = Callable[[str, Mapping[str, str]], RuntimeHost]
_VALIDATE_S = 90.0
_OUTPUT_LIMIT, _OUTPUT_KEPT = 8 << 20, 1 << 20
_LAST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit with its host and the folder its runtime lies in."""

    digest: str
    unit: RunUnit
    host: RuntimeHost
    runtime: Path


def _owner(wall: Wall) -> int:
    return os.geteuid() if wall.uid is None else wall.uid


class Workbench:
    """The only one that touches the bot's folders and starts processes in its walls."""

    def __init__(
        self,
        *,
        folders: Folders,
        placement: Placement,
        loader: HostLoader,
        state_lock: int,
        socket: SecretSocket,
        clock: Clock,
        faults: Faults,
    ) -> None:
        self._folders = folders
        self._placement = placement
        self._loader = loader
        self._state_lock = state_lock
        self._socket = socket
        self._clock = clock
        self._faults = faults
        self.candidate: Candidate | None = None
        """The last validated one, not necessarily running."""
        self.seconds = 0.0
        """How long the last step took."""

    @property
    def nonce(self) -> str:
        return self._placement.nonce

    async def prepare(self, unit: RunUnit, progress: ProgressSink) -> Candidate:
        """Make the runtime available and return the candidate, not yet validated."""
        began = self._clock.monotonic()
        if unit.isolation == SANDBOX and (problem := sandbox_problem()) is not None:
            raise problem
        host = self._loader(unit.runtime, unit.settings)
        runtime = await host.install(
            version=unit.version, store=self._folders.store, progress=progress
        )
        self.seconds = self._clock.monotonic() - began
        return Candidate(unit.digest(), unit, host, runtime)

    def _wall(self, unit: RunUnit) -> Wall:
        uid = None
        if unit.isolation != PLAIN and os.geteuid() == 0:
            uid = bot_user(
                self._folders.host,
                install_id=self._placement.install_id,
                bot_id=self._placement.bot_id,
            )
        return Wall(unit.isolation, uid)

    def _foreign(self, wall: Wall) -> list[Path]:
        """Which of state and home belong to another user than the one behind ``wall``."""
        owner = _owner(wall)
        both = (self._folders.state, self._folders.bot_home)
        return [folder for folder in both if folder.lstat().st_uid != owner]

    def _trial(self, wall: Wall) -> Folders:
        """The folders that a validator works in.

        They are the bot's own, unless those are another user's yet: then the bot may be
        running in them, and they change hands at the swap. Empty ones stand in till then.
        """
        if not self._foreign(wall):
            return self._folders
        trial = TrialFolders(self._folders.home, self._folders.bot_id, self._folders.generation)
        shutil.rmtree(trial.bot, ignore_errors=True)
        for folder in (trial.state, trial.bot_home):
            folder.mkdir(parents=True, mode=0o700)
            give(folder, _owner(wall))
        return trial

    def _places(self, candidate: Candidate) -> Places:
        return places(
            candidate.unit.isolation,
            self._folders,
            candidate.runtime,
            config=self._folders.config,
        )

    async def validate(self, candidate: Candidate) -> tuple[Issue, ...]:
        """Let the runtime's own validator judge the candidate, beside whatever runs.

        Raises:
            Unavailable: the validator was killed or took too long; it may do better later.
        """
        began = self._clock.monotonic()
        wall = self._wall(candidate.unit)
        trial = self._trial(wall)
        seen = places(
            candidate.unit.isolation, trial, candidate.runtime, config=self._folders.candidate
        )
        ticket = Ticket(port=18_789, token="", gateway_url="http://127.0.0.1:1", paused=True)
        values = candidate.host.fill(places=seen, ticket=ticket)
        files.write_config(self._folders.candidate, candidate.unit.files, values, uid=wall.uid)
        self._faults.at("candidate-staged")

        async def run(launch: Launch) -> tuple[int, str]:
            argv, env = command(
                launch,
                wall=wall,
                folders=trial,
                runtime=candidate.runtime,
                config=self._folders.candidate,
                nonce=self.nonce,
            )
            code, output = await run_once(
                argv,
                env,
                output=self._folders.run / "validate.log",
                inherit=(self._state_lock,),
                timeout_s=_VALIDATE_S,
            )
            if code < 0:
                # Killed, by us or by a machine out of memory: that is no word about the candidate.
                raise Unavailable("the runtime's validator, which was killed before its end")
            return code, output

        issues = await candidate.host.validate(places=seen, run=run)
        self.seconds = self._clock.monotonic() - began
        return tuple(issues)

    def swap(self, candidate: Candidate, ticket: Ticket) -> list[str]:
        """Put the candidate's files in place for this start. Nothing of the bot may run now.

        Returns what was in the way of them in the bot's workspace, by its new names.
        """
        wall = self._wall(candidate.unit)
        for folder in self._foreign(wall):
            give(folder, _owner(wall))
        seen = self._places(candidate)
        values = candidate.host.fill(places=seen, ticket=ticket)
        files.write_config(self._folders.config, candidate.unit.files, values, uid=wall.uid)
        aside = files.write_workspace(
            self._folders.state / "workspace", candidate.unit.files, values, uid=wall.uid
        )
        self._socket.admit(wall.uid)
        return aside

    def spawn(self, candidate: Candidate, ticket: Ticket) -> Child:
        """Start the runtime inside its walls, holding the bot's state lock."""
        launch = candidate.host.launch(places=self._places(candidate), ticket=ticket)
        argv, env = command(
            launch,
            wall=self._wall(candidate.unit),
            folders=self._folders,
            runtime=candidate.runtime,
            config=self._folders.config,
            nonce=self.nonce,
        )
        self.trim_output()
        child = spawn(argv, env, output=self._folders.output, inherit=(self._state_lock,))
        self._socket.serve(child.pid)
        return child

    def config_exit_codes(self, candidate: Candidate, ticket: Ticket) -> frozenset[int]:
        """Exit codes by which this runtime says that its configuration cannot work."""
        launch = candidate.host.launch(places=self._places(candidate), ticket=ticket)
        return launch.config_exit_codes

    def undo_drift(self, candidate: Candidate, ticket: Ticket) -> list[str]:
        """Without walls the bot can rewrite its policy: put managed files back, name them."""
        if candidate.unit.isolation != PLAIN:
            return []
        values = candidate.host.fill(places=self._places(candidate), ticket=ticket)
        return files.restore(self._folders.config, candidate.unit.files, values)

    async def sweep(self) -> bool:
        """End everything that carries this generation's mark or the bot's lock, but us."""
        return await sweep(self._folders.bot_run, frozenset({self.nonce}))

    def trim_output(self) -> None:
        """Keep what the runtime prints from filling the disk, also while it runs."""
        trim(self._folders.output, limit=_OUTPUT_LIMIT, keep=_OUTPUT_KEPT)

    def last_words(self) -> str:
        """The end of what the runtime printed, for a person."""
        try:
            text = self._folders.output.read_bytes()[-4096:].decode(errors="replace")
        except OSError:
            return "it printed nothing"
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return " / ".join(lines[-4:])[-_LAST_WORDS:] or "it printed nothing"
