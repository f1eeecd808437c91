"""A process that lets others use the processor first sets this for each kind of scheduler."""

import os
from pathlib import Path

from homeroom.portal.processes.child import stand_back

AUTOGROUP = Path("/proc/self/autogroup")


def told_by(child: int, read: int) -> str:
    with os.fdopen(read) as words:
        said = words.read()
    os.waitpid(child, 0)
    return said


def test_its_niceness_and_that_of_its_session_grow() -> None:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        stand_back(5)
        os.write(write, f"{os.nice(0)} {AUTOGROUP.read_text().split()[-1] if AUTOGROUP.exists() else 5}".encode())
        os._exit(0)
    os.close(write)
    assert told_by(child, read) == f"{os.nice(0) + 5} 5"
