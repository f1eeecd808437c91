"""Finds who has a port of this computer: this installation, another one, or another program. Reads the kernel's tables in /proc."""

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
from typing import NamedTuple

from homeroom.gateway.settings import read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.host.installation import Installation
from homeroom.portal.place import Place
from homeroom.portal.processes.users import COMMENT

LISTENING = {"tcp": "0A", "udp": "07"}  # states in the kernel's tables of sockets. A UDP socket without a peer takes packets from everyone
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that listens on a port. `folder` is the Homeroom installation that it serves, if any. `pid` is 0 if it can't be read."""

    pid: int
    name: str
    folder: Path | None

    def told(self, port: int) -> str:
        """Returns a text such as "nginx (process 812)"."""
        if self.folder is not None:
            return f"{promised(Installation(self.folder)).get(port, 'a process')} of the installation in {self.folder}"
        if not self.pid:
            return "a program of another user (as root, this command names it)" if os.getuid() else "a program that this computer does not show"
        return f"{self.name} (process {self.pid})"


class Listener(NamedTuple):
    """A socket that takes connections or packets. `kind` is "tcp" or "udp"."""

    kind: str
    address: str
    port: int
    holder: Holder


def promised(installation: Installation, *, but: str = "") -> dict[int, str]:
    """Returns ports, each with the gateway or the portal of this installation that has it, running or not. Raises PlaceOdd, SettingsOdd."""
    found = {read_settings(installation.folder).sftp_port: "the gateway"} if installation.has_gateway else {}
    for slug in set(installation.slugs()) - {but}:
        place = Place.read(installation.folder / "portals" / slug)
        found |= dict.fromkeys((place.port, place.inbox_port), f"the portal {slug!r}")
    return found


def in_use(address: str, port: int) -> str:
    """Returns a sentence if the address can't be bound because a program listens there, or an empty string."""
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
    """Returns the process that listens there, or None. Raises OSError if the address is no address of this computer."""
    wanted = str(socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][4][0])
    there = {inode for at, number, inode in listeners() if number == port and _meet(at, wanted)}
    if not there:
        return None
    return _holder_of(set().union(*_pids_of(there).values()))


def all_listeners() -> list[Listener]:
    """Returns every listening TCP and UDP socket of this computer, each with its process. A socket of the kernel, such as WireGuard's, has no process."""
    found = [(kind, *each) for kind in LISTENING for each in listeners(kind)]
    pids = _pids_of({inode for *_, inode in found})
    return [Listener(kind, address, port, _holder_of(pids[inode])) for kind, address, port, inode in found]


def _holder_of(pids: set[int]) -> Holder:
    found = [Holder(pid, read_of(pid, "comm").decode(errors="replace").strip(), folder_of(pid)) for pid in pids]
    return max(found, key=lambda each: (each.folder is not None, -each.pid), default=Holder(0, "", None))


def listeners(kind: str = "tcp") -> Iterator[tuple[str, int, str]]:
    """Yields address, port and inode of every listening socket of this computer."""
    for name, family in ((kind, socket.AF_INET), (f"{kind}6", socket.AF_INET6)):
        path = PROC / "net" / name
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            words = line.split()
            if words[3] == LISTENING[kind]:
                address, _, port = words[1].partition(":")
                numbers = [struct.pack("=I", int(address[at : at + 8], 16)) for at in range(0, len(address), 8)]
                yield socket.inet_ntop(family, b"".join(numbers)), int(port, 16), words[9]


def folder_of(pid: int) -> Path | None:
    """Returns the installation that this process serves. Its system user names a portal's folder, or its command line, environment or folder names the
    installation's."""
    said = _comment(pid)
    words = [word for word in read_of(pid, "cmdline").decode(errors="replace").split("\0") if word]
    named = [Path(said.removeprefix(COMMENT)).parents[1]] if said.startswith(f"{COMMENT}/") else []
    if any("homeroom" in word for word in words):
        environment = dict(line.partition("=")[::2] for line in read_of(pid, "environ").decode(errors="replace").split("\0"))
        with suppress(OSError):  # it ended in the meantime, or this user can't read it
            here = (PROC / str(pid) / "cwd").readlink()
            named += [here / word.rpartition("=")[2] for word in (*words[1:], environment.get("HOMEROOM_FOLDER", "."))]
    return next((folder.resolve() for folder in named if os.path.isfile(folder / "homeroom.toml")), None)  # noqa: PTH113  a word may be too long for a name


def _comment(pid: int) -> str:
    """Returns the comment in /etc/passwd about the process's user."""
    line = next((line for line in read_of(pid, "status").splitlines() if line.startswith(b"Uid:")), b"")
    try:
        return pwd.getpwuid(int(line.split()[1])).pw_gecos if line else ""
    except KeyError:
        return ""


def _pids_of(inodes: set[str]) -> dict[str, set[int]]:
    """Returns the processes that have each socket open, as far as this user may know."""
    names: dict[str, set[int]] = {f"socket:[{inode}]": set() for inode in inodes}
    for process in PROC.glob("[0-9]*"):
        with suppress(OSError):  # another user's process, or it has ended
            for link in {_link(file) for file in (process / "fd").iterdir()} & names.keys():
                names[link].add(int(process.name))
    return {inode: names[f"socket:[{inode}]"] for inode in inodes}


def _link(file: Path) -> str:
    try:
        return str(file.readlink())
    except OSError:  # closed in the meantime
        return ""


def read_of(pid: int, name: str) -> bytes:
    """Returns an empty value if the process has ended or belongs to another user."""
    try:
        return (PROC / str(pid) / name).read_bytes()
    except OSError:
        return b""


def _meet(one: str, other: str) -> bool:
    """Returns True if the addresses are the same or one of them is every address, so that two sockets can't listen on both."""
    return one == other or any(ip_address(address).is_unspecified for address in (one, other))
