"""`homeroom up`: runs the gateway and every portal of a folder under one parent in the foreground. It also serves what is added later."""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NoReturn

from homeroom.ops.answers import NotDone, sentence
from homeroom.ops.backup.keeper import keep
from homeroom.ops.backup.plan import has_backups
from homeroom.ops.gateway.process import check_gateway_free, gateway_part
from homeroom.ops.host.alive import UP, hold
from homeroom.ops.host.installation import Installation, half_made
from homeroom.ops.host.release import check_release
from homeroom.ops.portal.ports import check_free
from homeroom.portal.processes.child import die_with_parent
from homeroom.portal.processes.portal import CANNOT_RUN, run
from homeroom.portal.processes.supervise import CANNOT_START, Part, supervise


def up(installation: Installation, tell: Callable[[str], object]) -> None:
    """Runs until SIGTERM or SIGINT. A portal that a restore left half made doesn't stop the others. Raises NotDone."""
    if not hold(installation.folder, UP):
        raise NotDone(f"`homeroom up` runs for {installation.folder} already. It serves new portals by itself.")
    for portal in installation.half_made():
        if not installation.whole():
            raise NotDone(half_made(portal))
        tell(half_made(portal))
    for portal in installation.whole():
        check_release(portal)
    watch = Watch(installation, tell)
    first = watch.look()
    if not first:
        nothing = f"There is nothing to run in {installation.folder}. Make a portal with `homeroom portal create`."
        raise NotDone("Nothing was started." if watch.told else nothing)
    supervise(first, tell, watch.look)
    if all(part.is_given_up for part in watch.parts.values()):
        raise NotDone("Nothing could be started.")


class Watch:
    """Watches which parts of the folder are served, and which can't start yet because a port is taken or a portal isn't complete."""

    def __init__(self, installation: Installation, tell: Callable[[str], object]) -> None:
        self.installation, self.tell = installation, tell
        self.log = installation.folder / "log"
        self.log.mkdir(mode=0o700, exist_ok=True)
        self.parts: dict[Path, Part] = {}
        self.told: dict[Path, str] = {}
        self.ports: dict[int, str] = {}  # ports of what was started. It may not listen yet

    def look(self) -> list[Part]:
        """Returns what can be started and was not started yet: the gateway, each portal's own parent, the keeper. They share what this process has read."""
        here = self.installation
        wanted: dict[Path, Callable[[], Part]] = {here.gateway: self.gateway} if here.has_gateway else {}
        wanted |= {portal: partial(self.portal, portal) for portal in here.whole()}
        if has_backups(here.folder):
            wanted[here.folder] = self.keeper
        self.parts = {where: part for where, part in self.parts.items() if where in wanted or not part.is_given_up}  # a portal of that name may come again
        return [part for where, make in wanted.items() if where not in self.parts and (part := self.made(where, make))]

    def made(self, where: Path, make: Callable[[], Part]) -> Part | None:
        """Reports once what keeps a part from starting, and tries again at the next call. The others are served in that time."""
        try:
            self.parts[where] = part = make()
        except Exception as trouble:  # noqa: BLE001  reported, and one portal's trouble stops no other
            if self.told.get(where) != sentence(trouble):
                self.told[where] = sentence(trouble)
                self.tell(f"{where.name} is not started: {sentence(trouble)}")
            return None
        return part

    def gateway(self) -> Part:
        """Raises NotDone, SettingsOdd."""
        settings = check_gateway_free(self.installation)
        self.ports[settings.sftp_port] = "the gateway"
        return gateway_part(self.installation, self.log / "gateway.log")

    def portal(self, portal: Path) -> Part:
        """Raises NotDone, PlaceOdd, InTheClear."""
        check_release(portal)
        place, who = check_free(portal), f"the portal {portal.name!r}"
        for port in (place.port, place.inbox_port):
            if (other := self.ports.setdefault(port, who)) != who:
                raise NotDone(f"Port {port} belongs to {other}. Choose another one with `homeroom portal address {portal.name}`.")
        return Part(name=portal.name, enter=lambda: _run(portal), log=self.log / f"{portal.name}.log", patience=10.0)

    def keeper(self) -> Part:
        return Part(name="backups", enter=lambda: _keep(self.installation), log=self.log / "backups.log", patience=5.0)


def _run(portal: Path) -> None:
    die_with_parent(signal.SIGTERM)
    try:
        run(portal, _write)
    except CANNOT_RUN as no:
        cannot_start(str(no))


def _keep(installation: Installation) -> None:
    die_with_parent(signal.SIGTERM)
    keep(installation, _write)


def cannot_start(why: str) -> NoReturn:
    """Writes one sentence to the log. The exit code tells the supervisor that another try would end the same way."""
    _write(why)
    sys.exit(CANNOT_START)


def _write(line: str) -> None:
    os.write(2, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}\n".encode())
