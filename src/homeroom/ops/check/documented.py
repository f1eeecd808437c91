"""The commands of README and docs, for journeys and tests that run them as written."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from homeroom.gateway.pins import make_pair
from homeroom.ops.answers import NotDone

ROOT = Path(__file__).parents[4]  # of the checkout
BLOCK = re.compile(r"(?:^    \S.*\n)(?:^    .*\n|^\n(?=    ))*", re.MULTILINE)

NGINX = """daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; user root;
events {{}}
http {{ access_log off; {paths}
{server} }}
"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
PATIENCE = 20.0  # seconds until nginx answers


def blocks(page: str) -> list[str]:
    """The indented blocks of a page of the checkout, without the indent."""
    return [re.sub(r"^    ", "", found[0], flags=re.MULTILINE) for found in BLOCK.finditer((ROOT / page).read_text())]


def replaced(block: str, *pairs: tuple[str, str]) -> str:
    """What a reader fills in. Raises ValueError if the block has no such placeholder."""
    for placeholder, value in pairs:
        if placeholder not in block:
            raise ValueError(f"{placeholder} is not in: {block}")
        block = block.replace(placeholder, value)
    return block


@contextmanager
def nginx(folder: Path, name: str, port: int, portal: int, *changes: tuple[str, str]) -> Iterator[None]:
    """Runs nginx with the server of docs/hosting.md in a new folder. name: of its certificate; port: where it listens; portal: the front's port;
    changes: what else differs from the page. Raises NotDone."""
    binary = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if binary is None:
        raise NotDone("nginx is missing. Install Debian's package nginx-light.")
    folder.mkdir()
    make_pair(folder / "pair.pem", name, "server")
    server = next(each for each in blocks("docs/hosting.md") if each.startswith("server {"))
    server = replaced(server, ("127.0.0.1:8000", f"127.0.0.1:{portal}"), ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"))
    server = replaced(server, ("/etc/ssl/portal.pem", f"{folder}/pair.pem"), ("/etc/ssl/portal.key", f"{folder}/pair.pem"), *changes)
    paths = " ".join(f"{each}_temp_path {folder}/{each};" for each in TEMPORARY)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, paths=paths, server=server))
    started = subprocess.Popen([binary, "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"])
    try:
        until = time.monotonic() + PATIENCE
        while not (folder / "pid").exists():
            if started.poll() is not None or time.monotonic() > until:
                raise NotDone(f"nginx did not start: {(folder / 'error.log').read_text()}")
            time.sleep(0.02)
        yield
    finally:
        started.terminate()
        started.wait(20)
