"""Lets Linux refuse every system call that is not in a list (seccomp). A refused call gets EPERM. Another machine's calls end the process."""

import ctypes
import logging
import platform
import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from homeroom.confined.calls import (
    ASKED_APART,
    CALLS,
    CLONE,
    CLONE3,
    CONNECT,
    CREATE_SOCKET,
    EXECUTE,
    MACHINES,
    NEWEST,
    SHARED_MEMORY,
)
from homeroom.confined.dumps import control

_GET_SECCOMP, _SECCOMP, _NO_NEW_PRIVILEGES = 21, 22, 38  # <linux/prctl.h>
_FILTER = 2  # SECCOMP_MODE_FILTER
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06  # <linux/bpf_common.h>
_ALLOW, _REFUSE, _ABSENT, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000  # <linux/seccomp.h>: also EPERM and ENOSYS
_NUMBER_AT, _MACHINE_AT, _ARGUMENT_AT = 0, 4, 16  # struct seccomp_data. Both machines store the low half of an argument first
_OTHER_TABLE = 0x40000000  # x32 on x86_64 has the same calls under other numbers
_NAMESPACES = 0x7E020000  # the CLONE_NEW… flags of <linux/sched.h>
_LONGEST_JUMP = 255  # steps

log = logging.getLogger(__name__)
type Step = tuple[int, int, int, int]


class NoFilters(Exception):
    """This kernel or machine has no system call filters. The message says why."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a process may do besides using files, memory, threads and the sockets that it has. `sockets` are the families that it may create. `more` and
    `less` name system calls."""

    sockets: tuple[int, ...] = (socket.AF_UNIX,)
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()

    def on_network(self) -> "Allowed":
        return replace(self, sockets=(socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK))  # netlink: to look names up


NO_SOCKETS = Allowed(sockets=(), less=CONNECT)
UNIX_ONLY = Allowed()
NETWORK = UNIX_ONLY.on_network()
PROGRAMS = Allowed(more=EXECUTE)  # starts another program
POSTGRES = Allowed(more=(*EXECUTE, *SHARED_MEMORY))  # becomes PostgreSQL


def why_none() -> str:
    """Returns "" if this computer has system call filters."""
    if platform.machine() not in MACHINES:
        return f"Homeroom has no table of system calls for {platform.machine()}"
    try:
        control(_GET_SECCOMP)
    except OSError:
        return "the kernel was built without seccomp filters"
    return ""


def keep_to(allowed: Allowed) -> None:
    """Refuses all other system calls in this process and what it starts, permanently. On a computer without filters, the log says so."""
    try:
        filter_calls(allowed)
    except NoFilters as none:
        log.warning("System calls are not limited: %s.", none)


def filter_calls(allowed: Allowed) -> None:
    """Raises NoFilters. Call it before the process has threads."""
    if why := why_none():
        raise NoFilters(why)
    control(_NO_NEW_PRIVILEGES, 1)
    steps = program(allowed, platform.machine())
    filled = _Program(len(steps) // 8, steps)  # the name keeps it in memory until Linux has read it
    control(_SECCOMP, _FILTER, ctypes.addressof(filled))


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def program(allowed: Allowed, machine: str) -> bytes:
    """Returns steps of (code, jump if true, jump if false, value). A jump is the number of steps to skip."""
    audit, column = MACHINES[machine]

    def numbers(names: Iterable[str]) -> list[int]:
        return [number for name in names if (number := CALLS[name][column]) is not None]

    plain = numbers(name for name in CALLS if (name not in ASKED_APART or name in allowed.more) and name not in allowed.less)
    assert len(plain) < _LONGEST_JUMP
    steps: list[Step] = [(_LOAD, 0, 0, _MACHINE_AT), (_EQUAL, 1, 0, audit), (_ANSWER, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER_AT)]
    steps += _if(_AT_LEAST, _OTHER_TABLE, [(_ANSWER, 0, 0, _REFUSE)])
    for number in numbers(CREATE_SOCKET):
        steps += _if(_EQUAL, number, _if_argument(_EQUAL, allowed.sockets, then=_ALLOW, otherwise=_REFUSE))
    for number in numbers([CLONE]):
        steps += _if(_EQUAL, number, _if_argument(_ANY_BIT, [_NAMESPACES], then=_REFUSE, otherwise=_ALLOW))
    steps += _if(_EQUAL, CLONE3, [(_ANSWER, 0, 0, _ABSENT)])
    steps += _if(_AT_LEAST, NEWEST + 1, [(_ANSWER, 0, 0, _ABSENT)])
    steps += [(_EQUAL, len(plain) - at, 0, number) for at, number in enumerate(plain)]
    steps += [(_ANSWER, 0, 0, _REFUSE), (_ANSWER, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _if(code: int, value: int, then: Sequence[Step]) -> list[Step]:
    return [(code, 0, len(then), value), *then]


def _if_argument(code: int, values: Sequence[int], *, then: int, otherwise: int) -> list[Step]:
    """Answers by the first argument of the call."""
    steps: list[Step] = [(_LOAD, 0, 0, _ARGUMENT_AT)]
    for value in values:
        steps += [(code, 0, 1, value), (_ANSWER, 0, 0, then)]
    return [*steps, (_ANSWER, 0, 0, otherwise)]
