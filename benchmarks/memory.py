"""The memory of an idle portal, process by process."""

import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.figures import Figure, reported
from benchmarks.ground import Ground


def figures(here: Ground) -> Iterator[Figure]:
    time.sleep(2)
    if here.running is None:
        return
    weighed = weights(psutil.Process(here.running.pid))
    parts = ", ".join(f"{name} {weight:.0f}" for name, weight in sorted(weighed.items()))
    yield reported("memory of one idle portal, MB (PSS)", sum(weighed.values()), parts)


def weights(parent: psutil.Process) -> dict[str, float]:
    """Returns the PSS in MB by process of the portal."""
    found: dict[str, float] = {}
    for process in [parent, *parent.children(recursive=True)]:
        name = "parent" if process.pid == parent.pid else _name(process.pid)
        found[name] = found.get(name, 0) + process.memory_full_info().pss / 1e6
    return found


def _name(pid: int) -> str:
    comm = Path(f"/proc/{pid}/comm").read_text().strip()
    return comm.removeprefix("hr-bench-")
