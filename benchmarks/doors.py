"""The gateway's SFTP server compared with OpenSSH's own: the same client, the same file, the same machine."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, at_least
from benchmarks.floors.sshd import openssh_server
from benchmarks.ground import HOMEROOM, SENDER, Ground, wait_for
from homeroom.gateway.settings import read_settings

MEGABYTES = 256


def figure(here: Ground) -> Figure:
    with tempfile.TemporaryDirectory(prefix="hr-door-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        payload = folder / "payload"
        with payload.open("wb") as file:
            for _ in range(MEGABYTES):
                file.write(os.urandom(1 << 20))
        sealed = here.sealed(payload)
        for name in ("key", "key.pub"):
            shutil.copy2(here.folder / name, folder / name)
        with openssh_server(folder) as (port, user):
            theirs = median(put(folder, sealed, port, user, "upload") for _ in range(3))
        with gateway(here) as (port, user):
            ours = median(put(folder, sealed, port, user, "incoming/export.pgp") for _ in range(3))
    return at_least(
        f"{MEGABYTES} MB over SFTP against OpenSSH's own server",
        theirs / ours,
        0.7,
        f"{MEGABYTES / ours:.0f} MB/s; OpenSSH {MEGABYTES / theirs:.0f} MB/s",
    )


def put(folder: Path, sealed: Path, port: int, user: str, target: str) -> float:
    command = ["sftp", "-q", "-b", "-", "-P", str(port), "-i", str(folder / "key"), "-o", "StrictHostKeyChecking=no",
               "-o", f"UserKnownHostsFile={folder / 'known'}", "-o", "IdentitiesOnly=yes", f"{user}@127.0.0.1"]  # fmt: skip
    begun = time.monotonic()
    done = subprocess.run(command, input=f"put {sealed} {target}\n", text=True, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"sftp to {target}: {done.stderr}")
    return time.monotonic() - begun


@contextmanager
def gateway(here: Ground) -> Iterator[tuple[int, str]]:
    """Runs the installation's own gateway, as `homeroom gateway run` starts it."""
    port = read_settings(here.folder).sftp_port
    log = (here.folder / "gateway.log").open("ab")
    running = subprocess.Popen([str(HOMEROOM), "gateway", "run", "--folder", str(here.folder)], stdout=log, stderr=log)
    try:
        wait_for(
            lambda: (
                subprocess.run(["ssh-keyscan", "-p", str(port), "127.0.0.1"], capture_output=True, check=False).stdout
            ),
            20,
            "the gateway",
        )
        yield port, SENDER
    finally:
        running.terminate()
        running.wait(20)
