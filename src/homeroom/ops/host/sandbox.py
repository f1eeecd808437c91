"""The lines of a systemd service that take from a process what it doesn't need: users, network, files, devices, memory and system calls."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from homeroom.ops.answers import NotDone

FILES = 65_536  # open files. An upload, a page and an SFTP session each need some
TASKS = 512
PLAIN = re.compile(r"[\w./:@+-]+", re.ASCII)
HOMES, TEMPORARY = ("/home", "/root", "/run/user"), ("/tmp", "/var/tmp")  # noqa: S108  folders that a unit hides
# Polars runs a few bytes that it has just written, to ask what the processor can do. MemoryDenyWriteExecute= refuses that.
ENVIRONMENT = ("LC_ALL=C.UTF-8", "TZ=UTC", "PATH=/usr/bin:/bin", "OPENBLAS_NUM_THREADS=1", "POLARS_SKIP_CPU_CHECK=1")
FILE_RIGHTS, USER_RIGHTS = ("CAP_CHOWN", "CAP_FOWNER", "CAP_FSETID", "CAP_DAC_OVERRIDE"), ("CAP_SETUID", "CAP_SETGID", "CAP_KILL")
# For every process. systemd-analyze(1) has a line for each.
ALWAYS = (
    "AmbientCapabilities=",
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "DevicePolicy=closed",
    "PrivateIPC=yes",
    "ProtectProc=invisible",
    "ProcSubset=pid",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RemoveIPC=yes",
    "KeyringMode=private",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallErrorNumber=EPERM",
    "UMask=0077",
    "LimitCORE=0",
    "CoredumpFilter=0",
)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """`sees` are folders that the process reads, and `writes` those that it changes. `has_listener`: systemd gives it a socket of the network.
    `starts_without`: a folder of `writes` may be missing, such as that of a disk that is not plugged in."""

    user: str
    is_on_network: bool
    sockets: str
    memory: str
    sees: Sequence[Path]
    writes: Sequence[Path]
    groups: str = ""
    has_listener: bool = False
    starts_without: bool = False
    files: int = FILES

    def lines(self, *, gives_files: bool = False, changes_users: bool = False) -> list[str]:
        """Raises NotDone. `gives_files` is for root, who changes owners and modes. `changes_users` is for root, whose children are other users."""
        rights = [*(FILE_RIGHTS if gives_files else ()), *(USER_RIGHTS if changes_users else ())] if self.user == "root" else []
        refused = "@aio @keyring @resources @debug @mount @swap @reboot @module @raw-io @cpu-emulation @obsolete @clock"
        refused += "" if changes_users else " @setuid"
        calls = f"~{refused}" if gives_files else f"~{refused} @privileged"
        network = [] if self.is_on_network else ["PrivateNetwork=yes"]
        network += [] if self.is_on_network or self.has_listener else ["IPAddressDeny=any"]
        return [
            f"User={self.user}",
            *([f"SupplementaryGroups={self.groups}"] if self.groups else []),
            *(f"Environment={each}" for each in ENVIRONMENT),
            f"CapabilityBoundingSet={' '.join(rights)}",
            *ALWAYS,
            *([] if gives_files else ["RestrictSUIDSGID=yes"]),  # shared folders have the mode 2770
            f"SystemCallFilter={calls}",
            f"RestrictAddressFamilies={self.sockets}",
            *network,
            *self._files(),
            f"LimitNOFILE={self.files}",
            f"MemoryMax={self.memory}",
            f"TasksMax={TASKS}",
        ]

    def _files(self) -> list[str]:
        """A folder for homes or temporary files is empty for the process, but for what it needs in there."""
        needed = [*code(), *self.sees]
        hidden = [path for path in dict.fromkeys(needed) if is_in(path, (*HOMES, *TEMPORARY))]
        shown = [path for path in hidden if not any(path != other and path.is_relative_to(other) for other in hidden)]
        writes, optional = list(dict.fromkeys(self.writes)), "-" if self.starts_without else ""
        return [
            f"ProtectHome={'tmpfs' if any(is_in(path, HOMES) for path in (*needed, *writes)) else 'yes'}",
            *(f"BindReadOnlyPaths={listed(path)}" for path in shown),
            *(f"BindPaths={listed(path, optional)}" for path in writes if is_in(path, (*HOMES, *TEMPORARY))),
            *(f"ReadWritePaths={listed(path, optional)}" for path in writes),
        ]


def code() -> list[Path]:
    """Returns the folders of Python and of Homeroom's code."""
    return [path.resolve() for path in (Path(sys.prefix), Path(sys.base_prefix), Path(__file__).parents[3])]


def is_in(path: Path, folders: Sequence[str]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def python(module: str) -> str:
    return f"{word(sys.executable)} -P -s -m {module}"


def word(text: str) -> str:
    """Quotes a word of a command as systemd.service(5) says. Raises NotDone."""
    if PLAIN.fullmatch(text):
        return text
    return f'"{whole_line(text).replace("$", "$$")}"'


def listed(path: Path, mark: str = "") -> str:
    """Quotes a path of a list of paths (systemd.exec(5)). `mark` is "-" for a path that may be missing. Raises NotDone."""
    if ":" in str(path):
        raise cannot_write(str(path))
    return f"{mark}{path}" if PLAIN.fullmatch(str(path)) else f'"{mark}{whole_line(str(path))}"'


def whole_line(text: str) -> str:
    """Returns a path that is a setting's whole value. Raises NotDone."""
    if not text.isprintable() or set(text) & set("\\\"'"):
        raise cannot_write(text)
    return text.replace("%", "%%")


def cannot_write(text: str) -> NotDone:
    return NotDone(f"systemd can't be configured for {text!r}. Move the folder to a place such as /srv/homeroom.")
