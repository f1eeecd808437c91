"""Steps that a process takes right after its fork: it drops its parent's rights, network and environment, and ends with its parent."""

import ctypes
import fcntl
import gc
import os
import pwd
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, Protocol


class _Numbered(Protocol):
    def fileno(self) -> int: ...


_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_NAME = 15
_CLONE_NEWNET = 0x40000000
FIRST_SOCKET = 3  # SD_LISTEN_FDS_START, sd_listen_fds(3)
PASSED_ON = ("PYTHONPATH",)  # it may say where Homeroom's code is
LAST = 19  # niceness: people who read pages come first


def become(user: str | None, groups: Sequence[int] = ()) -> None:
    """Drops to the system user permanently. None, or not root: keeps the current user, without a way to gain rights."""
    os.umask(0o077)
    if user is not None and os.getuid() == 0:
        entry = pwd.getpwnam(user)
        os.setgroups(list(groups))
        os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
        os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def stand_back(by: int) -> None:
    """Lets other processes use the processor first. Linux weighs whole sessions (autogroups) if it has them, and niceness counts only within a
    session, so both are set.
    Call it before become(): a process of another user may not write its own autogroup."""
    if os.getpriority(os.PRIO_PROCESS, 0) < LAST:  # it can't go further back, and systemd's unit of the backup timer refuses the call
        os.nice(by)
    autogroup = Path("/proc/self/autogroup")
    if autogroup.exists():
        try:
            autogroup.write_text(str(by))
        except OSError as no:  # only a preference: the process also works on a host that doesn't allow it
            sys.stderr.write(f"the kernel does not let this process stand back: {no}\n")


def die_with_parent(word: signal.Signals = signal.SIGKILL) -> None:
    """The kernel sends this signal when the parent ends. Call it after become(), because a change of user clears it."""
    parent = os.getppid()
    _prctl(_PR_SET_PDEATHSIG, word)
    if os.getppid() != parent:  # the parent ended in between, so no one will send the signal
        os.kill(os.getpid(), word)


def leave_network() -> bool:
    """Moves to an empty network of its own. Unix sockets still work. False if the kernel does not allow it (not root)."""
    return int(_libc.unshare(_CLONE_NEWNET)) == 0


def close_all_but(kept: Sequence[_Numbered]) -> None:
    """Closes inherited sockets. A fork that kept the front's socket could take its connections.

    Objects that the parent no longer used, but had not collected yet, would close their numbers again when they are collected here. By then another
    socket has the number, so they are never collected."""
    gc.freeze()
    low = 3
    for number in sorted(each.fileno() for each in kept):
        os.closerange(low, number)
        low = number + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def environment(**more: str) -> dict[str, str]:
    """Returns the whole environment of a program. Nothing of the operator's is in it: /proc shows it as long as the program runs."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", **kept, **more}


def become_program(words: Sequence[str], sockets: Sequence[socket.socket] = ()) -> NoReturn:
    """Replaces this process, just forked, with Python running these words. It gets the sockets as systemd gives them."""
    above = FIRST_SOCKET + len(sockets)
    copies = [fcntl.fcntl(each.fileno(), fcntl.F_DUPFD, above) for each in sockets]  # so that none is in the place of another
    for at, copy in enumerate(copies, FIRST_SOCKET):
        os.dup2(copy, at)
        os.close(copy)
    given = {"LISTEN_FDS": str(len(sockets)), "LISTEN_PID": str(os.getpid())} if sockets else {}
    os.chdir("/")
    os.execve(sys.executable, [sys.executable, "-P", "-s", *words], environment(**given))  # noqa: S606  no shell is the point


def name_process(name: str) -> None:
    """Sets what ps and top show: 15 characters."""
    _libc.prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
