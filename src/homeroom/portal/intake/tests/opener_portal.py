"""A portal's folder with nothing but what the opener needs, and its opener running."""

import hashlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from homeroom.portal.intake import opener
from homeroom.portal.intake.opening_frames import socket_of
from homeroom.seal.keys import Tsk, write_secrets


@contextmanager
def portal_folder(key: Tsk) -> Iterator[Path]:
    """Short, for the socket's sake; and nobody's business but its users'."""
    folder = Path(tempfile.mkdtemp(prefix="hr", dir="/tmp")) / "lincoln-alone"  # a slug that has no system users
    for name in ("run", "inbox", "secrets"):
        (folder / name).mkdir(parents=True)
    write_secrets([key], folder / "secrets" / "opening.pgp")
    try:
        yield folder
    finally:
        shutil.rmtree(folder.parent)


@contextmanager
def opener_of(portal: Path, user: int | None = None) -> Iterator[int]:
    """Its process; `user` is whom it becomes first."""
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
        if user is not None:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        opener.run(portal)
    finally:
        os._exit(1)


def _wait_for(path: Path, child: int) -> None:
    until = time.monotonic() + 10
    while not path.exists():
        if time.monotonic() > until or os.waitpid(child, os.WNOHANG)[0]:
            raise AssertionError("The opener did not start.")
        time.sleep(0.01)
    time.sleep(0.05)  # from bind to listen


def delivered(portal: Path, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    (portal / "inbox" / f"{digest}.pgp").write_bytes(content)
    return digest
