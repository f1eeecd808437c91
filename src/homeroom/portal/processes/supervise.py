"""Keeps processes alive: forks, restarts, and stops them in order. It holds no secret and opens no connection."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_WORDS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
CANNOT_START = 78  # EX_CONFIG of sysexits.h: the same will happen until a person changes something
_GLANCE = 2.0  # seconds between two checks of logs, and for new parts
_LONGEST_WAIT = 10.0  # seconds between two starts of a process that keeps ending
_LARGEST_LOG = 50_000_000  # bytes
_STEADY = 20.0  # seconds alive after which earlier ends are forgotten


@dataclass(slots=True)
class Part:
    """One process. `enter` runs in the child and does not return. `patience` is the number of seconds it has to stop."""

    name: str
    enter: Callable[[], None]
    log: Path | None = None
    word: signal.Signals = signal.SIGTERM
    patience: float = 0.8
    is_ready: Callable[[int], bool] = bool
    pid: int = 0
    was_ready: bool = False
    started: float = 0.0
    deaths: int = 0
    is_given_up: bool = False

    @property
    def next_start(self) -> float:
        return self.started + min(_LONGEST_WAIT, 0.1 * 2**self.deaths) if self.deaths else 0.0


def supervise(first: Sequence[Part], tell: Callable[[str], object] = str, more: Callable[[], Sequence[Part]] = tuple) -> None:
    """Starts the parts in this order, each after the one before is ready. Returns when all have stopped after a signal, or when no part can start. A
    part that ends with CANNOT_START has logged the reason, and is not restarted. `more` is called every few seconds for new parts.

    Stops them in the opposite order. Call it from the main thread of a process without other threads.
    """
    parts, looked, tell = list(first), time.monotonic(), _if_there_is_room(tell)
    signal.pthread_sigmask(signal.SIG_BLOCK, _WORDS)
    try:
        while True:
            _start_due(parts, tell)
            caught = signal.sigtimedwait(_WORDS, _GLANCE if all(part.was_ready or part.is_given_up for part in parts) else 0.02)
            _reap(parts, tell)
            _keep_short(parts)
            if (caught and caught.si_signo in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)) or all(part.is_given_up for part in parts):
                return
            if time.monotonic() - looked >= _GLANCE:
                parts += more()
                looked = time.monotonic()
    finally:
        stop_all(parts)


def _keep_short(parts: Sequence[Part]) -> None:
    """Moves a log of over 50 MB to .1. It is copied and truncated, because the process keeps its file open to append. On a full disk it stays until the
    next check: nothing may stop because of its log."""
    for log in {part.log for part in parts if part.log is not None and part.log.exists()}:
        if log.stat().st_size > _LARGEST_LOG:
            older = log.with_name(log.name + ".1")
            try:
                shutil.copyfile(log, older)
                older.chmod(0o600)
                os.truncate(log, 0)
            except OSError:
                older.unlink(missing_ok=True)  # half of a copy


def _if_there_is_room(tell: Callable[[str], object]) -> Callable[[str], None]:
    """A line that a full disk does not take is lost, and everything runs on."""

    def told(line: str) -> None:
        with suppress(OSError):
            tell(line)

    return told


def _start_due(parts: Sequence[Part], tell: Callable[[str], object]) -> None:
    """Starts parts in order, and stops at the first one that is not ready, so that nothing starts before its database answers."""
    for part in parts:
        if part.is_given_up:
            continue
        if not part.pid and time.monotonic() >= part.next_start:
            launch(part)
            tell(f"{part.name} started")
        part.was_ready = bool(part.pid) and (part.was_ready or part.is_ready(part.pid))
        if not part.was_ready:
            return


def launch(part: Part) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    part.started = time.monotonic()
    part.pid = os.fork()
    if part.pid:
        return
    code = 70
    try:
        _enter(part)
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
        if isinstance(left.code, str):
            sys.stderr.write(left.code + "\n")
    except BaseException:  # noqa: BLE001  the child's last word; the parent reads its exit code and starts it again
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _enter(part: Part) -> None:
    for word in _WORDS:
        signal.signal(word, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    os.setsid()  # Ctrl-C in a terminal reaches only the parent, which stops everything in order
    if part.log is not None:
        output = os.open(part.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    part.enter()


def _reap(parts: Sequence[Part], tell: Callable[[str], object]) -> None:
    by_pid = {part.pid: part for part in parts if part.pid}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        part = by_pid.get(pid)
        if part is not None:
            part.pid, part.was_ready = 0, False
            part.deaths = 1 if time.monotonic() - part.started > _STEADY else part.deaths + 1
            code = os.waitstatus_to_exitcode(status)
            part.is_given_up = code == CANNOT_START
            where = f" {part.log} says why." if part.log else ""
            tell(f"{part.name} can't start.{where} It is not tried again." if part.is_given_up else f"{part.name} ended ({code}); it is started again")


def _is_gone(part: Part) -> bool:
    try:
        return os.waitid(os.P_PID, part.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def stop_all(parts: Sequence[Part]) -> None:
    """Stops the last started first. Each gets its patience. Then SIGKILL goes to it and to what it forked."""
    for part in reversed(parts):
        if part.pid:
            _stop(part)
            part.pid, part.was_ready = 0, False


def _stop(part: Part) -> None:
    with suppress(ProcessLookupError):  # it ended on its own in between
        os.kill(part.pid, part.word)
    until = time.monotonic() + part.patience
    while not _is_gone(part) and time.monotonic() < until:
        time.sleep(0.01)
    with suppress(ProcessLookupError):  # the usual case: nothing is left
        os.killpg(part.pid, signal.SIGKILL)  # also what it forked, since it leads its own session
    with suppress(ChildProcessError):  # reaped already
        os.waitpid(part.pid, 0)
