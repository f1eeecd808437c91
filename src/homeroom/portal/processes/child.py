"""What a process gives up right after its fork: its parent's rights, its network, outliving its parent."""

import ctypes
import gc
import os
import pwd
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class _Numbered(Protocol):
    def fileno(self) -> int: ...


_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_NAME = 15
_CLONE_NEWNET = 0x40000000
LAST = 19  # niceness: whoever reads a page comes first


def become(user: str | None, groups: Sequence[int] = ()) -> None:
    """Drops to the system user for good. None, or not root: stays who we are, without a way to gain rights."""
    os.umask(0o077)
    if user is not None and os.getuid() == 0:
        entry = pwd.getpwnam(user)
        os.setgroups(list(groups))
        os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
        os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def stand_back(by: int) -> None:
    """Where all want the processor, others come first. Linux weighs whole sessions (autogroups) where it has them, and a process's
    niceness counts within its own alone; so both are said. Before become(): a process of another user may not write its own."""
    os.nice(by)
    autogroup = Path("/proc/self/autogroup")
    if autogroup.exists():
        try:
            autogroup.write_text(str(by))
        except OSError as no:  # a preference: where a host does not allow it, the process works all the same
            sys.stderr.write(f"the kernel does not let this process stand back: {no}\n")


def die_with_parent(word: signal.Signals = signal.SIGKILL) -> None:
    """The kernel sends this signal when the parent dies. After become(): a change of user clears it."""
    parent = os.getppid()
    _prctl(_PR_SET_PDEATHSIG, word)
    if os.getppid() != parent:  # it died in between, so nobody will send the signal
        os.kill(os.getpid(), word)


def leave_network() -> bool:
    """An empty network of one's own; unix sockets still work. False where the kernel does not allow it (not root)."""
    return int(_libc.unshare(_CLONE_NEWNET)) == 0


def close_all_but(kept: Sequence[_Numbered]) -> None:
    """A fork inherits its parent's sockets: one that kept the front's could take its visitors.

    Objects that the parent had forgotten, and not yet collected, would close their numbers once more when they are collected here, and by
    then another socket has the number: they are never collected."""
    gc.freeze()
    low = 3
    for number in sorted(each.fileno() for each in kept):
        os.closerange(low, number)
        low = number + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def name_process(name: str) -> None:
    """What ps and top show: 15 letters."""
    _libc.prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
