"""Starts a process as systemd would start it from its unit: its user, groups, limits, rights, namespaces, files and system calls.

It reads only the lines that Homeroom writes, and refuses others. What it leaves out: MemoryMax=, TasksMax= and IPAddressDeny=, which need a control group.
"""

import ctypes
import grp
import os
import platform
import pwd
import resource
import shlex
import signal
import socket
import struct
import subprocess
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from homeroom.confined import filters
from homeroom.confined.calls import ASKED_APART, CALLS, CLONE, CREATE_SOCKET
from homeroom.confined.dumps import control
from homeroom.confined.filters import Allowed

_libc = ctypes.CDLL(None, use_errno=True)
NEW_MOUNTS, NEW_NETWORK, NEW_IPC = 0x00020000, 0x40000000, 0x08000000  # unshare(2)
BIND, RECURSIVE, PRIVATE, NO_SUID = 4096, 16384, 1 << 18, 2  # mount(2)
MOUNT_SETATTR, READ_ONLY, WHOLE_TREE, HERE = 442, 1, 0x8000, -100  # mount_setattr(2)
DROP_RIGHT, DENY_WRITE_EXECUTE = 24, 65  # prctl(2): PR_CAPBSET_DROP, PR_SET_MDWE
RIGHTS = {"CAP_CHOWN": 0, "CAP_DAC_OVERRIDE": 1, "CAP_FOWNER": 3, "CAP_FSETID": 4, "CAP_KILL": 5, "CAP_SETGID": 6, "CAP_SETUID": 7}
TEMPORARY, SHARED = ("/tmp", "/var/tmp"), "/dev/shm"  # noqa: S108  in the namespace
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
NOT_APPLIED = {"MemoryMax", "TasksMax", "IPAddressDeny", "DevicePolicy", "SystemCallArchitectures", "SystemCallErrorNumber", "KeyringMode", "RemoveIPC"}
NOT_APPLIED |= {"ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups", "ProtectClock", "ProtectHostname"}
NOT_APPLIED |= {"LockPersonality", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "AmbientCapabilities"}  # the filter has them
OF_THE_MANAGER = {"Type", "RemainAfterExit", "Restart", "RestartSec", "RestartPreventExitStatus", "KillMode", "KillSignal", "TimeoutStopSec"}
OF_THE_MANAGER |= {"TimeoutStartSec", "OOMPolicy", "ExecStartPost"}
APPLIED = {"ExecStart", "User", "SupplementaryGroups", "Environment", "CapabilityBoundingSet", "NoNewPrivileges", "ProtectSystem", "PrivateTmp", "Nice"}
APPLIED |= {"PrivateDevices", "PrivateIPC", "ProtectProc", "ProcSubset", "MemoryDenyWriteExecute", "SystemCallFilter", "UMask", "LimitCORE", "LimitNOFILE"}
APPLIED |= {"CoredumpFilter", "RestrictAddressFamilies", "PrivateNetwork", "ProtectHome", "BindReadOnlyPaths", "BindPaths", "ReadWritePaths"}

OWNERS = {"chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54)}  # no process makes these calls, only the preparing command
USERS = {"setgroups": (116, 159), "setresgid": (119, 149), "setresuid": (117, 147)}  # only the backup timer's children and the database's commands
KNOWN = {**CALLS, **OWNERS, **USERS}

type Unit = dict[str, list[str]]


def read_unit(text: str) -> Unit:
    """Returns the values of each key of the service or socket. An empty value takes back the ones before it."""
    found: Unit = {}
    own = text.partition("[Install]")[0]
    for line in (own.partition("[Service]")[2] or own.partition("[Socket]")[2]).splitlines():
        key, equal, value = line.partition("=")
        if equal and not line.startswith("#"):
            found[key] = [*found.get(key, []), value] if value else []
    return found


@cache
def groups_of_calls() -> dict[str, set[str]]:
    """Returns systemd's groups of system calls."""
    told = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True).stdout
    found: dict[str, set[str]] = {}
    name = ""
    for line in told.splitlines():
        if line.startswith("@"):
            found[name := line.strip()] = set()
        elif (word := line.strip()) and not word.startswith("#"):
            found[name].add(word)
    return found


