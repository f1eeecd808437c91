"""Ports for the servers of tests. They are below those that the system assigns, and no two workers share one."""

import os
from itertools import cycle
from random import sample

from homeroom.ops.host.running import is_free

WORKERS = 8
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
MINE = range(11_000 + WORKER % WORKERS, 32_000, WORKERS)
_drawn = cycle(sample(MINE, len(MINE)))


def free_port() -> int:
    """Returns a free port. It is used again only after all others."""
    return next(port for port in _drawn if is_free(port))
