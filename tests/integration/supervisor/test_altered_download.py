"""A download that is not what the lock pins, through the real npm and a registry of our own."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from homarus.adapters.runtimes.openclaw import install, pin
from homarus.errors import RuntimeInstallFailed
from homarus.ports.runtime_host import InstallProgress

TARBALL = f"/openclaw/-/openclaw-{pin.VERSION}.tgz"


def tarball(words: str) -> bytes:
    """An npm package that does nothing but say its version."""
    manifest = json.dumps({"name": "openclaw", "version": pin.VERSION, "bin": "openclaw.mjs"})
    program = f"console.log('OpenClaw {pin.VERSION} {words}')\n"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in (("package.json", manifest), ("openclaw.mjs", program)):
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def integrity(content: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


class Registry:
    """Serves one package; ``content`` is what it sends, whatever was published."""

    def __init__(self, published: bytes) -> None:
        self.content = published
        self.published = integrity(published)
        self.url = ""
        self.asked = 0

    async def package(self, request: web.Request) -> web.Response:
        dist = {"tarball": self.url + TARBALL, "integrity": self.published}
        version = {"name": "openclaw", "version": pin.VERSION, "dist": dist}
        return web.json_response(
            {
                "name": "openclaw",
                "dist-tags": {"latest": pin.VERSION},
                "versions": {pin.VERSION: version},
            }
        )

    async def tarball(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(body=self.content)


@pytest.fixture
async def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Registry]:
    published = tarball("as published")
    registry = Registry(published)
    app = web.Application()
    app.router.add_get("/openclaw", registry.package)
    app.router.add_get(TARBALL, registry.tarball)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    registry.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    root = {"name": "r", "version": "1.0.0", "dependencies": {"openclaw": pin.VERSION}}
    pinned = {"version": pin.VERSION, "integrity": integrity(published)}
    lock = {
        "name": "r",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "requires": True,
        "packages": {"": root, "node_modules/openclaw": pinned},
    }
    files = {"package.json": json.dumps(root), "package-lock.json": json.dumps(lock)}
    monkeypatch.setattr(install, "_package", lambda name: files[name].encode())
    monkeypatch.setenv("npm_config_registry", registry.url + "/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield registry
    await runner.cleanup()


async def run(store: Path) -> Path:
    async def progress(step: InstallProgress) -> None:
        return

    return await install.install(store, progress, output=store / "log")


async def test_an_altered_package_is_refused_and_nothing_is_installed(
    registry: Registry, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    published, registry.content = registry.content, tarball("and altered")
    with pytest.raises(RuntimeInstallFailed, match="arrived altered"):
        await run(store)
    assert registry.asked > 0
    assert not (store / install.folder_name()).exists()
    # The same installer with the same lock, once the registry sends what was pinned:
    registry.content = published
    folder = await run(store)
    program = folder / "app" / "node_modules" / "openclaw" / "openclaw.mjs"
    assert "as published" in program.read_text()
