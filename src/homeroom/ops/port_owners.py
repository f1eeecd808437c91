"""Who has a TCP port of this computer: this installation, another one, or another program. The kernel's tables in /proc say it."""

import errno
import os
import pwd
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from homeroom.gateway.settings import read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.installation import Installation
from homeroom.portal.place import Place
from homeroom.portal.processes.users import COMMENT

LISTENING = "0A"  # of the kernel's table of sockets
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who listens on a port. folder: of the Homeroom installation that the process serves, if it does. pid: 0 if nobody may know it."""

    pid: int
    name: str
    folder: Path | None

    def told(self, port: int) -> str:
        """As in "nginx (process 812)"."""
        if self.folder is not None:
            return f"{promised(Installation(self.folder)).get(port, 'a process')} of the installation in {self.folder}"
        if not self.pid:
            return "a program of another user (as root, this command names it)" if os.getuid() else "a program that this computer does not show"
        return f"{self.name} (process {self.pid})"


def promised(installation: Installation, *, but: str = "") -> dict[int, str]:
    """By port: the gateway or the portal of this installation that it belongs to, whether that runs or not. Raises PlaceOdd, SettingsOdd."""
    found = {read_settings(installation.folder).sftp_port: "the gateway"} if installation.has_gateway else {}
    for slug in set(installation.slugs()) - {but}:
        place = Place.read(installation.folder / "portals" / slug)
        found |= dict.fromkeys((place.port, place.inbox_port), f"the portal {slug!r}")
    return found


def in_use(address: str, port: int) -> str:
    """A sentence if the address can't be bound because someone listens there; otherwise empty."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as no:
            if no.errno == errno.EADDRINUSE:
                return f"Port {port} is in use: {(holder(address, port) or Holder(0, '', None)).told(port)} listens there."
    return ""


def check_address(address: str) -> None:
    """Raises NotDone if this computer can't listen there."""
    try:
        if not address:  # bind() would take it for every address
            raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            probe.bind((address, 0))
    except (OSError, UnicodeError) as no:
        raise NotDone(f"This computer does not have the address {address!r}. Choose one that it has, or 0.0.0.0 for all of them, with --listen.") from no


def holder(address: str, port: int) -> Holder | None:
    """Who listens there. None: nobody does. Raises OSError if the address is no address of this computer."""
    wanted = str(socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][4][0])
    there = {inode for at, number, inode in listeners() if number == port and _meet(at, wanted)}
    if not there:
        return None
    found = [Holder(pid, read_of(pid, "comm").decode(errors="replace").strip(), folder_of(pid)) for pid in _pids_of(there)]
    return max(found, key=lambda each: (each.folder is not None, -each.pid), default=Holder(0, "", None))


def listeners() -> Iterator[tuple[str, int, str]]:
    """Address, port and inode of every TCP socket of this computer that listens."""
    for name, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        path = PROC / "net" / name
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            words = line.split()
            if words[3] == LISTENING:
                address, _, port = words[1].partition(":")
                numbers = [struct.pack("=I", int(address[at : at + 8], 16)) for at in range(0, len(address), 8)]
                yield socket.inet_ntop(family, b"".join(numbers)), int(port, 16), words[9]


def folder_of(pid: int) -> Path | None:
    """The installation that this process serves: its system user names a portal's folder, or its command line or folder names the installation's."""
    said = _comment(pid)
    words = [word for word in read_of(pid, "cmdline").decode(errors="replace").split("\0") if word]
    named = [Path(said.removeprefix(COMMENT)).parents[1]] if said.startswith(f"{COMMENT}/") else []
    if any("homeroom" in word for word in words):
        environment = dict(line.partition("=")[::2] for line in read_of(pid, "environ").decode(errors="replace").split("\0"))
        with suppress(OSError):  # it ended since we looked, or we may not know
            here = (PROC / str(pid) / "cwd").readlink()
            named += [here / word.rpartition("=")[2] for word in (*words[1:], environment.get("HOMEROOM_FOLDER", "."))]
    return next((folder.resolve() for folder in named if os.path.isfile(folder / "homeroom.toml")), None)  # noqa: PTH113  a word may be too long for a name


def _comment(pid: int) -> str:
    """What /etc/passwd says of the process's user."""
    line = next((line for line in read_of(pid, "status").splitlines() if line.startswith(b"Uid:")), b"")
    try:
        return pwd.getpwuid(int(line.split()[1])).pw_gecos if line else ""
    except KeyError:
        return ""


def _pids_of(inodes: set[str]) -> list[int]:
    wanted, found = {f"socket:[{inode}]" for inode in inodes}, []
    for process in PROC.glob("[0-9]*"):
        with suppress(OSError):  # another user's, or it has ended
            if any(_link(file) in wanted for file in (process / "fd").iterdir()):
                found.append(int(process.name))
    return found


def _link(file: Path) -> str:
    try:
        return str(file.readlink())
    except OSError:  # closed since we looked
        return ""


def read_of(pid: int, name: str) -> bytes:
    """Empty: it has ended, or is another user's."""
    try:
        return (PROC / str(pid) / name).read_bytes()
    except OSError:
        return b""


def _meet(one: str, other: str) -> bool:
    """Whether no two sockets may listen on both: they are one address, or one of them is every address."""
    return one == other or any(ip_address(address).is_unspecified for address in (one, other))
