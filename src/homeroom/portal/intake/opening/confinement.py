"""Takes rights from the opener once it listens, so that an attacker who controls it can't send anything out: core
dumps, new programs and all kinds of sockets. If Linux refuses one of these limits, the log says so once.
"""

import ctypes
import logging
import os
import platform
import resource
import struct

DUMPABLE, SECCOMP, NO_NEW_PRIVILEGES = 4, 22, 38  # <linux/prctl.h>
FILTER = 2  # SECCOMP_MODE_FILTER
OPEN_FILES = 64

# <linux/audit.h> and the two tables of system calls: socket, socketpair, connect, execve, execveat, ptrace,
# process_vm_readv, and io_uring_setup, which can make a socket without socket().
MACHINES = {
    "x86_64": (0xC000003E, (41, 53, 42, 59, 322, 101, 310, 425)),
    "aarch64": (0xC00000B7, (198, 199, 203, 221, 281, 117, 270, 425)),
}
OTHER_TABLE = 0x40000000  # x32 on x86_64 has the same calls under other numbers
LOAD, EQUAL, AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06  # <linux/bpf_common.h>
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000  # <linux/seccomp.h>. REFUSE is EPERM
NUMBER_AT, MACHINE_AT = 0, 4  # struct seccomp_data

log = logging.getLogger(__name__)


class NotPermitted(Exception):
    """Linux refused one of the limits."""


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def confine() -> None:
    """Limits this process and those that it forks, permanently."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    _control(DUMPABLE, 0)  # keeps the key from core dumps and from debuggers of the same user
    for give_up in (_leave_network, refuse_sockets):
        try:
            give_up()
        except (OSError, NotPermitted) as refused:
            log.warning("The opener keeps more than it should, for this host does not permit otherwise: %s.", refused)


def _leave_network() -> None:
    """Moves to an empty network. Only root may do that. For other users, the refused system calls are the only protection."""
    if os.geteuid() == 0:
        os.unshare(os.CLONE_NEWNET)


def refuse_sockets() -> None:
    """Makes Linux refuse these system calls. Raises NotPermitted."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        raise NotPermitted(f"no table of system calls for {platform.machine()}")
    _control(NO_NEW_PRIVILEGES, 1)
    steps = _program(*machine)
    program = _Program(len(steps) // 8, steps)  # the name keeps it in memory until Linux has read it
    _control(SECCOMP, FILTER, ctypes.addressof(program))


def _program(machine: int, refused: tuple[int, ...]) -> bytes:
    """Returns steps of (code, jump if true, jump if false, value). A jump is the number of steps to skip."""
    last = len(refused) + 1
    steps = [
        (LOAD, 0, 0, MACHINE_AT),
        (EQUAL, 1, 0, machine),
        (ANSWER, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER_AT),
        (AT_LEAST, last, 0, OTHER_TABLE),
        *((EQUAL, last - 1 - at, 0, number) for at, number in enumerate(refused)),
        (ANSWER, 0, 0, ALLOW),
        (ANSWER, 0, 0, REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _control(option: int, *values: int) -> None:
    words = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    if ctypes.CDLL(None, use_errno=True).prctl(option, *words) != 0:
        raise NotPermitted(f"{os.strerror(ctypes.get_errno())} for option {option}")
