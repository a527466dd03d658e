"""Opening the store, and the two kinds of transaction everything else runs in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from homarus.errors import (
    Conflict,
    DiskFull,
    HomarusError,
    HomeNotWritable,
    Internal,
    Invalid,
    Unavailable,
)
from homarus.kit.files import storage_error
from homarus.kit.signal import Signal
from homarus.store.lock import StoreLock
from homarus.store.migrate import migrate

_READERS = 4
_TWICE = re.compile("UNIQUE constraint failed|duplicate key value")


class Store:
    """An open database at the newest schema. Made by `Store.open`, ended by `close`.

    ``changed`` is notified after every committed write of this process.
    """

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine, lock: StoreLock | None) -> None:
        self.changed = Signal()
        self._writer = writer
        self._reader = reader
        self._lock = lock
        # SQLite has one writer; on PostgreSQL the row locks do this work.
        self._turn = asyncio.Lock() if writer.dialect.name == "sqlite" else None
        self._holder: asyncio.Task[Any] | None = None

    @classmethod
    async def open(cls, url: str) -> Store:
        """Open ``sqlite:///path`` or ``postgresql://...`` and bring its schema up to date.

        Raises:
            StoreTooNew: a newer Homarus wrote it; it is unchanged.
            AlreadyRunning: another process has this SQLite store open.
            HomeNotWritable, DiskFull: the file cannot be written.
            Unavailable: the server does not answer.
        """
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            store = _open_sqlite(Path(parsed.database))
        elif parsed.get_backend_name() == "postgresql":
            store = _open_postgresql(url)
        else:
            raise Invalid(
                f"{parsed.get_backend_name()} is not a database that Homarus knows.",
                hint="Use sqlite:///path/to/file or postgresql://user@host/database.",
            )
        try:
            async with store._writer.begin() as connection:
                await connection.run_sync(migrate)
        except DBAPIError as fault:
            await store.close()
            raise translate(fault) from fault
        except HomarusError:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Let the write under way end, end every connection and free the lock."""
        async with self._writing():
            await self._reader.dispose()
            await self._writer.dispose()
        if self._lock is not None:
            self._lock.free()

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._writer.dialect.name

    @asynccontextmanager
    async def begin(self, *, quiet: bool = False) -> AsyncIterator[AsyncSession]:
        """One write transaction: committed at the end of the block, rolled back by any error.

        Args:
            quiet: do not notify ``changed``. For work that ``changed`` itself calls for,
                which would otherwise call for itself without end.

        Raises:
            DiskFull, HomeNotWritable, Unavailable: what the database said; nothing was written.
            Internal: this task has a write transaction already (it would wait for itself).
        """
        try:
            async with (
                self._writing(),
                AsyncSession(self._writer, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
        except DBAPIError as fault:
            raise translate(fault) from fault
        if not quiet:
            self.changed.notify()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """One read transaction: it sees one moment, and the database refuses writes in it."""
        try:
            async with (
                AsyncSession(self._reader, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
        except DBAPIError as fault:
            raise translate(fault) from fault

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        if self._turn is None:
            yield
            return
        me = asyncio.current_task()
        if self._holder is me and me is not None:
            raise Internal("A fault inside Homarus.", detail="nested write transaction")
        async with self._turn:
            self._holder = me
            try:
                yield
            finally:
                self._holder = None


def translate(fault: DBAPIError) -> Exception:
    """Return what a person can act on, or the fault itself if it is ours (constraints, SQL)."""
    words = str(fault.orig)
    if "disk is full" in words or "No space left" in words:
        return DiskFull("The database has no space left.", hint="Free some disk and try again.")
    if "readonly database" in words:
        return HomeNotWritable(
            "The database file cannot be written.",
            hint="Give this user write access, or set HOMARUS_HOME to a folder it owns.",
        )
    if isinstance(fault, IntegrityError) and _TWICE.search(words):
        return Conflict(
            "Somebody else made the same thing at the same moment.", hint="Look, then try again."
        )
    if isinstance(fault, OperationalError | InterfaceError):
        return Unavailable("The database does not answer now.", detail=words)
    return fault


def _open_sqlite(path: Path) -> Store:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    except OSError as fault:
        raise storage_error(fault, path) from fault
    lock = StoreLock(path.with_name(path.name + ".lock"))
    lock.take()
    url = f"sqlite+aiosqlite:///{path}"
    writer = create_async_engine(url, pool_size=1, max_overflow=0)
    reader = create_async_engine(url, pool_size=_READERS, max_overflow=0)
    _prepare(writer, "BEGIN IMMEDIATE", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL")
    _prepare(reader, "BEGIN", "PRAGMA query_only=ON")
    return Store(writer, reader, lock)


def _prepare(engine: AsyncEngine, begin: str, *pragmas: str) -> None:
    """Make SQLite connections of ``engine`` ours: our pragmas, and our own BEGIN."""

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # The driver must never begin by itself: it would begin late and deferred.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("PRAGMA foreign_keys=ON", "PRAGMA busy_timeout=5000", *pragmas):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def _open_postgresql(url: str) -> Store:
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    writer = create_async_engine(
        parsed, isolation_level="READ COMMITTED", pool_size=10, max_overflow=10, pool_pre_ping=True
    )
    # REPEATABLE READ: all reads of one transaction see one moment, as they do on SQLite.
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Store(writer, reader, None)