def calls_in(word: str) -> set[str]:
    if not word.startswith("@"):
        return {word}
    return set().union(*(calls_in(each) for each in groups_of_calls()[word]))


def allowed_by(unit: Unit) -> Allowed:
    calls = calls_in("@default")
    for line in unit["SystemCallFilter"]:
        named = set().union(*(calls_in(word) for word in line.removeprefix("~").split()))
        calls = calls - named if line.startswith("~") else calls | named
    families = tuple(getattr(socket, name) for name in " ".join(unit["RestrictAddressFamilies"]).split())
    asked = tuple(name for name in ASKED_APART if name in calls and name not in (*CREATE_SOCKET, CLONE))
    return Allowed(sockets=families if "socket" in calls else (), more=asked, less=tuple(set(KNOWN) - calls))


def start(text: str, log: Path, sockets: Sequence[socket.socket] = (), command: str = "ExecStart") -> int:
    """Returns the process."""
    unit = read_unit(text)
    assert unit.keys() <= NOT_APPLIED | OF_THE_MANAGER | APPLIED, unit.keys() - NOT_APPLIED - OF_THE_MANAGER - APPLIED
    allowed, words = allowed_by(unit), shlex.split(unit[command][0])
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        given = take_sockets(sockets)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        limit(unit)
        leave(unit)
        become(unit, allowed)
        os.execve(words[0], words, dict(line.split("=", 1) for line in unit["Environment"]) | given)  # noqa: S606  no shell is the point
    except BaseException:  # noqa: BLE001  the child's last word
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(70)


def take_sockets(sockets: Sequence[socket.socket]) -> dict[str, str]:
    copies = [os.dup(each.fileno()) for each in sockets]
    high = [os.dup2(copy, 200 + at) for at, copy in enumerate(copies)]
    for at, number in enumerate(high, 3):
        os.dup2(number, at)
    os.closerange(3 + len(sockets), 4096)
    return {"LISTEN_FDS": str(len(sockets)), "LISTEN_PID": str(os.getpid())} if sockets else {}


