"""Finds the processes that serve a portal or a whole installation in /proc, and stops them through the parent that would start them again."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from homeroom.ops.answers import NotDone
from homeroom.ops.host.cleared import is_serving
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.port_owners import folder_of, read_of

PATIENCE = 40.0  # seconds until a process that doesn't stop is reported
PAUSE = 0.2  # seconds between two searches
QUIET = 5  # searches in a row that find no process. They take one second, in which a supervisor restarts what ended


class ServingProcesses(NamedTuple):
    """`heads` are the processes to stop. They stop the others."""

    heads: set[int]
    all: set[int]


def of_portal(installation: Installation, slug: str) -> ServingProcesses:
    """Finds a portal's processes. Each of them writes to a log of the portal. Its parent process is above them, or writes to the log that `homeroom up`
    gave it."""
    parts = writers((installation.folder / "portals" / slug / "log").glob("*.log"))
    above = {parent for parent in parts.values() if parent not in parts and parent > 1}
    heads = above | set(writers([installation.folder / "log" / f"{slug}.log"]))
    return ServingProcesses(heads, heads | set(parts))


def of_installation(installation: Installation) -> ServingProcesses:
    """Finds the commands that serve this folder, and the gateway, which runs as another program."""
    found = {pid: parent for pid in processes() if (parent := parent_of(pid)) and serves(pid, installation.folder)}
    gateway = {pid for pid in processes() if is_gateway(pid, installation.folder)}
    return ServingProcesses({pid for pid, parent in found.items() if parent not in found}, set(found) | gateway)


def stop(find: Callable[[], ServingProcesses], what: str, seconds: float = PATIENCE) -> None:
    """Returns when no process is left and none is started again. Raises NotDone."""
    until, quiet, told = time.monotonic() + seconds, 0, {os.getpid()}
    while quiet < QUIET:
        found = find()
        quiet = 0 if found.all else quiet + 1
        for pid in found.heads - told:
            with suppress(ProcessLookupError):  # it ended in the meantime
                os.kill(pid, signal.SIGTERM)
        told |= found.heads
        if found.all and time.monotonic() > until:
            raise NotDone(f"Processes of {what} still run: {', '.join(map(str, sorted(found.all)))}. Stop them, then run this again.")
        time.sleep(PAUSE)


def writers(logs: Iterable[Path]) -> dict[int, int]:
    """Returns process and parent of each process whose standard error is one of these files."""
    wanted = {file for log in logs if (file := _file(log))}
    return {pid: parent for pid in processes() if wanted and _file(Path(f"/proc/{pid}/fd/2")) in wanted and (parent := parent_of(pid)) is not None}


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def parent_of(pid: int) -> int | None:
    stat = read_of(pid, "stat")
    return int(stat.rpartition(b")")[2].split()[1]) if stat else None


def serves(pid: int, folder: Path) -> bool:
    words = read_of(pid, "cmdline").decode(errors="replace").split("\0")
    start = next((number for number, word in enumerate(words[:4], 1) if word == "homeroom.ops" or Path(word).name == "homeroom"), None)
    if start is None or not is_serving(words[start:]):
        return False
    return folder_of(pid) == folder


def is_gateway(pid: int, folder: Path) -> bool:
    words = read_of(pid, "cmdline").decode(errors="replace").rstrip("\0").split("\0")
    return len(words) > 2 and "homeroom.gateway.run" in words[-2] and words[-1] == str(folder)


def _file(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:  # it ended, or there is no such log
        return None
    return found.st_dev, found.st_ino
