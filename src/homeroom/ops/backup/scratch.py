"""A temporary, empty PostgreSQL for a drill or a rehearsal. Unencrypted files are overwritten afterward, so that nothing is left."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from homeroom.portal.processes.child import LAST
from homeroom.portal.processes.cluster import BINARIES, DATABASE, Cluster, make_cluster, socket_folder, start, stop
from homeroom.portal.processes.logins import close_schema, make_logins
from homeroom.vault.restore import Target

PIECE = 1 << 20  # bytes
# Lost data is restored again from the sealed backup, so nothing here waits for a disk.
HASTY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off", "shared_buffers": "256MB", "max_connections": "20"}


@contextmanager
def scratch(folder: Path, user: str | None, peers: tuple[str, ...], tell: Callable[[str], object] = str) -> Iterator[Target]:
    """`folder` is new, in a folder that others may enter. `peers` are system users who are its superuser. `user` is the system user that runs the server."""
    wipe(folder, tell)
    folder.mkdir(parents=True, mode=0o711)
    folder.chmod(0o711)
    try:
        cluster = make_cluster(folder / "database", socket_folder(folder / "run"), user, peers={"postgres": peers}, settings=HASTY, is_synced=False)
        server = start(cluster, folder / "postgres.log", behind=LAST)
        try:
            yield _empty(cluster)
        finally:
            stop(server)
    finally:
        wipe(folder, tell)
        shutil.rmtree(socket_folder(folder / "run"), ignore_errors=True)  # in /tmp if the path was too long, otherwise already removed


def _empty(cluster: Cluster) -> Target:
    words: dict[str, Any] = {"host": str(cluster.sockets), "user": "postgres", "dbname": DATABASE}
    with psycopg.connect(**{**words, "dbname": "postgres"}, autocommit=True) as admin:
        make_logins(admin)
    with psycopg.connect(**words) as inside:
        close_schema(inside)
    return Target(words, BINARIES / "pg_restore")


def wipe(folder: Path, tell: Callable[[str], object] = str) -> None:
    """Overwrites every file with zeros, then removes it. A disk that moves blocks around can still hold old data (see docs/vault.md)."""
    if not folder.exists():
        return
    tell("wiping what lay plain")
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            overwrite(path)
    shutil.rmtree(folder)


def overwrite(path: Path) -> None:
    left = path.stat().st_size
    with path.open("r+b") as file:
        while left > 0:
            left -= file.write(bytes(min(PIECE, left)))
        file.flush()
        os.fsync(file.fileno())