def limit(unit: Unit) -> None:
    most = min(int(unit["LimitNOFILE"][-1]), resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    core = int(unit["LimitCORE"][-1])
    resource.setrlimit(resource.RLIMIT_CORE, (core, core))
    Path("/proc/self/coredump_filter").write_text(unit["CoredumpFilter"][-1])
    os.umask(0o022)
    os.nice(int(unit.get("Nice", ["0"])[-1]))
    os.chdir("/")


def leave(unit: Unit) -> None:
    """Moves to namespaces of its own and hides and locks files."""
    network = NEW_NETWORK if is_set(unit, "PrivateNetwork") else 0
    ipc = NEW_IPC if is_set(unit, "PrivateIPC") else 0
    checked(_libc.unshare(NEW_MOUNTS | network | ipc))
    mount("none", "/", None, RECURSIVE | PRIVATE)
    shown = [path for line in unit.get("BindReadOnlyPaths", []) for path in shlex.split(line)]
    changed = [path for line in unit.get("BindPaths", []) for path in there(line)]
    held = {path: os.open(path, os.O_PATH) for path in (*shown, *changed)}
    devices = {name: os.open(f"/dev/{name}", os.O_PATH) for name in DEVICES}
    for folder in ("/home", "/root", "/run/user"):
        if Path(folder).is_dir():
            cover(folder, "755" if unit["ProtectHome"] == ["tmpfs"] else "000")
    if is_set(unit, "PrivateTmp"):
        for folder in TEMPORARY:
            cover(folder, "1777")
    for path in sorted(held):
        Path(path).mkdir(parents=True, exist_ok=True)
        mount(f"/proc/self/fd/{held[path]}", path, None, BIND | RECURSIVE)
    lock(unit, devices, [*changed, *(path for line in unit.get("ReadWritePaths", []) for path in there(line))])
    for number in (*held.values(), *devices.values()):
        os.close(number)
    if unit.get("ProcSubset"):
        hidden = "off" if unit["ProtectProc"][-1] == "default" else unit["ProtectProc"][-1]
        mount("proc", "/proc", "proc", NO_SUID, f"hidepid={hidden},subset={unit['ProcSubset'][-1]}")


def there(line: str) -> list[str]:
    """Returns the paths, without those that may be missing and are."""
    return [path.removeprefix("-") for path in shlex.split(line) if not path.startswith("-") or Path(path[1:]).exists()]


def lock(unit: Unit, devices: dict[str, int], changed: Sequence[str]) -> None:
    """Makes everything read-only but these folders, /tmp and /dev."""
    if is_set(unit, "PrivateDevices"):
        shared = os.open(SHARED, os.O_PATH)
        cover("/dev", "755")
        for name, number in devices.items():
            Path(f"/dev/{name}").touch()
            mount(f"/proc/self/fd/{number}", f"/dev/{name}", None, BIND)
        Path("/dev/fd").symlink_to("/proc/self/fd")
        Path(SHARED).mkdir()
        mount(f"/proc/self/fd/{shared}", SHARED, None, BIND | RECURSIVE)
    assert unit["ProtectSystem"] == ["strict"]
    set_read_only("/", is_on=True)
    for folder in (*TEMPORARY, "/dev", SHARED):
        set_read_only(folder, is_on=False)
    for path in changed:
        mount(path, path, None, BIND)
    for path in changed:
        set_read_only(path, is_on=False)


def become(unit: Unit, allowed: Allowed) -> None:
    """Takes rights, then the user, then system calls."""
    kept = {RIGHTS[name] for name in " ".join(unit["CapabilityBoundingSet"]).split()}
    for right in range(41):
        if right not in kept:
            control(DROP_RIGHT, right)
    os.umask(int(unit["UMask"][-1], 8))
    user = pwd.getpwnam(unit["User"][-1])
    os.setgroups([grp.getgrnam(name).gr_gid for name in unit.get("SupplementaryGroups", [])])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    assert is_set(unit, "NoNewPrivileges")
    if is_set(unit, "MemoryDenyWriteExecute"):
        control(DENY_WRITE_EXECUTE, 1)
    filters.CALLS = KNOWN
    filters.filter_calls(allowed)


def is_set(unit: Unit, key: str) -> bool:
    return unit.get(key) == ["yes"]


def cover(folder: str, mode: str) -> None:
    mount("tmpfs", folder, "tmpfs", NO_SUID, f"mode={mode}")


def set_read_only(path: str, *, is_on: bool) -> None:
    asked = struct.pack("=QQQQ", READ_ONLY if is_on else 0, 0 if is_on else READ_ONLY, 0, 0)
    checked(_libc.syscall(MOUNT_SETATTR, HERE, path.encode(), WHOLE_TREE if is_on else 0, asked, len(asked)))


def mount(source: str, target: str, kind: str | None, flags: int, words: str | None = None) -> None:
    encoded = [text.encode() if text else None for text in (source, target, kind, words)]
    checked(_libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]), target)


def checked(code: int, what: str = "") -> None:
    if code:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def why_not() -> str:
    """Returns why units can't be started here, or an empty text."""
    if os.getuid() != 0:
        return "only root can start units"
    tried = subprocess.run(["unshare", "--mount", "--net", "--ipc", "true"], capture_output=True, text=True)
    return tried.stderr.strip() or ("" if platform.machine() in ("x86_64", "aarch64") else "no table of system calls")
