"""The commands of README and docs, for journeys and tests that run them as written."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from homeroom.gateway.pins import make_pair
from homeroom.ops.answers import NotDone

ROOT = Path(__file__).parents[2]  # the checkout's folder
BLOCK = re.compile(r"(?:^    \S.*\n)(?:^    .*\n|^\n(?=    ))*", re.MULTILINE)

NGINX = """daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; user root;
events {{}}
http {{ access_log off; {paths}
{server} }}
"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
# It manages no certificates and reports to no one, so loopback is the only network it needs.
CADDY = """{{
    admin off
    auto_https off
    storage file_system {folder}/storage
}}
{server}"""
PATIENCE = 20.0  # seconds until a proxy answers


def blocks(page: str) -> list[str]:
    """Returns the indented blocks of a page of the checkout, without the indent."""
    return [re.sub(r"^    ", "", found[0], flags=re.MULTILINE) for found in BLOCK.finditer((ROOT / page).read_text())]


def replaced(block: str, *pairs: tuple[str, str]) -> str:
    """Fills in the placeholders as a reader would. Raises ValueError if the block has no such placeholder."""
    for placeholder, value in pairs:
        if placeholder not in block:
            raise ValueError(f"{placeholder} is not in: {block}")
        block = block.replace(placeholder, value)
    return block


@contextmanager
def nginx(folder: Path, name: str, port: int, portal: int, *changes: tuple[str, str]) -> Iterator[None]:
    """Runs nginx with the server of docs/hosting.md in a new folder. `name` is the certificate's name. `port` is where nginx listens. `portal` is the
    front's port. `changes` are other differences from the page. Raises NotDone."""
    binary = _installed("nginx", "nginx-light")
    folder.mkdir()
    make_pair(folder / "pair.pem", name, "server")
    server = next(each for each in blocks("docs/hosting.md") if each.startswith("server {"))
    server = replaced(server, ("127.0.0.1:8000", f"127.0.0.1:{portal}"), ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"))
    server = replaced(server, ("/etc/ssl/portal.pem", f"{folder}/pair.pem"), ("/etc/ssl/portal.key", f"{folder}/pair.pem"), *changes)
    paths = " ".join(f"{each}_temp_path {folder}/{each};" for each in TEMPORARY)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, paths=paths, server=server))
    with _running(folder, port, [binary, "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]):
        yield


@contextmanager
def caddy(folder: Path, name: str, port: int, portal: int, *changes: tuple[str, str]) -> Iterator[None]:
    """Works as nginx() does, with Caddy. Caddy gets a certificate and requests none."""
    binary = _installed("caddy", "caddy")
    folder.mkdir()
    make_pair(folder / "pair.pem", name, "server")
    server = next(each for each in blocks("docs/hosting.md") if "reverse_proxy" in each)
    given = f"https://{name}:{port} {{\n    bind 127.0.0.1\n    tls {folder}/pair.pem {folder}/pair.pem\n"
    server = replaced(server, ("127.0.0.1:8000", f"127.0.0.1:{portal}"), ("portal.example.org {\n", given), *changes)
    (folder / "Caddyfile").write_text(CADDY.format(folder=folder, server=server))
    with _running(folder, port, [binary, "run", "--adapter", "caddyfile", "--config", f"{folder}/Caddyfile"]):
        yield


def _installed(command: str, package: str) -> str:
    found = shutil.which(command, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        raise NotDone(f"{command} is missing. Install Debian's package {package}.")
    return found


@contextmanager
def _running(folder: Path, port: int, command: list[str]) -> Iterator[None]:
    """Starts the command, waits until it listens, and stops it after the block. Raises NotDone."""
    with (folder / "error.log").open("ab") as log:
        started = subprocess.Popen(command, stderr=log, env=os.environ | {"HOME": str(folder)})
    try:
        until = time.monotonic() + PATIENCE
        while not _listens(port):
            if started.poll() is not None or time.monotonic() > until:
                raise NotDone(f"{Path(command[0]).name} did not start: {(folder / 'error.log').read_text()}")
            time.sleep(0.02)
        yield
    finally:
        started.terminate()
        started.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
