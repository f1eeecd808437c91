"""What the opener gives up once it listens, so that whoever takes it over finds no way out: memory images, new
programs, and every kind of socket. Each is asked of Linux; what it does not permit is said in the log once.
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
# process_vm_readv, and io_uring_setup, by which a socket can be had without socket().
MACHINES = {
    "x86_64": (0xC000003E, (41, 53, 42, 59, 322, 101, 310, 425)),
    "aarch64": (0xC00000B7, (198, 199, 203, 221, 281, 117, 270, 425)),
}
OTHER_TABLE = 0x40000000  # x32 on x86_64: the same calls under other numbers
LOAD, EQUAL, AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06  # <linux/bpf_common.h>
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000  # <linux/seccomp.h>; REFUSE is EPERM
NUMBER_AT, MACHINE_AT = 0, 4  # struct seccomp_data

log = logging.getLogger(__name__)


class NotPermitted(Exception):
    """Linux refused one of the protections."""


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def confine() -> None:
    """For this process and those it forks, for good."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    _control(DUMPABLE, 0)  # neither a core nor a debugger of the same user sees the key
    for give_up in (_leave_network, refuse_sockets):
        try:
            give_up()
        except (OSError, NotPermitted) as refused:
            log.warning("The opener keeps more than it should, for this host does not permit otherwise: %s.", refused)


def _leave_network() -> None:
    """An empty network of its own. Only root may: then the refused system calls are the first wall, not the second."""
    if os.geteuid() == 0:
        os.unshare(os.CLONE_NEWNET)


def refuse_sockets() -> None:
    """Raises NotPermitted."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        raise NotPermitted(f"no table of system calls for {platform.machine()}")
    _control(NO_NEW_PRIVILEGES, 1)
    steps = _program(*machine)
    program = _Program(len(steps) // 8, steps)  # named, or it is gone before Linux has read it
    _control(SECCOMP, FILTER, ctypes.addressof(program))


def _program(machine: int, refused: tuple[int, ...]) -> bytes:
    """Steps of (code, jump if so, jump if not, value); a jump counts the steps it leaves out."""
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
