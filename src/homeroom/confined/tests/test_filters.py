"""What someone who takes over a process can't do. Each attempt runs in a process with the same filter."""

import ctypes
import logging
import os
import platform
import socket
import subprocess
import threading
from collections.abc import Callable

import pytest

from homeroom.confined import filters
from homeroom.confined.calls import ASKED_APART, CALLS, MACHINES, NEWEST
from homeroom.confined.filters import NETWORK, NO_SOCKETS, POSTGRES, PROGRAMS, UNIX_ONLY, Allowed, keep_to, program
from homeroom.confined.tests.apart import in_child

_libc = ctypes.CDLL(None, use_errno=True)
TRUE = ["/bin/true"]
NEW_NETWORK, NEW_USER = 0x40000000, 0x10000000
# Numbers on x86_64 and aarch64 of calls that no process may make. Arguments don't matter, because Linux checks the number first.
FORBIDDEN = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "bpf": (321, 280), "perf_event_open": (298, 241),
    "keyctl": (250, 219), "add_key": (248, 217), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "unshare": (272, 97),
    "setns": (308, 268), "kexec_load": (246, 104), "init_module": (175, 105), "finit_module": (313, 273), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "setuid": (105, 146), "setresuid": (117, 147), "capset": (126, 91), "reboot": (169, 142), "swapon": (167, 224),
    "chroot": (161, 51), "open_by_handle_at": (304, 265), "personality": (135, 92), "kcmp": (312, 272), "settimeofday": (164, 170),
}  # fmt: skip


def raw(number: int, *words: int) -> None:
    if _libc.syscall(number, *words) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def with_only(allowed: Allowed, work: Callable[[], object]) -> str:
    return in_child(lambda: keep_to(allowed), work)


def a_thread() -> None:
    ran: list[int] = []
    thread = threading.Thread(target=lambda: ran.append(1))
    thread.start()
    thread.join()
    assert ran == [1]


def a_fork() -> None:
    if os.fork() == 0:
        os._exit(0)
    os.wait()


@pytest.mark.parametrize("allowed", [UNIX_ONLY, NETWORK, PROGRAMS, NO_SOCKETS, POSTGRES])
def test_someone_who_takes_a_process_over_makes_no_forbidden_call(allowed: Allowed) -> None:
    column = MACHINES[platform.machine()][1]
    for name, numbers in FORBIDDEN.items():
        assert with_only(allowed, lambda number=numbers[column]: raw(number, 0, 0, 0, 0)) == "PermissionError", name


@pytest.mark.parametrize("allowed", [UNIX_ONLY, NETWORK, PROGRAMS])
def test_a_process_keeps_threads_forks_and_files(allowed: Allowed) -> None:
    assert with_only(allowed, a_thread) == with_only(allowed, a_fork) == "done"
    assert with_only(allowed, lambda: os.read(os.open("/dev/zero", os.O_RDONLY), 1)) == "done"
    assert with_only(allowed, lambda: socket.socketpair()) == "done"


def test_a_process_makes_no_namespace_however_it_asks() -> None:
    clone = {"x86_64": 56, "aarch64": 220}[platform.machine()]
    for flag in (NEW_NETWORK, NEW_USER):
        assert with_only(UNIX_ONLY, lambda flag=flag: raw(clone, flag | 17, 0, 0, 0, 0)) == "PermissionError"
    assert with_only(UNIX_ONLY, lambda: raw(435, 0, 0)) == "OSError", "clone3 is absent, so the C library uses clone"
    assert with_only(UNIX_ONLY, lambda: raw(NEWEST + 1)) == "OSError", "a call from the future is absent, too"


def test_only_a_process_on_the_network_makes_a_network_socket() -> None:
    for allowed, expected in ((UNIX_ONLY, "PermissionError"), (PROGRAMS, "PermissionError"), (POSTGRES, "PermissionError"), (NETWORK, "done")):
        assert with_only(allowed, lambda: socket.socket(socket.AF_INET)) == expected
        assert with_only(allowed, lambda: socket.socket(socket.AF_INET6)) == expected
        assert with_only(allowed, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)) == "PermissionError"
        assert with_only(allowed, lambda: socket.socket(socket.AF_UNIX)) == "done"
    assert with_only(NO_SOCKETS, lambda: socket.socket(socket.AF_UNIX)) == with_only(NO_SOCKETS, socket.socketpair) == "PermissionError"


def test_only_a_process_that_needs_it_starts_a_program() -> None:
    for allowed, expected in ((UNIX_ONLY, "PermissionError"), (NETWORK, "PermissionError"), (PROGRAMS, "done"), (POSTGRES, "done")):
        assert with_only(allowed, lambda: subprocess.run(TRUE, check=True)) == expected


def test_a_started_program_is_limited_too() -> None:
    told: str = ""

    def started() -> None:
        code = "import socket\ntry:\n    socket.socket()\nexcept PermissionError:\n    print('refused')"
        nonlocal told
        told = subprocess.run(["/usr/bin/env", "python3", "-c", code], capture_output=True, text=True, check=True).stdout
        assert told == "refused\n"

    assert with_only(PROGRAMS, started) == "done"


def test_calls_of_another_table_are_refused_or_end_the_process() -> None:
    if platform.machine() == "x86_64":
        assert with_only(UNIX_ONLY, lambda: raw(0x40000000 | 39)) == "PermissionError", "x32"
    first = program(UNIX_ONLY, "aarch64")[8:24]
    assert first != program(UNIX_ONLY, "x86_64")[8:24] and first.endswith((0x80000000).to_bytes(4, "little"))


def test_a_computer_without_filters_says_so_and_goes_on(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "MACHINES", {})

    def logged() -> None:
        assert "System calls are not limited: Homeroom has no table of system calls" in caplog.text
        socket.socket().close()

    with caplog.at_level(logging.WARNING):
        assert with_only(UNIX_ONLY, logged) == "done"
    with pytest.raises(filters.NoFilters):
        filters.filter_calls(UNIX_ONLY)


def test_the_table_names_what_the_filters_ask_for() -> None:
    assert set(ASKED_APART) <= set(CALLS)
    assert not set(FORBIDDEN) & set(CALLS)
    for column in (0, 1):
        numbers = [pair[column] for pair in CALLS.values() if pair[column] is not None]
        assert len(numbers) == len(set(numbers))
