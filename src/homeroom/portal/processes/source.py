"""The source code of the running portal, for anyone who visits it (AGPL-3.0, section 13). The front packs it once, when it starts, and serves it itself.

It packs the files that run, so the archive has what a host has changed. A slow visitor uses a place of its own, and none of web's threads.
"""

import asyncio
import io
import os
import stat
import tarfile
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from aiohttp import web
from isal import igzip

ROOT = Path(__file__).parents[4]
ARCHIVE = "/source/homeroom.tar.gz"
# What a clone has, by name, because an installation's folder, or notes of the host, may be next to it.
PACKED = (
    "src/homeroom", "benchmarks", "docs", "requirements", "tests", "tools", ".ci", ".gitignore", ".importlinter", ".pre-commit-config.yaml", "LICENSE",
    "Makefile", "conftest.py", "pyproject.toml",
    *(f"{name}.md" for name in ("ARCHITECTURE", "CHANGELOG", "CONTRIBUTING", "README", "SECURITY", "STYLE", "THREATS")),
)  # fmt: skip
OF_ALL = Path(__file__).stat().st_mode & stat.S_IROTH  # 0 if this copy is one user's, with a strict umask
LEFT_OUT = {"__pycache__", "secrets"}
LEVEL = 2  # 0.1 s. zlib takes a second for a tenth less
AT_ONCE, OF_AN_ADDRESS = 16, 4  # downloads
PIECE = 64 << 10  # bytes
PATIENCE = 300.0  # seconds for a whole download: 8 MB at 25 kB/s


def archive(root: Path = ROOT) -> bytes:
    """Returns a .tar.gz of the source below `root`. The same files make the same bytes."""
    packed = io.BytesIO()
    folder = f"homeroom-{version('homeroom')}"
    squeezed = igzip.IGzipFile("", "wb", LEVEL, packed, mtime=0)  # type: ignore[no-untyped-call]
    with squeezed, tarfile.open(fileobj=squeezed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(files_of(root)):
            entry = tarfile.TarInfo(f"{folder}/{path.relative_to(root)}")
            entry.mode = 0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644
            content = path.read_bytes()
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def files_of(root: Path) -> Iterator[Path]:
    for name in PACKED:
        if is_source(place := root / name):
            yield place
        for folder, below, names in () if place.is_symlink() else os.walk(place):
            below[:] = [each for each in below if each not in LEFT_OUT and not each.startswith(".")]
            yield from (path for each in names if is_source(path := Path(folder, each)))


def is_source(path: Path) -> bool:
    """False for links, and for a file that other users of this computer can't read. The portal's users run the source, and can't read other secrets."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False  # not part of this copy
    return stat.S_ISREG(mode) and not OF_ALL & ~mode and path.suffix != ".pyc"


class Source:
    """Packs when it is made, in a thread. An event loop must run."""

    def __init__(self, root: Path = ROOT) -> None:
        self._packing = asyncio.create_task(asyncio.to_thread(archive, root))
        self._now: Counter[str] = Counter()  # downloads, by the client's block

    def is_asked(self, request: web.Request) -> bool:
        return request.method in ("GET", "HEAD") and request.path == ARCHIVE

    async def answer(self, request: web.Request, block: str) -> web.StreamResponse:
        if self._now.total() >= AT_ONCE or self._now[block] >= OF_AN_ADDRESS:
            raise web.HTTPServiceUnavailable(text="Too many people are downloading this file now. Try again in five minutes.\n", headers={"Retry-After": "300"})
        self._now[block] += 1
        try:
            return await self._sent(request, await asyncio.shield(self._packing))
        finally:
            self._now[block] -= 1
            self._now += Counter()  # forgets addresses without a download

    async def _sent(self, request: web.Request, content: bytes) -> web.StreamResponse:
        """Sends pieces, so that a slow visitor keeps one of them in memory and not the whole."""
        name = f"homeroom-{version('homeroom')}.tar.gz"
        headers = {"Content-Type": "application/gzip", "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        response = web.StreamResponse(headers=headers)
        response.content_length = len(content)
        await response.prepare(request)
        try:
            async with asyncio.timeout(PATIENCE):
                for start in range(0, len(content) if request.method == "GET" else 0, PIECE):
                    await response.write(content[start : start + PIECE])
        except TimeoutError:
            if request.transport:
                request.transport.abort()
        return response
