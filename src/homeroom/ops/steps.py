"""Steps of something that takes a while, told as they happen: a spinner on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from homeroom.ops.answers import err


@contextmanager
def step(told: str) -> Iterator[None]:
    """`told` is in the present: "sealing Lincoln's export"."""
    began = time.monotonic()
    if err.is_terminal:
        with err.status(told):
            yield
    else:
        yield
    err.print(f"{told} ({time.monotonic() - began:.1f} s)", markup=False)
