"""The systemd units of one portal: a target, one service for each process, and the sockets that systemd listens on for them.

A service has what the process gets from `homeroom portal run` (portal.processes.portal), and what only systemd can take from it (sandbox.py).
"""

import pwd
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.sandbox import FILES, Sandbox, python, whole_line, word
from homeroom.portal.place import Place
from homeroom.portal.processes.layout import database_sockets, listen_address, own_cluster, run_folder
from homeroom.portal.processes.portal import BEHIND_THE_DOOR, ORDER
from homeroom.portal.processes.start import BEHIND_THE_FRONT, PROGRAM, SERVER, SERVER_READY, is_on_network
from homeroom.portal.processes.users import group_of, groups_of, prefix_of, user_of

# What each process may write, in the portal's folder.
WRITES = {
    "inbox": ("inbox",),
    "opener": ("run",),
    "intake": ("run", "outbox"),
    "jobs": ("inbox", "outbox", "events", "notes"),
    SERVER: ("database",),
}
# The most memory, far above what a busy portal takes. A leak ends the process, and not its neighbors.
MEMORY = {"front": "1G", "inbox": "1G", "opener": "2G", "sealer": "1G", "jobs": "2G", "door": "2G", "web": "4G", "intake": "60%", SERVER: "75%"}


@dataclass(frozen=True, slots=True)
class PortalUnits:
    installation: Installation
    place: Place

    @property
    def stem(self) -> str:
        return f"homeroom-{self.place.slug}"

    @property
    def target(self) -> str:
        return f"{self.stem}.target"

    @property
    def prepare(self) -> str:
        return f"{self.stem}.prepare.service"

    def service(self, process: str) -> str:
        return f"{self.stem}.{process}.service"

    def socket(self, process: str) -> str:
        return f"{self.stem}.{process}.socket"

    @property
    def processes(self) -> list[str]:
        """Returns them in the order of their start."""
        return [*([SERVER] if own_cluster(self.place.folder) else []), *ORDER]

    def texts(self) -> dict[str, str]:
        """Returns the sections of each unit, by name. Raises NotDone."""
        found = {self.target: self._target(), self.prepare: self._preparing()}
        found |= {self.socket(process): self._socket(process) for process in ("front", *BEHIND_THE_FRONT)}
        return found | {self.service(process): self._service(process) for process in self.processes}

    def _target(self) -> str:
        wanted = " ".join(self.service(process) for process in self.processes)
        return unit(f"portal {self.place.slug}", [f"Wants=network-online.target {wanted}", "After=network-online.target"]) + INSTALL

    def _part(self, what: str, after: Sequence[str], *more: str) -> str:
        return unit(f"{what} of the portal {self.place.slug}", [f"PartOf={self.target}", f"After={' '.join(after)}", *more])

    def _preparing(self) -> str:
        """Runs as root, because it gives files to their owners. It needs no network and no right but those about files."""
        folder = self.place.folder
        short = {path.parent for path in self.short_folders}  # it makes these folders under /tmp itself, so it sees all of that
        command = f"portal prepare {self.place.slug} --folder {word(str(self.installation.folder))}"
        sees, writes = [self.installation.folder], [folder, *short]
        sandbox = Sandbox(user=self.owner, is_on_network=False, sockets="AF_UNIX", memory="1G", sees=sees, writes=writes)
        lines = ["Type=oneshot", "RemainAfterExit=yes", f"ExecStart={python('homeroom.ops')} {command}"]
        return self._part("folder", ["local-fs.target"]) + service([*lines, *sandbox.lines(gives_files=True)])

    @property
    def owner(self) -> str:
        """Returns root, or the user who made the portal without root."""
        return "root" if prefix_of(self.place.folder) else pwd.getpwuid(self.place.folder.stat().st_uid).pw_name

    def user(self, process: str) -> str:
        return user_of(self.place.folder, "db" if process == SERVER else process) or self.owner

    @property
    def short_folders(self) -> list[Path]:
        """Returns the folders of sockets that are under /tmp, because the portal's path is too long for a socket."""
        folder = self.place.folder
        return [path for path in (run_folder(folder), database_sockets(folder)) if not path.is_relative_to(folder)]

    def _socket(self, process: str) -> str:
        """Has no default dependencies: those order it before the preparing service, which makes its folder."""
        ports = {"front": self.place.port, "inbox": self.place.inbox_port}
        lines = [f"ListenStream={self.listening(ports[process])}"] if process in ports else []
        if process in BEHIND_THE_FRONT:
            lines += [f"ListenStream={whole_line(str(run_folder(self.place.folder) / f'{process}.sock'))}", *self._only_the_front(), "RemoveOnStop=yes"]
        end = ("DefaultDependencies=no", "Conflicts=shutdown.target", "Before=shutdown.target")
        head = self._part(f"socket of {process}", [self.prepare, "network-online.target"], f"Requires={self.prepare}", *end)
        return head + "\n".join(["", "[Socket]", *lines, "Backlog=512", f"Service={self.service(process)}", ""])

    def _only_the_front(self) -> list[str]:
        front = user_of(self.place.folder, "front")
        return ["SocketUser=root", f"SocketGroup={front}", "SocketMode=0660"] if front else [f"SocketUser={self.owner}", "SocketMode=0600"]

    def listening(self, port: int) -> str:
        """Returns the address as systemd.socket(5) has it. FreeBind isn't set: an address that this computer doesn't have is an error."""
        address = listen_address(self.place.folder).replace("localhost", "127.0.0.1")
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

    def _service(self, process: str) -> str:
        before = [self.prepare, *([self.service(SERVER)] if SERVER in self.processes and process != SERVER else [])]
        needs = [self.prepare]
        if process in ("front", *BEHIND_THE_FRONT):
            needs.append(self.socket(process))
        wants = [f"Wants={self.service(SERVER)}"] if len(before) > 1 else []
        head = self._part(process, [*before, *needs[1:]], f"Requires={' '.join(needs)}", *wants, "StartLimitIntervalSec=0")
        return head + service([*self._start(process), *self._sandbox(process).lines()])

    def _start(self, process: str) -> Iterator[str]:
        folder = word(str(self.place.folder))
        yield "Type=exec"
        yield f"ExecStart={python(PROGRAM)} {process} {folder}"
        if process == SERVER:
            yield from (f"ExecStartPost={python(PROGRAM)} {SERVER_READY} {folder}", "TimeoutStartSec=infinity", "KillSignal=SIGINT")
        if process == "web":
            yield f"Nice={BEHIND_THE_DOOR}"
        yield from RESTART

    def _sandbox(self, process: str) -> Sandbox:
        folder = self.place.folder
        writes = [folder / name for name in WRITES.get(process, ())]
        short = [path for path in self.short_folders if process in WRITES]
        is_on_net = process != SERVER and is_on_network(self.place, process)
        return Sandbox(
            user=self.user(process),
            groups=self._groups(process),
            is_on_network=is_on_net,
            sockets="AF_UNIX AF_INET AF_INET6 AF_NETLINK" if is_on_net else "AF_UNIX",
            has_listener=process in ("front", "inbox"),
            memory=MEMORY[process],
            sees=[folder, *self.short_folders],
            writes=[*writes, *([folder / "run" / "postgres"] if process == SERVER else []), *short],
            files=FILES,
        )

    def _groups(self, process: str) -> str:
        group = group_of(self.place.folder)
        return str(prefix_of(self.place.folder)) if group is not None and groups_of(self.place.folder, process) else ""


INSTALL = "\n[Install]\nWantedBy=multi-user.target\n"
RESTART = ("Restart=always", "RestartSec=1", "RestartPreventExitStatus=78", "KillMode=mixed", "TimeoutStopSec=30", "OOMPolicy=continue")


def unit(what: str, lines: Sequence[str]) -> str:
    return "\n".join(["[Unit]", f"Description=Homeroom: {what}", *lines, ""])


def service(lines: Sequence[str]) -> str:
    return "\n".join(["", "[Service]", *lines, ""])
