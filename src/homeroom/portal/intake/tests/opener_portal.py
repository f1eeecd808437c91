"""A portal's folder with only what the opener needs, and its running opener."""

import hashlib
import json
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from homeroom.portal.intake.opening import opener
from homeroom.portal.intake.opening.frames import Kind, Verdict, opened, receive, send, socket_of
from homeroom.seal import keys, sealing
from homeroom.seal.keys import Tsk, write_secrets
from homeroom.seal.tests.gpg import certificate_of

ROWS = b"s-1,Nina,Ruiz,07\r\ns-2,Leo,Ruiz,03\r\n" * 40
KEY = keys.make_opening_key("Lincoln Unified")
OFFICE = keys.make_sender_key("Carl Webb")
SENDERS = [keys.written(OFFICE.extract_certificate())]


def sealed(folder: Path, content: bytes) -> bytes:
    source, out = folder / "export.zip", folder / "export.zip.pgp"
    source.write_bytes(content)
    sealing.seal(source, certificate_of(KEY), OFFICE, out, pinned=certificate_of(KEY).fingerprint)
    return out.read_bytes()


@contextmanager
def portal_folder(key: Tsk) -> Iterator[Path]:
    """Makes a folder with a short path, because a socket's path is limited. Only its user can read it."""
    folder = Path(tempfile.mkdtemp(prefix="hr", dir="/tmp")) / "lincoln-alone"  # no system users exist for this slug
    for name in ("run", "inbox", "secrets"):
        (folder / name).mkdir(parents=True)
    write_secrets([key], folder / "secrets" / "opening.pgp")
    try:
        yield folder
    finally:
        shutil.rmtree(folder.parent)


@contextmanager
def opener_of(portal: Path, user: int | None = None) -> Iterator[int]:
    """Yields the opener's process ID. `user` is the user ID that it switches to first."""
    child = os.fork()
    if child == 0:
        _serve(portal, user)
    try:
        _wait_for(socket_of(portal), child)
        yield child
    finally:
        if psutil.pid_exists(child):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _serve(portal: Path, user: int | None) -> None:
    try:
        os.closerange(3, 4096)  # its parent does this in production. A long test run has more open files than the opener may have
        if user is not None:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        opener.run(portal)
    finally:
        os._exit(1)


def _wait_for(path: Path, child: int) -> None:
    until = time.monotonic() + 60
    while not is_listening(path):
        if time.monotonic() > until or os.waitpid(child, os.WNOHANG)[0]:
            raise AssertionError("The opener did not start.")
        time.sleep(0.01)


def is_listening(path: Path) -> bool:
    """Reads the kernel's list, because a connection would count as an opening."""
    listed = (line.split() for line in Path("/proc/net/unix").read_text().splitlines())
    return any(words[-1] == str(path) and int(words[3], 16) & 0x10000 for words in listed)


def delivered(portal: Path, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    (portal / "inbox" / f"{digest}.pgp").write_bytes(content)
    return digest


def read(portal: Path, digest: str) -> tuple[bytes, Verdict]:
    with opened(portal, digest, SENDERS) as stream:
        content = b"".join(stream)
    return content, stream.verdict


def answer(portal: Path, request: object) -> object:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(socket_of(portal)))
        send(connection, Kind.REQUEST, json.dumps(request).encode())
        return json.loads(receive(connection)[1])


def children_of(process: int) -> list[psutil.Process]:
    return psutil.Process(process).children(recursive=True)
