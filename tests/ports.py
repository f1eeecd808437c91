"""Ports for the servers of tests: below those that the system gives to whoever asks for any, and no two workers' alike."""

import os
from itertools import cycle
from random import sample

from homeroom.ops.running import is_free

WORKERS = 8
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
MINE = range(11_000 + WORKER % WORKERS, 32_000, WORKERS)
_drawn = cycle(sample(MINE, len(MINE)))


def free_port() -> int:
    """Not given out again before all others were."""
    return next(port for port in _drawn if is_free(port))
