"""The source code of a running portal: it has what the host changed and no secret, and anyone may download it."""

import asyncio
import io
import os
import secrets
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import ClientSession

from homeroom.portal.processes import source
from homeroom.portal.processes.source import ARCHIVE, OF_AN_ADDRESS, ROOT, archive
from homeroom.portal.processes.tests.fronting import ask

PACK = "import sys; from homeroom.portal.processes.source import archive; sys.stdout.buffer.write(archive())"
TEMPLATE, LICENSE = "src/homeroom/portal/templates/not_found.html", "LICENSE"
CANARY = secrets.token_hex().encode()  # a secret of the host


def contents(packed: bytes) -> dict[str, bytes]:
    """Returns the archive's files by their path below its one folder."""
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        return {entry.name.partition("/")[2]: file.read() for entry in tar if (file := tar.extractfile(entry))}


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """Yields a host's own copy, without most of what does not run."""
    root = tmp_path / "copy"
    shutil.copytree(ROOT / "src/homeroom", root / "src/homeroom", ignore=shutil.ignore_patterns("__pycache__", "tests", "*.filter"))
    shutil.copytree(ROOT / "requirements", root / "requirements")
    shutil.copy(ROOT / LICENSE, root)
    yield root
    shutil.rmtree(root)


def packed_by(root: Path) -> dict[str, bytes]:
    """Packs as a process that runs this copy would."""
    environment = os.environ | {"PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return contents(subprocess.run([sys.executable, "-c", PACK], env=environment, capture_output=True, check=True, cwd="/").stdout)


def test_the_archive_has_every_file_of_the_repository_and_the_license() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    packed = archive()
    found = contents(packed)
    assert {name for name in tracked if name and (ROOT / name).exists()} <= found.keys()
    assert {name for name in found if found[name] != (ROOT / name).read_bytes()} == set()
    assert found[LICENSE].startswith(b"                    GNU AFFERO GENERAL PUBLIC LICENSE")
    assert not [name for name in found if name.endswith(".pyc") or "egg-info" in name]
    assert len(packed) < 10_000_000  # what the page says
    assert archive() == packed


def test_a_file_that_a_host_changed_or_added_is_in_the_archive(copy: Path) -> None:
    (copy / TEMPLATE).write_text("<p>Lincoln's own words</p>")
    (copy / "src/homeroom/portal/lincoln.py").write_text('"""Lincoln added this."""\n')
    found = packed_by(copy)
    assert found[TEMPLATE] == b"<p>Lincoln's own words</p>" and found["src/homeroom/portal/lincoln.py"] == b'"""Lincoln added this."""\n'
    assert LICENSE in found and "requirements/run.txt" in found


def test_no_secret_of_the_host_is_in_the_archive(copy: Path) -> None:
    """A portal's folder inside the copy, a key next to the code that others can't read, links out of the copy, and hidden folders."""
    places = ["portal/secrets/app", "portal/log/web.log", "dev/portals/lincoln/secrets/app", "src/homeroom/secrets/app",
              "notes.txt", ".git/config", "src/homeroom/.cache/x"]  # fmt: skip
    for name in places:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(CANARY)
    for name in ("src/homeroom/portal/lincoln.pem", "requirements/password"):
        (copy / name).write_bytes(CANARY)
        (copy / name).chmod(0o640)
    (copy / "src/homeroom/portal/linked").symlink_to(copy / "portal/secrets/app")
    (copy / "docs").symlink_to(copy / "portal")
    (copy / "src/homeroom/portal/open.txt").write_text("for everyone")
    found = packed_by(copy)
    assert "src/homeroom/portal/open.txt" in found  # the control
    assert {name for name, content in found.items() if CANARY in content} == set()


def test_a_copy_that_only_its_user_can_read_is_whole(copy: Path) -> None:
    (copy / TEMPLATE).chmod(0o644)
    for path in copy.rglob("*.py"):
        path.chmod(0o600)
    found = packed_by(copy)
    assert "src/homeroom/portal/settings.py" in found and TEMPLATE in found


def test_a_stranger_without_a_session_downloads_it_from_the_front(portal: Path, tmp_path: Path) -> None:
    (portal / "secrets" / "app").write_bytes(CANARY)

    async def use(session: ClientSession, url: str) -> None:
        async with session.get(url + ARCHIVE) as answer:
            assert (answer.status, answer.content_type) == (200, "application/gzip")
            (tmp_path / "source.tar.gz").write_bytes(await answer.read())
        async with session.head(url + ARCHIVE) as answer:
            assert (answer.status, answer.content_length) == (200, (tmp_path / "source.tar.gz").stat().st_size)
        async with session.post(url + ARCHIVE) as answer:
            assert (await answer.json())["by"] == "web"  # which has no such page

    ask(portal, use)
    names = subprocess.run(["tar", "tzf", tmp_path / "source.tar.gz"], capture_output=True, text=True, check=True).stdout.splitlines()
    assert any(name.endswith(f"/{LICENSE}") for name in names) and any(name.endswith(TEMPLATE) for name in names)
    assert not [name for name, content in contents((tmp_path / "source.tar.gz").read_bytes()).items() if CANARY in content]


def test_one_address_has_a_few_downloads_at_a_time_and_pages_still_answer(portal: Path) -> None:
    async def use(session: ClientSession, url: str) -> None:
        async with AsyncExitStack() as downloads:
            for _ in range(OF_AN_ADDRESS):
                assert (await downloads.enter_async_context(session.get(url + ARCHIVE))).status == 200
            async with session.get(url + ARCHIVE) as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (503, "300")
            async with session.get(url) as answer:
                assert answer.status == 200

    ask(portal, use)


def test_a_visitor_who_does_not_read_loses_the_place_after_a_while(portal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "PATIENCE", 0.5)
    monkeypatch.setattr(source, "OF_AN_ADDRESS", 1)

    async def use(session: ClientSession, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(f"GET {ARCHIVE} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        async with session.get(url + ARCHIVE) as answer:
            assert answer.status == 503
        await asyncio.sleep(1)
        async with session.get(url + ARCHIVE) as answer:
            assert answer.status == 200
        writer.close()

    ask(portal, use)
