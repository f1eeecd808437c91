"""Processes that are killed with SIGKILL: at a named call (found by a trace), or at any moment. Tests of every room use it.

    Part(entry, folder, log, trace=path)   # run it once, then read_trace(path) lists each fsync, rename, unlink, link and send
    Part(entry, folder, log, die_after=n)  # run it again, killed right after the n-th of them
    storm([part, other], kills=100, random=Random(7), pause=(0.1, 0.3))  # killed at any moment and started again, 100 times
"""

import importlib
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random
from typing import Any

_fork = multiprocessing.get_context("forkserver")  # a clean parent that already imported the modules, so a start takes 20 ms instead of 900
_preloaded = ["homeroom.gateway.run", "homeroom.portal.intake.inbox.receive", "tests.journeys.kill"]
_fork.set_forkserver_preload(_preloaded)

CALLS = ("fsync", "fdatasync", "rename", "replace", "unlink", "link")
SENDS = ("send", "sendall", "sendmsg")


class Part:
    """One process that calls `module:function` with a folder. Its error output goes to the log."""

    def __init__(
        self, entry: str, folder: Path, log: Path, *,
        die_after: int | None = None, trace: Path | None = None, reached: Path | None = None,
    ):  # fmt: skip
        self._words = (entry, str(folder), str(log), die_after, str(trace or ""), str(reached or ""))
        self._process: ForkServerProcess | None = None

    def start(self) -> "Part":
        self._process = _fork.Process(target=_child, args=self._words, daemon=True)
        self._process.start()
        return self

    def disarmed(self) -> "Part":
        """Returns the same process, which no longer kills itself."""
        entry, folder, log, *_ = self._words
        return Part(entry, Path(folder), Path(log))

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    @property
    def pid(self) -> int:
        assert self._process is not None and self._process.pid is not None
        return self._process.pid

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def stop(self) -> int | None:
        """Sends SIGTERM, and returns the exit code."""
        assert self._process is not None
        self._process.terminate()
        self._process.join(20)
        return self._process.exitcode

    def wait_dead(self, seconds: float) -> bool:
        assert self._process is not None
        self._process.join(seconds)
        return not self._process.is_alive()


def _child(entry: str, folder: str, log: str, die_after: int | None, trace: str, reached: str) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    module, _, name = entry.partition(":")
    run = getattr(importlib.import_module(module), name)
    if die_after is not None or trace:
        _watch_calls(die_after, trace)
    if reached:
        _watch_reach(reached)
    run(Path(folder))


def _watch_reach(reached: str) -> None:
    """Records every address that the process looks up, connects to or sends to, except Unix sockets, and every program that it starts."""
    paper = os.open(reached, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def heard(event: str, words: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.sendto") and words[0].family != socket.AF_UNIX:
            os.write(paper, f"{event} {words[1]}\n".encode())
        elif event in ("socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.exec", "os.posix_spawn"):
            os.write(paper, f"{event} {words[0]}\n".encode())

    sys.addaudithook(heard)


def _watch_calls(die_after: int | None, trace: str) -> None:
    """Counts and records the calls that reach the disk or the network, and kills the process after the chosen one."""
    count = 0
    paper = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if trace else -1

    def watched(name: str, call: Callable[..., Any], told: Callable[[tuple[Any, ...]], str]) -> Callable[..., Any]:
        def watching(*args: Any, **words: Any) -> Any:
            nonlocal count
            answer = call(*args, **words)
            if name in SENDS and args[0].family == socket.AF_UNIX:  # an event loop wakes itself this way
                return answer
            count += 1
            if paper >= 0:
                os.write(paper, f"{name}\t{told(args)}\n".encode())
            if count == die_after:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return watching

    for name in CALLS:
        setattr(os, name, watched(name, getattr(os, name), _paths))
    for name in SENDS:
        setattr(socket.socket, name, watched(name, getattr(socket.socket, name), _peer))


def _paths(args: tuple[Any, ...]) -> str:
    return "\t".join(str(Path(f"/proc/self/fd/{arg}").readlink() if isinstance(arg, int) else arg) for arg in args)


def _peer(args: tuple[Any, ...]) -> str:
    try:
        return str(args[0].getpeername())
    except OSError:
        return "gone"


def read_trace(trace: Path) -> list[str]:
    return trace.read_text().splitlines() if trace.exists() else []


def until(is_so: Callable[[], bool], seconds: float = 15, every: float = 0.01) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(every)
    return is_so()


def storm(
    parts: Sequence[Part], *, kills: int, random: Random, pause: tuple[float, float], each: Callable[[], None] = int
) -> list[Part]:
    """Kills a part at a random moment and starts it again, `kills` times. Returns the parts that run at the end."""
    living = list(parts)
    for _ in range(kills):
        time.sleep(random.uniform(*pause))
        number = random.randrange(len(living))
        living[number].kill()
        living[number] = living[number].disarmed().start()
        each()
    return living


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
