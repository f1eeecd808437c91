"""Prints the steps of a long task as they happen: a spinner on a terminal, plain lines elsewhere."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from homeroom.ops.answers import err


@contextmanager
def step(told: str) -> Iterator[None]:
    """`told` is in the present tense: "sealing Lincoln's export"."""
    began = time.monotonic()
    if err.is_terminal and threading.current_thread() is threading.main_thread():  # one spinner at a time
        with err.status(told):
            yield
    else:
        yield
    err.print(f"{told} ({time.monotonic() - began:.1f} s)", markup=False)
