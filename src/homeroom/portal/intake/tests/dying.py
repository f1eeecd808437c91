"""A process that imports and kills itself with SIGKILL at a given call, or that forks importers to be killed.

Not a test: `python dying.py trace|die PORTAL DIGEST [NUMBER before|after]`, `python dying.py nursery`.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from homeroom.portal.intake import importer

CALLS = [(psycopg.Connection, "commit"), (os, "fsync"), (os, "link"), (os, "unlink"), (os, "write")]


def watch(number: int, when: str) -> list[str]:
    """Records every call that leaves a trace outside the process. Kills the process before or after call `number`."""
    seen: list[str] = []
    for owner, name in CALLS:
        setattr(owner, name, _watched(getattr(owner, name), name, seen, number, when))
    return seen


def _watched(call: Callable[..., Any], name: str, seen: list[str], number: int, when: str) -> Callable[..., Any]:
    def watched(*args: Any, **words: Any) -> Any:
        seen.append(name)
        mine = len(seen) == number
        if mine and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = call(*args, **words)
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return watched


def nursery() -> None:
    """Forks an importer for each line "portal digest", so that slow modules load only once."""
    for line in sys.stdin:
        portal, digest = line.split()
        child = os.fork()
        if child == 0:
            os._exit(importer.main(Path(portal), [digest], str))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "nursery":
        nursery()
    else:
        seen = watch(int(sys.argv[4]) if sys.argv[1] == "die" else 0, sys.argv[-1])
        importer.main(Path(sys.argv[2]), [sys.argv[3]], str)
        print(" ".join(seen))
